//! Which Region the imagined request goes to.

use super::*;

/// The secret `db` of another Region than the deployment's.
async fn abroad(rig: &Rig) -> String {
    let mut secret: Secret = a_secret("db");
    secret.region = region("eu-west-1");
    let arn = secret.arn();
    rig.insert(secret).await;
    arn
}

fn region(name: &str) -> RegionName {
    RegionName::parse(name).unwrap()
}

/// May `ada` do it, asked of `region`?
async fn ada_in(rig: &Rig, region: Option<&str>, action: &str, resource: &str) -> Explanation {
    let question = Question {
        region: region.map(self::region),
        ..question(&of_user("ada"), action, resource, &[])
    };
    rig.0.explain(&question).await.unwrap()
}

/// Lets `ada` do everything in the Region `name`.
async fn confined_to(rig: &Rig, name: &str) {
    let here = json!({ "StringEquals": { "aws:RequestedRegion": name } });
    rig.user(OWN, "ada", inline(&allow("*", &here, None))).await;
}

#[tokio::test]
async fn a_request_for_an_arn_goes_to_its_region() {
    let rig = Rig::new().await;
    let arn = abroad(&rig).await;
    confined_to(&rig, "eu-west-1").await;

    let abroad = ada_in(&rig, None, GET, &arn).await;
    let named = ada_in(&rig, Some("eu-west-1"), GET, "db").await;
    let at_home = ada_in(&rig, None, GET, "db").await;

    for explained in [abroad, named] {
        assert_eq!(explained.decision, "allowed");
        assert_eq!((explained.resource, explained.note), (arn.clone(), None));
    }
    assert_eq!(at_home.decision, "implicitDeny");
    assert_eq!(at_home.resource, a_secret("db").arn());
}

#[tokio::test]
async fn a_secret_of_another_region_than_the_one_asked_is_refused_to_all() {
    let rig = Rig::new().await;
    let arn = abroad(&rig).await;
    rig.user(OWN, "ada", attached(&[ADMINISTRATOR])).await;
    let gone = arn.replace(":db-", ":gone-");

    for arn in [arn, gone] {
        let explained = ada_in(&rig, Some("us-east-1"), GET, &arn).await;

        let kind = String::from("resource-based policy");
        let granted = format!("user/ada → {ADMINISTRATOR}");
        let expected = Explanation {
            principal: of_user("ada"),
            action: GET.to_owned(),
            resource: arn,
            decision: String::from("implicitDeny"),
            policy_type: Some(kind.clone()),
            reason: format!("because no {kind} allows the {GET} action"),
            by: None,
            matched: vec![matched("Allow", "identity-based policy", &granted, 1, None)],
            conditional: false,
            missing_keys: Vec::new(),
            key: None,
            note: Some(String::from(
                "the secret is one of eu-west-1, and requests to another Region are refused, \
                 whatever policies say",
            )),
        };
        assert_eq!(explained, expected);
    }
}

#[tokio::test]
async fn root_is_refused_a_secret_of_another_region_too() {
    let rig = Rig::new().await;
    let arn = abroad(&rig).await;
    let question = Question {
        region: Some(region("us-east-1")),
        ..question(&root_of(OWN), GET, &arn, &[])
    };

    let explained = rig.0.explain(&question).await.unwrap();

    assert_eq!(
        (explained.decision.as_str(), explained.conditional),
        ("implicitDeny", false)
    );
}

#[tokio::test]
async fn iam_has_one_region_whatever_is_asked() {
    let rig = Rig::new().await;
    confined_to(&rig, "us-east-1").await;

    let iam = ada_in(&rig, Some("eu-west-1"), "IAM:GetUser", &of_user("ada")).await;
    let secrets = ada_in(&rig, Some("eu-west-1"), GET, "db").await;
    let sts = ada_in(&rig, Some("eu-west-1"), "sts:GetCallerIdentity", "*").await;

    assert_eq!(iam.decision, "allowed");
    assert_eq!(secrets.decision, "implicitDeny");
    assert_eq!(sts.decision, "implicitDeny");
}

#[tokio::test]
async fn who_may_is_asked_of_the_secrets_own_region() {
    let rig = Rig::new().await;
    let arn = abroad(&rig).await;
    confined_to(&rig, "eu-west-1").await;

    let abroad = rig.who(GET, &arn).await;
    let at_home = rig.who(GET, "db").await;

    let principals = |found: &[Access]| -> Vec<String> {
        found.iter().map(|one| one.principal.clone()).collect()
    };
    assert_eq!(principals(&abroad), [root_of(OWN), of_user("ada")]);
    assert_eq!(principals(&at_home), [root_of(OWN)]);
}
