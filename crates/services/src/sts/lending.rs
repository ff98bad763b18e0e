//! Lending credentials: sessions, how long they last, and how answers show them.

use super::error::Error;
use crate::cx::Cx;
use crate::identity::model::Role;
use crate::identity::{
    Session, SessionSubject, SessionToken, Sessions, draw_access_key, session_arn,
};
use base::Entropy;
use serde_json::{Value, json};
use wire::xml::Element;

/// Credentials that were lent.
pub(crate) struct Loan {
    session: Session,
    token: SessionToken,
    packed_percent: Option<i64>,
}

/// Draws an access key for `session` and seals both into a token.
///
/// # Errors
/// [`Error::PackedPolicyTooLarge`] when the token would be longer than clients may send.
pub(crate) fn lend(
    sessions: &Sessions,
    entropy: &dyn Entropy,
    mut session: Session,
) -> Result<Loan, Error> {
    let given = percent(given_bytes(&session));
    // SECURITY: to carry on only some of the claims could leave out the one that a Deny asks for.
    let all = percent(given_bytes(&session) + claims_bytes(&session));
    if all > 100 {
        return Err(Error::PackedPolicyTooLarge(all));
    }
    let (access_key_id, secret) = draw_access_key(entropy, "ASIA");
    session.access_key_id = access_key_id;
    let token = sessions.issue(&session, secret)?;
    let packed_percent = (given > 0).then(|| i64::try_from(given).unwrap_or(i64::MAX));
    Ok(Loan {
        session,
        token,
        packed_percent,
    })
}

/// How long a session of `role` lasts.
///
/// # Errors
/// [`Error::TooLong`] and, when a session of a role begins it, [`Error::TooLongForAChain`].
pub(crate) fn seconds_of_role(
    asked: Option<i64>,
    role: &Role,
    is_chained: bool,
) -> Result<i64, Error> {
    let seconds = asked.unwrap_or(HOUR);
    if is_chained && seconds > HOUR {
        return Err(Error::TooLongForAChain);
    }
    if seconds > i64::from(role.max_session_seconds) {
        return Err(Error::TooLong);
    }
    Ok(seconds)
}

/// How long a session of a user or root lasts.
///
/// COMPAT: that of a root is cut to an hour, not refused.
pub(crate) fn seconds_of_holder(asked: Option<i64>, is_root: bool) -> i64 {
    let most = if is_root { HOUR } else { MOST_OF_A_USER };
    asked.unwrap_or(USUAL_OF_A_USER).min(most)
}

impl Loan {
    /// Notes the new session with what the caller's own gets to know.
    pub(crate) fn note(&self, cx: &Cx<'_>) {
        cx.note(&self.token.secret_access_key);
        cx.note(&self.token.token);
        cx.note_session(&self.session.access_key_id);
    }

    /// `Credentials`.
    pub(crate) fn write_credentials(&self, result: &mut Element<'_>) {
        result.element("Credentials", |credentials| {
            credentials.text("AccessKeyId", &self.session.access_key_id);
            credentials.plaintext("SecretAccessKey", &self.token.secret_access_key);
            credentials.plaintext("SessionToken", &self.token.token);
            credentials.timestamp("Expiration", self.session.expires);
        });
    }

    /// `AssumedRoleUser`, and how full the token is.
    pub(crate) fn write_role_user(&self, result: &mut Element<'_>) {
        result.element("AssumedRoleUser", |user| {
            user.text("AssumedRoleId", &self.role_user_id());
            user.text("Arn", &self.role_user_arn());
        });
        result.opt_integer("PackedPolicySize", self.packed_percent);
    }

    /// `SourceIdentity`, if there is one.
    pub(crate) fn write_source_identity(&self, result: &mut Element<'_>) {
        result.opt_text("SourceIdentity", self.session.source_identity.as_deref());
    }

    /// What of the credentials the audit record shows.
    pub(crate) fn shown_credentials(&self) -> Value {
        json!({
            "accessKeyId": self.session.access_key_id,
            "expiration": self.session.expires.to_cloudtrail(),
        })
    }

    /// What of the answer of a role's session the audit record shows.
    pub(crate) fn shown(&self) -> Value {
        json!({
            "credentials": self.shown_credentials(),
            "assumedRoleUser": {
                "assumedRoleId": self.role_user_id(),
                "arn": self.role_user_arn(),
            },
        })
    }

    fn name(&self) -> &str {
        self.session.name.as_deref().unwrap_or_default()
    }

    fn role_user_id(&self) -> String {
        match &self.session.subject {
            SessionSubject::Role { id, .. } => format!("{id}:{}", self.name()),
            SessionSubject::Root { .. } | SessionSubject::User { .. } => String::new(),
        }
    }

    fn role_user_arn(&self) -> String {
        match &self.session.subject {
            SessionSubject::Role { name, .. } => {
                session_arn(&self.session.account, name, self.name())
            }
            SessionSubject::Root { .. } | SessionSubject::User { .. } => String::new(),
        }
    }
}

/// The bytes of policies and tags.
fn given_bytes(session: &Session) -> usize {
    let policy = session.policy.iter().map(|policy| policy.text().len());
    let arns = session.policy_arns.iter().map(String::len);
    let tags = session
        .tags
        .iter()
        .map(|(key, value)| key.len() + value.len());
    let transitive = session.transitive_tag_keys.iter().map(String::len);
    policy.chain(arns).chain(tags).chain(transitive).sum()
}

fn claims_bytes(session: &Session) -> usize {
    let claims = session.claims.iter();
    claims.map(|(key, value)| key.len() + value.len()).sum()
}

/// Of what a token may carry, rounded up.
fn percent(bytes: usize) -> usize {
    bytes.saturating_mul(100).div_ceil(MOST_BYTES)
}

const HOUR: i64 = 3_600;
/// Half a day.
const USUAL_OF_A_USER: i64 = 43_200;
/// A day and a half.
const MOST_OF_A_USER: i64 = 129_600;
/// So that a token stays under 12 KiB: it travels in a header or a URL.
///
/// COMPAT: AWS packs into less, in a way that it does not tell.
const MOST_BYTES: usize = 8_192;

#[cfg(test)]
mod tests;
