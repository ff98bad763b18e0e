use super::*;
use crate::boot::Layout;
use crate::functions::OwnAddress;
use crate::functions::fixtures::{Role, Still, account, config, execution, plain, refused, text};
use crate::outside::SystemEntropy;
use base::Entropy;
use std::path::Path;

const EVENT: &str =
    r#"{"Step":"createSecret","SecretId":"arn:s","ClientRequestToken":"v2","RotationToken":"t"}"#;
const CHECK_EVENT: &str = r#"{"Step":"checkSecret","SecretId":"arn:s"}"#;
const SINGLE: &str = "SecretsManagerRDSPostgreSQLRotationSingleUser";

/// Built-in functions as nobody configured them.
fn builtin() -> Builtin {
    builtin_with(&config().rotators)
}

fn builtin_with(rotators: &Rotators) -> Builtin {
    let layout = Layout::of(Path::new("/nonexistent"));
    let clock: Arc<dyn Clock> = Arc::new(Still);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let (witness, address) = (
        Arc::new(Witness::default()),
        Arc::new(OwnAddress::default()),
    );
    let ground = Ground {
        layout: &layout,
        clock: &clock,
        entropy: &entropy,
        witness: &witness,
        address: &address,
    };
    Builtin::new(rotators, Duration::from_secs(900), &ground).unwrap()
}

fn run_of<'a>(template: &str, payload: &'a Plaintext, role: &Arc<Role>) -> Execution<'a> {
    Execution {
        code: Code::Builtin {
            template: template.to_owned(),
        },
        api: Arc::clone(role) as Arc<_>,
        ..execution(payload)
    }
}

async fn ran(template: &str, payload: &str, role: &Arc<Role>) -> Executed {
    let payload = plain(payload);
    let executed = builtin().run(run_of(template, &payload, role)).await;
    executed.ok().unwrap()
}

fn failed(executed: &Executed) -> (&str, &str) {
    let failure = executed.outcome.as_ref().err().unwrap();
    (failure.kind.as_str(), failure.message.as_str())
}

fn package(template: &str) -> Package {
    Package::Builtin {
        template: template.to_owned(),
    }
}

#[test]
fn templates_are_accepted_where_there_is_a_driver() {
    let builtin = builtin();

    for template in [
        SINGLE,
        "mariadb-multi-user",
        "redshift-single-user",
        "http",
        API_KEY,
    ] {
        assert_eq!(
            builtin.accepts(&account("123456789012"), &package(template)),
            Ok(()),
            "{template}"
        );
    }
    for template in Template::all() {
        let title = template.engine.title();
        let without = format!("this server is built without the driver of {title}");
        let accepted = builtin.accepts(&account("123456789012"), &package(&template.name()));
        assert!(
            accepted.clone().err().is_none_or(|why| why == without),
            "{accepted:?}"
        );
    }
    assert_eq!(
        builtin.accepts(&account("123456789012"), &package("nothing")),
        Err(String::from("there is no built-in function `nothing`"))
    );
    let zip = Package::Zip {
        runtime: String::from("python3.9"),
    };
    assert_eq!(
        builtin.accepts(&account("123456789012"), &zip),
        Err(FOREIGN.to_owned())
    );
}

#[tokio::test]
async fn createsecret_puts_a_new_password_as_the_role() {
    let current = r#"{"SecretString":"{\"engine\": \"postgres\", \"host\": \"db\", \"username\": \"app\", \"password\": \"old\"}"}"#;
    let role = Arc::new(Role::answering(&[
        Ok(
            r#"{"RotationEnabled":true,"VersionIdsToStages":{"v1":["AWSCURRENT"],"v2":["AWSPENDING"]}}"#,
        ),
        Ok(current),
        Err(refused("ResourceNotFoundException", 400)),
        Ok(r#"{"RandomPassword":"new"}"#),
        Ok("{}"),
    ]));

    let executed = ran(SINGLE, EVENT, &role).await;

    assert_eq!(text(executed.outcome.as_ref().ok().unwrap()), "null");
    let lines: Vec<&str> = executed.log.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(
        lines,
        [
            "[INFO]\t2026-01-15T12:00:00.007Z\t11111111-2222-4333-8444-555555555555\t\
          createSecret: Successfully put secret for ARN arn:s and version v2."
        ]
    );
    assert_eq!(
        role.asked.lock().last().unwrap(),
        r#"secretsmanager PutSecretValue {"SecretId":"arn:s","ClientRequestToken":"v2","SecretString":"{\"engine\": \"postgres\", \"host\": \"db\", \"username\": \"app\", \"password\": \"new\"}","VersionStages":["AWSPENDING"],"RotationToken":"t"}"#
    );
}

#[tokio::test]
async fn a_refusal_is_the_functions_failure_and_in_its_log() {
    let role = Arc::new(Role::answering(&[Err(refused(
        "AccessDeniedException",
        400,
    ))]));

    let executed = ran(SINGLE, EVENT, &role).await;

    assert_eq!(
        failed(&executed),
        (
            "AccessDeniedException",
            "An error occurred (AccessDeniedException): no"
        )
    );
}

#[tokio::test]
async fn what_is_no_event_of_a_rotation_fails_without_its_content() {
    let role = Arc::new(Role::default());

    let other = ran(SINGLE, r#"{"key":"hunter2"}"#, &role).await;
    let step = EVENT.replace("createSecret", "makeSecret");
    let unknown = ran(SINGLE, &step, &role).await;

    assert_eq!(
        failed(&other),
        ("KeyError", "the event is not one of a rotation")
    );
    assert_eq!(
        failed(&unknown),
        ("ValueError", "Invalid step parameter makeSecret")
    );
    assert!(role.asked.lock().is_empty());
}

#[tokio::test]
async fn a_check_reads_the_current_value_and_asks_for_nothing_else() {
    let current = r#"{"SecretString":"{\"engine\": \"postgres\", \"host\": \"127.0.0.1\", \"port\": 1, \"username\": \"app\", \"password\": \"old\", \"ssl\": false}"}"#;
    let role = Arc::new(Role::answering(&[Ok(current)]));

    let executed = ran(SINGLE, CHECK_EVENT, &role).await;

    // Nobody listens there.
    assert_eq!(failed(&executed).0, "DatabaseError");
    assert_eq!(
        *role.asked.lock(),
        [r#"secretsmanager GetSecretValue {"SecretId":"arn:s","VersionStage":"AWSCURRENT"}"#]
    );
}

#[tokio::test]
async fn a_template_without_a_database_has_no_check() {
    let role = Arc::new(Role::default());

    let http = ran("http", CHECK_EVENT, &role).await;
    let api_key = ran(API_KEY, CHECK_EVENT, &role).await;

    assert_eq!(failed(&http), ("ValueError", NO_CHECK));
    assert_eq!(failed(&api_key), ("ValueError", NO_CHECK));
    assert!(role.asked.lock().is_empty());
}

#[tokio::test]
async fn options_come_from_the_functions_variables() {
    let role = Arc::new(Role::default());
    let payload = plain(EVENT);
    let mut execution = run_of(SINGLE, &payload, &role);
    execution.function.environment = vec![(String::from("PASSWORD_LENGTH"), plain("short"))];

    let executed = builtin().run(execution).await.ok().unwrap();

    // The variables' values are in play.
    assert_eq!(
        failed(&executed),
        ("ValueError", "PASSWORD_LENGTH is `***`, which is no number")
    );
}

#[tokio::test]
async fn an_endpoint_that_is_not_listed_is_not_called() {
    let role = Arc::new(Role::answering(&[Ok(
        r#"{"RotationEnabled":true,"VersionIdsToStages":{"v2":["AWSPENDING"]}}"#,
    )]));
    let payload = plain(&EVENT.replace("createSecret", "finishSecret"));
    let mut execution = run_of("http", &payload, &role);
    let none = builtin()
        .run(run_of("http", &payload, &role))
        .await
        .ok()
        .unwrap();
    execution.function.environment = vec![(URL.to_owned(), plain("https://evil.example/"))];

    let executed = builtin().run(execution).await.ok().unwrap();

    assert_eq!(
        failed(&none),
        ("ValueError", "the variable ROTATION_URL is not set")
    );
    assert_eq!(
        failed(&executed),
        (
            "EndpointError",
            "the rotation endpoint cannot be reached: the URL is not among those that the operator listed"
        )
    );
}

#[tokio::test]
async fn an_endpoint_of_other_accounts_is_not_called() {
    let dir = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let file = dir.path().join("strongroom.toml");
    let toml = format!(
        "[[rotators.http]]\nurl = \"{url}\"\nregion = \"eu-west-1\"\n\
         credentials_file = \"/etc/key\"\naccounts = [\"111122223333\"]\n"
    );
    std::fs::write(&file, toml).unwrap();
    let flags = crate::cli::ServeFlags {
        config: Some(file),
        ..Default::default()
    };
    let rotators = crate::config::Config::load(&flags).unwrap().rotators;
    let role = Arc::new(Role::answering(&[Ok(
        r#"{"RotationEnabled":true,"VersionIdsToStages":{"v2":["AWSPENDING"]}}"#,
    )]));
    let payload = plain(&EVENT.replace("createSecret", "finishSecret"));
    let mut execution = run_of("http", &payload, &role);
    execution.function.environment = vec![(URL.to_owned(), plain(&url))];

    let executed = builtin_with(&rotators).run(execution).await.ok().unwrap();

    assert_eq!(
        failed(&executed).1,
        "the rotation endpoint cannot be reached: the URL is not among those that the operator listed"
    );
    assert!(listener.accept().is_err());
}

#[test]
fn templates_of_databases_can_check_a_secret() {
    let builtin = builtin();

    assert!(builtin.can_check(&package(SINGLE)));
    for other in [HTTP, API_KEY, "nothing"] {
        assert!(!builtin.can_check(&package(other)), "{other}");
    }
}

async fn tried(value: &str) -> Result<TriedLogin, NotExecuted> {
    let value = plain(value);
    let trial = LoginTrial {
        request_id: "command-1",
        secret_id: "arn:s",
        value: &value,
    };
    Executor::log_in(&builtin(), trial).await
}

#[tokio::test]
async fn a_value_is_tried_where_it_says_and_the_failure_repeats_none_of_it() {
    // Nobody listens there.
    let value = r#"{"engine":"postgres","host":"127.0.0.1","port":1,"username":"app","password":"hunter2","ssl":false}"#;

    let tried = tried(value).await.ok().unwrap();

    let failure = tried.failure.unwrap();
    assert_eq!(failure.kind, "DatabaseError");
    assert!(
        failure
            .message
            .starts_with("the database cannot be reached: "),
        "{}",
        failure.message
    );
    let line = &tried.log.first().unwrap().text;
    assert!(
        line.contains("command-1\tcheckSecret: the database"),
        "{line}"
    );
    assert!(!line.contains("hunter2"), "{line}");
}

#[tokio::test]
async fn a_value_that_names_no_engine_is_not_tried() {
    for value in [
        "hunter2",
        "[]",
        r#"{"password":"hunter2"}"#,
        r#"{"engine":"hunter2"}"#,
        r#"{"engine":1}"#,
    ] {
        let refused = tried(value).await.err().unwrap().to_string();

        assert_eq!(
            refused,
            "its value is no JSON object with an `engine` that is one of `postgres`, \
             `aurora-postgresql`, `mysql`, `aurora-mysql`, `mariadb`, `sqlserver`, `oracle`, `mongo`, \
             `redshift`"
        );
    }
}
