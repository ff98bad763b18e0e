use super::kit::*;
use serde_json::json;
use testkit::{Harness, Reply};

async fn delete(h: &Harness, name: &str) -> Reply {
    h.cloudtrail("DeleteTrail", json!({ "Name": name })).await
}

#[tokio::test]
async fn a_trail_that_is_deleted_delivers_to_its_end() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    h.a_secret("db", "value").await;
    delete(&h, "trail").await.ok();
    h.clock.advance_seconds(5);
    h.a_secret("later", "value").await;

    deliver_after(&h, 300).await;
    let delivered_once = files(&h);
    deliver_after(&h, 300).await;
    deliver_after(&h, 300).await;

    assert_eq!(delivered_once.len(), 1);
    let names = &delivered_once[0].1;
    assert_eq!(names.last().unwrap(), "DeleteTrail");
    assert_eq!(count_in(&h, BUCKET, "CreateSecret"), 1);
    assert_eq!(files(&h), delivered_once);
    let gone = h.cloudtrail("GetTrail", json!({ "Name": "trail" })).await;
    let text = "Unknown trail: trail for the user: 123456789012";
    gone.refused("TrailNotFoundException", text);
}

#[tokio::test]
async fn what_a_deleted_trail_could_not_deliver_comes_when_its_bucket_takes_it() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    h.a_secret("db", "value").await;
    h.buckets.refuse(Some("SlowDown"));
    deliver_after(&h, 300).await;
    h.a_secret("later", "value").await;
    delete(&h, "trail").await.ok();
    deliver_after(&h, 60).await;
    h.buckets.refuse(None);

    for _ in 0..4 {
        deliver_after(&h, 900).await;
    }

    assert_eq!(count_in(&h, BUCKET, "CreateSecret"), 2);
    assert_eq!(count_in(&h, BUCKET, "DeleteTrail"), 1);
}

#[tokio::test]
async fn a_bucket_that_is_gone_is_not_asked_for_ever() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    h.a_secret("db", "value").await;
    delete(&h, "trail").await.ok();
    h.buckets.close(Some(BUCKET));

    for _ in 0..20 {
        deliver_after(&h, 43_200).await;
    }
    h.buckets.close(None);
    deliver_after(&h, 43_200).await;

    assert_eq!(files(&h), []);
}

#[tokio::test]
async fn only_so_many_deleted_trails_deliver_at_once() {
    let h = Harness::new().await;
    for _ in 0..32 {
        a_logging_trail(&h, "trail", json!({})).await;
        delete(&h, "trail").await.ok();
    }
    a_logging_trail(&h, "trail", json!({})).await;

    let refused = delete(&h, "trail").await;
    for _ in 0..12 {
        deliver_after(&h, 300).await;
    }
    let taken = delete(&h, "trail").await;

    refused.refused("ThrottlingException", "Rate exceeded");
    taken.ok();
}

#[tokio::test]
async fn a_trail_that_has_delivered_all_leaves_nothing_when_it_is_deleted() {
    let h = Harness::new().await;
    for _ in 0..40 {
        a_trail(&h, "trail", json!({})).await;

        delete(&h, "trail").await.ok();
    }
}

#[tokio::test]
async fn a_new_trail_of_the_name_begins_anew() {
    let h = Harness::new().await;
    a_logging_trail(&h, "trail", json!({})).await;
    h.a_secret("before", "value").await;
    delete(&h, "trail").await.ok();
    h.clock.advance_seconds(5);
    a_logging_trail(&h, "trail", json!({ "S3KeyPrefix": "anew" })).await;
    h.clock.advance_seconds(5);
    h.a_secret("after", "value").await;

    deliver_after(&h, 600).await;

    let (anew, before): (Vec<_>, Vec<_>) =
        { files(&h).into_iter() }.partition(|(key, _)| key.starts_with(&format!("{BUCKET}/anew/")));
    let created = |files: &[(String, Vec<String>)]| {
        let names = files.iter().flat_map(|(_, names)| names);
        names.filter(|name| *name == "CreateSecret").count()
    };
    assert_eq!((created(&before), created(&anew)), (1, 1));
}

#[tokio::test]
async fn a_trail_is_deleted_once_and_in_its_home_region() {
    let h = Harness::new().await;
    a_trail(&h, "trail", json!({ "IsMultiRegionTrail": true })).await;
    let elsewhere = h.root.in_region("eu-west-1");
    let body = json!({ "Name": "trail" });

    let away = h
        .cloudtrail_as(&elsewhere, "DeleteTrail", body.clone())
        .await;
    h.cloudtrail("DeleteTrail", body.clone()).await.ok();
    let again = h.cloudtrail("DeleteTrail", body).await;

    let text = "The trail can be changed in its home Region only: us-east-1.";
    away.refused("InvalidHomeRegionException", text);
    let text = "Unknown trail: trail for the user: 123456789012";
    again.refused("TrailNotFoundException", text);
}
