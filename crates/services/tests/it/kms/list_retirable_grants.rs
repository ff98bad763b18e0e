use super::kit::*;
use super::stage::*;
use serde_json::{Value, json};
use testkit::Harness;

async fn a_retirable_grant(h: &Harness, key: &str, retiring: &str) -> String {
    let body = json!({
        "KeyId": key, "GranteePrincipal": ROOT, "RetiringPrincipal": retiring,
        "Operations": ["Encrypt"],
    });
    let made = h.kms("CreateGrant", body).await.ok();
    made["GrantId"].as_str().unwrap().to_owned()
}

fn ids(page: &Value) -> Vec<&str> {
    let grants = page["Grants"].as_array().unwrap().iter();
    grants.map(|one| one["GrantId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_principal_sees_what_it_may_give_back_on_all_keys() {
    let h = Harness::new().await;
    h.a_user("ana", None).await;
    let (key, other) = (h.a_key().await, h.a_key().await);
    let mut expected = vec![
        a_retirable_grant(&h, &key, &user_arn("ana")).await,
        a_retirable_grant(&h, &other, &user_arn("ana")).await,
    ];
    a_retirable_grant(&h, &key, ROOT).await;
    a_grant(&h, &key, &user_arn("ana"), &["RetireGrant"]).await;

    let body = json!({ "RetiringPrincipal": user_arn("ana") });
    let listed = h.kms("ListRetirableGrants", body).await.ok();

    let mut found = ids(&listed);
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(listed["Truncated"], false);
    let of_key = grants(&h, &key).await;
    let shown = &listed["Grants"][0];
    let shown_on = shown["KeyId"].as_str().unwrap();
    let same = match shown_on == key {
        true => of_key,
        false => grants(&h, shown_on).await,
    };
    assert!(same.contains(shown));
}

#[tokio::test]
async fn keys_of_other_accounts_are_among_them() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let other = h.another_account(OTHER).await;
    let root = format!("arn:aws:iam::{OTHER}:root");
    let id = a_retirable_grant(&h, &key, &root).await;

    let body = json!({ "RetiringPrincipal": root });
    let own = h.kms_as(&other, "ListRetirableGrants", body.clone()).await;
    let elsewhere = other.in_region("eu-west-1");
    let elsewhere = h
        .kms_as(&elsewhere, "ListRetirableGrants", body.clone())
        .await;
    let foreign = h.kms("ListRetirableGrants", body).await;

    assert_eq!(ids(&own.ok()), [id]);
    assert_eq!(elsewhere.ok(), json!({ "Grants": [], "Truncated": false }));
    let text = format!("ARN does not refer to a valid principal: {root}");
    foreign.refused("InvalidArnException", &text);
}

#[tokio::test]
async fn pages_make_up_the_whole() {
    let h = Harness::new().await;
    let mut made = Vec::new();
    for _ in 0..3 {
        let key = h.a_key().await;
        for _ in 0..3 {
            let id = a_retirable_grant(&h, &key, ROOT).await;
            made.push((id_of(&key).to_owned(), id));
        }
    }
    made.sort_unstable();

    let mut body = json!({ "RetiringPrincipal": ROOT, "Limit": 4 });
    let mut found = Vec::new();
    let mut sizes = Vec::new();
    loop {
        let page = h.kms("ListRetirableGrants", body.clone()).await.ok();
        sizes.push(ids(&page).len());
        found.extend(ids(&page).into_iter().map(str::to_owned));
        match page.get("NextMarker") {
            Some(marker) => body["Marker"] = marker.clone(),
            None => break,
        }
    }

    assert_eq!(sizes, [4, 4, 1]);
    let made: Vec<String> = made.into_iter().map(|(_, id)| id).collect();
    assert_eq!(found, made);
}

#[tokio::test]
async fn whose_grants_are_meant_must_be_said() {
    let h = Harness::new().await;
    let list = |body: Value| h.kms("ListRetirableGrants", body);

    let nobody = list(json!({})).await;
    let service = list(json!({ "RetiringServicePrincipal": "a.b.c" })).await;
    let number = list(json!({ "RetiringPrincipal": "123456789012" })).await;
    let marker = list(json!({ "RetiringPrincipal": ROOT, "Marker": "x" })).await;

    nobody.refused(
        "ValidationException",
        "You must specify a RetiringPrincipal.",
    );
    service.refused(
        "UnsupportedOperationException",
        "RetiringServicePrincipal is not supported by this server yet.",
    );
    number.refused(
        "InvalidArnException",
        "ARN does not refer to a valid principal: 123456789012",
    );
    marker.refused("InvalidMarkerException", "The marker is invalid.");
}

#[tokio::test]
async fn iam_alone_decides() {
    let h = Harness::new().await;
    let user = h.a_user("ana", None).await;
    let body = json!({ "RetiringPrincipal": user_arn("ana") });

    let refused = h.kms_as(&user, "ListRetirableGrants", body.clone()).await;
    let allow = statement("Allow", None, "kms:ListRetirableGrants");
    h.allow("ana", &policy(&[allow])).await;
    let allowed = h.kms_as(&user, "ListRetirableGrants", body).await;

    assert_denied(&refused, &user_arn("ana"), "ListRetirableGrants", "*");
    allowed.ok();
}
