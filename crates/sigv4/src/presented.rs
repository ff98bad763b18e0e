use crate::canonical::{ALGORITHM, Form, canonical_request, string_to_sign};
use crate::credential::{Credential, TERMINATOR};
use crate::{Error, Request, Scope, SigningKey, authorization, date, presigned};
use base::Timestamp;
use data_encoding::HEXLOWER;
use std::borrow::Cow;
use std::fmt::{self, Write};

/// What a request claims about who signed it, when and for where. A claim, until
/// [`Presented::verify`] says otherwise.
///
/// INVARIANT: no `Clone`, and `Debug` shows neither the session token nor the signature.
pub struct Presented {
    form: Form,
    credential: Credential,
    /// The moment of signing in the basic form, as in the string to sign.
    date: String,
    signed_at: Timestamp,
    session_token: Option<Box<str>>,
    /// `None` when the text presented is no signature at all.
    signature: Option<[u8; 32]>,
    signed_headers: Box<str>,
}

impl Presented {
    /// Reads the claim and refuses one that is malformed, outside its time or leaves unsigned what
    /// has to be signed. Refusals come in AWS's order.
    pub fn read(request: &Request<'_>, now: Timestamp) -> Result<Self, Error> {
        let header = request.header("authorization");
        match (header, presigned::is_presigned(request.query)) {
            (Some(_), true) => Err(Error::BothForms),
            (None, true) => Self::from_claims(presigned::claims(request)?, request, now),
            (Some(header), false) if header.trim_start().starts_with("AWS4-") => {
                let claims = authorization::claims(request, header.trim())?;
                Self::from_claims(claims, request, now)
            }
            (_, false) => Err(Error::MissingToken),
        }
    }

    fn from_claims(
        claims: Claims<'_>,
        request: &Request<'_>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let signed_at = claims.current(now)?;
        refuse_unsigned(request, &claims)?;
        if claims.algorithm != ALGORITHM {
            return Err(Error::UnsupportedAlgorithm(claims.algorithm.into_owned()));
        }
        Ok(Self {
            form: claims.form,
            credential: Credential::parse(&claims.credential)?,
            date: signed_at.to_basic(),
            signed_at,
            session_token: claims.session_token.map(|token| token.into()),
            signature: signature(&claims.signature),
            signed_headers: claims.signed_headers.into(),
        })
    }

    /// Refuses a scope that is not this endpoint's: an unknown Region, another service than
    /// `service`, another day than that of the request.
    pub fn in_scope(
        &self,
        service: &str,
        region_is_valid: impl Fn(&str) -> bool,
    ) -> Result<(), Error> {
        let scope = self.scope();
        let terminator = self.credential.terminator();
        let day = self.date.split('T').next().unwrap_or_default();
        let mut text = String::new();
        if !region_is_valid(scope.region) {
            let region = scope.region;
            let _ = write!(
                text,
                "Credential should be scoped to a valid region, not '{region}'. "
            );
        }
        if scope.service != service {
            let _ = write!(
                text,
                "Credential should be scoped to correct service: '{service}'. "
            );
        }
        if terminator != TERMINATOR {
            let _ = write!(
                text,
                "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'. "
            );
        }
        if scope.date != day {
            let _ = write!(
                text,
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '{}' != '{day}', from '{}'.",
                scope.date, self.date
            );
        }
        if text.is_empty() {
            Ok(())
        } else {
            Err(Error::OutOfScope(text))
        }
    }

    /// Confirms that whoever holds `key` signed `request`, which is the one that was read.
    pub fn verify(&self, request: &Request<'_>, key: &SigningKey) -> Result<(), Error> {
        let canonical = self.canonical(request)?;
        let text = string_to_sign(&canonical, &self.date, self.credential.scope_text());
        match &self.signature {
            Some(signature) if key.signed(&text, signature) => Ok(()),
            _ => Err(Error::Mismatch),
        }
    }

    /// The access key that the request claims.
    pub fn access_key_id(&self) -> &str {
        self.credential.access_key_id()
    }

    /// The day, Region and service that the request claims to be signed for.
    pub fn scope(&self) -> Scope<'_> {
        self.credential.scope()
    }

    /// The session token that came with the request. Not bound by the signature in every form; it
    /// has to prove by itself that it belongs to the access key.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// When the request claims to have been signed.
    pub fn signed_at(&self) -> Timestamp {
        self.signed_at
    }

    /// Whether the signature came in the query.
    pub fn is_presigned(&self) -> bool {
        self.form == Form::Query
    }

    /// The canonical request as computed here, to compare with a client's when they disagree.
    pub fn canonical_request(&self, request: &Request<'_>) -> Result<String, Error> {
        let canonical = self.canonical(request)?;
        Ok(String::from_utf8_lossy(&canonical).into_owned())
    }

    /// The string to sign as computed here, to compare with a client's when they disagree.
    pub fn string_to_sign(&self, request: &Request<'_>) -> Result<String, Error> {
        let canonical = self.canonical(request)?;
        let text = string_to_sign(&canonical, &self.date, self.credential.scope_text());
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn canonical(&self, request: &Request<'_>) -> Result<Vec<u8>, Error> {
        canonical_request(request, self.form, &self.signed_headers)
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("form", &self.form)
            .field("access_key_id", &self.access_key_id())
            .field("scope", &self.scope())
            .field("date", &self.date)
            .finish_non_exhaustive()
    }
}

/// The claims of either form, as sent.
pub(crate) struct Claims<'a> {
    pub(crate) form: Form,
    pub(crate) algorithm: Cow<'a, str>,
    pub(crate) credential: Cow<'a, str>,
    pub(crate) date: Cow<'a, str>,
    /// `X-Amz-Expires`.
    pub(crate) lifetime: Option<Cow<'a, str>>,
    pub(crate) session_token: Option<Cow<'a, str>>,
    pub(crate) signature: Cow<'a, str>,
    pub(crate) signed_headers: Cow<'a, str>,
}

impl Claims<'_> {
    /// The moment of signing, if `now` is within the lifetime that it began.
    fn current(&self, now: Timestamp) -> Result<Timestamp, Error> {
        let signed_at =
            date::parse(&self.date).ok_or_else(|| Error::DateForm(self.date.to_string()))?;
        let lifetime_seconds = self.lifetime_seconds()?;
        if signed_at.plus_seconds(lifetime_seconds) < now {
            return Err(Error::Expired {
                signed_at,
                now,
                lifetime_seconds,
            });
        }
        if signed_at > now.plus_seconds(SKEW_SECONDS) {
            return Err(Error::NotYetCurrent {
                signed_at,
                now,
                skew_seconds: SKEW_SECONDS,
            });
        }
        Ok(signed_at)
    }

    fn lifetime_seconds(&self) -> Result<i64, Error> {
        let Some(text) = &self.lifetime else {
            return Ok(SKEW_SECONDS);
        };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(seconds @ 1..=LONGEST_LIFETIME_SECONDS) if digits => Ok(seconds),
            _ => Err(Error::Incomplete(format!(
                "X-Amz-Expires must be a number of seconds between 1 and \
                 {LONGEST_LIFETIME_SECONDS}. Got '{text}'."
            ))),
        }
    }
}

/// SECURITY: `host` has to be signed, so that a request for one server cannot be sent to another,
/// and so has every `x-amz-*` header, since the service acts on them.
///
/// COMPAT: a session token may be added to the headers after signing, as AWS's test suite does
/// (`post-sts-header-after`). It names the session whose key verifies the signature, so another
/// token does not verify.
///
/// SECURITY: a header is listed once and in lower case, so that the canonical request is never much
/// longer than the request.
fn refuse_unsigned(request: &Request<'_>, claims: &Claims<'_>) -> Result<(), Error> {
    let mut signed: Vec<&str> = claims.signed_headers.split(';').collect();
    signed.sort_unstable();
    if signed.binary_search(&"host").is_err() {
        return Err(Error::Unsigned(String::from("Host")));
    }
    let listed_twice = signed.windows(2).any(|pair| pair.first() == pair.last());
    if listed_twice
        || claims
            .signed_headers
            .bytes()
            .any(|b| b.is_ascii_uppercase())
    {
        return Err(Error::Incomplete(format!(
            "'SignedHeaders' must list each header once and in lower case. Got '{}'.",
            claims.signed_headers
        )));
    }
    let unsigned = request
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| name.starts_with("x-amz-"))
        .filter(|name| claims.form == Form::Query || *name != "x-amz-security-token")
        .find(|name| signed.binary_search(name).is_err());
    match unsigned {
        Some(name) => Err(Error::Unsigned(name.to_owned())),
        None => Ok(()),
    }
}

/// The bytes of a signature: 64 lower-case hexadecimal digits.
fn signature(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    if text.len() != 64 {
        return None;
    }
    HEXLOWER.decode_mut(text.as_bytes(), &mut bytes).ok()?;
    Some(bytes)
}

const SKEW_SECONDS: i64 = 15 * 60;
const LONGEST_LIFETIME_SECONDS: i64 = 7 * 24 * 60 * 60;
