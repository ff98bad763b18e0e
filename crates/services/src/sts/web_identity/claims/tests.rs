use super::super::json;
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: i64 = 1_768_478_400;

fn now() -> Timestamp {
    Timestamp::from_millis(NOW * 1_000)
}

fn good() -> Value {
    json!({ "iss": "https://issuer.example/a", "sub": "me", "aud": "app", "exp": NOW + 60 })
}

fn with(changes: Value) -> Value {
    let mut claims = good();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn read(claims: &Value) -> Result<Claims, WebIdentityError> {
    let client_ids = ["app", "web"].map(str::to_owned);
    let claims = json::object(claims.to_string().as_bytes()).unwrap();
    let issuer = IssuerUrl::parse("https://issuer.example/a").unwrap();
    Claims::read(issuer, &claims, &client_ids, now())
}

fn refusal(changes: Value) -> String {
    read(&with(changes)).unwrap_err().to_string()
}

fn audience(changes: Value) -> Result<String, WebIdentityError> {
    read(&with(changes)).map(|claims| claims.audience)
}

fn tags(changes: Value) -> Option<SessionTags> {
    read(&with(changes)).ok().map(|claims| claims.session_tags)
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn keys(changes: Value) -> Vec<(String, Vec<String>)> {
    read(&with(changes))
        .unwrap()
        .condition_keys()
        .into_iter()
        .collect()
}

fn key(name: &str, values: &[&str]) -> (String, Vec<String>) {
    let values = values.iter().map(|value| (*value).to_owned());
    (format!("issuer.example/a:{name}"), values.collect())
}

#[test]
fn what_must_be_there_is_named_when_it_is_not() {
    for name in ["sub", "aud", "exp"] {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(name);

        let refused = read(&claims).unwrap_err().to_string();

        assert_eq!(refused, format!("Missing a required claim: {name}"));
    }
    assert_eq!(
        refusal(json!({ "sub": "" })),
        "Missing a required claim: sub"
    );
}

#[test]
fn a_claim_of_the_wrong_form_is_named() {
    for (name, value) in [
        ("sub", json!(1)),
        ("sub", json!(["me"])),
        ("aud", json!({ "app": true })),
        ("aud", json!(["app", 1])),
        ("azp", json!(["app"])),
        ("amr", json!([true])),
        ("exp", json!("1768478460")),
        ("exp", json!(null)),
        ("exp", json!(-1)),
        ("exp", json!(1e18)),
        ("exp", json!(u64::MAX)),
        ("nbf", json!("now")),
        ("iat", json!([])),
        (SOURCE_IDENTITY, json!(["me"])),
        (TAGS, json!("tags")),
    ] {
        let refused = refusal(json!({ name: value }));

        assert_eq!(
            refused,
            format!("Invalid claim in the ID Token: {name}"),
            "{value}"
        );
    }
}

#[test]
fn the_end_is_exact() {
    let ends = |seconds: Value| read(&with(json!({ "exp": seconds }))).map(|read| read.expires);

    assert_eq!(ends(json!(NOW + 1)).unwrap(), now().plus_seconds(1));
    let soon = f64::from(u32::try_from(NOW).unwrap()) + 0.5;
    assert_eq!(ends(json!(soon)).unwrap(), now().plus_millis(500));
    for past in [NOW, NOW - 1, 0] {
        assert_eq!(
            refusal(json!({ "exp": past })),
            format!(
                "Token expired: current date/time {NOW} must be before the expiration date/time \
                 {past}"
            )
        );
    }
}

#[test]
fn the_issuers_clock_may_be_five_minutes_ahead() {
    for name in ["nbf", "iat"] {
        let begins = |seconds: i64| read(&with(json!({ name: NOW + seconds }))).is_ok();

        let good = [-86_400 * 365, 0, 300, 301].map(begins);

        assert_eq!(good, [true, true, true, false], "{name}");
        let refused = refusal(json!({ name: NOW + 301 }));
        assert_eq!(refused, "The ID Token provided is not valid yet");
    }
}

#[test]
fn the_audience_is_the_client_that_is_named() {
    assert_eq!(audience(json!({ "aud": "app" })).unwrap(), "app");
    assert_eq!(
        audience(json!({ "aud": ["x", "web", "app"] })).unwrap(),
        "web"
    );
    for aud in [
        json!("App"),
        json!("app "),
        json!(""),
        json!([]),
        json!(["x"]),
    ] {
        assert_eq!(refusal(json!({ "aud": aud })), "Incorrect token audience");
    }
}

#[test]
fn the_authorized_party_is_the_audience_where_it_is_named() {
    let both = |aud: &str, azp: &str| audience(json!({ "aud": [aud], "azp": azp }));

    assert_eq!(both("app", "web").unwrap(), "web");
    assert_eq!(both("app", "app").unwrap(), "app");
    assert!(matches!(both("app", "x"), Err(WebIdentityError::Audience)));
    assert!(matches!(both("x", "app"), Err(WebIdentityError::Audience)));
}

#[test]
fn claims_become_condition_keys_of_their_issuer() {
    let claims = json!({
        "amr": ["pwd", "mfa"], "email": "me@example", "groups": ["a", "b"], "admin": true,
        "nested": { "sub": "other" }, "mixed": ["a", 1],
    });

    assert_eq!(
        keys(claims),
        [
            key("amr", &["pwd", "mfa"]),
            key("aud", &["app"]),
            key("email", &["me@example"]),
            key("groups", &["a", "b"]),
            key("iss", &["https://issuer.example/a"]),
            key("sub", &["me"]),
        ]
    );
}

#[test]
fn the_key_aud_has_the_audience_that_was_matched() {
    let of_audience = |claims: Value| {
        let keys = keys(claims).into_iter();
        keys.filter(|(name, _)| name.ends_with("aud"))
            .collect::<Vec<_>>()
    };

    let alone = of_audience(json!({ "aud": ["x", "app"], "oaud": "forged" }));
    let with_party = of_audience(json!({ "aud": ["x", "app"], "azp": "web" }));

    assert_eq!(alone, [key("aud", &["app"])]);
    assert_eq!(
        with_party,
        [key("aud", &["web"]), key("oaud", &["x", "app"])]
    );
}

#[test]
fn no_claim_poses_as_another() {
    let claims = json!({
        "Sub": "admin", "SUB": "admin", "Aud": "other", "OAUD": "other", "team": "a", "Team": "b",
        "x:sub": "admin", "": "nothing", "https://example/roles": "admin", "Role": "c",
    });

    assert_eq!(
        keys(claims),
        [
            key("Role", &["c"]),
            key("aud", &["app"]),
            key("iss", &["https://issuer.example/a"]),
            key("sub", &["me"]),
        ]
    );
}

#[test]
fn session_tags_are_read_nested_and_flat() {
    let expected = SessionTags {
        principal: pairs(&[("Project", "Vault"), ("Team", "a")]),
        transitive: vec!["Project".to_owned()],
    };

    let nested = tags(json!({ TAGS: {
        "principal_tags": { "Project": ["Vault"], "Team": "a" },
        "transitive_tag_keys": ["Project"],
    } }));
    let flat = tags(json!({
        "https://aws.amazon.com/tags/principal_tags/Project": ["Vault"],
        "https://aws.amazon.com/tags/principal_tags/Team": "a",
        "https://aws.amazon.com/tags/transitive_tag_keys": "Project",
    }));

    assert_eq!(nested, Some(expected.clone()));
    assert_eq!(flat, Some(expected));
    assert_eq!(tags(json!({})), Some(SessionTags::default()));
    assert_eq!(tags(json!({ TAGS: {} })), Some(SessionTags::default()));
}

#[test]
fn session_tags_that_say_two_things_are_refused() {
    for claims in [
        json!({ TAGS: { "principal_tags": { "Team": ["a", "b"] } } }),
        json!({ TAGS: { "principal_tags": { "Team": [] } } }),
        json!({ TAGS: { "principal_tags": { "Team": 1 } } }),
        json!({ TAGS: { "principal_tags": ["Team"] } }),
        json!({ TAGS: { "transitive_tag_keys": [1] } }),
        json!({ TAGS: [{}] }),
        json!({ TAGS: {}, "https://aws.amazon.com/tags/principal_tags/Team": "a" }),
        json!({ "https://aws.amazon.com/tags/principal_tags/Team": ["a", "b"] }),
        json!({ "https://aws.amazon.com/tags/transitive_tag_keys": {} }),
    ] {
        assert_eq!(
            refusal(claims.clone()),
            "Invalid claim in the ID Token: https://aws.amazon.com/tags",
            "{claims}"
        );
    }
}

#[test]
fn the_source_identity_is_read() {
    let claims = read(&with(
        json!({ SOURCE_IDENTITY: "me", "azp": "app", "amr": "pwd" }),
    ))
    .unwrap();

    assert_eq!(claims.source_identity.as_deref(), Some("me"));
    assert_eq!(claims.authorized_party.as_deref(), Some("app"));
    assert_eq!(claims.amr, ["pwd"]);
}

proptest! {
    /// Whatever the issuer lets its users add, the keys that policies rely on say what the
    /// standard's claims say, and no two keys are equal without case.
    #[test]
    fn added_claims_change_no_standard_key(
        added in prop::collection::btree_map("[aAuUdDsSbB:]{0,4}|[a-zA-Z]{1,3}", "[a-z]{1,4}", 0..8)
    ) {
        let mut claims = json!(added);
        for (name, value) in good().as_object().unwrap() {
            claims[name] = value.clone();
        }

        let keys = read(&claims).unwrap().condition_keys();

        let mut folded: Vec<String> = keys.keys().map(|key| key.to_lowercase()).collect();
        folded.sort();
        folded.dedup();
        prop_assert_eq!(folded.len(), keys.len());
        prop_assert_eq!(&keys["issuer.example/a:sub"], &["me"]);
        prop_assert_eq!(&keys["issuer.example/a:aud"], &["app"]);
        prop_assert!(keys.keys().all(|key| key.matches(':').count() == 1));
    }
}
