//! Grant tokens: what stands for a grant until it has reached all of AWS.
//!
//! Here a grant holds at once, so that a token is only looked at. SECURITY: it is sealed and bound
//! to its Region; a text that is none of ours is refused.

use super::error::Error;
use super::grants::Grant;
use crate::cx::Cx;
use base::{CommonError, Context, Plaintext, Sealed};
use data_encoding::BASE64URL_NOPAD;

/// The token of `grant`.
///
/// # Errors
/// A failure of ours.
pub(crate) fn of(cx: &Cx<'_>, grant: &Grant) -> Result<String, CommonError> {
    let place = Place {
        account: grant.account.as_str().to_owned(),
        key_id: grant.key_id.clone(),
        grant_id: grant.id.clone(),
    };
    let bytes = store::encode_body(&place).map_err(CommonError::internal)?;
    let Sealed(sealed) = cx
        .sealer()
        .seal(Context(&context(cx)), &bytes)
        .map_err(CommonError::internal)?;
    Ok(BASE64URL_NOPAD.encode(&sealed))
}

/// Which grant a token stands for.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Place {
    pub(crate) account: String,
    pub(crate) key_id: String,
    pub(crate) grant_id: String,
}

/// Reads a token.
///
/// # Errors
/// [`Error::InvalidGrantToken`].
pub(crate) fn read(cx: &Cx<'_>, token: &Plaintext) -> Result<Place, Error> {
    let sealed = BASE64URL_NOPAD.decode(token.expose());
    let sealed = sealed.map_err(|_| Error::InvalidGrantToken)?;
    let opened = cx.sealer().open(Context(&context(cx)), &sealed);
    let bytes = opened.map_err(|_| Error::InvalidGrantToken)?;
    store::decode_body(bytes.expose()).map_err(|_| Error::InvalidGrantToken)
}

/// Refuses tokens that are none.
///
/// # Errors
/// [`Error::InvalidGrantToken`].
pub(crate) fn check(cx: &Cx<'_>, tokens: Option<&[Plaintext]>) -> Result<(), Error> {
    let mut tokens = tokens.into_iter().flatten();
    tokens.try_for_each(|token| read(cx, token).map(drop))
}

fn context<'a>(cx: &'a Cx<'_>) -> [&'a [u8]; 3] {
    [b"kms", b"grant-token", cx.region.as_str().as_bytes()]
}
