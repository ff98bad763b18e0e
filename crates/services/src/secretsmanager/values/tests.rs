//! A value opens in its own place and nowhere else: whatever is moved, swapped or damaged in the
//! store, the answer is a failure and never another value.

use super::*;
use crate::ports::DataKeyCall;
use crate::secretsmanager::model::tests::a_secret;
use crate::secretsmanager::world::World;
use base::{AccountId, AwsError, RegionName};
use proptest::prelude::*;
use store::Record;

#[track_caller]
fn assert_fails(opened: Result<String, Error>) {
    let error = opened.unwrap_err();
    assert!(matches!(error, Error::DecryptionFailure(_)), "{error}");
    assert_eq!((error.code(), error.status()), ("DecryptionFailure", 400));
    let text = error.client_message();
    assert!(text.starts_with("Secrets Manager can't decrypt the secret value: "));
}

#[tokio::test]
async fn a_value_opens_in_its_own_place() {
    let world = World::new();
    let secret = a_secret("db");

    let value = world.encrypt(&secret, "v1", "hunter2").await;

    assert_eq!(world.decrypt(&secret, &value).await.unwrap(), "hunter2");
    assert_eq!(value.form, Form::Text);
    assert_eq!(value.key(), secret.value_key("v1"));
}

#[tokio::test]
async fn nothing_of_the_value_is_stored_in_the_clear_and_no_two_are_alike() {
    let world = World::new();
    let secret = a_secret("db");
    let text = "hunter2".repeat(20);

    let first = world.encrypt(&secret, "v1", &text).await;
    let second = world.encrypt(&secret, "v1", &text).await;

    let stored = first.encode().unwrap();
    assert!(!stored.windows(7).any(|bytes| bytes == b"hunter2"));
    assert_ne!(first.ciphertext, second.ciphertext);
    assert_ne!(first.wrapped_keys, second.wrapped_keys);
}

#[tokio::test]
async fn a_value_moved_to_another_version_does_not_open() {
    let world = World::new();
    let secret = a_secret("db");
    let one = world.encrypt(&secret, "v1", "one").await;
    let two = world.encrypt(&secret, "v2", "two").await;

    let renamed = SecretValue {
        version_id: "v2".to_owned(),
        ..one.clone()
    };
    let ciphertext_of_two = SecretValue {
        ciphertext: two.ciphertext.clone(),
        ..one.clone()
    };
    let key_of_two = SecretValue {
        wrapped_keys: two.wrapped_keys.clone(),
        ..one.clone()
    };
    let all_of_two = SecretValue {
        version_id: "v1".to_owned(),
        ..two
    };

    for moved in [renamed, ciphertext_of_two, key_of_two, all_of_two] {
        assert_fails(world.decrypt(&secret, &moved).await);
    }
    assert_eq!(world.decrypt(&secret, &one).await.unwrap(), "one");
}

#[tokio::test]
async fn a_value_moved_to_another_secret_does_not_open() {
    let world = World::new();
    let secret = a_secret("db");
    let value = world.encrypt(&secret, "v1", "hunter2").await;
    let mut recreated = a_secret("db");
    recreated.suffix = "fEdCbA".to_owned();
    let mut elsewhere = a_secret("db");
    elsewhere.region = RegionName::parse("eu-west-1").unwrap();

    for other in [a_secret("other"), a_secret("DB"), recreated, elsewhere] {
        // As it was stored, and as somebody with access to the store would relabel it.
        let relabelled = SecretValue {
            name: other.name.clone(),
            suffix: other.suffix.clone(),
            region: other.region.clone(),
            ..value.clone()
        };
        assert_fails(world.decrypt(&other, &value).await);
        assert_fails(world.decrypt(&other, &relabelled).await);
    }
}

#[tokio::test]
async fn a_value_moved_to_another_account_does_not_open() {
    let world = World::new();
    let value = world.encrypt(&a_secret("db"), "v1", "hunter2").await;
    let mut theirs = a_secret("db");
    theirs.account = AccountId::parse("999988887777").unwrap();

    let world = world.seen_by("999988887777");
    let relabelled = SecretValue {
        account: theirs.account.clone(),
        ..value.clone()
    };

    assert_fails(world.decrypt(&theirs, &value).await);
    assert_fails(world.decrypt(&theirs, &relabelled).await);
    let own = world.encrypt(&theirs, "v1", "theirs").await;
    assert_fails(
        world
            .decrypt(
                &theirs,
                &SecretValue {
                    wrapped_keys: value.wrapped_keys,
                    ..own
                },
            )
            .await,
    );
}

#[tokio::test]
async fn the_default_key_serves_its_own_account_only() {
    let world = World::new();
    let secret = a_secret("db");
    let value = world.encrypt(&secret, "v1", "hunter2").await;
    let world = world.seen_by("999988887777");
    let plaintext = Plaintext::from(String::from("new"));
    let given = GivenValue::of(None, Some(&plaintext)).unwrap().unwrap();

    let facts = world.facts();
    let written = encrypt(&world.cx(&facts), &secret, "v2", &given).await;
    let read = world.decrypt(&secret, &value).await;

    let text = "You can't access a secret from a different AWS account if you encrypt the secret \
                with the default KMS service key.";
    for error in [written.map(|_| ()).unwrap_err(), read.unwrap_err()] {
        assert_eq!(error.code(), "InvalidRequestException");
        assert_eq!(error.client_message(), text);
    }
}

#[tokio::test]
async fn a_data_key_is_unwrapped_for_its_own_account_region_and_context_only() {
    let world = World::new();
    let secret = a_secret("db");
    let value = world.encrypt(&secret, "v1", "hunter2").await;
    let arn = secret.arn();
    let context = [("SecretARN", arn.as_str()), ("SecretVersionId", "v1")];
    let other_version = [("SecretARN", arn.as_str()), ("SecretVersionId", "v2")];
    let facts = world.facts();
    let cx = world.cx(&facts);
    let own = DataKeyCall {
        cx: &cx,
        account: &secret.account,
        region: &secret.region,
        service: EVENT_SOURCE,
        managed_alias: DEFAULT_KEY,
    };
    let account = AccountId::parse("999988887777").unwrap();
    let region = RegionName::parse("eu-west-1").unwrap();
    let foreign = DataKeyCall {
        account: &account,
        ..own
    };
    let elsewhere = DataKeyCall {
        region: &region,
        ..own
    };

    let keys = &world.app.data_keys;
    for (call, context, opens) in [
        (own, &context[..], true),
        (own, &other_version[..], false),
        (own, &context[..1], false),
        (own, &[], false),
        (foreign, &context[..], false),
        (elsewhere, &context[..], false),
    ] {
        let unwrapped = keys
            .decrypt(call, &value.wrapped_keys[0].blob, context)
            .await;
        match unwrapped {
            Ok(key) => assert_eq!((opens, key.len()), (true, 32)),
            Err(error) => {
                let refused = matches!(
                    error,
                    DataKeyError::NotDecryptable
                        | DataKeyError::ForeignCaller
                        | DataKeyError::Refused(_)
                );
                assert_eq!((opens, refused), (false, true));
            }
        }
    }
}

#[tokio::test]
async fn text_cannot_be_passed_off_as_binary() {
    let world = World::new();
    let secret = a_secret("db");
    let text = world.encrypt(&secret, "v1", "hunter2").await;

    let binary = SecretValue {
        form: Form::Binary,
        ..text
    };

    assert_fails(world.decrypt(&secret, &binary).await);
}

#[tokio::test]
async fn any_of_several_wrapped_keys_opens_a_value_and_none_opens_nothing() {
    let world = World::new();
    let secret = a_secret("db");
    let value = world.encrypt(&secret, "v1", "hunter2").await;
    let key = value.wrapped_keys[0].clone();

    let second = SecretValue {
        wrapped_keys: vec![
            WrappedKey {
                blob: b"no key".to_vec(),
                ..key.clone()
            },
            key,
        ],
        ..value.clone()
    };
    let without = SecretValue {
        wrapped_keys: Vec::new(),
        ..value
    };

    assert_eq!(world.decrypt(&secret, &second).await.unwrap(), "hunter2");
    assert_fails(world.decrypt(&secret, &without).await);
}

#[tokio::test]
async fn another_deployment_cannot_open_a_value() {
    let here = World::seeded(1);
    let there = World::seeded(2);
    let secret = a_secret("db");
    let value = here.encrypt(&secret, "v1", "hunter2").await;
    there.encrypt(&secret, "v1", "so that it has a key").await;

    assert_fails(there.decrypt(&secret, &value).await);
}

#[tokio::test]
async fn a_repetition_is_the_same_only_with_the_same_kind_and_bytes() {
    let world = World::new();
    let secret = a_secret("db");
    let stored = world.encrypt(&secret, "v1", "hunter2").await;
    let facts = world.facts();
    let cx = world.cx(&facts);
    let same = Plaintext::from(String::from("hunter2"));
    let longer = Plaintext::from(String::from("hunter22"));

    for (string, binary, is_same) in [
        (Some(&same), None, true),
        (Some(&longer), None, false),
        (None, Some(&same), false),
    ] {
        let given = GivenValue::of(string, binary).unwrap().unwrap();
        let answer = same_as_stored(&cx, &Permit::of_tests(), &secret, &stored, &given).await;
        match answer {
            Ok(()) => assert!(is_same),
            Err(Error::TokenInUse { token, arn }) => {
                assert_eq!(
                    (is_same, token, arn),
                    (false, "v1".to_owned(), secret.arn())
                );
            }
            Err(other) => panic!("{other}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_value_never_opens(
        text in ".{1,60}",
        at: prop::sample::Index,
        bit in 0..8_u8,
        cut: prop::sample::Index,
        of_key: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let opened = runtime.block_on(async {
            let world = World::new();
            let secret = a_secret("db");
            let value = world.encrypt(&secret, "v1", &text).await;
            let damaged = |damage: &dyn Fn(&mut Vec<u8>)| {
                let mut value = value.clone();
                damage(if of_key { &mut value.wrapped_keys[0].blob } else { &mut value.ciphertext });
                value
            };
            let flipped = damaged(&|bytes| {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            });
            let shortened = damaged(&|bytes| bytes.truncate(cut.index(bytes.len())));
            let longer = damaged(&|bytes| bytes.push(0));
            let mut opened = Vec::new();
            for damaged in [flipped, shortened, longer] {
                opened.push(world.decrypt(&secret, &damaged).await);
            }
            opened
        });

        for opened in opened {
            // A blob that came to name a key that is not there is one that nobody may use.
            let failed = matches!(
                opened,
                Err(Error::DecryptionFailure(_) | Error::AccessToKms(_))
            );
            prop_assert!(failed);
        }
    }
}
