//! Against SoftHSM2, from Debian's package `softhsm2`. Without it the tests say so and pass, unless
//! `STRONGROOM_NEEDS_SOFTHSM` is set, as `./test` does once it has installed the package.
//!
//! One process has one PKCS#11 library, configured by its environment. So there is one token for
//! all tests, made in a child of this very program.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and this one is told things by its environment"
)]

use base::{Entropy, Plaintext, Timestamp};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use seal::seals::SecretSource;
use seal::{Envelope, RootBundle, Seal, SealFailure};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use strongroom_seal_pkcs11::{Pkcs11Seal, TokenKey};

struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, buf: &mut [u8]) {
        for byte in buf {
            *byte = self.0.fetch_add(77, Ordering::Relaxed);
        }
    }
}

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(Counting(AtomicU8::new(1)))
}

fn bundle() -> RootBundle {
    RootBundle::generate(entropy(), Timestamp::from_millis(7)).unwrap()
}

/// SoftHSM reads its configuration's path from the environment, which a test cannot set for itself.
#[test]
fn every_case_on_a_token() {
    let Some(module) = softhsm() else {
        assert!(
            std::env::var_os("STRONGROOM_NEEDS_SOFTHSM").is_none(),
            "softhsm2 is not installed"
        );
        println!("not run: the package softhsm2 is not installed");
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let tokens = directory.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let configuration = directory.path().join("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nlog.level = ERROR\n",
        tokens.display()
    );
    std::fs::write(&configuration, text).unwrap();

    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "cases", "--nocapture"])
        .env("SOFTHSM2_CONF", &configuration)
        .env("STRONGROOM_TOKEN_MODULE", &module)
        .output()
        .unwrap();

    let said = String::from_utf8_lossy(&child.stdout);
    let complained = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}{complained}");
    assert!(said.contains("every case holds"), "{said}");
}

#[test]
#[ignore = "run by `every_case_on_a_token`, with a token"]
fn cases() {
    let module = PathBuf::from(std::env::var_os("STRONGROOM_TOKEN_MODULE").unwrap());
    let session = token(&module);
    aes_key(&session, "strongroom", 32);
    aes_key(&session, "other", 32);
    aes_key(&session, "short", 16);
    aes_key(&session, "twin", 32);
    aes_key(&session, "twin", 32);

    what_a_token_wraps_it_opens(&module);
    the_key_cannot_be_read(&session);
    another_key_or_a_changed_bit_is_one_failure(&module);
    what_is_not_there_is_named(&module);
    // While somebody is logged in, a token does not look at a second PIN.
    drop(session);
    a_wrong_pin_is_told_and_a_right_one_kept(&module);
    println!("every case holds");
}

fn what_a_token_wraps_it_opens(module: &Path) {
    let seal = seal_with(module, "strongroom");
    let bundle = bundle();

    let envelope = seal.wrap(&bundle).unwrap();

    let again = seal_with(module, "strongroom");
    assert!(again.unwrap(&envelope).unwrap().is_same_as(&bundle));
    let second = seal.wrap(&bundle).unwrap();
    assert_ne!(second.body().unwrap(), envelope.body().unwrap());
}

fn the_key_cannot_be_read(session: &Session) {
    let label = [Attribute::Label(b"strongroom".to_vec())];
    let key = session.find_objects(&label).unwrap()[0];

    let value = session.get_attributes(key, &[cryptoki::object::AttributeType::Value]);

    assert!(value.is_ok_and(|value| value.is_empty()));
}

fn another_key_or_a_changed_bit_is_one_failure(module: &Path) {
    let seal = seal_with(module, "strongroom");
    let envelope = seal.wrap(&bundle()).unwrap();
    let wrong = "the token's key does not open `seal.json`; check that it is the key that made the \
                 seal";

    assert_eq!(refusal(&seal_with(module, "other"), &envelope), wrong);
    let body = envelope.body().unwrap();
    for bit in [0, body.len() * 4, body.len() * 8 - 1] {
        let mut changed = body.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let changed = Envelope::of(envelope.kind, envelope.parameters.clone(), &changed);
        assert_eq!(refusal(&seal, &changed), wrong);
    }
    for length in [0, 15, 16, body.len() - 1] {
        let cut = Envelope::of(envelope.kind, envelope.parameters.clone(), &body[..length]);
        assert_eq!(refusal(&seal, &cut), wrong);
    }
    let moved = envelope.parameters.clone().with_text("key", "other");
    assert_eq!(
        refusal(&seal, &Envelope::of(envelope.kind, moved, &body)),
        wrong
    );
    let damaged = envelope.parameters.clone().with_bytes("iv", &[1; 11]);
    let damaged = Envelope::of(envelope.kind, damaged, &body);
    assert!(refusal(&seal, &damaged).contains("is damaged (`iv`)"));
}

fn what_is_not_there_is_named(module: &Path) {
    let wrap = |token: TokenKey| {
        let seal = Pkcs11Seal::new(token, entropy());
        seal.wrap(&bundle()).unwrap_err().to_string()
    };

    let no_module = TokenKey {
        module: PathBuf::from("/nowhere/token.so"),
        ..key_of(module, "strongroom")
    };
    assert!(wrap(no_module).contains("cannot load `/nowhere/token.so`"));
    let no_token = TokenKey {
        token: String::from("nobody's"),
        ..key_of(module, "strongroom")
    };
    assert!(wrap(no_token).contains("no token with the label `nobody's`"));
    assert!(wrap(key_of(module, "none")).contains("no AES key with the label `none`"));
    assert!(wrap(key_of(module, "short")).contains("`short` is not an AES-256 key"));
    assert!(wrap(key_of(module, "twin")).contains("several AES keys with the label `twin`"));
}

fn a_wrong_pin_is_told_and_a_right_one_kept(module: &Path) {
    let wrong = TokenKey {
        pin: given("000000"),
        ..key_of(module, "strongroom")
    };
    let refused = Pkcs11Seal::new(wrong, entropy()).wrap(&bundle());
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("the PIN is wrong"), "{refused}");
    assert!(!refused.contains("000000"));

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pin");
    std::fs::write(&file, "1234567\n").unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, private).unwrap();
    let from_file = TokenKey {
        pin: SecretSource::File(file.clone()),
        ..key_of(module, "strongroom")
    };
    let seal = Pkcs11Seal::new(from_file, entropy());
    let envelope = seal.wrap(&bundle()).unwrap();
    std::fs::remove_file(file).unwrap();
    assert!(seal.unwrap(&envelope).is_ok());
}

fn softhsm() -> Option<PathBuf> {
    [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    ]
    .into_iter()
    .map(PathBuf::from)
    .find(|path| path.exists())
}

fn token(module: &Path) -> Session {
    let library = Pkcs11::new(module).unwrap();
    library
        .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .unwrap();
    let slot = library.get_slots_with_token().unwrap()[0];
    let officer = AuthPin::new("7654321".into());
    library.init_token(slot, &officer, "keys").unwrap();
    let session = library.open_rw_session(slot).unwrap();
    session.login(UserType::So, Some(&officer)).unwrap();
    session.init_pin(&AuthPin::new("1234567".into())).unwrap();
    drop(session);
    // The slot of a token changes when it is initialized.
    let slot = library.get_slots_with_initialized_token().unwrap()[0];
    let session = library.open_rw_session(slot).unwrap();
    let pin = AuthPin::new("1234567".into());
    session.login(UserType::User, Some(&pin)).unwrap();
    session
}

fn aes_key(session: &Session, label: &str, size: u32) {
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Token(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::ValueLen(u64::from(size).into()),
        Attribute::Label(label.as_bytes().to_vec()),
    ];
    session
        .generate_key(&Mechanism::AesKeyGen, &template)
        .unwrap();
}

fn key_of(module: &Path, key: &str) -> TokenKey {
    TokenKey {
        module: module.to_owned(),
        token: String::from("keys"),
        key: key.to_owned(),
        pin: given("1234567"),
    }
}

fn given(pin: &str) -> SecretSource {
    SecretSource::Given(Arc::new(Plaintext::from(pin.to_owned())))
}

fn seal_with(module: &Path, key: &str) -> Pkcs11Seal {
    Pkcs11Seal::new(key_of(module, key), entropy())
}

fn refusal(seal: &dyn Seal, envelope: &Envelope) -> String {
    seal.unwrap(envelope)
        .err()
        .map(|failure: SealFailure| failure.to_string())
        .unwrap()
}
