use aws_sdk_secretsmanager::operation::RequestId as _;
use aws_sdk_secretsmanager::primitives::Blob;
use aws_sdk_secretsmanager::types::Tag;
use strongroom_sdk_tests::Server;

#[tokio::test]
async fn the_tutorial_of_the_user_guide_works() {
    let server = Server::start();
    let aws = server.aws().await;

    let created = aws
        .secrets
        .create_secret()
        .name("tutorials/MyFirstTutorialSecret")
        .description("The secret I created for the first tutorial")
        .secret_string(TUTORIAL)
        .send()
        .await
        .unwrap();
    let described = aws
        .secrets
        .describe_secret()
        .secret_id("tutorials/MyFirstTutorialSecret")
        .send()
        .await;
    let value = aws
        .secrets
        .get_secret_value()
        .secret_id("tutorials/MyFirstTutorialSecret")
        .send()
        .await;

    let (described, value) = (described.unwrap(), value.unwrap());
    let version = created.version_id().unwrap();
    assert!(created.arn().unwrap().starts_with(&format!(
        "arn:aws:secretsmanager:us-east-1:{}:secret:tutorials/MyFirstTutorialSecret-",
        server.account()
    )));
    assert_eq!(described.arn(), created.arn());
    assert_eq!(
        described.description(),
        Some("The secret I created for the first tutorial")
    );
    assert_eq!(
        described.version_ids_to_stages().unwrap()[version],
        ["AWSCURRENT"]
    );
    assert_eq!(value.arn(), created.arn());
    assert_eq!(value.name(), Some("tutorials/MyFirstTutorialSecret"));
    assert_eq!(value.version_id(), Some(version));
    assert_eq!(value.secret_string(), Some(TUTORIAL));
    assert_eq!(value.secret_binary(), None);
    assert_eq!(value.version_stages(), ["AWSCURRENT"]);
    assert!(value.created_date().is_some());
    assert!(value.request_id().is_some());
}

#[tokio::test]
async fn bytes_come_back_as_they_went() {
    let server = Server::start();
    let aws = server.aws().await;
    let bytes: Vec<u8> = (0..=255).collect();

    let blob = Blob::new(bytes.clone());
    aws.secrets
        .create_secret()
        .name("bytes")
        .secret_binary(blob)
        .send()
        .await
        .unwrap();
    let value = aws
        .secrets
        .get_secret_value()
        .secret_id("bytes")
        .send()
        .await
        .unwrap();

    assert_eq!(value.secret_binary().unwrap().as_ref(), bytes);
    assert_eq!(value.secret_string(), None);
}

#[tokio::test]
async fn a_deleted_secret_is_restored_with_its_value() {
    let server = Server::start();
    let aws = server.aws().await;
    let created = aws
        .secrets
        .create_secret()
        .name("db")
        .secret_string("one")
        .send()
        .await
        .unwrap();

    let deleted = aws
        .secrets
        .delete_secret()
        .secret_id("db")
        .recovery_window_in_days(7);
    let deleted = deleted.send().await.unwrap();
    let unreadable = aws.secrets.get_secret_value().secret_id("db").send().await;
    let described = aws
        .secrets
        .describe_secret()
        .secret_id("db")
        .send()
        .await
        .unwrap();
    aws.secrets
        .restore_secret()
        .secret_id("db")
        .send()
        .await
        .unwrap();
    let value = aws
        .secrets
        .get_secret_value()
        .secret_id("db")
        .send()
        .await
        .unwrap();

    assert_eq!(deleted.arn(), created.arn());
    assert!(deleted.deletion_date() > described.created_date());
    assert!(
        unreadable
            .unwrap_err()
            .into_service_error()
            .is_invalid_request_exception()
    );
    assert!(described.deleted_date().is_some());
    assert_eq!(value.secret_string(), Some("one"));
}

#[tokio::test]
async fn a_name_is_free_after_a_forced_deletion() {
    let server = Server::start();
    let aws = server.aws().await;
    let create = || {
        aws.secrets
            .create_secret()
            .name("db")
            .secret_string("one")
            .send()
    };
    let first = create().await.unwrap();

    let delete = aws
        .secrets
        .delete_secret()
        .secret_id("db")
        .force_delete_without_recovery(true);
    delete.send().await.unwrap();
    let gone = aws.secrets.describe_secret().secret_id("db").send().await;
    let second = create().await.unwrap();

    assert!(
        gone.unwrap_err()
            .into_service_error()
            .is_resource_not_found_exception()
    );
    assert_ne!(first.arn(), second.arn());
}

#[tokio::test]
async fn tags_are_set_overwritten_and_removed() {
    let server = Server::start();
    let aws = server.aws().await;
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    let create = aws
        .secrets
        .create_secret()
        .name("db")
        .tags(tag("team", "one"));
    create.send().await.unwrap();

    let more = aws.secrets.tag_resource().secret_id("db");
    more.tags(tag("team", "two"))
        .tags(tag("stage", ""))
        .send()
        .await
        .unwrap();
    let tagged = aws
        .secrets
        .describe_secret()
        .secret_id("db")
        .send()
        .await
        .unwrap();
    let fewer = aws
        .secrets
        .untag_resource()
        .secret_id("db")
        .tag_keys("team")
        .tag_keys("none");
    fewer.send().await.unwrap();
    let untagged = aws
        .secrets
        .describe_secret()
        .secret_id("db")
        .send()
        .await
        .unwrap();

    assert_eq!(tagged.tags(), [tag("team", "two"), tag("stage", "")]);
    assert_eq!(untagged.tags(), [tag("stage", "")]);
}

#[tokio::test]
async fn a_password_is_made_to_measure() {
    let server = Server::start();
    let aws = server.aws().await;

    let password = aws
        .secrets
        .get_random_password()
        .password_length(64)
        .exclude_punctuation(true)
        .exclude_uppercase(true)
        .send()
        .await
        .unwrap();

    let password = password.random_password().unwrap();
    assert_eq!(password.len(), 64);
    assert!(
        password
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    );
}

#[tokio::test]
async fn the_caller_is_the_root_of_the_account() {
    let server = Server::start();
    let aws = server.aws().await;

    let caller = aws.sts.get_caller_identity().send().await.unwrap();

    assert_eq!(caller.account(), Some(server.account()));
    assert_eq!(caller.user_id(), Some(server.account()));
    assert_eq!(
        caller.arn(),
        Some(format!("arn:aws:iam::{}:root", server.account()).as_str())
    );
}

#[tokio::test]
async fn regions_do_not_see_each_other() {
    let server = Server::start();
    let aws = server.aws().await;
    let elsewhere = aws.in_region("eu-central-1");
    aws.secrets
        .create_secret()
        .name("db")
        .secret_string("here")
        .send()
        .await
        .unwrap();

    let missing = elsewhere
        .secrets
        .get_secret_value()
        .secret_id("db")
        .send()
        .await;
    let created = elsewhere
        .secrets
        .create_secret()
        .name("db")
        .secret_string("there")
        .send()
        .await
        .unwrap();
    let here = aws
        .secrets
        .get_secret_value()
        .secret_id("db")
        .send()
        .await
        .unwrap();

    assert!(
        missing
            .unwrap_err()
            .into_service_error()
            .is_resource_not_found_exception()
    );
    assert!(
        created
            .arn()
            .unwrap()
            .starts_with("arn:aws:secretsmanager:eu-central-1:")
    );
    assert_eq!(here.secret_string(), Some("here"));
}

const TUTORIAL: &str = r#"{"username":"myserviceusername","password":"MyVerySecureP@ssw0rd!"}"#;
