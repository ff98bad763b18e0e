//! What a token says, after its signature was verified.

use super::error::WebIdentityError;
use super::json::{Json, Object};
use base::{IssuerUrl, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use wire::patterns;

/// What a verified token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    /// `iss`.
    pub(crate) issuer: IssuerUrl,
    /// `sub`.
    pub(crate) subject: String,
    /// For which client: `azp` where the token has it, else the client id found in `aud`.
    pub(crate) audience: String,
    /// `azp`.
    pub(crate) authorized_party: Option<String>,
    /// `amr`.
    pub(crate) amr: Vec<String>,
    /// `exp`.
    pub(crate) expires: Timestamp,
    /// Tags for the session.
    pub(crate) session_tags: SessionTags,
    /// `https://aws.amazon.com/source_identity`.
    pub(crate) source_identity: Option<String>,
    /// Every claim whose value is a text or a list of texts, by name.
    pub(crate) texts: BTreeMap<String, Vec<String>>,
}

/// Tags that a token gives to the session, as they stand: nothing is looked up or compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionTags {
    /// Keys and values.
    pub(crate) principal: BTreeMap<String, String>,
    /// The keys of the tags that sessions after this one keep.
    pub(crate) transitive: Vec<String>,
}

impl Claims {
    /// Reads verified claims of `issuer` and accepts those that are for one of `client_ids` and for
    /// `now`.
    pub(super) fn read(
        issuer: IssuerUrl,
        claims: &Object,
        client_ids: &[String],
        now: Timestamp,
    ) -> Result<Self, WebIdentityError> {
        let expires = lifetime(claims, now)?;
        let authorized_party = text(claims, "azp")?;
        let audience = audience(claims, authorized_party.as_deref(), client_ids)?;
        let subject = text(claims, "sub")?.filter(|subject| !subject.is_empty());
        Ok(Self {
            issuer,
            subject: subject.ok_or(WebIdentityError::MissingClaim("sub"))?,
            audience,
            authorized_party,
            amr: texts(claims, "amr")?.unwrap_or_default(),
            expires,
            session_tags: SessionTags::read(claims)?,
            source_identity: text(claims, SOURCE_IDENTITY)?,
            texts: claims
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.texts()?)))
                .collect(),
        })
    }

    /// The condition keys that the token gives, with their values: `issuer.example/path:sub`.
    ///
    /// COMPAT: with `azp`, the key `aud` has its value, and `oaud` has what `aud` says. AWS gives the
    /// claims that it knows; here each claim with a text or texts is a key.
    ///
    /// SECURITY: condition keys are compared without case. Of two claims whose names differ in case
    /// only, one could pose as the other, so neither becomes a key unless it is one that OpenID
    /// Connect names. A name with a colon could pose as a claim of another issuer.
    pub(crate) fn condition_keys(&self) -> BTreeMap<String, Vec<String>> {
        let prefix = self.issuer.bare();
        let key = |name: &str| format!("{prefix}:{name}");
        let twins = self.names_that_differ_in_case_only();
        let mut keys: BTreeMap<String, Vec<String>> = self
            .texts
            .iter()
            .filter(|(name, _)| !name.contains(':') && !name.is_empty())
            .filter(|(name, _)| is_standard(name) || !twins.contains(&name.to_lowercase()))
            .map(|(name, values)| (key(name), values.clone()))
            .collect();
        keys.remove(&key("oaud"));
        let audience = vec![self.audience.clone()];
        let named = keys.insert(key("aud"), audience).unwrap_or_default();
        if self.authorized_party.is_some() {
            keys.insert(key("oaud"), named);
        }
        keys
    }

    /// In lower case: names that stand more than once, and those of the standard's names that stand
    /// in another case.
    fn names_that_differ_in_case_only(&self) -> BTreeSet<String> {
        let mut seen: BTreeSet<String> = STANDARD.iter().map(|name| (*name).to_owned()).collect();
        let others = self.texts.keys().filter(|name| !is_standard(name));
        others
            .map(|name| name.to_lowercase())
            .filter(|name| !seen.insert(name.clone()))
            .collect()
    }
}

impl SessionTags {
    /// Whether keys and values are such as `AssumeRole` takes.
    pub(crate) fn are_well_formed(&self) -> bool {
        let is_key = |key: &str| (patterns::TAG_KEY.matches)(key) && key.chars().count() <= 128;
        let is_value =
            |value: &str| (patterns::TAG_VALUE.matches)(value) && value.chars().count() <= 256;
        self.principal
            .iter()
            .all(|(key, value)| is_key(key) && is_value(value))
            && self.transitive.iter().all(|key| is_key(key))
    }

    /// COMPAT: AWS reads the tags nested in one claim, or flat as claims of their own.
    fn read(claims: &Object) -> Result<Self, WebIdentityError> {
        let malformed = WebIdentityError::Claim(TAGS);
        let nested = claims.get(TAGS).map(Self::nested);
        let flat = Self::flat(claims);
        match (nested, flat) {
            (None, Some(flat)) => Ok(flat),
            (Some(Some(nested)), Some(flat)) if flat == Self::default() => Ok(nested),
            _ => Err(malformed),
        }
    }

    fn nested(tags: &Json) -> Option<Self> {
        let tags = tags.members()?;
        let principal = match tags.get("principal_tags") {
            None => BTreeMap::new(),
            Some(principal) => principal
                .members()?
                .iter()
                .map(|(key, value)| Some((key.clone(), only(value)?)))
                .collect::<Option<_>>()?,
        };
        Some(Self {
            principal,
            transitive: transitive(tags.get("transitive_tag_keys"))?,
        })
    }

    fn flat(claims: &Object) -> Option<Self> {
        let principal = claims.iter().filter_map(|(name, value)| {
            let key = name.strip_prefix(FLAT_TAG)?;
            Some(only(value).map(|value| (key.to_owned(), value)))
        });
        Some(Self {
            principal: principal.collect::<Option<_>>()?,
            transitive: transitive(claims.get(FLAT_TRANSITIVE))?,
        })
    }
}

/// When the token ends, if it is good at `now`. Its end is exact; that clocks differ is allowed for
/// in its beginning only.
fn lifetime(claims: &Object, now: Timestamp) -> Result<Timestamp, WebIdentityError> {
    let expires = moment(claims, "exp")?.ok_or(WebIdentityError::MissingClaim("exp"))?;
    if expires <= now {
        return Err(WebIdentityError::Expired { now, expires });
    }
    for name in ["nbf", "iat"] {
        let begins = moment(claims, name)?;
        if begins.is_some_and(|begins| begins > now.plus_seconds(LEEWAY_SECONDS)) {
            return Err(WebIdentityError::NotYetValid);
        }
    }
    Ok(expires)
}

/// COMPAT: where a token has `azp`, that is its audience for AWS.
///
/// SECURITY: `aud` must name a client of ours all the same. A token that a client of ours got for
/// somebody else's service is not to open ours when that service hands it on.
fn audience(
    claims: &Object,
    authorized_party: Option<&str>,
    client_ids: &[String],
) -> Result<String, WebIdentityError> {
    let named = texts(claims, "aud")?.ok_or(WebIdentityError::MissingClaim("aud"))?;
    let is_client = |name: &str| client_ids.iter().any(|id| id == name);
    let matched = named.into_iter().find(|name| is_client(name));
    match (matched, authorized_party) {
        (Some(matched), None) => Ok(matched),
        (Some(_), Some(party)) if is_client(party) => Ok(party.to_owned()),
        _ => Err(WebIdentityError::Audience),
    }
}

fn text(claims: &Object, name: &'static str) -> Result<Option<String>, WebIdentityError> {
    let read = |claim: &Json| claim.text().map(str::to_owned);
    member(claims, name, read)
}

fn texts(claims: &Object, name: &'static str) -> Result<Option<Vec<String>>, WebIdentityError> {
    member(claims, name, Json::texts)
}

/// Seconds since 1970, perhaps with a fraction.
fn moment(claims: &Object, name: &'static str) -> Result<Option<Timestamp>, WebIdentityError> {
    member(claims, name, |claim| {
        let Json::Number(seconds) = claim else {
            return None;
        };
        let since = Duration::try_from_secs_f64(*seconds).ok()?;
        let millis = i64::try_from(since.as_millis()).ok()?;
        (millis < YEAR_10000).then(|| Timestamp::from_millis(millis))
    })
}

fn member<T>(
    claims: &Object,
    name: &'static str,
    read: impl FnOnce(&Json) -> Option<T>,
) -> Result<Option<T>, WebIdentityError> {
    claims
        .get(name)
        .map(|claim| read(claim).ok_or(WebIdentityError::Claim(name)))
        .transpose()
}

/// A text, alone or as the only one of a list.
fn only(value: &Json) -> Option<String> {
    let [only] = <[String; 1]>::try_from(value.texts()?).ok()?;
    Some(only)
}

fn transitive(keys: Option<&Json>) -> Option<Vec<String>> {
    keys.map_or_else(|| Some(Vec::new()), Json::texts)
}

fn is_standard(name: &str) -> bool {
    STANDARD.contains(&name)
}

/// What policies rely on, in the case that OpenID Connect gives.
const STANDARD: &[&str] = &["amr", "aud", "azp", "email", "iss", "jti", "oaud", "sub"];
/// The claim with the tags for the session.
pub(crate) const TAGS: &str = "https://aws.amazon.com/tags";
const FLAT_TAG: &str = "https://aws.amazon.com/tags/principal_tags/";
const FLAT_TRANSITIVE: &str = "https://aws.amazon.com/tags/transitive_tag_keys";
/// The claim that says who it is behind the session.
pub(crate) const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";
/// How far ahead the issuer's clock may be.
const LEEWAY_SECONDS: i64 = 300;
/// In milliseconds. What is later is no date.
const YEAR_10000: i64 = 253_402_300_800_000;

#[cfg(test)]
mod tests;
