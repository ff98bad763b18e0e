//! When the issuer is asked for its keys, and what happens when it has none.

use super::*;

#[test]
fn a_new_key_is_found_by_asking_once() {
    let stand = Stand::new();
    let identities = stand.identities();
    verified_at(&identities, &stand.token(), now()).unwrap();
    stand.issuer.add_key("key-2", KeyType::P256);
    stand.issuer.remove_key("key-1");

    let claims = verified_at(&identities, &stand.token(), now()).unwrap();

    assert_eq!(claims.subject, SUBJECT);
    assert_eq!(*stand.asked.lock(), [false, false, true]);
}

#[test]
fn unknown_key_ids_make_the_issuer_be_asked_once_a_minute() {
    let stand = Stand::new();
    let identities = stand.identities();
    let token = stand.token_with_header(&json!({ "alg": "ES256", "kid": "unknown" }));
    let fresh_asked = |seconds: i64| {
        stand.asked.lock().clear();
        let refused = verified_at(&identities, &token, now().plus_seconds(seconds));
        assert!(matches!(refused, Err(WebIdentityError::NoKey)));
        stand.asked.lock().contains(&true)
    };

    let asked = [0, 0, 1, 59, 60, 61, 119, 120, -10, -9, 49, 50].map(fresh_asked);

    assert_eq!(
        asked,
        [
            true, false, false, false, true, false, false, true, true, false, false, true
        ]
    );
}

#[test]
fn a_known_key_that_does_not_fit_asks_for_nothing() {
    let stand = Stand::new();
    let token = stand.token_with_header(&json!({ "alg": "RS256", "kid": "key-1" }));

    let refused = verified(&stand, &token).unwrap_err();

    assert!(matches!(refused, WebIdentityError::NoKey));
    assert_eq!(*stand.asked.lock(), [false]);
}

#[test]
fn a_set_is_parsed_once() {
    let stand = Stand::new();
    let identities = stand.identities();
    let parsed = || Arc::clone(&identities.known.lock()[ISSUER].set);

    verified_at(&identities, &stand.token(), now()).unwrap();
    let first = parsed();
    verified_at(&identities, &stand.token(), now()).unwrap();
    let second = parsed();
    *stand.fetched.lock() = None;
    verified_at(&identities, &stand.token(), now()).unwrap();
    let third = parsed();

    assert!(Arc::ptr_eq(&first, &second));
    assert!(!Arc::ptr_eq(&second, &third));
}

#[test]
fn an_issuer_without_usable_keys_is_told_in_aws_words() {
    let stand = Stand::new();
    let answer = |way: Way| {
        *stand.way.lock() = way;
        let refused = verified(&stand, &stand.token()).unwrap_err();
        let cause = refused.source().map(ToString::to_string);
        (
            refused.code(),
            refused.to_string(),
            cause.unwrap_or_default(),
        )
    };
    let no_key = "Couldn't retrieve verification key from your identity provider,  please \
                  reference AssumeRoleWithWebIdentity documentation for requirements";

    let (code, text, cause) = answer(Way::Unknown);
    assert_eq!((code, text.as_str()), ("InvalidIdentityToken", no_key));
    assert_eq!(cause, "the issuer is not in the configuration");
    let (code, text, cause) = answer(Way::Instead(b"<html>".to_vec()));
    assert_eq!((code, text.as_str()), ("InvalidIdentityToken", no_key));
    assert_eq!(cause, "the issuer's key set cannot be understood");
    let (code, _, cause) = answer(Way::Unreachable);
    assert_eq!(code, "IDPCommunicationError");
    assert_eq!(cause, "the issuer's keys cannot be had: switched off");
}

#[test]
fn an_empty_set_has_no_key() {
    let stand = Stand::with_set(&json!({ "keys": [] }));

    let refused = verified(&stand, &stand.token()).unwrap_err();

    assert!(matches!(refused, WebIdentityError::NoKey));
}
