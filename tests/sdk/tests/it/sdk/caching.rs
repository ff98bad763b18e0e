use aws_sdk_secretsmanager::primitives::Blob;
use aws_secretsmanager_caching::SecretsManagerCachingClient;
use std::num::NonZeroUsize;
use std::time::Duration;
use strongroom_sdk_tests::{Aws, Server};

#[tokio::test]
async fn a_cached_value_is_fresh_after_a_refresh() {
    let server = Server::start();
    let aws = server.aws().await;
    let cache = cache(&aws, Duration::from_secs(3_600)).await;
    aws.secrets
        .create_secret()
        .name("db")
        .secret_string("one")
        .send()
        .await
        .unwrap();

    let first = cache
        .get_secret_value("db", None, None, false)
        .await
        .unwrap();
    aws.secrets
        .put_secret_value()
        .secret_id("db")
        .secret_string("two")
        .send()
        .await
        .unwrap();
    let cached = cache
        .get_secret_value("db", None, None, false)
        .await
        .unwrap();
    let fresh = cache
        .get_secret_value("db", None, None, true)
        .await
        .unwrap();
    let old = cache
        .get_secret_value("db", None, Some("AWSPREVIOUS"), false)
        .await
        .unwrap();

    assert_eq!(first.secret_string.as_deref(), Some("one"));
    assert_eq!(cached.secret_string.as_deref(), Some("one"));
    assert_eq!(fresh.secret_string.as_deref(), Some("two"));
    assert_eq!(old.version_id, first.version_id);
}

#[tokio::test]
async fn an_expired_value_is_read_again_when_a_new_version_is_there() {
    let server = Server::start();
    let aws = server.aws().await;
    let cache = cache(&aws, Duration::ZERO).await;
    aws.secrets
        .create_secret()
        .name("db")
        .secret_string("one")
        .send()
        .await
        .unwrap();
    cache
        .get_secret_value("db", None, None, false)
        .await
        .unwrap();

    let unchanged = cache
        .get_secret_value("db", None, None, false)
        .await
        .unwrap();
    aws.secrets
        .put_secret_value()
        .secret_id("db")
        .secret_string("two")
        .send()
        .await
        .unwrap();
    let changed = cache
        .get_secret_value("db", None, None, false)
        .await
        .unwrap();

    assert_eq!(unchanged.secret_string.as_deref(), Some("one"));
    assert_eq!(changed.secret_string.as_deref(), Some("two"));
}

#[tokio::test]
async fn bytes_are_cached_too_and_a_missing_secret_is_an_error() {
    let server = Server::start();
    let aws = server.aws().await;
    let cache = cache(&aws, Duration::from_secs(3_600)).await;
    let blob = Blob::new(vec![0, 159, 146, 150]);
    aws.secrets
        .create_secret()
        .name("bytes")
        .secret_binary(blob)
        .send()
        .await
        .unwrap();

    let bytes = cache
        .get_secret_value("bytes", None, None, false)
        .await
        .unwrap();
    let missing = cache.get_secret_value("none", None, None, false).await;

    assert!(bytes.secret_string.is_none());
    assert!(bytes.secret_binary.is_some());
    assert!(missing.is_err());
}

async fn cache(aws: &Aws, time_to_live: Duration) -> SecretsManagerCachingClient {
    let builder = aws_sdk_secretsmanager::config::Builder::from(&aws.config);
    let size = NonZeroUsize::new(10).unwrap();
    let cache = SecretsManagerCachingClient::from_builder(builder, size, time_to_live, false);
    cache.await.unwrap()
}
