//! The root keys under an AES-256 key of a PKCS#11 token: an HSM, a TPM, a smart card.
//!
//! Rules kept here: the key never leaves the token; the bundle is bound to the envelope's parameters
//! (AES-GCM with associated data); tokens tell apart a wrong key, a changed ciphertext and a fault so
//! unreliably that every failed opening is one and the same failure; a PIN is asked for once, and
//! tried once, since tokens lock themselves after a few wrong ones.
//!
//! A crate of its own, because it loads the token's library into the process, which nothing else
//! here does.

use base::{Entropy, Plaintext};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as TokenError, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::RawAuthPin;
use parking_lot::Mutex;
use seal::seals::{Ask, SecretSource};
use seal::{Envelope, Parameters, RootBundle, Seal, SealFailure, SealKind};
use std::path::PathBuf;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Which key of which token.
#[derive(Clone)]
pub struct TokenKey {
    /// The token's library.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
    /// The key's label.
    pub key: String,
    /// The user's PIN.
    pub pin: SecretSource,
}

/// The root keys under a token's key.
pub struct Pkcs11Seal {
    token: TokenKey,
    entropy: Arc<dyn Entropy>,
    library: Mutex<Option<Pkcs11>>,
    pin: Mutex<Option<Arc<Plaintext>>>,
}

impl Pkcs11Seal {
    /// Uses the key that `token` names, when it has to.
    pub fn new(token: TokenKey, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            token,
            entropy,
            library: Mutex::new(None),
            pin: Mutex::new(None),
        }
    }

    /// Runs `work` with the key, logged in.
    fn with_key<T>(
        &self,
        work: impl FnOnce(&Session, ObjectHandle) -> Result<T, SealFailure>,
    ) -> Result<T, SealFailure> {
        let mut library = self.library.lock();
        let library = match &mut *library {
            Some(library) => library,
            none => none.insert(self.load()?),
        };
        let slot = self.slot(library)?;
        let session = library
            .open_ro_session(slot)
            .map_err(failed("open a session"))?;
        self.log_in(&session)?;
        let key = self.find_key(&session)?;
        work(&session, key)
    }

    fn load(&self) -> Result<Pkcs11, SealFailure> {
        let library = Pkcs11::new(&self.token.module).map_err(|error| {
            let module = self.token.module.display();
            token_failure(format!("cannot load `{module}`: {error}"))
        })?;
        let arguments = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
        match library.initialize(arguments) {
            Ok(()) | Err(TokenError::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(library),
            Err(error) => Err(failed("start its library")(error)),
        }
    }

    fn slot(&self, library: &Pkcs11) -> Result<Slot, SealFailure> {
        let slots = library
            .get_slots_with_initialized_token()
            .map_err(failed("list tokens"))?;
        let mut found = slots.into_iter().filter(|slot| {
            library
                .get_token_info(*slot)
                .is_ok_and(|token| token.label() == self.token.token)
        });
        match (found.next(), found.next()) {
            (Some(slot), None) => Ok(slot),
            (None, _) => Err(token_failure(format!(
                "there is no token with the label `{}`; is it plugged in and initialized?",
                self.token.token
            ))),
            (Some(_), Some(_)) => Err(token_failure(format!(
                "several tokens have the label `{}`",
                self.token.token
            ))),
        }
    }

    fn log_in(&self, session: &Session) -> Result<(), SealFailure> {
        let known = self.pin.lock().clone();
        let pin = match known {
            Some(pin) => pin,
            None => Arc::new(self.token.pin.read(&Ask::pin())?),
        };
        let raw = RawAuthPin::new(Box::new(pin.expose().to_vec()));
        match session.login_with_raw(UserType::User, &raw) {
            Ok(()) | Err(TokenError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
                *self.pin.lock() = Some(pin);
                Ok(())
            }
            Err(TokenError::Pkcs11(RvError::PinIncorrect, _)) => Err(token_failure(String::from(
                "the PIN is wrong; a token locks itself after a few wrong ones",
            ))),
            Err(TokenError::Pkcs11(RvError::PinLocked, _)) => Err(token_failure(String::from(
                "the PIN is locked; the token's security officer has to unlock it",
            ))),
            Err(error) => Err(failed("log in")(error)),
        }
    }

    fn find_key(&self, session: &Session) -> Result<ObjectHandle, SealFailure> {
        let wanted = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::Label(self.token.key.as_bytes().to_vec()),
        ];
        let found = session
            .find_objects(&wanted)
            .map_err(failed("look for the key"))?;
        let label = &self.token.key;
        let key = match found.as_slice() {
            [key] => *key,
            [] => {
                return Err(token_failure(format!(
                    "it has no AES key with the label `{label}`"
                )));
            }
            _ => {
                return Err(token_failure(format!(
                    "it has several AES keys with the label `{label}`"
                )));
            }
        };
        let attributes = session
            .get_attributes(key, &[AttributeType::ValueLen])
            .map_err(failed("look at the key"))?;
        let is_aes_256 = attributes
            .iter()
            .any(|one| matches!(one, Attribute::ValueLen(size) if u64::from(*size) == KEY_SIZE));
        if !is_aes_256 {
            return Err(token_failure(format!(
                "the key `{label}` is not an AES-256 key"
            )));
        }
        Ok(key)
    }
}

impl Seal for Pkcs11Seal {
    fn kind(&self) -> SealKind {
        SealKind::Pkcs11
    }

    fn wrap(&self, bundle: &RootBundle) -> Result<Envelope, SealFailure> {
        let mut iv = [0; IV_SIZE];
        self.entropy.fill(&mut iv);
        let parameters = Parameters::default()
            .with_text(MECHANISM, AES_GCM)
            .with_text(TOKEN, &self.token.token)
            .with_text(KEY, &self.token.key)
            .with_bytes(IV, &iv);
        let bound = parameters.bound(SealKind::Pkcs11);
        let body = self.with_key(|session, key| {
            let params = gcm(&mut iv, &bound)?;
            session
                .encrypt(&Mechanism::AesGcm(params), key, &bundle.expose())
                .map_err(failed("encrypt with AES-GCM"))
        })?;
        Ok(Envelope::of(SealKind::Pkcs11, parameters, &body))
    }

    fn unwrap(&self, envelope: &Envelope) -> Result<RootBundle, SealFailure> {
        envelope.expect(SealKind::Pkcs11)?;
        if envelope.text(MECHANISM)? != AES_GCM {
            return Err(envelope.malformed(MECHANISM));
        }
        let mut iv = envelope.bytes(IV)?;
        if iv.len() != IV_SIZE {
            return Err(envelope.malformed(IV));
        }
        let body = envelope.body()?;
        let bound = envelope.parameters.bound(SealKind::Pkcs11);
        let opened = self.with_key(|session, key| {
            let params = gcm(&mut iv, &bound)?;
            // SECURITY: whatever the token says, the answer is the same.
            session
                .decrypt(&Mechanism::AesGcm(params), key, &body)
                .map(Zeroizing::new)
                .map_err(|_| SealFailure::WrongKey(SealKind::Pkcs11))
        })?;
        Ok(RootBundle::read(&opened, &self.entropy)?)
    }
}

fn gcm<'a>(iv: &'a mut [u8], bound: &'a [u8]) -> Result<GcmParams<'a>, SealFailure> {
    GcmParams::new(iv, bound, TAG_BITS.into()).map_err(failed("prepare AES-GCM"))
}

fn failed(action: &'static str) -> impl Fn(TokenError) -> SealFailure {
    move |error| token_failure(format!("it cannot {action}: {error}"))
}

fn token_failure(text: String) -> SealFailure {
    SealFailure::Token(text)
}

const MECHANISM: &str = "mechanism";
const AES_GCM: &str = "aes-gcm";
const TOKEN: &str = "token";
const KEY: &str = "key";
const IV: &str = "iv";
const IV_SIZE: usize = 12;
const TAG_BITS: core::ffi::c_ulong = 128;
const KEY_SIZE: u64 = 32;
