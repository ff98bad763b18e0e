//! Paging tokens: a place in a list, sealed.
//!
//! SECURITY: a token is encrypted and bound to the service, the operation, the account, the Region and the
//! question it continues. Nobody can read a name out of it, forge one, or use it elsewhere.

use crate::cx::Cx;
use base::{CommonError, Context, Sealed};
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Which list a token continues.
pub(crate) struct Listing<'a> {
    /// The operation.
    pub(crate) operation: &'static str,
    /// Everything that decides what is listed and in what order.
    pub(crate) question: &'a [&'a [u8]],
}

impl Listing<'_> {
    /// The token for the place `cursor`.
    pub(crate) fn token(
        &self,
        cx: &Cx<'_>,
        cursor: &impl Serialize,
    ) -> Result<String, CommonError> {
        let bytes = store::encode_body(cursor).map_err(CommonError::internal)?;
        let Sealed(sealed) = cx
            .sealer()
            .seal(Context(&self.context(cx)), &bytes)
            .map_err(CommonError::internal)?;
        Ok(BASE64URL_NOPAD.encode(&sealed))
    }

    /// The place that a token names.
    ///
    /// # Errors
    /// When the token is none of this list's.
    pub(crate) fn cursor<T: DeserializeOwned>(
        &self,
        cx: &Cx<'_>,
        token: &str,
    ) -> Result<T, InvalidToken> {
        let sealed = BASE64URL_NOPAD
            .decode(token.as_bytes())
            .map_err(|_| InvalidToken)?;
        let bytes = cx
            .sealer()
            .open(Context(&self.context(cx)), &sealed)
            .map_err(|_| InvalidToken)?;
        store::decode_body(bytes.expose()).map_err(|_| InvalidToken)
    }

    fn context<'b>(&'b self, cx: &'b Cx<'_>) -> Vec<&'b [u8]> {
        let mut fields: Vec<&[u8]> = vec![
            cx.service.name.as_bytes(),
            b"next-token",
            self.operation.as_bytes(),
            cx.account().as_str().as_bytes(),
            cx.region.as_str().as_bytes(),
        ];
        fields.extend(self.question);
        fields
    }
}

/// The token is none of the list's. Each service has its own words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidToken;
