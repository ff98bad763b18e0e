use crate::endpoint::{Endpoint, URL};
use crate::{SECRET, event};
use rotator_testkit::{Lines, MemorySecrets};
use serde_json::json;
use strongroom_rotators::{RotationError, Step, rotate_api_key};

fn secrets() -> MemorySecrets {
    let secrets = MemorySecrets::default();
    let value = json!({"UserName": "app", "APIKey": "key-1", "APIKeyId": "id-1", "Plan": "gold"});
    secrets.put(SECRET, "v1", &value);
    secrets.start(SECRET, "v2");
    secrets
}

async fn step(
    step: Step,
    secrets: &MemorySecrets,
    endpoint: &Endpoint,
) -> Result<(), RotationError> {
    rotate_api_key(URL, &event(step), secrets, endpoint, &Lines::default()).await
}

#[tokio::test]
async fn the_key_in_use_is_kept_and_another_takes_its_place() {
    let secrets = secrets();
    let made = r#"{"APIKey": "key-2", "APIKeyId": "id-2"}"#;
    let endpoint = Endpoint::with([(200, made), (204, ""), (204, "")]);

    for one in Step::ALL {
        step(one, &secrets, &endpoint).await.unwrap();
        step(one, &secrets, &endpoint).await.unwrap();
    }

    let about = |step: &str| json!({"Step": step, "SecretId": SECRET, "ClientRequestToken": "v2"});
    let mut create = about("createSecret");
    create["UserName"] = "app".into();
    create["KeepAPIKeyId"] = "id-1".into();
    let mut test = about("testSecret");
    test["UserName"] = "app".into();
    test["APIKey"] = "key-2".into();
    test["APIKeyId"] = "id-2".into();
    assert_eq!(endpoint.asked(), [create, test.clone(), test]);
    assert_eq!(
        secrets.value_at(SECRET, "AWSCURRENT"),
        Some(json!({"UserName": "app", "APIKey": "key-2", "APIKeyId": "id-2", "Plan": "gold"}))
    );
    assert_eq!(secrets.labels(SECRET)["AWSPREVIOUS"], "v1");
}

#[tokio::test]
async fn what_is_no_new_key_is_refused() {
    let cases = [
        (204, "", "it is empty"),
        (200, r#"{"APIKey": "key-2"}"#, "there is no APIKeyId"),
        (
            200,
            r#"{"APIKey": "key-1", "APIKeyId": "id-1"}"#,
            "it is the key in use",
        ),
    ];

    for (status, body, problem) in cases {
        let secrets = secrets();
        let endpoint = Endpoint::with([(status, body)]);

        let refusal = step(Step::CreateSecret, &secrets, &endpoint).await;

        assert_eq!(
            refusal.unwrap_err().to_string(),
            format!("the rotation endpoint's answer to createSecret is malformed: {problem}")
        );
        assert_eq!(secrets.value_at(SECRET, "AWSPENDING"), None);
    }
}

#[tokio::test]
async fn a_key_that_does_not_work_is_not_made_current() {
    let secrets = secrets();
    let made = r#"{"APIKey": "key-2", "APIKeyId": "id-2"}"#;
    let endpoint = Endpoint::with([(200, made), (401, "")]);
    step(Step::CreateSecret, &secrets, &endpoint).await.unwrap();

    let refusal = step(Step::TestSecret, &secrets, &endpoint)
        .await
        .unwrap_err();

    assert_eq!(
        refusal.to_string(),
        "the rotation endpoint answered 401 to testSecret"
    );
    assert_eq!(secrets.labels(SECRET)["AWSCURRENT"], "v1");
}
