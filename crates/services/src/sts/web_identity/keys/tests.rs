use super::*;
use serde_json::{Value, json};
use testkit::{Issuer, KeyType};

fn a_key(key_type: KeyType) -> Value {
    let issuer = Issuer::new("https://issuer.example");
    issuer.remove_key("key-1");
    issuer.add_key("k", key_type);
    issuer.jwks()["keys"][0].clone()
}

fn changed(key: &Value, name: &str, value: Value) -> Value {
    let mut key = key.clone();
    key[name] = value;
    key
}

fn without(key: &Value, name: &str) -> Value {
    let mut key = key.clone();
    key.as_object_mut().unwrap().remove(name);
    key
}

fn set(keys: &[&Value]) -> KeySet {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn is_found(key: &Value, algorithm: Algorithm) -> bool {
    matches!(set(&[key]).choose(algorithm, Some("k")), Choice::Found(_))
}

#[test]
fn a_key_fits_the_algorithms_of_its_kind() {
    use Algorithm::*;
    let all = [Es256, Es384, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512];
    let fitting = |key_type| {
        let key = a_key(key_type);
        all.map(|algorithm| is_found(&key, algorithm))
    };

    let (yes, no) = (true, false);
    assert_eq!(fitting(KeyType::P256), [yes, no, no, no, no, no, no, no]);
    assert_eq!(fitting(KeyType::P384), [no, yes, no, no, no, no, no, no]);
    assert_eq!(
        fitting(KeyType::Rsa),
        [no, no, yes, yes, yes, yes, yes, yes]
    );
}

#[test]
fn what_a_key_says_of_itself_binds_it() {
    use Algorithm::{Ps256, Rs256};
    let key = a_key(KeyType::Rsa);
    let named = changed(&key, "alg", json!("RS256"));

    assert!(is_found(&named, Rs256));
    assert!(!is_found(&named, Ps256));
    for (name, value, found) in [
        ("alg", json!("RSA-OAEP"), false),
        ("alg", json!("HS256"), false),
        ("alg", json!(1), false),
        ("alg", json!(null), false),
        ("use", json!("sig"), true),
        ("use", json!("enc"), false),
        ("use", json!(null), false),
        ("key_ops", json!(["verify"]), true),
        ("key_ops", json!(["sign", "verify"]), true),
        ("key_ops", json!(["encrypt"]), false),
        ("key_ops", json!([]), false),
        ("key_ops", json!("verify"), false),
        ("kid", json!(7), false),
        ("kty", json!("EC"), false),
        ("kty", json!("oct"), false),
        ("kty", json!(["RSA"]), false),
    ] {
        let spoiled = changed(&key, name, value.clone());
        assert_eq!(is_found(&spoiled, Rs256), found, "{name}: {value}");
    }
    assert!(is_found(&without(&key, "use"), Rs256));
}

#[test]
fn keys_with_wrong_numbers_are_left_out() {
    let (rsa, p256) = (a_key(KeyType::Rsa), a_key(KeyType::P256));
    let bytes = |length: usize| json!(BASE64URL_NOPAD.encode(&vec![0xff; length]));
    for (key, name, value) in [
        (&rsa, "n", bytes(255)),
        (&rsa, "n", bytes(1_025)),
        (&rsa, "n", json!("")),
        (&rsa, "n", json!("AAAA")),
        (&rsa, "n", json!("n+/=")),
        (&rsa, "e", json!(65_537)),
        (&p256, "x", bytes(31)),
        (&p256, "y", bytes(33)),
        (&p256, "x", bytes(0)),
        (&p256, "crv", json!("P-384")),
        (&p256, "crv", json!("P-521")),
        (&p256, "crv", json!("secp256k1")),
        (&p256, "crv", json!(null)),
    ] {
        let spoiled = changed(key, name, value.clone());
        let found = [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384]
            .map(|algorithm| is_found(&spoiled, algorithm));
        assert_eq!(found, [false; 3], "{name}: {value}");
    }
    for (key, name) in [(&rsa, "n"), (&rsa, "e"), (&p256, "x"), (&p256, "crv")] {
        let spoiled = without(key, name);
        assert!(!is_found(&spoiled, Algorithm::Rs256), "{name}");
        assert!(!is_found(&spoiled, Algorithm::Es256), "{name}");
    }
}

#[test]
fn rsa_keys_have_2048_to_8192_bits() {
    let key = a_key(KeyType::Rsa);
    let with_bits = |bits: usize| {
        let mut modulus = vec![0xff_u8; bits.div_ceil(8)];
        modulus[0] >>= modulus.len() * 8 - bits;
        let n = BASE64URL_NOPAD.encode(&modulus);
        is_found(&changed(&key, "n", json!(n)), Algorithm::Rs256)
    };

    let found = [1_024, 2_047, 2_048, 4_096, 8_192, 8_193].map(with_bits);

    assert_eq!(found, [false, false, true, true, true, false]);
}

#[test]
fn zeroes_in_front_of_a_number_change_nothing() {
    let issuer = Issuer::new("https://issuer.example");
    issuer.add_key("k", KeyType::Rsa);
    let key = issuer.jwks()["keys"][1].clone();
    let padded = |name: &str| {
        let number = BASE64URL_NOPAD.decode(key[name].as_str().unwrap().as_bytes());
        json!(BASE64URL_NOPAD.encode(&[&[0], number.unwrap().as_slice()].concat()))
    };
    let key = changed(&changed(&key, "n", padded("n")), "e", padded("e"));
    let token = issuer.token(&json!({}));
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();

    let Choice::Found(key) = set(&[&key]).choose(Algorithm::Rs256, Some("k")) else {
        panic!("the key was left out");
    };

    assert!(key.has_signed(Algorithm::Rs256, message.as_bytes(), &signature));
    assert!(!key.has_signed(Algorithm::Rs384, message.as_bytes(), &signature));
    assert!(!key.has_signed(Algorithm::Es256, message.as_bytes(), &signature));
    assert!(!key.has_signed(Algorithm::Rs256, b"another message", &signature));
}

#[test]
fn a_point_off_the_curve_verifies_nothing() {
    let off = changed(
        &a_key(KeyType::P256),
        "x",
        json!(BASE64URL_NOPAD.encode(&[1; 32])),
    );

    let Choice::Found(key) = set(&[&off]).choose(Algorithm::Es256, Some("k")) else {
        panic!("the key was left out");
    };

    assert!(!key.has_signed(Algorithm::Es256, b"message", &[0; 64]));
    assert!(!key.has_signed(Algorithm::Es256, b"message", &[1; 64]));
    assert!(!key.has_signed(Algorithm::Es256, b"message", &[]));
}

#[test]
fn two_keys_with_one_id_serve_when_one_fits() {
    use Algorithm::{Es256, Rs256};
    let (rsa, p256) = (a_key(KeyType::Rsa), a_key(KeyType::P256));
    let mixed = set(&[&rsa, &p256]);
    let doubled = set(&[&p256, &p256]);

    assert!(matches!(mixed.choose(Rs256, Some("k")), Choice::Found(_)));
    assert!(matches!(mixed.choose(Es256, Some("k")), Choice::Found(_)));
    assert!(matches!(doubled.choose(Es256, Some("k")), Choice::NoneFits));
}

#[test]
fn an_id_is_compared_exactly() {
    let keys = set(&[&a_key(KeyType::P256)]);
    let unnamed = set(&[&without(&a_key(KeyType::P256), "kid")]);

    for id in ["K", "", "k ", "key-1"] {
        let choice = keys.choose(Algorithm::Es256, Some(id));
        assert!(matches!(choice, Choice::UnknownId), "{id}");
    }
    let choice = unnamed.choose(Algorithm::Es256, Some("k"));
    assert!(matches!(choice, Choice::UnknownId));
    let choice = unnamed.choose(Algorithm::Es256, None);
    assert!(matches!(choice, Choice::Found(_)));
    let choice = set(&[]).choose(Algorithm::Es256, None);
    assert!(matches!(choice, Choice::NoneFits));
}

#[test]
fn what_is_no_key_set_is_refused() {
    let large = format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(MOST_BYTES));
    for text in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[],"keys":[]}"#,
        r#"{"keys":[{"kty":"EC","kty":"RSA"}]}"#,
        large.as_str(),
    ] {
        assert!(KeySet::parse(text.as_bytes()).is_err());
    }
}

#[test]
fn what_is_no_key_is_left_out_of_a_set() {
    let key = a_key(KeyType::P256);
    let keys = set(&[
        &json!(1),
        &json!({}),
        &json!({ "kty": "oct", "k": "AAAA" }),
        &key,
    ]);

    assert_eq!(keys.0.len(), 1);
}
