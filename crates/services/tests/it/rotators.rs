//! Rotators as the operator deploys them.

use crate::cloudformation::kit::{FUNCTION, a_stack, call, made, with_templates};
use base::{AccountId, RegionName};
use serde_json::{Value, json};
use strongroom_services::{NewRotator, Operator, OperatorError, Rotator};
use testkit::Harness;

const TEMPLATE: &str = "SecretsManagerRDSPostgreSQLRotationMultiUser";

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

fn region() -> RegionName {
    RegionName::parse("us-east-1").unwrap()
}

fn operator() -> Operator {
    Operator {
        uid: 1000,
        request_id: String::from("command-1"),
    }
}

fn a_rotator(name: &str) -> NewRotator {
    NewRotator {
        template: TEMPLATE.to_owned(),
        name: name.to_owned(),
        master_secret: None,
        exclude_characters: None,
    }
}

async fn enable(h: &Harness, new: &NewRotator) -> Result<Rotator, OperatorError> {
    h.app
        .enable_rotator(&account(), &region(), new, &operator())
        .await
}

async fn disable(h: &Harness, name: &str) -> Result<Rotator, OperatorError> {
    h.app
        .disable_rotator(&account(), &region(), name, &operator())
        .await
}

async fn names(h: &Harness) -> Vec<String> {
    let all = h.app.list_rotators(&account()).await.unwrap();
    all.into_iter().map(|rotator| rotator.name).collect()
}

#[tokio::test]
async fn a_rotator_is_the_stack_that_the_api_makes() {
    let h = with_templates().await;
    let master = h.a_secret("master", "{}").await;
    let new = NewRotator {
        master_secret: Some(master.clone()),
        exclude_characters: Some(String::from("/@")),
        ..a_rotator("app-db")
    };

    let rotator = enable(&h, &new).await.unwrap();

    let arn = "arn:aws:lambda:us-east-1:123456789012:function:app-db";
    assert_eq!(
        rotator,
        Rotator {
            name: String::from("app-db"),
            template: TEMPLATE.to_owned(),
            region: region(),
            function_arn: arn.to_owned(),
            stack_id: rotator.stack_id.clone(),
            status: String::from("CREATE_COMPLETE"),
            created: String::from("2026-01-15T12:00:00Z"),
        }
    );
    let named = json!({ "FunctionName": "app-db" });
    let function = h.lambda("GetFunctionConfiguration", named).await.done(200);
    let variables = &function["Environment"]["Variables"];
    assert_eq!(*variables, json!({ "EXCLUDE_CHARACTERS": "/@" }));
    let put = &h.audit.named("PutRolePolicy")[0];
    assert!(put.to_string().contains(&master));
}

#[tokio::test]
async fn every_event_of_the_command_carries_its_id_or_says_for_whom_it_is() {
    let h = with_templates().await;

    enable(&h, &a_rotator("a")).await.unwrap();

    let own: Vec<Value> = h.audit.events_of("command-1");
    let own: Vec<&Value> = own.iter().map(|event| &event["eventName"]).collect();
    assert_eq!(own, ["CreateCloudFormationChangeSet", "ExecuteChangeSet"]);
    let role = &h.audit.named("CreateRole")[0];
    assert_eq!(role["userIdentity"]["type"], "Root");
    let service = "cloudformation.amazonaws.com";
    assert_eq!(role["userIdentity"]["invokedBy"], service);
}

#[tokio::test]
async fn those_of_the_api_are_listed_and_removed_too() {
    let h = with_templates().await;
    enable(&h, &a_rotator("a")).await.unwrap();
    a_stack(&h).await;

    let both = names(&h).await;
    let removed = disable(&h, FUNCTION).await.unwrap();
    disable(&h, "serverlessrepo-a").await.unwrap();

    assert_eq!(both, ["a", FUNCTION]);
    assert_eq!(removed.name, FUNCTION);
    assert_eq!(names(&h).await, Vec::<String>::new());
    let nothing = made(&h).await;
    assert_eq!(nothing["functions"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_made_leaves_nothing() {
    let h = with_templates().await;
    let role = h.a_function_role("other", None).await;
    h.a_function("taken", &role).await;
    let before = made(&h).await;

    let refused = enable(&h, &a_rotator("taken")).await.unwrap_err();

    let text = refused.to_string();
    assert!(text.contains("Function already exist: taken"), "{text}");
    assert_eq!(made(&h).await, before);
    let named = [("StackName", "serverlessrepo-taken")];
    assert_eq!(call(&h, "DescribeStacks", &named).await.status, 400);
    h.lambda("DeleteFunction", json!({ "FunctionName": "taken" }))
        .await;
    enable(&h, &a_rotator("taken")).await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_is_said_not_to_be() {
    let h = with_templates().await;
    let stranger = AccountId::parse("999999999999").unwrap();
    let unknown = NewRotator {
        template: String::from("SecretsManagerNone"),
        ..a_rotator("a")
    };
    let single = NewRotator {
        template: String::from("SecretsManagerRDSMySQLRotationSingleUser"),
        master_secret: Some(String::from("arn:m")),
        ..a_rotator("a")
    };

    let texts = [
        enable(&h, &unknown).await.unwrap_err().to_string(),
        enable(&h, &single).await.unwrap_err().to_string(),
        disable(&h, "a").await.unwrap_err().to_string(),
        h.app
            .list_rotators(&stranger)
            .await
            .unwrap_err()
            .to_string(),
    ];

    assert_eq!(
        texts[0],
        "Application with id \
         'arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerNone' does not \
         exist"
    );
    assert_eq!(
        texts[1],
        "Parameters: [masterSecretArn] do not exist in the template"
    );
    assert_eq!(
        texts[2],
        "the account `123456789012` has no rotator `a` in `us-east-1`"
    );
    assert!(texts[3].contains("999999999999"), "{}", texts[3]);
}
