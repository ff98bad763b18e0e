use serde_json::{Value, json};
use std::collections::HashSet;
use testkit::Harness;

/// Whether a byte is of a class.
type Class = fn(&u8) -> bool;

async fn draw(h: &Harness, body: Value) -> String {
    let answer = h.call("GetRandomPassword", body).await.ok();
    let password = answer["RandomPassword"].as_str().unwrap().to_owned();
    assert_eq!(answer, json!({ "RandomPassword": password }));
    password
}

#[tokio::test]
async fn by_default_it_has_32_characters_of_every_class_and_no_space() {
    let h = Harness::new().await;
    let mut drawn = HashSet::new();

    for _ in 0..50 {
        let password = draw(&h, json!({})).await;
        assert_eq!(password.len(), 32);
        assert!(
            password.bytes().all(|byte| byte.is_ascii_graphic()),
            "{password}"
        );
        for class in [
            u8::is_ascii_uppercase,
            u8::is_ascii_lowercase,
            u8::is_ascii_digit,
            u8::is_ascii_punctuation,
        ] {
            assert!(password.bytes().any(|byte| class(&byte)), "{password}");
        }
        drawn.insert(password);
    }

    assert_eq!(drawn.len(), 50);
}

#[tokio::test]
async fn every_switch_leaves_its_class_out() {
    let h = Harness::new().await;
    let switches: [(&str, Class); 4] = [
        ("ExcludeUppercase", u8::is_ascii_uppercase),
        ("ExcludeLowercase", u8::is_ascii_lowercase),
        ("ExcludeNumbers", u8::is_ascii_digit),
        ("ExcludePunctuation", u8::is_ascii_punctuation),
    ];

    for (switch, class) in switches {
        let password = draw(&h, json!({ switch: true, "PasswordLength": 500 })).await;
        assert!(
            !password.bytes().any(|byte| class(&byte)),
            "{switch}: {password}"
        );
        let password = draw(&h, json!({ switch: false, "PasswordLength": 500 })).await;
        assert!(
            password.bytes().any(|byte| class(&byte)),
            "{switch}: {password}"
        );
    }
}

#[tokio::test]
async fn a_space_may_occur_and_is_never_required() {
    let h = Harness::new().await;

    let long = draw(&h, json!({ "IncludeSpace": true, "PasswordLength": 4_096 })).await;
    let excluded = json!({
        "IncludeSpace": true, "ExcludeCharacters": " ", "PasswordLength": 4_096,
    });
    let excluded = draw(&h, excluded).await;
    let short = draw(&h, json!({ "IncludeSpace": true, "PasswordLength": 4 })).await;

    assert_eq!(long.len(), 4_096);
    assert!(long.contains(' '));
    assert!(!excluded.contains(' '));
    assert!(!short.contains(' '));
}

#[tokio::test]
async fn excluded_characters_do_not_occur() {
    let h = Harness::new().await;
    let excluded = "/@\"'\\abcABC012é";

    let body = json!({ "ExcludeCharacters": excluded, "PasswordLength": 4_096 });
    let password = draw(&h, body).await;

    assert!(!password.chars().any(|c| excluded.contains(c)));
}

#[tokio::test]
async fn one_character_of_one_class_is_enough() {
    let h = Harness::new().await;
    let digits_but_seven = "012345689";

    let body = json!({
        "ExcludeUppercase": true, "ExcludeLowercase": true, "ExcludePunctuation": true,
        "ExcludeCharacters": digits_but_seven, "PasswordLength": 3,
    });

    assert_eq!(draw(&h, body).await, "777");
}

#[tokio::test]
async fn what_cannot_be_drawn_is_refused() {
    let h = Harness::new().await;
    let everything: String = (' '..='~').collect();
    let cases = [
        (
            json!({ "PasswordLength": 3 }),
            "Password length is too short based on the required types.",
        ),
        (
            json!({ "ExcludeCharacters": "0123456789" }),
            "All characters of the desired type have been excluded",
        ),
        (
            json!({ "ExcludeCharacters": everything, "RequireEachIncludedType": false }),
            "All characters have been excluded from selection",
        ),
        (
            json!({
                "ExcludeUppercase": true, "ExcludeLowercase": true, "ExcludeNumbers": true,
                "ExcludePunctuation": true,
            }),
            "All characters have been excluded from selection",
        ),
    ];

    for (body, text) in cases {
        h.call("GetRandomPassword", body)
            .await
            .refused("InvalidParameterException", text);
    }
    let body = json!({ "ExcludeCharacters": "0123456789", "RequireEachIncludedType": false });
    draw(&h, body).await;
    draw(
        &h,
        json!({ "PasswordLength": 3, "RequireEachIncludedType": false }),
    )
    .await;
}

#[tokio::test]
async fn a_length_out_of_bounds_is_refused_by_the_model() {
    let h = Harness::new().await;

    let long = h
        .call("GetRandomPassword", json!({ "PasswordLength": 5_555 }))
        .await;
    let none = h
        .call("GetRandomPassword", json!({ "PasswordLength": 0 }))
        .await;

    long.rejected(
        "ValidationException",
        Some(
            "1 validation error detected: Value '5555' at 'passwordLength' failed to satisfy \
             constraint: Member must have value less than or equal to 4096",
        ),
    );
    none.rejected(
        "ValidationException",
        Some(
            "1 validation error detected: Value '0' at 'passwordLength' failed to satisfy \
             constraint: Member must have value greater than or equal to 1",
        ),
    );
}

#[tokio::test]
async fn the_event_never_shows_the_password() {
    let h = Harness::new().await;

    let body = json!({ "PasswordLength": 40, "ExcludePunctuation": true });
    let reply = h.call("GetRandomPassword", body).await;

    let password = reply.ok()["RandomPassword"].as_str().unwrap().to_owned();
    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(events.len(), 1);
    let parameters = json!({ "passwordLength": 40, "excludePunctuation": true });
    assert_eq!(events[0]["requestParameters"], parameters);
    assert_eq!(events[0]["readOnly"], true);
    assert_eq!(events[0].get("resources"), None);
    assert!(!events[0].to_string().contains(&password));
    assert_eq!(h.everything().await, json!([]));
}
