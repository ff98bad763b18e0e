//! The signature of messages.

use super::kit::*;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use data_encoding::BASE64;
use http::{HeaderMap, Method};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};
use strongroom_services::Request;
use testkit::Harness;

async fn fetch(h: &Harness, path: &str) -> (u16, String) {
    let request = Request {
        method: Method::GET,
        path: path.to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: bytes::Bytes::new(),
        source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        is_secure: true,
        endpoint: None,
    };
    let answer = h.app.call(request).await;
    let text = String::from_utf8(answer.body().to_vec()).unwrap();
    (answer.status().as_u16(), text)
}

/// The public key of a certificate in PEM form: what stands last before the signature of 256 bytes.
fn public_key(pem: &str) -> Vec<u8> {
    let base64: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let der = BASE64.decode(base64.as_bytes()).unwrap();
    // A sequence of a modulus of 257 bytes and an exponent of three.
    let begins = [0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01];
    let at = der
        .windows(begins.len())
        .position(|window| window == begins)
        .unwrap();
    der[at..at + 270].to_vec()
}

fn verifies(key: &[u8], body: &Value, members: &[&str]) -> bool {
    let mut signed = String::new();
    for name in members {
        if let Some(value) = body[*name].as_str() {
            signed.push_str(&format!("{name}\n{value}\n"));
        }
    }
    let signature = BASE64
        .decode(body["Signature"].as_str().unwrap().as_bytes())
        .unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
    key.verify(signed.as_bytes(), &signature).is_ok()
}

#[tokio::test]
async fn messages_verify_with_the_certificate_that_they_name() {
    let (h, _) = with_hook().await;
    let parameters = [
        ("TopicArn", TOPIC),
        ("Message", "hello"),
        ("Subject", "Look"),
    ];
    h.sns("Publish", &parameters).await.xml_ok();
    h.deliver().await;
    let posts = h.messenger.posts();
    let (asked, mut told) = (posts[0].json(), posts[1].json());
    let url = told["SigningCertURL"].as_str().unwrap().to_owned();
    let path = url.strip_prefix("https://strongroom.example").unwrap();

    let (status, certificate) = fetch(&h, path).await;

    assert_eq!(
        (status, &asked["SigningCertURL"]),
        (200, &told["SigningCertURL"])
    );
    assert!(
        certificate.starts_with("-----BEGIN CERTIFICATE-----"),
        "{certificate}"
    );
    let key = public_key(&certificate);
    let notification = [
        "Message",
        "MessageId",
        "Subject",
        "Timestamp",
        "TopicArn",
        "Type",
    ];
    let confirmation = [
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ];
    assert!(verifies(&key, &told, &notification));
    assert!(verifies(&key, &asked, &confirmation));
    told["Message"] = Value::from("hullo");
    assert!(!verifies(&key, &told, &notification));
}

#[tokio::test]
async fn the_key_is_made_once_with_an_event() {
    let (h, _) = with_hook().await;
    publish(&h, "one").await.xml_ok();
    publish(&h, "two").await.xml_ok();

    let made = h.audit.named("CreateSigningKey");
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["eventType"], "AwsServiceEvent");
    assert_eq!(made[0]["recipientAccountId"], "123456789012");
    assert_eq!(made[0]["awsRegion"], "us-east-1");
}

#[tokio::test]
async fn no_other_file_is_served() {
    let (h, _) = with_hook().await;

    for path in [
        "/SimpleNotificationService-.pem",
        "/SimpleNotificationService-00000000000000000000000000000000.pem",
        "/../SimpleNotificationService-x.pem",
        "/x.pem",
    ] {
        assert_eq!(fetch(&h, path).await.0, 404, "{path}");
    }
}
