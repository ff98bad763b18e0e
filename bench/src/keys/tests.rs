use super::*;
use serde_json::Value;
use std::collections::BTreeSet;

fn body(ask: &Ask) -> Value {
    serde_json::from_str(&ask.body).unwrap()
}

/// What GenerateDataKey answers, with the plaintext and the blob given.
fn answer(key: &str, plaintext: &str, blob: &str) -> Vec<u8> {
    json!({"CiphertextBlob": blob, "KeyId": key, "Plaintext": plaintext})
        .to_string()
        .into_bytes()
}

fn blob() -> String {
    "b".repeat(BLOB_LENGTH)
}

fn plaintext() -> String {
    format!("{}=", "p".repeat(DIGITS))
}

#[test]
fn requests_are_those_of_the_api() {
    let keys = Keys::stand_in();
    let context = json!({"purpose": "bench", "number": "000007"});

    let generate = keys.generate(7);
    let decrypt = keys.decrypt(7);

    assert_eq!(
        body(&generate),
        json!({"KeyId": STAND_IN, "KeySpec": "AES_256", "EncryptionContext": context})
    );
    assert_eq!(
        body(&decrypt),
        json!({
            "CiphertextBlob": keys.data_keys[7].ciphertext_blob,
            "EncryptionContext": context,
        })
    );
    assert_eq!(create_key().body, r#"{"Description":"bench"}"#);
}

#[test]
fn the_right_answer_names_the_key_or_holds_the_data_key() {
    let keys = Keys::stand_in();

    assert_eq!(
        keys.generate(0).expected,
        format!(r#""KeyId":"{STAND_IN}""#)
    );
    assert_eq!(
        keys.decrypt(7).expected,
        format!(r#""Plaintext":"{}""#, keys.data_keys[7].plaintext)
    );
}

#[test]
fn no_two_data_keys_have_the_same_right_answer() {
    let keys = Keys::stand_in();

    let expected: BTreeSet<String> = (0..DATA_KEYS)
        .map(|number| keys.decrypt(number).expected)
        .collect();

    assert_eq!(expected.len(), DATA_KEYS);
}

#[test]
fn past_the_last_data_key_comes_the_first() {
    let keys = Keys::stand_in();

    assert_eq!(keys.decrypt(DATA_KEYS + 3), keys.decrypt(3));
    assert_ne!(keys.decrypt(4), keys.decrypt(3));
}

#[test]
fn a_whole_new_data_key_is_accepted() {
    let keys = Keys::stand_in();

    let confirmed = keys.confirm_data_key(&answer(STAND_IN, &plaintext(), &blob()));

    assert!(confirmed.is_ok(), "{confirmed:?}");
}

#[test]
fn what_is_no_new_data_key_under_the_key_is_refused() {
    let keys = Keys::stand_in();
    let known = keys.data_keys[3].clone();
    let of_16_bytes = format!("{}==", "p".repeat(22));
    for (what, answer) in [
        ("another key", answer("arn:other", &plaintext(), &blob())),
        ("too short", answer(STAND_IN, &of_16_bytes, &blob())),
        ("no plaintext", answer(STAND_IN, "", &blob())),
        ("no blob", answer(STAND_IN, &plaintext(), "")),
        ("not sealed", answer(STAND_IN, &plaintext(), &plaintext())),
        ("known", answer(STAND_IN, &known.plaintext, &blob())),
        (
            "known blob",
            answer(STAND_IN, &plaintext(), &known.ciphertext_blob),
        ),
        (
            "only the key",
            json!({"KeyId": STAND_IN}).to_string().into_bytes(),
        ),
        ("nothing", b"{}".to_vec()),
    ] {
        let refused = keys.confirm_data_key(&answer);

        assert!(matches!(refused, Err(Error::WrongAnswer { .. })), "{what}");
    }
}

#[test]
fn what_is_decrypted_has_to_name_the_key() {
    let keys = Keys::stand_in();
    let of = |key: &str| json!({"KeyId": key, "Plaintext": plaintext()}).to_string();

    assert!(keys.confirm_decrypted(of(STAND_IN).as_bytes()).is_ok());
    for body in [of("arn:other"), String::from("{}")] {
        let refused = keys.confirm_decrypted(body.as_bytes());

        assert!(matches!(refused, Err(Error::WrongAnswer { .. })), "{body}");
    }
    assert!(matches!(
        keys.confirm_decrypted(b"no json"),
        Err(Error::Json(_))
    ));
}

#[test]
fn an_answer_of_create_key_leads_to_its_arn() {
    let answer = json!({"KeyMetadata": {"Arn": STAND_IN, "KeyState": "Enabled"}}).to_string();

    let made: Made = serde_json::from_str(&answer).unwrap();

    assert!(answer.contains(&create_key().expected));
    assert_eq!(made.key_metadata.arn, STAND_IN);
}
