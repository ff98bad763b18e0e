//! Log files.

use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn a_file_has_the_events_of_a_region_under_cloudtrails_name() {
    let h = Harness::new().await;
    let more = json!({ "IsMultiRegionTrail": true, "S3KeyPrefix": "year/one" });
    a_logging_trail(&h, "trail", more).await;
    let elsewhere = h.root.in_region("eu-west-1");
    h.call_as(&elsewhere, "ListSecrets", json!({})).await.ok();

    deliver_after(&h, 300).await;

    let files = files(&h);
    let keys: Vec<&str> = files.iter().map(|(key, _)| key.as_str()).collect();
    let token = &keys[0][keys[0].len() - 24..keys[0].len() - 8];
    let key = |region: &str| {
        format!(
            "{BUCKET}/year/one/AWSLogs/{ACCOUNT}/CloudTrail/{region}/2026/01/15/\
             {ACCOUNT}_CloudTrail_{region}_20260115T1205Z_{token}.json.gz"
        )
    };
    assert_eq!(keys, [key("eu-west-1"), key("us-east-1")]);
    assert_eq!(files[0].1, ["ListSecrets"]);
    let object = h.buckets.objects()[keys[0]].clone();
    let file: Value = serde_json::from_slice(&unpacked(&object.body)).unwrap();
    let told: Vec<Value> = { h.audit.named("ListSecrets").into_iter() }
        .map(as_told)
        .collect();
    assert_eq!(file["Records"], json!(told));
}

#[tokio::test]
async fn every_event_is_in_one_file() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    for n in 0..6 {
        h.a_secret(&format!("s{n}"), "value").await;
        deliver_after(&h, 150).await;
    }

    deliver_after(&h, 300).await;
    deliver_after(&h, 300).await;

    let names = delivered(&h);
    assert_eq!(
        names.iter().filter(|name| *name == "CreateSecret").count(),
        6
    );
    assert_eq!(files(&h).len(), 3);
}

#[tokio::test]
async fn delivering_leaves_no_event_and_nothing_no_file() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    deliver_after(&h, 300).await;
    let before = (h.audit.events().len(), files(&h));

    for _ in 0..5 {
        deliver_after(&h, 300).await;
    }

    assert_eq!((h.audit.events().len(), files(&h)), before);
}

#[tokio::test]
async fn a_file_that_is_not_taken_is_delivered_later_under_the_same_name() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    h.a_secret("db", "value").await;
    h.buckets.refuse(Some("SlowDown"));
    deliver_after(&h, 300).await;
    deliver_after(&h, 1).await;
    h.buckets.refuse(None);
    h.a_secret("later", "value").await;

    deliver_after(&h, 60).await;
    let first = files(&h);
    deliver_after(&h, 300).await;

    assert_eq!(first.len(), 1);
    assert!(first[0].0.contains("_20260115T1205Z_"), "{}", first[0].0);
    let created = |names: &[String]| names.iter().filter(|name| *name == "CreateSecret").count();
    assert_eq!(created(&first[0].1), 1);
    assert_eq!(created(&delivered(&h)), 2);
}

#[tokio::test]
async fn a_bucket_that_refuses_for_long_is_asked_seldom() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    h.buckets.refuse(Some("AccessDenied"));
    let mut attempts = std::collections::BTreeSet::new();

    for _ in 0..360 {
        deliver_after(&h, 10).await;
        attempts.insert(status(&h, "trail").await["LatestDeliveryAttemptTime"].to_string());
    }

    assert!((5..16).contains(&attempts.len()), "{attempts:?}");
}

#[tokio::test]
async fn trails_of_two_accounts_get_their_own_events() {
    let h = Harness::new().await;
    let other = h.another_account("444455556666").await;
    a_logging_trail(&h, "trail", json!({})).await;
    let body = json!({ "Name": "trail", "S3BucketName": BUCKET });
    h.cloudtrail_as(&other, "CreateTrail", body).await.ok();
    h.cloudtrail_as(&other, "StartLogging", json!({ "Name": "trail" }))
        .await
        .ok();
    h.call_as(&other, "ListSecrets", json!({})).await.ok();
    h.a_secret("db", "value").await;

    deliver_after(&h, 300).await;

    for (key, object) in h.buckets.objects() {
        let file: Value = serde_json::from_slice(&unpacked(&object.body)).unwrap();
        for record in file["Records"].as_array().unwrap() {
            let account = record["recipientAccountId"].as_str().unwrap();
            assert!(
                key.contains(&format!("AWSLogs/{account}/")),
                "{key} {record}"
            );
        }
    }
    assert_eq!(files(&h).len(), 2);
}

#[tokio::test]
async fn another_node_goes_on_where_one_has_died() {
    let h = Harness::new().await;
    let node = h.another_node(h.lambda.clone());
    a_logging_trail(&h, "trail", json!({})).await;
    h.a_secret("db", "value").await;
    // Nothing is noted of what was delivered: as if the first had died behind it.
    h.buckets.refuse(Some("ServiceUnavailable"));
    deliver_after(&h, 300).await;
    h.buckets.refuse(None);

    h.clock.advance_seconds(900);
    let (one, two) = tokio::join!(h.app.deliver_trails(), node.deliver_trails());
    one.unwrap();
    two.unwrap();

    let names = delivered(&h);
    assert_eq!(
        names.iter().filter(|name| *name == "CreateSecret").count(),
        1
    );
}

#[tokio::test]
async fn the_files_of_the_owner_of_a_secret_have_nothing_of_its_readers_policies() {
    let h = Harness::new().await;
    let owner = h.another_account(OWNER).await;
    let body = json!({ "Name": "trail", "S3BucketName": BUCKET });
    h.cloudtrail_as(&owner, "CreateTrail", body).await.ok();
    h.cloudtrail_as(&owner, "StartLogging", json!({ "Name": "trail" }))
        .await
        .ok();
    read_secret_of(&h, &owner).await;

    deliver_after(&h, 300).await;

    let kept = h.audit.named("DescribeSecret").pop().unwrap();
    let (_, object) = h.buckets.objects().pop_first().unwrap();
    let file: Value = serde_json::from_slice(&unpacked(&object.body)).unwrap();
    let mut records = file["Records"].as_array().unwrap().iter();
    let found = records.find(|record| record["eventName"] == "DescribeSecret");
    assert_eq!(found, Some(&as_told_to_others(kept)));
    assert!(!file.to_string().contains("decision"), "{file}");
}

/// A trail to the first bucket that a secret was created under, and after it another one under the second.
async fn a_redirected_trail(h: &Harness) {
    a_logging_trail(h, "trail", json!({})).await;
    h.a_secret("before", "value").await;
    h.clock.advance_seconds(5);
    let body = json!({ "Name": "trail", "S3BucketName": SECOND, "S3KeyPrefix": "anew" });
    h.cloudtrail("UpdateTrail", body).await.ok();
    h.clock.advance_seconds(5);
    h.a_secret("after", "value").await;
}

#[tokio::test]
async fn what_happened_before_a_change_goes_where_the_trail_pointed() {
    let h = Harness::new().await;
    a_redirected_trail(&h).await;

    deliver_after(&h, 300).await;
    deliver_after(&h, 300).await;

    let counts = [BUCKET, SECOND].map(|bucket| count_in(&h, bucket, "CreateSecret"));
    assert_eq!(counts, [1, 1]);
    let keys: Vec<String> = files(&h).into_iter().map(|(key, _)| key).collect();
    assert!(
        keys[0].starts_with(&format!("{BUCKET}/AWSLogs/")),
        "{keys:?}"
    );
    assert!(
        keys[1].starts_with(&format!("{SECOND}/anew/AWSLogs/")),
        "{keys:?}"
    );
    assert_eq!(keys.len(), 2);
}

#[tokio::test]
async fn a_delivery_on_its_way_is_not_led_elsewhere() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    h.a_secret("before", "value").await;
    h.buckets.refuse(Some("SlowDown"));
    deliver_after(&h, 300).await;
    h.buckets.refuse(None);
    let body = json!({ "Name": "trail", "S3BucketName": SECOND });
    h.cloudtrail("UpdateTrail", body).await.ok();

    deliver_after(&h, 60).await;

    let counts = [BUCKET, SECOND].map(|bucket| count_in(&h, bucket, "CreateSecret"));
    assert_eq!(counts, [1, 0]);
}

#[tokio::test]
async fn what_an_earlier_bucket_refuses_goes_where_the_trail_points_now() {
    let h = Harness::new().await;
    a_redirected_trail(&h).await;
    h.buckets.close(Some(BUCKET));

    let mut waited = 0;
    while files(&h).is_empty() && waited < 100 {
        deliver_after(&h, 60).await;
        waited += 1;
    }
    h.buckets.close(None);
    deliver_after(&h, 600).await;

    let counts = [BUCKET, SECOND].map(|bucket| count_in(&h, bucket, "CreateSecret"));
    assert_eq!(counts, [0, 2]);
    // Not at once: it may be gone for a moment.
    assert!((8..30).contains(&waited), "{waited}");
}

#[tokio::test]
async fn a_bucket_that_refuses_now_sends_nothing_elsewhere() {
    let h = Harness::new().await;
    a_redirected_trail(&h).await;
    h.buckets.close(Some(SECOND));
    for _ in 0..20 {
        deliver_after(&h, 900).await;
    }
    h.buckets.close(None);

    deliver_after(&h, 900).await;

    let counts = [BUCKET, SECOND].map(|bucket| count_in(&h, bucket, "CreateSecret"));
    assert_eq!(counts, [1, 1]);
}
