//! Temporary credentials: what they say, and the token that carries it.
//!
//! Sessions are stateless. The session token is everything there is to know of one, sealed by the
//! store's key ring under its access key id; nothing is stored. What is *not* in the token is what
//! the session may do: role, user and policies are looked up on every request, so that taking them
//! away takes effect at once.

use crate::document::IdentityDocument;
use crate::tags::Tags;
use aws_lc_rs::digest::{SHA256, digest};
use base::{AccountId, CommonError, Context, Plaintext, Sealed, Sealer, Timestamp};
use data_encoding::BASE64;
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use zeroize::{Zeroize, Zeroizing};

/// What temporary credentials say of their holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) account: AccountId,
    pub(crate) access_key_id: String,
    pub(crate) subject: SessionSubject,
    /// The role session name.
    pub(crate) name: Option<String>,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
    /// The policy given at the call, which narrows what the role may do.
    pub(crate) policy: Option<IdentityDocument>,
    /// Managed policies given at the call, which narrow it too.
    pub(crate) policy_arns: Vec<String>,
    pub(crate) tags: Tags,
    /// The keys of the tags that go on to the next role.
    pub(crate) transitive_tag_keys: Vec<String>,
    pub(crate) source_identity: Option<String>,
    /// The ARN of the OpenID Connect provider whose token began the session.
    pub(crate) federated_provider: Option<String>,
    /// Condition keys that the first token brought, such as `oidc.example.com:sub`.
    pub(crate) claims: Vec<(String, String)>,
}

/// Whose session it is. Unique ids, so that a successor of the same name does not inherit it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SessionSubject {
    /// SECURITY: ends with the access key that asked for it. No policy binds a root in its own
    /// account, so nothing else could take the session from who stole it.
    Root {
        access_key_id: String,
    },
    User {
        name: String,
        id: String,
    },
    Role {
        name: String,
        id: String,
    },
}

impl Session {
    /// A session of `subject` for `seconds` from `now`, with nothing but that said of it. It has no
    /// access key before it is lent.
    pub(crate) fn of(
        account: &AccountId,
        subject: SessionSubject,
        now: Timestamp,
        seconds: i64,
    ) -> Self {
        Self {
            account: account.clone(),
            access_key_id: String::new(),
            subject,
            name: None,
            issued: now,
            expires: now.plus_seconds(seconds),
            policy: None,
            policy_arns: Vec::new(),
            tags: Tags::default(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
            federated_provider: None,
            claims: Vec::new(),
        }
    }
}

/// The token of a session as it is handed out, and the secret to sign with.
pub(crate) struct SessionToken {
    pub(crate) token: Plaintext,
    pub(crate) secret_access_key: Plaintext,
}

/// An opened token. Holds the secret key in the clear, so it is never kept.
pub(crate) struct OpenedToken {
    pub(crate) session: Arc<Session>,
    pub(crate) secret_access_key: Plaintext,
}

/// What is sealed. Overwritten when it is dropped.
#[derive(Serialize, Deserialize)]
struct Contents {
    session: Session,
    secret_access_key: Vec<u8>,
}

impl Drop for Contents {
    fn drop(&mut self) {
        self.secret_access_key.zeroize();
    }
}

/// Makes and opens session tokens, and remembers what the good ones say.
pub(crate) struct Sessions {
    sealer: Arc<dyn Sealer>,
    /// By the digest of the token: neither tokens nor secret keys are kept.
    known: Cache<TokenDigest, Arc<Session>>,
}

/// The SHA-256 of a session token.
pub(crate) type TokenDigest = [u8; 32];

impl Sessions {
    pub(crate) fn new(sealer: Arc<dyn Sealer>) -> Self {
        Self {
            sealer,
            known: Cache::new(KNOWN_SESSIONS),
        }
    }

    /// Seals `session` and its secret key into a token.
    ///
    /// # Errors
    /// [`CommonError::Internal`] when sealing fails.
    pub(crate) fn issue(
        &self,
        session: &Session,
        secret_access_key: Plaintext,
    ) -> Result<SessionToken, CommonError> {
        let contents = Contents {
            session: session.clone(),
            secret_access_key: secret_access_key.expose().to_vec(),
        };
        let encoded = store::encode_body(&contents).map_err(CommonError::internal)?;
        let encoded = Zeroizing::new(encoded);
        let Sealed(sealed) = self
            .sealer
            .seal(Context(&context(&session.access_key_id)), &encoded)
            .map_err(CommonError::internal)?;
        let mut bytes = vec![FORM];
        bytes.extend_from_slice(&sealed);
        Ok(SessionToken {
            token: Plaintext::from(BASE64.encode(&bytes)),
            secret_access_key,
        })
    }

    /// What the token says, if it was opened before.
    pub(crate) fn known(&self, access_key_id: &str, digest: &TokenDigest) -> Option<Arc<Session>> {
        self.known
            .get(digest)
            .filter(|session| session.access_key_id == access_key_id)
    }

    /// Opens a token that was issued for `access_key_id`. `None` when it was not.
    pub(crate) fn open(&self, access_key_id: &str, token: &str) -> Option<OpenedToken> {
        // SECURITY: bounded before anything is decoded.
        if token.len() > LONGEST_TOKEN {
            return None;
        }
        let bytes = BASE64.decode(token.as_bytes()).ok()?;
        let (form, sealed) = bytes.split_first()?;
        if *form != FORM {
            return None;
        }
        let opened = self.sealer.open(Context(&context(access_key_id)), sealed);
        let mut contents: Contents = store::decode_body(opened.ok()?.expose()).ok()?;
        if contents.session.access_key_id != access_key_id {
            return None;
        }
        Some(OpenedToken {
            secret_access_key: Plaintext::new(std::mem::take(&mut contents.secret_access_key)),
            session: Arc::new(contents.session.clone()),
        })
    }

    /// Remembers a session whose token was opened and whose signature was good.
    pub(crate) fn remember(&self, digest: TokenDigest, session: Arc<Session>) {
        self.known.insert(digest, session);
    }
}

/// The digest that a token is remembered by.
pub(crate) fn token_digest(token: &str) -> TokenDigest {
    let mut bytes = TokenDigest::default();
    let hash = digest(&SHA256, token.as_bytes());
    bytes.copy_from_slice(hash.as_ref());
    bytes
}

fn context(access_key_id: &str) -> [&[u8]; 3] {
    [b"sts", b"session-token", access_key_id.as_bytes()]
}

/// The first byte of a token: how the rest is to be read.
const FORM: u8 = 1;
/// More than the largest token that is ever made.
const LONGEST_TOKEN: usize = 64 * 1024;
/// Sessions remembered, about 1 KiB each.
const KNOWN_SESSIONS: usize = 10_000;

#[cfg(test)]
mod tests;
