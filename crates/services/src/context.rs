//! Condition keys: what a request, its caller and its resource say of themselves to policies.
//!
//! Global keys: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.
//! A key that has no value in a request is absent, never empty.

use crate::audit::Facts;
use crate::authorize::Resource;
use crate::identity::{Identity, Principal, WebIdentity};
use crate::tags::{Tags, same_key};
use base::AccountId;
use policy::{Context, Values};
use std::borrow::Cow;
use std::cell::Cell;

/// The keys that one operation brings: its parameters, in the names of its service.
#[derive(Default)]
pub(crate) struct Keys<'a> {
    named: Vec<(&'static str, Values<'a>)>,
    pairs: Vec<(&'static str, Vec<(&'a str, &'a str)>)>,
    tags: Option<Vec<(&'a str, &'a str)>>,
    tag_keys: Option<Vec<&'a str>>,
}

impl<'a> Keys<'a> {
    /// None.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// The key `name`, in lower case, with this value.
    #[must_use]
    pub(crate) fn text(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.named.push((name, Values::One(value.into())));
        self
    }

    /// The key, if it has a value.
    #[must_use]
    pub(crate) fn opt_text<T: Into<Cow<'a, str>>>(
        self,
        name: &'static str,
        value: Option<T>,
    ) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// The key with a truth value, if it has one.
    #[must_use]
    pub(crate) fn flag(self, name: &'static str, value: Option<bool>) -> Self {
        self.opt_text(
            name,
            value.map(|value| if value { "true" } else { "false" }),
        )
    }

    /// The key with several values, if there are any.
    #[must_use]
    pub(crate) fn texts(
        mut self,
        name: &'static str,
        values: Option<impl IntoIterator<Item = &'a str>>,
    ) -> Self {
        if let Some(values) = values {
            let values = values.into_iter().map(Cow::Borrowed).collect();
            self.named.push((name, Values::Many(values)));
        }
        self
    }

    /// A key for each name of `pairs`, after `prefix` in lower case.
    #[must_use]
    pub(crate) fn pairs(mut self, prefix: &'static str, pairs: Vec<(&'a str, &'a str)>) -> Self {
        self.pairs.push((prefix, pairs));
        self
    }

    /// Tags that the request sets: `aws:RequestTag/…` and `aws:TagKeys`.
    #[must_use]
    pub(crate) fn tags(mut self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let tags: Vec<_> = tags.into_iter().collect();
        self.tag_keys = Some(tags.iter().map(|(key, _)| *key).collect());
        self.tags = Some(tags);
        self
    }

    /// The same, if the request sets any.
    #[must_use]
    pub(crate) fn opt_tags(
        self,
        tags: Option<impl IntoIterator<Item = (&'a str, &'a str)>>,
    ) -> Self {
        match tags {
            Some(tags) => self.tags(tags),
            None => self,
        }
    }

    /// Keys of tags that the request takes away: `aws:TagKeys`.
    #[must_use]
    pub(crate) fn tag_keys(mut self, keys: impl IntoIterator<Item = &'a str>) -> Self {
        self.tag_keys = Some(keys.into_iter().collect());
        self
    }

    fn find(&self, key: &str) -> Option<Values<'_>> {
        let (_, values) = self.named.iter().find(|(name, _)| *name == key)?;
        Some(values.clone())
    }

    fn request_tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags.iter().flatten().copied()
    }
}

/// Everything that conditions may ask about one request.
pub(crate) struct Conditions<'a> {
    asker: Asker<'a>,
    facts: &'a Facts<'a>,
    owner: Option<&'a AccountId>,
    resource_tags: Option<&'a Tags>,
    keys: &'a Keys<'a>,
    was_ambiguous: Cell<bool>,
}

/// Who asks.
#[derive(Clone, Copy)]
enum Asker<'a> {
    Principal(&'a Principal),
    WebIdentity(&'a WebIdentity),
    /// By its principal.
    Service(&'a str),
}

impl<'a> Conditions<'a> {
    pub(crate) fn of(
        principal: &'a Principal,
        facts: &'a Facts<'a>,
        resource: &Resource<'a>,
        keys: &'a Keys<'a>,
    ) -> Self {
        Self::asked_by(Asker::Principal(principal), facts, resource, keys)
    }

    /// Of a request that nobody signed: there are no keys about a principal, but those of the
    /// token.
    pub(crate) fn of_web_identity(
        web_identity: &'a WebIdentity,
        facts: &'a Facts<'a>,
        resource: &Resource<'a>,
        keys: &'a Keys<'a>,
    ) -> Self {
        Self::asked_by(Asker::WebIdentity(web_identity), facts, resource, keys)
    }

    /// Of a call that a service makes in its own name.
    pub(crate) fn of_service(
        service: &'a str,
        facts: &'a Facts<'a>,
        resource: &Resource<'a>,
        keys: &'a Keys<'a>,
    ) -> Self {
        Self::asked_by(Asker::Service(service), facts, resource, keys)
    }

    fn asked_by(
        asker: Asker<'a>,
        facts: &'a Facts<'a>,
        resource: &Resource<'a>,
        keys: &'a Keys<'a>,
    ) -> Self {
        Self {
            asker,
            facts,
            owner: resource.owner,
            resource_tags: resource.tags,
            keys,
            was_ambiguous: Cell::new(false),
        }
    }

    /// Whether a policy asked, since this was asked last, for a tag key that stands there twice with
    /// different values.
    ///
    /// SECURITY: keys are compared without case, and secrets may have been given keys that differ
    /// in nothing else. No value that could be shown is right for every operator: with either one,
    /// or both as a multi-valued key, some `Deny` would not match or some `Allow` would. So a
    /// decision for which the key was asked must not allow. A statement that never asked does not
    /// depend on it.
    pub(crate) fn take_ambiguity(&self) -> bool {
        self.was_ambiguous.take()
    }

    /// The value of the tag `key` among `tags`, whatever its case.
    fn tag<'b>(
        &self,
        tags: impl Iterator<Item = (&'b str, &'b str)>,
        key: &str,
    ) -> Option<Values<'b>> {
        let mut values = tags
            .filter(|(name, _)| same_key(name, key))
            .map(|(_, value)| value);
        let value = values.next()?;
        if values.any(|other| other != value) {
            self.was_ambiguous.set(true);
        }
        Some(one(value))
    }

    fn principal(&self) -> Option<&'a Principal> {
        match self.asker {
            Asker::Principal(principal) => Some(principal),
            Asker::WebIdentity(_) | Asker::Service(_) => None,
        }
    }

    /// The service that calls in its own name.
    fn service(&self) -> Option<&'a str> {
        match self.asker {
            Asker::Service(name) => Some(name),
            Asker::Principal(_) | Asker::WebIdentity(_) => None,
        }
    }

    /// `aws:<name>`.
    fn global(&self, name: &str) -> Option<Values<'_>> {
        match name {
            "currenttime" => Some(one(self.facts.now.to_iso())),
            "epochtime" => Some(one((self.facts.now.as_millis() / 1_000).to_string())),
            // Without a signature no Region is named.
            "requestedregion" => {
                let is_known = self.principal().is_some() || self.service().is_some();
                is_known.then(|| one(self.facts.region))
            }
            "resourceaccount" => self.owner.map(|owner| one(owner.as_str())),
            "tagkeys" => self.keys.tag_keys.as_ref().map(|keys| many(keys)),
            "viaawsservice" => Some(one(truth(self.facts.via.is_some()))),
            "calledvia" => self.facts.via.map(|service| many(&[service])),
            "calledviafirst" | "calledvialast" => self.facts.via.map(one),
            "principalisawsservice" => Some(one(truth(self.service().is_some()))),
            "principalservicename" => self.service().map(one),
            // Brought by the service that calls for a resource of somebody's.
            "sourcearn" => self.keys.find("aws:sourcearn"),
            "sourceaccount" => self.keys.find("aws:sourceaccount"),
            // COMPAT: what SNS calls the same, and what its own default policy asks for.
            "sourceowner" => self.keys.find("aws:sourceowner"),
            _ => self
                .of_connection(name)
                .or_else(|| self.of_principal(name))
                .or_else(|| self.of_session(name)),
        }
    }

    fn of_connection(&self, name: &str) -> Option<Values<'_>> {
        let facts = self.facts;
        match name {
            "securetransport" => Some(one(truth(facts.is_secure))),
            "useragent" => present(facts.user_agent),
            "referer" => facts.referer.and_then(present),
            // COMPAT: through a private endpoint the address is that of the private network, which
            // has a key of its own.
            // A service that calls in its caller's name has an address of its own.
            "sourceip" if self.has_address() => Some(one(facts.source_ip)),
            "vpcsourceip" => facts.endpoint.map(|_| one(facts.source_ip)),
            "sourcevpce" => facts.endpoint.map(|endpoint| one(endpoint.id())),
            "sourcevpc" => facts.endpoint.map(|endpoint| one(endpoint.vpc())),
            _ => None,
        }
    }

    /// Whether the request came from a network that is not private.
    fn has_address(&self) -> bool {
        self.facts.endpoint.is_none() && self.facts.via.is_none() && self.service().is_none()
    }

    fn of_principal(&self, name: &str) -> Option<Values<'_>> {
        let principal = self.principal()?;
        match name {
            "principalaccount" => Some(one(principal.account().as_str())),
            "principalarn" => Some(match principal.identity() {
                Identity::Role(role) => one(role.arn()),
                Identity::Root | Identity::User(_) => one(principal.arn()),
            }),
            "principaltype" => Some(one(match principal.identity() {
                Identity::Root => "Account",
                Identity::User(_) => "User",
                Identity::Role(_) => "AssumedRole",
            })),
            "userid" => Some(one(principal.id())),
            "username" => match principal.identity() {
                Identity::User(user) => Some(one(user.name.as_str())),
                Identity::Root | Identity::Role(_) => None,
            },
            _ => None,
        }
    }

    fn of_session(&self, name: &str) -> Option<Values<'_>> {
        let session = self.principal()?.session()?;
        match name {
            // SECURITY: in whole seconds, rounded down: a policy that revokes the sessions before a
            // moment never spares one of that second.
            "tokenissuetime" => Some(one(session.issued.to_iso())),
            // COMPAT: present with temporary credentials only, on AWS too.
            "multifactorauthpresent" => Some(one("false")),
            "sourceidentity" => session.source_identity.as_deref().map(one),
            "federatedprovider" => session.federated_provider.as_deref().map(one),
            _ => None,
        }
    }

    /// One of the pairs of a prefix. Names are compared without case, as those of tags are.
    fn pair(&self, key: &str) -> Option<Values<'_>> {
        let mut prefixes = self.keys.pairs.iter();
        let (pairs, name) =
            prefixes.find_map(|(prefix, pairs)| Some((pairs, key.strip_prefix(prefix)?)))?;
        self.tag(pairs.iter().copied(), name)
    }

    fn claim(&self, key: &str) -> Option<Values<'_>> {
        let claims = match self.asker {
            Asker::Principal(principal) => &principal.session()?.claims,
            Asker::WebIdentity(web_identity) => &web_identity.claims,
            Asker::Service(_) => return None,
        };
        let values: Vec<&str> = claims
            .iter()
            .filter(|(name, _)| same_key(name, key))
            .map(|(_, value)| value.as_str())
            .collect();
        match *values {
            [] => None,
            [value] => Some(one(value)),
            _ => Some(many(&values)),
        }
    }
}

impl Context for Conditions<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        if let Some((name, tag)) = key.split_once('/') {
            match name {
                "aws:principaltag" => return self.principal()?.tag(tag).map(one),
                "aws:requesttag" => return self.tag(self.keys.request_tags(), tag),
                "aws:resourcetag" | "secretsmanager:resourcetag" | "iam:resourcetag" => {
                    return self.tag(self.resource_tags.into_iter().flat_map(Tags::iter), tag);
                }
                _ => {}
            }
        }
        match key.strip_prefix("aws:") {
            Some(name) => self.global(name),
            None => self
                .keys
                .find(key)
                .or_else(|| self.pair(key))
                .or_else(|| self.claim(key)),
        }
    }
}

fn one<'a>(value: impl Into<Cow<'a, str>>) -> Values<'a> {
    Values::One(value.into())
}

fn many<'a>(values: &[&'a str]) -> Values<'a> {
    Values::Many(values.iter().map(|value| Cow::Borrowed(*value)).collect())
}

fn present(text: &str) -> Option<Values<'_>> {
    (!text.is_empty()).then(|| one(text))
}

fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

#[cfg(test)]
mod tests;
