//! What a connection authorizes with: from the parameters of a request to what is stored and what is sealed.
//!
//! COMPAT: an update keeps what it does not give, unless the type is another one; parameters of requests are
//! replaced together. AWS's words for parameters that do not go with the type are not known.

use super::credentials::Secrets;
use super::error::Error;
use super::headers;
use super::http_shapes::{ChangedAuthorization, GivenHttp, NewAuthorization};
use super::records::{Authorization, Connection, Parameter, Place};
use base::Plaintext;

/// What a request gives.
#[derive(Default)]
pub(super) struct Given<'a> {
    basic: Option<Pair<'a>>,
    api_key: Option<Pair<'a>>,
    http: Option<&'a GivenHttp>,
    has_oauth: bool,
    has_connectivity: bool,
}

/// A name, and the secret that goes with it.
type Pair<'a> = (Option<&'a str>, Option<&'a Plaintext>);

/// What a connection authorizes with. The secrets are lent.
pub(super) struct Agreed<'a> {
    pub(super) authorization: Authorization,
    pub(super) parameters: Option<Vec<Parameter>>,
    pub(super) credential: &'a [u8],
    /// Those of the parameters that are secrets, in their order.
    pub(super) values: Vec<&'a [u8]>,
}

impl<'a> From<&'a NewAuthorization> for Given<'a> {
    fn from(given: &'a NewAuthorization) -> Self {
        let basic = given.basic.as_ref();
        let api_key = given.api_key.as_ref();
        Self {
            basic: basic.map(|one| (Some(one.username.as_str()), Some(&one.password))),
            api_key: api_key.map(|one| (Some(one.name.as_str()), Some(&one.value))),
            http: given.http.as_ref(),
            has_oauth: given.oauth.is_some(),
            has_connectivity: given.connectivity.is_some(),
        }
    }
}

impl<'a> From<&'a ChangedAuthorization> for Given<'a> {
    fn from(given: &'a ChangedAuthorization) -> Self {
        let basic = given.basic.as_ref();
        let api_key = given.api_key.as_ref();
        Self {
            basic: basic.map(|one| (one.username.as_deref(), one.password.as_ref())),
            api_key: api_key.map(|one| (one.name.as_deref(), one.value.as_ref())),
            http: given.http.as_ref(),
            has_oauth: given.oauth.is_some(),
            has_connectivity: given.connectivity.is_some(),
        }
    }
}

/// What the connection authorizes with by `kind`, after what was `given` and what it had.
///
/// # Errors
/// [`Error::Validation`] for what does not go together, cannot be written, or is not built.
pub(super) fn agree<'a>(
    kind: &str,
    given: &Given<'a>,
    had: Option<(&Connection, &'a Secrets)>,
) -> Result<Agreed<'a>, Error> {
    if given.has_oauth || kind == OAUTH {
        return Err(Error::unsupported(
            "The authorization type OAUTH_CLIENT_CREDENTIALS",
        ));
    }
    if given.has_connectivity {
        return Err(Error::unsupported("ConnectivityParameters"));
    }
    let (own, other, needed) = match kind {
        BASIC => (given.basic, given.api_key, "BasicAuthParameters"),
        _ => (given.api_key, given.basic, "ApiKeyAuthParameters"),
    };
    if other.is_some() {
        let reason = format!("The authorization type {kind} has {needed} only.");
        return Err(Error::invalid("AuthParameters", &reason));
    }
    let kept = had.filter(|(connection, _)| connection.authorization.name() == kind);
    let kept_name = kept.map(|(connection, _)| match &connection.authorization {
        Authorization::Basic { username } => username.as_str(),
        Authorization::ApiKey { name } => name.as_str(),
    });
    let (name, secret) = own.unwrap_or_default();
    let name = name.or(kept_name);
    let secret = secret.or(kept.map(|(_, secrets)| &secrets.credential));
    let (Some(name), Some(secret)) = (name, secret) else {
        let reason = format!("The authorization type {kind} needs {needed}.");
        return Err(Error::invalid("AuthParameters", &reason));
    };
    let (parameters, values) = match (given.http, had) {
        (Some(http), _) => parameters(http)?,
        (None, Some((connection, secrets))) => (
            connection.parameters.clone(),
            secrets.values.iter().map(Plaintext::expose).collect(),
        ),
        (None, None) => (None, Vec::new()),
    };
    Ok(Agreed {
        authorization: authorization(kind, name)?,
        parameters,
        credential: secret.expose(),
        values,
    })
}

fn authorization(kind: &str, name: &str) -> Result<Authorization, Error> {
    let name = name.to_owned();
    if kind == BASIC {
        return Ok(Authorization::Basic { username: name });
    }
    // One that is taken out again would authorize nobody.
    if !headers::is_name(&name) || headers::is_taken_out(&name.to_ascii_lowercase()) {
        return Err(Error::invalid(
            "ApiKeyName",
            "It cannot be sent as a header.",
        ));
    }
    Ok(Authorization::ApiKey { name })
}

type Parameters<'a> = (Option<Vec<Parameter>>, Vec<&'a [u8]>);

fn parameters(given: &GivenHttp) -> Result<Parameters<'_>, Error> {
    let headers = given.headers.iter().flatten();
    let headers = headers.map(|one| (Place::Header, &one.key, &one.value, one.is_secret));
    let query = given.query.iter().flatten();
    let query = query.map(|one| (Place::Query, &one.key, &one.value, one.is_secret));
    let body = given.body.iter().flatten();
    let body = body.map(|one| (Place::Body, &one.key, &one.value, one.is_secret));
    let (mut parameters, mut values, mut bytes) = (Vec::new(), Vec::new(), 0);
    for (place, key, value, is_secret) in headers.chain(query).chain(body) {
        let refused = |reason: &str| Error::invalid("InvocationHttpParameters", reason);
        let key = key.as_deref().filter(|key| !key.is_empty());
        let (Some(key), Some(value)) = (key, value) else {
            return Err(refused("A parameter has a Key and a Value."));
        };
        if place == Place::Header && !headers::is_name(key) {
            return Err(refused("A Key cannot be sent as a header."));
        }
        bytes += key.len() + value.len();
        if bytes > MOST_BYTES {
            return Err(refused("The parameters have more than 64 KiB."));
        }
        let is_secret = is_secret == Some(true);
        if is_secret {
            values.push(value.expose());
        }
        let shown = || String::from_utf8_lossy(value.expose()).into_owned();
        parameters.push(Parameter {
            place,
            key: key.to_owned(),
            value: (!is_secret).then(shown),
        });
    }
    Ok((Some(parameters), values))
}

const BASIC: &str = "BASIC";
const OAUTH: &str = "OAUTH_CLIENT_CREDENTIALS";
/// Of all parameters together.
const MOST_BYTES: usize = 64 << 10;
