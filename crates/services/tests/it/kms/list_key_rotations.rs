use super::kit::*;
use super::stage::*;
use serde_json::{Value, json};
use testkit::{Harness, with};

/// A key whose material was renewed on demand, on schedule, and on demand again.
async fn a_rotated_key(h: &Harness) -> (String, Vec<Value>) {
    let key = h.a_key().await;
    let body = json!({ "KeyId": key });
    let period = json!({ "KeyId": key, "RotationPeriodInDays": 90 });
    let mut materials = Vec::new();
    let material = async || described(h, &key).await["CurrentKeyMaterialId"].clone();
    materials.push(material().await);
    h.kms("EnableKeyRotation", period).await.ok();
    h.kms("RotateKeyOnDemand", body.clone()).await.ok();
    materials.push(material().await);
    h.clock.advance_days(90);
    h.app.tick().await.unwrap();
    materials.push(material().await);
    h.clock.advance_days(1);
    h.kms("RotateKeyOnDemand", body).await.ok();
    materials.push(material().await);
    (key, materials)
}

fn rotation(key: &str, material: &Value, kind: &str, day: i64, state: &str) -> Value {
    json!({
        "KeyId": id_of(key),
        "KeyMaterialId": material,
        "KeyMaterialState": state,
        "RotationDate": 1_768_478_400 + day * 86_400,
        "RotationType": kind,
    })
}

#[tokio::test]
async fn rotations_are_listed_oldest_first_and_the_first_material_if_asked_for() {
    let h = Harness::new().await;
    let (key, materials) = a_rotated_key(&h).await;
    let rotations = [
        rotation(&key, &materials[1], "ON_DEMAND", 0, "NON_CURRENT"),
        rotation(&key, &materials[2], "AUTOMATIC", 90, "NON_CURRENT"),
        rotation(&key, &materials[3], "ON_DEMAND", 91, "CURRENT"),
    ];
    let first = json!({
        "KeyId": id_of(&key),
        "KeyMaterialId": materials[0],
        "KeyMaterialState": "NON_CURRENT",
    });
    let all: Vec<&Value> = [&first].into_iter().chain(&rotations).collect();

    for (choice, expected) in [
        (json!({}), json!(rotations)),
        (
            json!({ "IncludeKeyMaterial": "ROTATIONS_ONLY" }),
            json!(rotations),
        ),
        (
            json!({ "IncludeKeyMaterial": "ALL_KEY_MATERIAL" }),
            json!(all),
        ),
    ] {
        let body = with(json!({ "KeyId": key }), choice);
        let listed = h.kms("ListKeyRotations", body).await.ok();
        assert_eq!(listed, json!({ "Rotations": expected, "Truncated": false }));
    }
}

#[tokio::test]
async fn a_new_key_has_its_first_material_only() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "KeyId": key });

    let none = h.kms("ListKeyRotations", body.clone()).await.ok();
    let all = with(body, json!({ "IncludeKeyMaterial": "ALL_KEY_MATERIAL" }));
    let all = h.kms("ListKeyRotations", all).await.ok();

    assert_eq!(none, json!({ "Rotations": [], "Truncated": false }));
    let only = json!({
        "KeyId": id_of(&key),
        "KeyMaterialId": described(&h, &key).await["CurrentKeyMaterialId"],
        "KeyMaterialState": "CURRENT",
    });
    assert_eq!(all, json!({ "Rotations": [only], "Truncated": false }));
}

#[tokio::test]
async fn pages_make_up_the_whole() {
    let h = Harness::new().await;
    let (key, materials) = a_rotated_key(&h).await;
    let ids = |page: &Value| -> Vec<Value> {
        let rotations = page["Rotations"].as_array().unwrap().iter();
        rotations.map(|one| one["KeyMaterialId"].clone()).collect()
    };

    let body = json!({ "KeyId": key, "Limit": 2 });
    let first = h.kms("ListKeyRotations", body.clone()).await.ok();
    let marker = json!({ "Marker": first["NextMarker"] });
    let second = h
        .kms("ListKeyRotations", with(body.clone(), marker.clone()))
        .await
        .ok();
    let other = with(body, marker);
    let other = with(other, json!({ "IncludeKeyMaterial": "ALL_KEY_MATERIAL" }));
    let other = h.kms("ListKeyRotations", other).await;

    assert_eq!(first["Truncated"], true);
    assert_eq!(ids(&first), materials[1..3]);
    assert_eq!(ids(&second), materials[3..]);
    assert_eq!(second["Truncated"], false);
    other.refused("InvalidMarkerException", "The marker is invalid.");
}

#[tokio::test]
async fn a_key_in_any_state_shows_its_rotations_to_its_own_account() {
    let h = Harness::new().await;
    for key in [a_disabled_key(&h).await, a_doomed_key(&h).await] {
        h.kms("ListKeyRotations", json!({ "KeyId": key }))
            .await
            .ok();
    }

    assert_manages_own_keys_only(&h, "ListKeyRotations", &json!({})).await;
}
