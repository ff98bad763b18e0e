use super::kit::*;
use super::stage::*;
use serde_json::{Value, json};
use testkit::{Harness, with};

async fn status(h: &Harness, key: &str) -> Value {
    let body = json!({ "KeyId": key });
    h.kms("GetKeyRotationStatus", body).await.ok()
}

#[tokio::test]
async fn the_first_renewal_is_a_year_or_a_period_away() {
    let h = Harness::new().await;

    for (period, days) in [
        (json!({}), 365),
        (json!({ "RotationPeriodInDays": 90 }), 90),
        (json!({ "RotationPeriodInDays": 2_560 }), 2_560),
    ] {
        let key = h.a_key().await;
        let body = with(json!({ "KeyId": key }), period);
        assert_done(&h.kms("EnableKeyRotation", body).await);

        let expected = json!({
            "KeyRotationEnabled": true,
            "KeyId": id_of(&key),
            "RotationPeriodInDays": days,
            "NextRotationDate": 1_768_478_400 + days * 86_400,
        });
        assert_eq!(status(&h, &key).await, expected);
    }
}

#[tokio::test]
async fn asking_again_does_not_put_a_renewal_off_and_another_period_begins_anew() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "KeyId": key, "RotationPeriodInDays": 100 });
    h.kms("EnableKeyRotation", body.clone()).await.ok();
    let before = status(&h, &key).await;

    h.clock.advance_days(50);
    h.kms("EnableKeyRotation", body).await.ok();
    let same = status(&h, &key).await;
    let body = json!({ "KeyId": key, "RotationPeriodInDays": 200 });
    h.kms("EnableKeyRotation", body).await.ok();

    assert_eq!(same, before);
    let after = status(&h, &key).await;
    assert_eq!(after["RotationPeriodInDays"], 200);
    assert_eq!(after["NextRotationDate"], 1_768_478_400 + 250 * 86_400);
}

#[tokio::test]
async fn conditions_see_the_period() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let user = h.a_user("ana", None).await;
    let mut allow = statement("Allow", None, "kms:EnableKeyRotation");
    allow["Condition"] = json!({ "NumericLessThanEquals": { "kms:RotationPeriodInDays": "180" } });
    h.allow("ana", &policy(&[allow])).await;
    let body = |days: i64| json!({ "KeyId": key, "RotationPeriodInDays": days });

    let refused = h.kms_as(&user, "EnableKeyRotation", body(181)).await;
    let kept = status(&h, &key).await;
    let allowed = h.kms_as(&user, "EnableKeyRotation", body(180)).await;

    assert_denied(&refused, &user_arn("ana"), "EnableKeyRotation", &key);
    assert_eq!(kept["KeyRotationEnabled"], false);
    assert_done(&allowed);
}

#[tokio::test]
async fn only_keys_of_ones_own_that_can_be_used_are_put_on_a_schedule() {
    let h = Harness::new().await;
    assert_manages_own_keys_only(&h, "EnableKeyRotation", &json!({})).await;
    assert_needs_enabled_key(&h, "EnableKeyRotation", &json!({})).await;
}

#[tokio::test]
async fn keys_of_services_are_theirs_to_rotate() {
    let h = Harness::new().await;
    h.a_secret("x", "value").await;
    let key = described(&h, "alias/aws/secretsmanager").await["Arn"].clone();

    for operation in [
        "EnableKeyRotation",
        "DisableKeyRotation",
        "RotateKeyOnDemand",
    ] {
        let reply = h.kms(operation, json!({ "KeyId": key })).await;
        assert_no_leave(&reply, operation);
    }

    assert_eq!(
        status(&h, key.as_str().unwrap()).await["KeyRotationEnabled"],
        true
    );
}
