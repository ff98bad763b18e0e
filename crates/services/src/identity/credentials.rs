//! What requests are signed with: access keys and session credentials, and the signing keys
//! derived from their secrets.

use super::model::{AccessKey, KeyStatus, Role, User};
use super::principal::Principal;
use super::principals;
use super::sessions::{Session, SessionSubject, Sessions, TokenDigest, token_digest};
use crate::tx::Tx;
use base::{CommonError, Context, Entropy, Plaintext, Sealed, Sealer, Timestamp, random_below};
use quick_cache::sync::Cache;
use sigv4::{Scope, SigningKey};
use std::sync::Arc;
use store::Rev;

/// Credentials that exist, and whose they are.
pub(crate) enum Credential {
    /// An access key of a root or a user.
    LongTerm {
        access_key: Arc<AccessKey>,
        rev: Rev,
    },
    /// What STS lent out.
    Temporary {
        session: Arc<Session>,
        /// As it was sent: proves nothing before the signature is verified.
        token: String,
        digest: TokenDigest,
    },
}

/// Finds credentials and remembers the signing keys derived from them.
pub(crate) struct Credentials {
    sealer: Arc<dyn Sealer>,
    pub(crate) sessions: Sessions,
    signing_keys: Cache<SigningKeyName, Arc<SigningKey>>,
}

/// INVARIANT: what the secret key depends on is part of the name, so a changed access key never
/// finds the signing key of the old one, nor one session that of another.
#[derive(Clone, PartialEq, Eq, Hash)]
struct SigningKeyName {
    access_key_id: String,
    secret: SecretOf,
    date: String,
    region: String,
    service: String,
}

/// Which secret key of an access key id is meant.
#[derive(Clone, PartialEq, Eq, Hash)]
enum SecretOf {
    Record(Rev),
    Token(TokenDigest),
}

impl Credentials {
    pub(crate) fn new(sealer: Arc<dyn Sealer>) -> Self {
        Self {
            sessions: Sessions::new(sealer.clone()),
            sealer,
            signing_keys: Cache::new(SIGNING_KEYS),
        }
    }

    /// The credentials that a request claims to be signed with. `None` when there are none such:
    /// unknown or inactive. A token that is not theirs is told only once the signature holds.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn find(
        &self,
        tx: &mut Tx<'_>,
        access_key_id: &str,
        session_token: Option<&str>,
    ) -> Result<Option<Credential>, CommonError> {
        if let Some(token) = session_token
            && let Some(session) = self.find_session(access_key_id, token)
        {
            return Ok(Some(session));
        }
        let key = AccessKey::key_of(access_key_id);
        let found = tx.get::<AccessKey>(&key).await?;
        Ok(found
            .filter(|found| found.record.status == KeyStatus::Active)
            .map(|found| Credential::LongTerm {
                access_key: found.record,
                rev: found.rev,
            }))
    }

    fn find_session(&self, access_key_id: &str, token: &str) -> Option<Credential> {
        let digest = token_digest(token);
        let session = match self.sessions.known(access_key_id, &digest) {
            Some(session) => session,
            None => self.sessions.open(access_key_id, token)?.session,
        };
        Some(Credential::Temporary {
            session,
            token: token.to_owned(),
            digest,
        })
    }

    /// The signing key of `credential` for `scope`, derived at most once.
    ///
    /// # Errors
    /// When the secret key cannot be opened.
    pub(crate) fn signing_key(
        &self,
        credential: &Credential,
        scope: Scope<'_>,
    ) -> Result<Arc<SigningKey>, CommonError> {
        let name = SigningKeyName {
            access_key_id: credential.access_key_id().to_owned(),
            secret: credential.secret_name(),
            date: scope.date.to_owned(),
            region: scope.region.to_owned(),
            service: scope.service.to_owned(),
        };
        if let Some(known) = self.signing_keys.get(&name) {
            return Ok(known);
        }
        let secret = self.secret_of(credential)?;
        let derived = Arc::new(SigningKey::derive(secret.expose(), scope));
        self.signing_keys.insert(name, derived.clone());
        Ok(derived)
    }

    /// Seals the secret of the access key `id`.
    pub(crate) fn seal(&self, id: &str, secret: &Plaintext) -> Result<Vec<u8>, CommonError> {
        let Sealed(bytes) = self
            .sealer
            .seal(Context(&context(id)), secret.expose())
            .map_err(CommonError::internal)?;
        Ok(bytes)
    }

    fn secret_of(&self, credential: &Credential) -> Result<Plaintext, CommonError> {
        match credential {
            Credential::LongTerm { access_key, .. } => self
                .sealer
                .open(Context(&context(&access_key.id)), &access_key.sealed_secret)
                .map_err(CommonError::internal),
            Credential::Temporary { session, token, .. } => self
                .sessions
                .open(&session.access_key_id, token)
                .map(|opened| opened.secret_access_key)
                .ok_or_else(|| CommonError::internal("a session token that opens no more")),
        }
    }
}

impl Credential {
    fn access_key_id(&self) -> &str {
        match self {
            Self::LongTerm { access_key, .. } => &access_key.id,
            Self::Temporary { session, .. } => &session.access_key_id,
        }
    }

    fn secret_name(&self) -> SecretOf {
        match self {
            Self::LongTerm { rev, .. } => SecretOf::Record(*rev),
            Self::Temporary { digest, .. } => SecretOf::Token(*digest),
        }
    }

    /// Whether they are used with a session token exactly when they are a session's.
    pub(crate) fn goes_with(&self, session_token: Option<&str>) -> bool {
        matches!(self, Self::Temporary { .. }) == session_token.is_some()
    }

    /// Whether the credentials ended before `now`.
    pub(crate) fn has_expired(&self, now: Timestamp) -> bool {
        match self {
            Self::LongTerm { .. } => false,
            Self::Temporary { session, .. } => session.expires <= now,
        }
    }

    /// Whose they are. `None` when the identity is gone, is another one of the same name, or is in a
    /// session that ended with a policy that narrowed it.
    ///
    /// SECURITY: called only once the signature was verified; from then on the session is known.
    ///
    /// # Errors
    /// When the store fails, or a policy of the identity's cannot be found.
    pub(crate) async fn principal(
        self,
        sessions: &Sessions,
        tx: &mut Tx<'_>,
    ) -> Result<Option<Principal>, CommonError> {
        match self {
            Self::LongTerm { access_key, .. } => {
                let account = &access_key.account;
                match &access_key.user {
                    None => Ok(Some(principals::root(account.clone()))),
                    Some(name) => principals::user(tx, account, name).await,
                }
            }
            Self::Temporary {
                session, digest, ..
            } => {
                sessions.remember(digest, session.clone());
                of_session(tx, session).await
            }
        }
    }
}

/// Whose session it is, as the identity is now. `None` when the identity is gone, or is another one of
/// the same name.
///
/// SECURITY: for a session that is proven, by a signature or by who made it.
///
/// # Errors
/// When the store fails, or a policy of the identity's cannot be found.
pub(crate) async fn of_session(
    tx: &mut Tx<'_>,
    session: Arc<Session>,
) -> Result<Option<Principal>, CommonError> {
    let account = session.account.clone();
    match &session.subject {
        SessionSubject::Root { access_key_id } => {
            let key = tx
                .get::<AccessKey>(&AccessKey::key_of(access_key_id))
                .await?;
            let lives = key.is_some_and(|found| found.record.status == KeyStatus::Active);
            Ok(lives.then(|| principals::root_session(account, session.clone())))
        }
        SessionSubject::User { name, id } => {
            let found = tx.get::<User>(&User::key_of(&account, name)).await?;
            let Some(found) = found.filter(|found| found.record.id == *id) else {
                return Ok(None);
            };
            let principal = principals::of_user(tx, found.record, Some(session.clone()));
            principal.await.map(Some)
        }
        SessionSubject::Role { name, id } => {
            let found = tx.get::<Role>(&Role::key_of(&account, name)).await?;
            let Some(found) = found.filter(|found| found.record.id == *id) else {
                return Ok(None);
            };
            principals::role_session(tx, found.record, session.clone()).await
        }
    }
}

/// A new access key in AWS's shape: `prefix` (`AKIA`, or `ASIA` for a session) and 16 characters,
/// and a secret of 40.
pub(crate) fn draw_access_key(entropy: &dyn Entropy, prefix: &str) -> (String, Plaintext) {
    let id = draw_from(entropy, ID_CHARACTERS, 16);
    let secret = draw_from(entropy, SECRET_CHARACTERS, 40);
    (
        format!("{prefix}{}", String::from_utf8_lossy(&id)),
        Plaintext::new(secret),
    )
}

/// A new unique id: `prefix` (such as `AIDA` for users) and 17 characters.
pub(crate) fn draw_unique_id(entropy: &dyn Entropy, prefix: &str) -> String {
    let id = draw_from(entropy, ID_CHARACTERS, 17);
    format!("{prefix}{}", String::from_utf8_lossy(&id))
}

fn draw_from(entropy: &dyn Entropy, characters: &[u8], length: usize) -> Vec<u8> {
    let bound = u32::try_from(characters.len()).unwrap_or(u32::MAX);
    let mut drawn = Vec::with_capacity(length);
    while drawn.len() < length {
        drawn.extend(characters.get(random_below(entropy, bound) as usize));
    }
    drawn
}

fn context(access_key_id: &str) -> [&[u8]; 3] {
    [b"iam", b"access-key-secret", access_key_id.as_bytes()]
}

const ID_CHARACTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECRET_CHARACTERS: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Each is a few hundred bytes; a key lives for the day in its scope.
const SIGNING_KEYS: usize = 10_000;
