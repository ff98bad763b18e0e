use crate::canonical::{ALGORITHM, Form, canonical_request, string_to_sign};
use crate::credential::TERMINATOR;
use crate::encoding::encoded;
use crate::{Request, Scope, SigningKey};
use base::Timestamp;
use data_encoding::HEXLOWER;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};

/// What a client signs with.
///
/// INVARIANT: no `Debug`, since it holds a secret.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The id of the access key.
    pub access_key_id: &'a str,
    /// Its secret.
    pub secret_access_key: &'a [u8],
    /// The token of a session, if the key is a temporary one.
    pub session_token: Option<&'a str>,
}

/// Why a request cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum NotSignable {
    /// The request states a hash of its body that is not this body's.
    #[error("the header `x-amz-content-sha256` is not the hash of the body")]
    BodyHash,
    /// The access key or the token holds characters that a header cannot.
    #[error("the access key or token cannot stand in a header")]
    Header(#[from] InvalidHeaderValue),
}

/// The headers to add so that `request` is signed: `authorization`, `x-amz-date` and, with a
/// session, `x-amz-security-token`.
///
/// Signs every header that the request has, save those that proxies change. The request needs
/// `host`.
pub fn sign(
    request: &Request<'_>,
    credentials: &Credentials<'_>,
    region: &str,
    service: &str,
    now: Timestamp,
) -> Result<HeaderMap, NotSignable> {
    let mut added = HeaderMap::with_capacity(3);
    added.insert(DATE, HeaderValue::from_str(&now.to_basic())?);
    if let Some(token) = credentials.session_token {
        added.insert(TOKEN, HeaderValue::from_str(token)?);
    }
    let mut headers = request.headers.clone();
    headers.extend(added.clone());
    let signing = Signing::new(credentials, region, service, now);
    let names = signed_headers(&headers);
    let complete = Request {
        headers: &headers,
        ..*request
    };
    let signature = signing.signature(&complete, Form::Header, &names)?;
    let authorization = format!(
        "{ALGORITHM} Credential={}, SignedHeaders={names}, Signature={signature}",
        signing.credential()
    );
    added.insert(AUTHORIZATION, HeaderValue::from_str(&authorization)?);
    Ok(added)
}

/// The query that makes `request` a presigned one, good for `lifetime_seconds`. It holds the
/// request's own query.
pub fn presign(
    request: &Request<'_>,
    credentials: &Credentials<'_>,
    region: &str,
    service: &str,
    now: Timestamp,
    lifetime_seconds: u32,
) -> Result<String, NotSignable> {
    let signing = Signing::new(credentials, region, service, now);
    let names = signed_headers(request.headers);
    let mut query = String::from(request.query);
    let mut add = |name: &str, value: &str| {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        query.push_str(&encoded(value));
    };
    add("X-Amz-Algorithm", ALGORITHM);
    add("X-Amz-Credential", &signing.credential());
    add("X-Amz-Date", &signing.date);
    add("X-Amz-SignedHeaders", &names);
    add("X-Amz-Expires", &lifetime_seconds.to_string());
    if let Some(token) = credentials.session_token {
        add("X-Amz-Security-Token", token);
    }
    let complete = Request {
        query: &query,
        ..*request
    };
    let signature = signing.signature(&complete, Form::Query, &names)?;
    Ok(query + "&X-Amz-Signature=" + &signature)
}

/// One act of signing: the date and scope that every text of it shares.
struct Signing<'a> {
    access_key_id: &'a str,
    date: String,
    scope: String,
    key: SigningKey,
}

impl<'a> Signing<'a> {
    fn new(credentials: &Credentials<'a>, region: &str, service: &str, now: Timestamp) -> Self {
        let day = now.to_basic_date();
        let scope = Scope {
            date: &day,
            region,
            service,
        };
        Self {
            access_key_id: credentials.access_key_id,
            date: now.to_basic(),
            key: SigningKey::derive(credentials.secret_access_key, scope),
            scope: format!("{day}/{region}/{service}/{TERMINATOR}"),
        }
    }

    fn credential(&self) -> String {
        format!("{}/{}", self.access_key_id, self.scope)
    }

    fn signature(
        &self,
        request: &Request<'_>,
        form: Form,
        names: &str,
    ) -> Result<String, NotSignable> {
        // `names` are the request's own, so that none is absent: only the body's hash can be wrong.
        let canonical =
            canonical_request(request, form, names).map_err(|_| NotSignable::BodyHash)?;
        let text = string_to_sign(&canonical, &self.date, &self.scope);
        Ok(HEXLOWER.encode(self.key.sign(&text).as_ref()))
    }
}

/// The names of the headers to sign, in order.
fn signed_headers(headers: &HeaderMap) -> String {
    let mut names: Vec<&str> = headers
        .keys()
        .map(HeaderName::as_str)
        .filter(|name| !UNSIGNED.contains(name))
        .collect();
    names.sort_unstable();
    names.join(";")
}

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// What AWS's own clients leave unsigned, because servers in between add or change it.
const UNSIGNED: [&str; 6] = [
    "authorization",
    "connection",
    "expect",
    "transfer-encoding",
    "user-agent",
    "x-amzn-trace-id",
];
