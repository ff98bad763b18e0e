use aws_sdk_secretsmanager::config::Credentials;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_secretsmanager::operation::RequestId as _;
use aws_sdk_secretsmanager::operation::create_secret::CreateSecretError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType};
use strongroom_sdk_tests::Server;

#[tokio::test]
async fn a_missing_secret_is_the_modelled_exception() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;

    let refused = secrets
        .get_secret_value()
        .secret_id("none")
        .send()
        .await
        .unwrap_err();

    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 400);
    assert!(refused.request_id().is_some());
    let GetSecretValueError::ResourceNotFoundException(exception) = refused.into_service_error()
    else {
        panic!("another exception");
    };
    let text = "Secrets Manager can't find the specified secret.";
    assert_eq!(exception.message(), Some(text));
}

#[tokio::test]
async fn a_taken_name_is_the_modelled_exception() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;
    let create = || {
        secrets
            .create_secret()
            .name("db")
            .secret_string("one")
            .send()
    };
    create().await.unwrap();

    let refused = create().await.unwrap_err().into_service_error();

    let CreateSecretError::ResourceExistsException(exception) = refused else {
        panic!("another exception");
    };
    let text = "The operation failed because the secret db already exists.";
    assert_eq!(exception.message(), Some(text));
}

#[tokio::test]
async fn wrong_parameters_and_states_are_modelled_exceptions() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;
    secrets
        .create_secret()
        .name("db")
        .secret_string("one")
        .send()
        .await
        .unwrap();

    let window = secrets
        .delete_secret()
        .secret_id("db")
        .recovery_window_in_days(3)
        .send()
        .await;
    let nothing = secrets.put_secret_value().secret_id("db").send().await;
    let filter = Filter::builder()
        .key(FilterNameStringType::Name)
        .values("db")
        .build();
    let token = secrets
        .list_secrets()
        .filters(filter)
        .next_token("made up")
        .send()
        .await;

    assert!(
        window
            .unwrap_err()
            .into_service_error()
            .is_invalid_parameter_exception()
    );
    assert!(
        nothing
            .unwrap_err()
            .into_service_error()
            .is_invalid_request_exception()
    );
    assert!(
        token
            .unwrap_err()
            .into_service_error()
            .is_invalid_next_token_exception()
    );
}

#[tokio::test]
async fn an_operation_of_a_later_release_says_so() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;
    secrets
        .create_secret()
        .name("db")
        .secret_string("one")
        .send()
        .await
        .unwrap();

    let refused = secrets
        .rotate_secret()
        .secret_id("db")
        .send()
        .await
        .unwrap_err();

    assert!(matches!(refused, SdkError::ServiceError(_)), "{refused:?}");
    let version = secrets
        .get_secret_value()
        .secret_id("db")
        .send()
        .await
        .unwrap();
    assert_eq!(version.version_stages(), ["AWSCURRENT"]);
}

#[tokio::test]
async fn wrong_keys_are_refused() {
    let server = Server::start();
    let aws = server.aws().await;
    let keys = server.keys();
    let with = |id: &str, secret: &str| {
        let credentials = Credentials::new(id, secret, None, None, "test");
        let config = aws_sdk_secretsmanager::config::Builder::from(&aws.config);
        let config = config.credentials_provider(credentials).build();
        aws_sdk_secretsmanager::Client::from_conf(config)
    };

    let wrong_secret = with(&keys.id, "not the secret")
        .list_secrets()
        .send()
        .await
        .unwrap_err();
    let wrong_id = with("AKIAIOSFODNN7EXAMPLE", &keys.secret)
        .list_secrets()
        .send()
        .await;

    assert_eq!(wrong_secret.code(), Some("InvalidSignatureException"));
    assert_eq!(
        wrong_id.unwrap_err().code(),
        Some("UnrecognizedClientException")
    );
}

#[tokio::test]
async fn every_answer_of_a_client_leaves_one_event() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;

    let created = secrets
        .create_secret()
        .name("db")
        .secret_string("one")
        .send()
        .await
        .unwrap();
    let refused = secrets
        .get_secret_value()
        .secret_id("none")
        .send()
        .await
        .unwrap_err();

    let answered = [created.request_id(), refused.request_id()].map(|id| id.unwrap().to_owned());
    let events = server.audit_log().new_events();
    assert_eq!(
        strongroom_sdk_tests::duplicates(&events, &answered),
        Vec::<String>::new()
    );
}
