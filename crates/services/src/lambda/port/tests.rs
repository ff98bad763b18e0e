use super::*;
use crate::fixtures::World;
use crate::identity::Principal;
use crate::lambda::permissions::{self, Permission};
use crate::ports::{Execution, ExecutionFuture, Executor, Executors, Package};
use crate::tags::Tags;
use base::{AccountId, RegionName, Timestamp};

/// Takes everything and runs nothing.
struct Idle;

impl Executor for Idle {
    fn accepts(&self, _: &AccountId, _: &Package) -> Result<(), String> {
        Ok(())
    }

    fn run<'a>(&'a self, _: Execution<'a>) -> ExecutionFuture<'a> {
        Box::pin(std::future::pending())
    }
}

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-a1b2c3";
const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

fn app() -> App {
    World::new().app
}

/// A function whose policy lets `service` in for one secret of one account.
async fn a_function(app: &App, service: &str) {
    let mut function = Function {
        account: account(),
        region: RegionName::parse("us-east-1").unwrap(),
        name: String::from("f"),
        description: String::new(),
        role: String::from("arn:aws:iam::123456789012:role/r"),
        handler: None,
        timeout_seconds: 3,
        memory_mib: 128,
        environment: None,
        form: Package::Zip {
            runtime: String::from("python3.12"),
        },
        architecture: String::from("x86_64"),
        code_size: 0,
        digest: [0; 32],
        revision_id: String::new(),
        modified: Timestamp::from_millis(0),
        tags: Tags::default(),
        policy: None,
    };
    let permission = Permission {
        statement_id: "s",
        action: "lambda:InvokeFunction",
        principal: service,
        source_arn: Some(SECRET),
        source_account: Some("123456789012"),
        event_source_token: None,
    };
    let mut tx = app.ledger.begin();
    permissions::add(&mut tx, &mut function, &permission)
        .await
        .unwrap();
    tx.insert(&Permit::of_tests(), function);
    tx.commit(Lines::of(b"{}".to_vec())).await.unwrap();
}

/// What the root of `caller` is told that would have `secret` rotated by `function`.
async fn asked(lambda: &Lambda, app: &App, caller: &str, function: &str, secret: &str) -> String {
    let principal = Principal::root(AccountId::parse(caller).unwrap());
    let region = RegionName::parse("us-east-1").unwrap();
    let service = ServiceCall::new("r");
    let facts = service.facts(Called {
        by: "test",
        role: Some((&principal, "AKIA")),
        event_source: "secretsmanager.amazonaws.com",
        event_name: "RotateSecret",
        region: &region,
        now: app.clock.now(),
        parameters: None,
    });
    let cx = Cx {
        app,
        service: &crate::lambda::SERVICE,
        principal: &principal,
        region: &region,
        facts: &facts,
        within: None,
    };
    let account = account();
    let invoker = Invoker {
        service: "secretsmanager.amazonaws.com",
        source_arn: secret,
        source_account: &account,
    };
    match lambda.assignable(&cx, function, invoker).await {
        Ok(()) => String::from("yes"),
        Err(refusal) => refusal.to_string(),
    }
}

fn lambda() -> Lambda {
    let executors = Executors {
        process: Some(Arc::new(Idle)),
        ..Executors::default()
    };
    Lambda::new(executors, crate::lambda::Concurrency::default())
}

const NOT_INVOCABLE: &str = "the function cannot be invoked";

#[tokio::test]
async fn a_function_may_be_given_that_is_there_and_lets_the_service_in() {
    let app = app();
    a_function(&app, "secretsmanager.amazonaws.com").await;
    let own = "123456789012";

    assert_eq!(asked(&lambda(), &app, own, ARN, SECRET).await, "yes");
    for (function, secret) in [
        (ARN.replace("n:f", "n:g"), SECRET.to_owned()),
        (ARN.replace("us-east-1", "eu-west-1"), SECRET.to_owned()),
        (format!("{ARN}:7"), SECRET.to_owned()),
        (String::from("f"), SECRET.to_owned()),
        (ARN.to_owned(), SECRET.replace("db-", "dc-")),
    ] {
        let told = asked(&lambda(), &app, own, &function, &secret).await;
        assert_eq!(told, NOT_INVOCABLE, "{function} {secret}");
    }
}

#[test]
fn a_function_has_one_arn_however_it_is_written() {
    for written in [
        ARN.to_owned(),
        format!("{ARN}:$LATEST"),
        ARN.replace("arn:aws:", "arn::"),
        ARN.replace("arn:aws:", "arn:aws-cn:"),
    ] {
        assert_eq!(lambda().arn_of(&written).as_deref(), Some(ARN), "{written}");
    }
    let secret = SECRET.to_owned();
    for other in [format!("{ARN}:7"), String::from("f"), secret] {
        assert_eq!(lambda().arn_of(&other), None, "{other}");
    }
}

#[tokio::test]
async fn whom_it_does_not_let_in_has_no_use_for_it() {
    let app = app();
    a_function(&app, "s3.amazonaws.com").await;

    let told = asked(&lambda(), &app, "123456789012", ARN, SECRET).await;

    assert_eq!(told, NOT_INVOCABLE);
}

#[tokio::test]
async fn the_caller_needs_leave_to_invoke_it_first() {
    let app = app();
    a_function(&app, "secretsmanager.amazonaws.com").await;

    for function in [ARN.to_owned(), ARN.replace("n:f", "n:g")] {
        let told = asked(&lambda(), &app, "210987654321", &function, SECRET).await;
        let text = format!(
            "User: arn:aws:iam::210987654321:root is not authorized to perform: \
             lambda:InvokeFunction on resource: {function} because no resource-based policy allows the \
             lambda:InvokeFunction action"
        );
        assert_eq!(told, text);
    }
}

#[tokio::test]
async fn functions_that_are_switched_off_say_so() {
    let app = app();
    a_function(&app, "secretsmanager.amazonaws.com").await;

    let told = asked(&Lambda::default(), &app, "123456789012", ARN, SECRET).await;

    assert_eq!(
        told,
        "Running functions in processes is switched off on this server."
    );
}
