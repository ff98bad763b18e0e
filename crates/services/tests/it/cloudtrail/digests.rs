//! Digest files, verified as AWS's tools do.

use super::kit::*;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use testkit::{Harness, KeptObject};

/// The digests of a Region in their order.
fn digests(h: &Harness, region: &str) -> Vec<(String, Value, KeptObject)> {
    let folder = format!("/CloudTrail-Digest/{region}/");
    let objects = h.buckets.objects().into_iter();
    let digests = objects.filter(|(key, _)| key.contains(&folder));
    digests
        .map(|(key, object)| {
            let digest = serde_json::from_slice(&unpacked(&object.body)).unwrap();
            (key, digest, object)
        })
        .collect()
}

fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}

fn signature(object: &KeptObject) -> &str {
    assert_eq!(
        object.metadata[1],
        ("signature-algorithm", String::from("SHA256withRSA"))
    );
    assert_eq!(object.metadata[0].0, "signature");
    &object.metadata[0].1
}

async fn a_verified_trail(h: &Harness, hours: u32) {
    a_logging_trail(h, "trail", json!({ "EnableLogFileValidation": true })).await;
    for n in 0..hours * 12 + 1 {
        h.a_secret(&format!("s{n}"), "value").await;
        deliver_after(h, 300).await;
    }
}

#[tokio::test]
async fn a_digest_names_its_files_and_is_signed() {
    let h = Harness::new().await;
    a_verified_trail(&h, 1).await;

    let (key, digest, object) = digests(&h, "us-east-1").remove(0);

    let keys = h.cloudtrail("ListPublicKeys", json!({})).await.ok();
    let public = &keys["PublicKeyList"][0];
    let name = key.strip_prefix(&format!("{BUCKET}/")).unwrap();
    assert_eq!(digest["digestS3Object"], name);
    assert_eq!(digest["digestS3Bucket"], BUCKET);
    assert_eq!(digest["digestPublicKeyFingerprint"], public["Fingerprint"]);
    assert_eq!(digest["previousDigestSignature"], Value::Null);
    let files = digest["logFiles"].as_array().unwrap();
    assert!(files.len() > 10, "{}", files.len());
    for file in files {
        let name = format!("{BUCKET}/{}", file["s3Object"].as_str().unwrap());
        assert_eq!(
            file["hashValue"],
            hash(&unpacked(&h.buckets.objects()[&name].body))
        );
    }
    let end = digest["digestEndTime"].as_str().unwrap();
    let signed = format!("{end}\n{key}\n{}\nnull", hash(&unpacked(&object.body)));
    let public = BASE64
        .decode(public["Value"].as_str().unwrap().as_bytes())
        .unwrap();
    let signature = HEXLOWER.decode(signature(&object).as_bytes()).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
        .verify(signed.as_bytes(), &signature)
        .unwrap();
}

#[tokio::test]
async fn a_digest_names_the_one_before() {
    let h = Harness::new().await;
    a_verified_trail(&h, 2).await;

    let digests = digests(&h, "us-east-1");

    let [(first, one, object), (_, two, _)] = &digests[..] else {
        panic!("{}", digests.len());
    };
    assert_eq!(two["previousDigestS3Object"], first[BUCKET.len() + 1..]);
    assert_eq!(
        two["previousDigestHashValue"],
        hash(&unpacked(&object.body))
    );
    assert_eq!(two["previousDigestSignature"], signature(object));
    assert_eq!(two["digestStartTime"], one["digestEndTime"]);
    let files = |digest: &Value| digest["logFiles"].as_array().unwrap().len();
    let log_files = super::kit::files(&h).len();
    assert!(files(one) + files(two) <= log_files && files(two) > 0);
}

#[tokio::test]
async fn a_trail_without_validation_has_no_digests() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    for _ in 0..14 {
        deliver_after(&h, 300).await;
    }

    assert_eq!(digests(&h, "us-east-1").len(), 0);
    assert_eq!(h.audit.named("CreateDigestKey"), Vec::<Value>::new());
}

#[tokio::test]
async fn a_last_digest_names_the_files_of_a_trail_that_ends() {
    for operation in ["StopLogging", "DeleteTrail"] {
        let h = Harness::new().await;
        a_logging_trail(&h, "trail", json!({ "EnableLogFileValidation": true })).await;
        h.a_secret("db", "value").await;
        h.cloudtrail(operation, json!({ "Name": "trail" }))
            .await
            .ok();

        for _ in 0..24 {
            deliver_after(&h, 300).await;
        }

        let log_files = super::kit::files(&h);
        let digests = digests(&h, "us-east-1");
        let [(_, digest, _)] = &digests[..] else {
            panic!("{operation}: {}", digests.len());
        };
        let named = digest["logFiles"].as_array().unwrap();
        assert_eq!((log_files.len(), named.len()), (1, 1), "{operation}");
        let name = format!("{BUCKET}/{}", named[0]["s3Object"].as_str().unwrap());
        assert_eq!(name, log_files[0].0);
    }
}

#[tokio::test]
async fn digests_go_on_in_another_bucket() {
    let h = Harness::new().await;
    a_verified_trail(&h, 1).await;
    let body = json!({ "Name": "trail", "S3BucketName": SECOND });
    h.cloudtrail("UpdateTrail", body).await.ok();
    for _ in 0..13 {
        h.clock.advance_seconds(5);
        h.call("ListSecrets", json!({})).await.ok();
        deliver_after(&h, 300).await;
    }

    let digests = digests(&h, "us-east-1");

    let [(first, _, object), (second, digest, _)] = &digests[..] else {
        panic!("{}", digests.len());
    };
    assert!(first.starts_with(BUCKET) && second.starts_with(SECOND));
    assert_eq!(digest["previousDigestS3Bucket"], BUCKET);
    assert_eq!(digest["previousDigestSignature"], signature(object));
    let buckets: Vec<&Value> = { digest["logFiles"].as_array().unwrap().iter() }
        .map(|file| &file["s3Bucket"])
        .collect();
    assert!(buckets.contains(&&json!(SECOND)), "{buckets:?}");
}
