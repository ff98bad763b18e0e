use crate::canonical::Form;
use crate::encoding::query_pairs;
use crate::presented::Claims;
use crate::{Error, Request};
use std::borrow::Cow;
use std::fmt::Write;

/// Whether the request is signed in its query.
pub(crate) fn is_presigned(query: &str) -> bool {
    // Most requests have no query at all.
    !query.is_empty() && query_pairs(query).any(|(name, _)| name.as_ref() == b"X-Amz-Algorithm")
}

/// Reads the claims of a presigned URL.
pub(crate) fn claims<'a>(request: &Request<'a>) -> Result<Claims<'a>, Error> {
    let mut found = Parameters::default();
    for (name, value) in query_pairs(request.query) {
        if let Some(slot) = found.slot(&name)
            && slot.replace(text(value)).is_some()
        {
            return Err(Error::Incomplete(format!(
                "AWS query-string parameters must include '{}' only once. {RE_EXAMINE}",
                String::from_utf8_lossy(&name)
            )));
        }
    }
    found.into_claims(request)
}

#[derive(Default)]
struct Parameters<'a> {
    algorithm: Option<Cow<'a, str>>,
    credential: Option<Cow<'a, str>>,
    date: Option<Cow<'a, str>>,
    expires: Option<Cow<'a, str>>,
    security_token: Option<Cow<'a, str>>,
    signature: Option<Cow<'a, str>>,
    signed_headers: Option<Cow<'a, str>>,
}

impl<'a> Parameters<'a> {
    fn slot(&mut self, name: &[u8]) -> Option<&mut Option<Cow<'a, str>>> {
        Some(match name {
            b"X-Amz-Algorithm" => &mut self.algorithm,
            b"X-Amz-Credential" => &mut self.credential,
            b"X-Amz-Date" => &mut self.date,
            b"X-Amz-Expires" => &mut self.expires,
            b"X-Amz-Security-Token" => &mut self.security_token,
            b"X-Amz-Signature" => &mut self.signature,
            b"X-Amz-SignedHeaders" => &mut self.signed_headers,
            _ => return None,
        })
    }

    fn into_claims(self, request: &Request<'a>) -> Result<Claims<'a>, Error> {
        let mut missing = String::new();
        let mut required = |name: &str, value: Option<Cow<'a, str>>| {
            let value = value.unwrap_or_default();
            if value.is_empty() {
                let _ = write!(
                    missing,
                    "AWS query-string parameters must include '{name}'. "
                );
            }
            value
        };
        let claims = Claims {
            form: Form::Query,
            algorithm: required("X-Amz-Algorithm", self.algorithm),
            credential: required("X-Amz-Credential", self.credential),
            signature: required("X-Amz-Signature", self.signature),
            signed_headers: required("X-Amz-SignedHeaders", self.signed_headers),
            date: required("X-Amz-Date", self.date),
            lifetime: self.expires,
            session_token: self
                .security_token
                .or_else(|| request.header("x-amz-security-token")),
        };
        if missing.is_empty() {
            Ok(claims)
        } else {
            Err(Error::Incomplete(missing + RE_EXAMINE))
        }
    }
}

fn text(bytes: Cow<'_, [u8]>) -> Cow<'_, str> {
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

const RE_EXAMINE: &str = "Re-examine the query-string parameters.";
