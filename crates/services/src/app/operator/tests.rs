use super::*;
use crate::document::ResourceDocument;
use crate::secretsmanager::model::tests::a_secret;
use crate::secretsmanager::world::World;
use base::Timestamp;

const OWN: &str = "123456789012";

struct Rig(App);

impl Rig {
    async fn new() -> Self {
        let app = World::new().app;
        app.create_account(account()).await.unwrap();
        Self(app)
    }

    async fn get<R: store::Record + Clone>(&self, key: store::Key) -> Option<R> {
        let found = self.0.ledger.begin().get::<R>(&key).await.unwrap();
        found.map(|found| R::clone(&found.record))
    }

    async fn root_key_id(&self) -> String {
        let account: Option<Account> = self.get(Account::key_of(&account())).await;
        account.unwrap().root_access_key_id
    }

    async fn create(&self, name: &str) -> Result<NewAdministrator, OperatorError> {
        self.0
            .create_administrator(&account(), name, &operator())
            .await
    }

    async fn locked_secret(&self) -> Secret {
        let mut secret = a_secret("db");
        secret.has_resource_policy = true;
        let document = ResourceDocument::parse(LOCK).unwrap();
        let permit = Permit::of_tests();
        let mut tx = self.0.ledger.begin();
        tx.insert(&permit, ResourcePolicy::of(&secret, document));
        tx.insert(&permit, secret.clone());
        tx.commit(Lines::of(b"{}".to_vec())).await.unwrap();
        secret
    }

    async fn restore(&self, secret: &str) -> Result<Restored, OperatorError> {
        let region = a_secret("db").region;
        self.0
            .restore_access(&account(), Some((secret, &region)), &operator())
            .await
    }
}

fn account() -> AccountId {
    AccountId::parse(OWN).unwrap()
}

fn operator() -> Operator {
    Operator {
        uid: 7,
        request_id: String::from("r"),
    }
}

const LOCK: &str = r#"{"Version":"2012-10-17","Statement":
    {"Effect":"Deny","Principal":"*","Action":"secretsmanager:*","Resource":"*"}}"#;

#[tokio::test]
async fn an_administrator_is_what_three_calls_to_iam_would_make() {
    let rig = Rig::new().await;

    let new = rig.create("Ada").await.unwrap();

    let user: User = rig.get(User::key_of(&account(), "ada")).await.unwrap();
    let key: AccessKey = rig
        .get(AccessKey::key_of(&new.access_key_id))
        .await
        .unwrap();
    let attachment = Attachment::key_of(
        &account(),
        ADMINISTRATOR_ACCESS,
        false,
        EntityKind::User,
        "Ada",
    );
    let attachment: Attachment = rig.get(attachment).await.unwrap();
    let now = Timestamp::from_millis(1_768_478_400_000);
    assert_eq!(
        user,
        User {
            account: account(),
            name: String::from("Ada"),
            path: String::from("/"),
            id: user.id.clone(),
            created: now,
            tags: Tags::default(),
            boundary: None,
            grants: Grants {
                attached: vec![ADMINISTRATOR_ACCESS.to_owned()],
                ..Grants::default()
            },
            groups: Vec::new(),
            access_keys: vec![new.access_key_id.clone()],
        }
    );
    assert!(user.id.starts_with("AIDA"));
    assert_eq!(
        key,
        AccessKey {
            id: new.access_key_id.clone(),
            account: account(),
            user: Some(String::from("Ada")),
            status: KeyStatus::Active,
            created: now,
            sealed_secret: key.sealed_secret.clone(),
        }
    );
    assert_eq!(
        attachment,
        Attachment {
            account: account(),
            policy_arn: ADMINISTRATOR_ACCESS.to_owned(),
            is_boundary: false,
            entity: EntityKind::User,
            name: String::from("Ada"),
            entity_id: user.id,
        }
    );
    assert_eq!(new.arn, "arn:aws:iam::123456789012:user/Ada");
    assert_eq!(new.secret_access_key.expose().len(), 40);
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_case() {
    let rig = Rig::new().await;
    rig.create("Ada").await.unwrap();

    let refused = rig.create("aDA").await.err().unwrap();

    assert_eq!(
        refused.to_string(),
        "the account `123456789012` has a user `aDA` already"
    );
}

#[tokio::test]
async fn names_are_those_of_iam() {
    let rig = Rig::new().await;
    let longest = "a".repeat(64);

    for name in ["a", "A_b+c=d,e.f@g-h", &longest] {
        assert!(rig.create(name).await.is_ok(), "{name}");
    }
    let longer = "b".repeat(65);
    for name in ["", "a b", "a/b", "ä", "a\n", &longer] {
        let refused = rig.create(name).await.err().unwrap();
        assert!(matches!(refused, OperatorError::UserName(_)), "{name}");
    }
}

#[tokio::test]
async fn administrators_count_as_users_of_the_account() {
    let rig = Rig::new().await;
    let permit = Permit::of_tests();
    let mut tx = rig.0.ledger.begin();
    for _ in 0..4_999 {
        USERS.take_one_in(&account(), &mut tx, &permit);
    }
    tx.commit(Lines::of(b"{}".to_vec())).await.unwrap();

    let last = rig.create("last").await;
    let more = rig.create("more").await.err().unwrap();

    assert!(last.is_ok());
    assert_eq!(
        more.to_string(),
        "the account `123456789012` has as many users as it may have"
    );
    let user: Option<User> = rig.get(User::key_of(&account(), "more")).await;
    assert!(user.is_none());
}

#[tokio::test]
async fn an_account_that_is_not_there_has_no_administrator() {
    let app = World::new().app;

    let refused = app
        .create_administrator(&account(), "ada", &operator())
        .await;

    assert_eq!(
        refused.err().unwrap().to_string(),
        "there is no account `123456789012`"
    );
}

#[tokio::test]
async fn rotated_root_keys_replace_the_old_ones() {
    let rig = Rig::new().await;
    let old = rig.root_key_id().await;

    let new = rig.0.rotate_root_credentials(&account(), &operator()).await;

    let new = new.unwrap();
    assert_eq!(rig.root_key_id().await, new.access_key_id);
    let old: Option<AccessKey> = rig.get(AccessKey::key_of(&old)).await;
    let key: Option<AccessKey> = rig.get(AccessKey::key_of(&new.access_key_id)).await;
    assert_eq!(old, None);
    assert_eq!(key.unwrap().user, None);
}

#[tokio::test]
async fn a_locked_secret_loses_its_policy_and_nothing_else() {
    let rig = Rig::new().await;
    let secret = rig.locked_secret().await;
    let old = rig.root_key_id().await;

    let restored = rig.restore("db").await.unwrap();

    let expected = RemovedPolicy {
        secret: secret.arn(),
        text: LOCK.to_owned(),
    };
    assert_eq!(restored.removed, Some(expected));
    assert_ne!(restored.account.access_key_id, old);
    let key = Secret::key_of(&secret.account, &secret.region, "db");
    let now: Secret = rig.get(key).await.unwrap();
    let policy: Option<ResourcePolicy> = rig.get(ResourcePolicy::key_of(&secret)).await;
    assert_eq!(policy, None);
    let expected = Secret {
        has_resource_policy: false,
        ..secret
    };
    assert_eq!(now, expected);
}

#[tokio::test]
async fn a_secret_is_meant_by_name_or_arn_of_the_account() {
    let rig = Rig::new().await;
    let arn = rig.locked_secret().await.arn();
    let old = rig.root_key_id().await;

    for id in [
        "web",
        "a b",
        "arn:aws:iam::123456789012:root",
        &arn.replace("AbCdEf", "ZzZzZz"),
        &arn.replace(OWN, "999988887777"),
    ] {
        let refused = rig.restore(id).await.err().unwrap();

        let text = format!("the account `{OWN}` has no secret `{id}`");
        assert_eq!(refused.to_string(), text);
    }
    assert_eq!(rig.root_key_id().await, old);
    assert!(rig.restore(&arn).await.is_ok());
    let again = rig.restore(&arn).await.err().unwrap();
    assert_eq!(
        again.to_string(),
        format!("the secret `{arn}` has no resource policy")
    );
}

#[tokio::test]
async fn events_name_the_operator() {
    let rig = Rig::new().await;
    let account = account();
    let event = Event {
        source: IAM,
        name: "RenewRootCredentials",
        account: &account,
        region: "us-east-1",
        made: Some(json!({ "accessKey": { "accessKeyId": "AKIA" } })),
    };

    let line = event.line(&rig.0, &operator(), json!({ "accessKeyId": "AKIA" }));

    let line: serde_json::Value = serde_json::from_slice(&line).unwrap();
    assert_eq!(line["requestID"], "r");
    assert_eq!(line["eventType"], "AwsServiceEvent");
    assert_eq!(
        line["additionalEventData"],
        json!({ "accessKeyId": "AKIA", "uid": 7 })
    );
    assert_eq!(
        line["responseElements"],
        json!({ "accessKey": { "accessKeyId": "AKIA" } })
    );
}

#[tokio::test]
async fn administrators_made_at_once_all_come_to_be() {
    let rig = Rig::new().await;

    let (one, two, three) = tokio::join!(rig.create("a"), rig.create("b"), rig.create("A"));

    assert!(two.is_ok());
    assert_ne!(one.is_ok(), three.is_ok());
}

#[test]
fn only_what_came_between_is_tried_again() {
    let conflict: Result<(), _> = Err(OperatorError::from(CommonError::Conflict));
    let other: Result<(), _> = Err(OperatorError::UserName(String::new()));

    assert!(came_between(&conflict));
    assert!(!came_between(&other));
    assert!(!came_between(&Ok(())));
}
