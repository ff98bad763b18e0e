//! Who signed this request?

use super::call::{Call, Progress};
use crate::app::App;
use crate::identity::{Identity, Principal};
use crate::service::Service;
use base::CommonError;
use sigv4::Presented;

/// Why a request could not be authenticated.
pub(super) enum Failure {
    /// The signature, or what it says.
    Signature(sigv4::Error),
    /// Something of ours.
    Internal(CommonError),
}

/// Verifies the signature of a request for `service`, and notes in `progress` who made it.
///
/// Order of checks: behaviour reference §1.5. What the request claims (its access key) is noted
/// before it is proven, for the record of a refusal; the principal only after.
pub(super) async fn authenticate<'a>(
    app: &'a App,
    call: &Call<'_>,
    service: &Service,
    progress: &mut Progress<'a>,
) -> Result<(), Failure> {
    let signed = call.signed_form();
    let presented = Presented::read(&signed, call.now)?;
    let claimed = presented.access_key_id();
    progress.access_key_id = Some(claimed.chars().take(LONGEST_KEY_ID).collect());
    let region = service.only_region.unwrap_or(presented.scope().region);
    progress.region = app.region(region);
    presented.in_scope(service.name, |name| app.region(name).is_some())?;
    // SECURITY: what cannot be an access key never reaches store or cache.
    if claimed.len() > LONGEST_KEY_ID {
        return Err(sigv4::Error::UnknownKey.into());
    }
    let mut tx = app.ledger.begin_reading();
    let known = app
        .credentials
        .find(&mut tx, claimed, presented.session_token())
        .await?;
    let credential = known.ok_or(sigv4::Error::UnknownKey)?;
    let key = app
        .credentials
        .signing_key(&credential, presented.scope())?;
    presented.verify(&signed, &key)?;
    // COMPAT: the token is checked after the signature (behaviour reference §1.5).
    if !credential.goes_with(presented.session_token()) {
        return Err(sigv4::Error::UnknownKey.into());
    }
    if credential.has_expired(call.now) {
        return Err(sigv4::Error::ExpiredToken.into());
    }
    let principal = credential
        .principal(&app.credentials.sessions, &mut tx)
        .await?;
    let principal = principal.ok_or(sigv4::Error::UnknownKey)?;
    if let Some(region) = progress.region {
        app.uses
            .note(claimed, &principal, call.now, service.name, region);
    }
    let may_call = !is_of_its_holder(&principal) || service.name != "iam";
    progress.principal = Some(principal);
    if may_call {
        Ok(())
    } else {
        Err(sigv4::Error::UnknownKey.into())
    }
}

/// Whether the credentials are what `GetSessionToken` lends to users and roots.
///
/// COMPAT: IAM takes them only after multi-factor authentication, of which there is none here, and
/// says that it does not know them.
fn is_of_its_holder(principal: &Principal) -> bool {
    principal.session().is_some() && !matches!(principal.identity(), Identity::Role(_))
}

impl From<sigv4::Error> for Failure {
    fn from(error: sigv4::Error) -> Self {
        Self::Signature(error)
    }
}

impl From<CommonError> for Failure {
    fn from(error: CommonError) -> Self {
        Self::Internal(error)
    }
}

/// AWS's limit on access key ids.
const LONGEST_KEY_ID: usize = 128;
