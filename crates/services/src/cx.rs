use crate::app::App;
use crate::audit::{self, Facts, Outcome};
use crate::authorize::{self, Action, Permit, Refused, Resource};
use crate::context::Keys;
use crate::identity::{Principal, Sessions, WebIdentity};
use crate::ports::DataKeys;
use crate::quotas::Limits;
use crate::service::Service;
use crate::tx::{Lines, Tx, Within};
use base::{
    AccountId, AwsError, CommonError, Entropy, Plaintext, RegionName, Sealer, Timestamp,
    random_uuid,
};
use serde_json::json;
use serde_json::value::to_raw_value;
use std::borrow::Cow;

/// One request, as an operation sees it: who calls, when, in which Region, and what may be used.
pub struct Cx<'a> {
    pub(crate) app: &'a App,
    pub(crate) service: &'static Service,
    pub(crate) principal: &'a Principal,
    pub(crate) region: &'a RegionName,
    pub(crate) facts: &'a Facts<'a>,
    /// The transaction of another operation that this one is a part of.
    pub(crate) within: Option<&'a Within>,
}

impl<'a> Cx<'a> {
    /// The moment of the request: the same throughout it.
    pub(crate) fn now(&self) -> Timestamp {
        self.facts.now
    }

    /// The caller's account.
    pub(crate) fn account(&self) -> &'a AccountId {
        self.principal.account()
    }

    /// How much there may be of what in `account`, which is the one that has it.
    pub(crate) fn limits_of(&self, account: &AccountId) -> &'a Limits {
        &self.app.quotas.of(account).limits
    }

    /// Chance.
    pub(crate) fn entropy(&self) -> &'a dyn Entropy {
        self.app.entropy.as_ref()
    }

    /// Seals what a caller keeps for us, such as paging tokens.
    pub(crate) fn sealer(&self) -> &'a dyn Sealer {
        self.app.sealer.as_ref()
    }

    /// Makes session tokens.
    pub(crate) fn sessions(&self) -> &'a Sessions {
        &self.app.credentials.sessions
    }

    /// KMS.
    pub(crate) fn data_keys(&self) -> &'a dyn DataKeys {
        self.app.data_keys.as_ref()
    }

    /// Notes a value that the caller gets to know or gives, in case it is a function that runs.
    pub(crate) fn note(&self, value: &Plaintext) {
        self.app.witness.note(self.facts.access_key_id, value);
    }

    /// Notes what the session with this access key gets to know too, as the caller assumes it.
    pub(crate) fn note_session(&self, assumed: &str) {
        self.app.witness.follow(self.facts.access_key_id, assumed);
    }

    /// The id of the request.
    pub(crate) fn request_id(&self) -> &'a str {
        self.facts.request_id
    }

    /// Begins a transaction, or takes part in the one that this operation is a part of.
    pub(crate) fn begin(&self) -> Tx<'a> {
        match self.within {
            Some(within) => within.begin(&self.app.ledger),
            None => self.app.ledger.begin(),
        }
    }

    /// The one question: may the caller do `action` to `resource`?
    ///
    /// # Errors
    /// [`CommonError::AccessDenied`] in AWS's words.
    pub(crate) fn authorize(
        &self,
        action: Action,
        resource: Resource<'_>,
    ) -> Result<Permit, CommonError> {
        self.authorize_with(action, resource, &Keys::none())
    }

    /// The same question, with the condition keys that the operation brings.
    ///
    /// # Errors
    /// As [`Cx::authorize`].
    pub(crate) fn authorize_with(
        &self,
        action: Action,
        resource: Resource<'_>,
        keys: &Keys<'_>,
    ) -> Result<Permit, CommonError> {
        authorize::authorize(self.principal, self.facts, action, resource, keys)
    }

    /// The same question, for whom a refusal may not be the end.
    ///
    /// # Errors
    /// [`CommonError::Internal`] when a policy that applies cannot be read.
    pub(crate) fn ask(
        &self,
        action: Action,
        resource: Resource<'_>,
        keys: &Keys<'_>,
    ) -> Result<Result<Permit, Refused>, CommonError> {
        authorize::ask(self.principal, self.facts, action, resource, keys)
    }

    /// Whether the caller may, with nothing asked for and nothing noted.
    ///
    /// # Errors
    /// [`CommonError::Internal`] when a policy that applies cannot be read.
    pub(crate) fn would_allow(
        &self,
        action: Action,
        resource: &Resource<'_>,
        keys: &Keys<'_>,
    ) -> Result<bool, CommonError> {
        authorize::allows(self.principal, self.facts, action, resource, keys)
    }

    /// The audit event of this request, answered as permitted.
    pub(crate) fn event<'b>(&'b self, permit: &'b Permit) -> Event<'b> {
        Event::of(self.app, self.facts, Some(permit))
    }

    /// The audit event of an answer to which every identity has a right: only the private endpoint
    /// that the request came by may be against it.
    ///
    /// # Errors
    /// [`CommonError::AccessDenied`] in AWS's words.
    pub(crate) fn unasked_event(&self, action: Action) -> Result<Event<'_>, CommonError> {
        authorize::pass_endpoint(self.principal, self.facts, action)?;
        Ok(Event::of(self.app, self.facts, None))
    }

    /// The line of an event about a part of this request, one secret of a batch: permitted, or
    /// refused.
    pub(crate) fn part(
        &self,
        event_name: &str,
        secret_id: &str,
        answer: Result<&Permit, &dyn AwsError>,
    ) -> Vec<u8> {
        let parameters = to_raw_value(&json!({ "secretId": secret_id })).ok();
        let facts = Facts {
            event_name,
            request_parameters: parameters.as_deref(),
            ..*self.facts
        };
        let event_id = random_uuid(self.entropy());
        match answer {
            Ok(permit) => {
                let outcome = Outcome::permitted(permit);
                audit::api_call(&facts, &event_id, outcome)
            }
            Err(error) => {
                let outcome = Outcome {
                    error: Some((error.code(), &error.client_message())),
                    decision: error.decided(),
                    ..Outcome::default()
                };
                audit::api_call(&facts, &event_id, outcome)
            }
        }
    }
}

/// One request that nobody signed, as its operation sees it: what proves who calls is in the
/// request itself.
pub(crate) struct OpenCx<'a> {
    pub(crate) app: &'a App,
    pub(crate) service: &'static Service,
    pub(crate) facts: &'a Facts<'a>,
}

impl<'a> OpenCx<'a> {
    /// The moment of the request: the same throughout it.
    pub(crate) fn now(&self) -> Timestamp {
        self.facts.now
    }

    /// Begins a transaction.
    pub(crate) fn begin(&self) -> Tx<'a> {
        self.app.ledger.begin()
    }

    /// Chance.
    pub(crate) fn entropy(&self) -> &'a dyn Entropy {
        self.app.entropy.as_ref()
    }

    /// Makes session tokens.
    pub(crate) fn sessions(&self) -> &'a Sessions {
        &self.app.credentials.sessions
    }

    /// Notes who it is that calls, once that is proven.
    pub(crate) fn vouched(&self, web_identity: WebIdentity) -> &'a WebIdentity {
        self.facts.vouched.get_or_init(|| web_identity)
    }

    /// The one question, of a caller for whom a provider vouches: may it do `action` to
    /// `resource`?
    ///
    /// # Errors
    /// [`CommonError::AccessDenied`] in AWS's words.
    pub(crate) fn trusts(
        &self,
        web_identity: &WebIdentity,
        action: Action,
        resource: &Resource<'_>,
        keys: &Keys<'_>,
    ) -> Result<Permit, CommonError> {
        authorize::trusts(web_identity, self.facts, action, resource, keys)
    }

    /// Leave for whoever holds what this server sent to one endpoint alone, to do with `resource` what it
    /// was sent for.
    pub(crate) fn bearer(&self, resource: &Resource<'_>) -> Permit {
        authorize::bearer(resource)
    }

    /// The audit event of this request, answered as permitted.
    pub(crate) fn event<'b>(&'b self, permit: &'b Permit) -> Event<'b> {
        Event::of(self.app, self.facts, Some(permit))
    }

    /// The audit event of a request that found nothing to act on. SECURITY: it is about no resource and of
    /// no account, as whoever sent it could have named any.
    pub(crate) fn event_of_nothing(&self) -> Event<'_> {
        Event::of(self.app, self.facts, None)
    }
}

/// An audit event in the making: the request's own, and others that go with it.
pub(crate) struct Event<'a> {
    app: &'a App,
    facts: &'a Facts<'a>,
    /// Where it was, if the request itself did not tell.
    region: Option<&'a RegionName>,
    arn: Option<Cow<'a, str>>,
    permit: Option<&'a Permit>,
    source: Option<&'a Permit>,
    response_elements: Option<serde_json::Value>,
    more: Vec<Vec<u8>>,
}

impl<'a> Event<'a> {
    fn of(app: &'a App, facts: &'a Facts<'a>, permit: Option<&'a Permit>) -> Self {
        Self {
            app,
            facts,
            region: None,
            arn: permit.and_then(Permit::resource).map(Cow::from),
            permit,
            source: None,
            response_elements: None,
            more: Vec::new(),
        }
    }

    /// Names the resource by an ARN that was not known before.
    pub(crate) fn about(mut self, arn: &str) -> Self {
        self.arn = Some(arn.to_owned().into());
        self
    }

    /// Says in which Region the resource is, for a request that nobody signed for one.
    pub(crate) fn in_region(mut self, region: &'a RegionName) -> Self {
        self.region = Some(region);
        self
    }

    /// Names the resource that something came from too, by the leave for it.
    pub(crate) fn from(mut self, source: &'a Permit) -> Self {
        self.source = Some(source);
        self
    }

    /// What of the answer the record shows.
    pub(crate) fn responding(mut self, elements: serde_json::Value) -> Self {
        self.response_elements = Some(elements);
        self
    }

    /// Adds lines of other events that the same transaction brings about.
    pub(crate) fn with(mut self, lines: Vec<Vec<u8>>) -> Self {
        self.more.extend(lines);
        self
    }
}

impl From<Event<'_>> for Lines {
    fn from(event: Event<'_>) -> Self {
        let outcome = Outcome {
            error: None,
            resource: event.arn.as_deref(),
            resource_account: event
                .permit
                .and_then(Permit::resource_account)
                .map(AccountId::as_str),
            source: event.source,
            response_elements: event.response_elements,
            decision: event.permit.and_then(Permit::decided),
        };
        let event_id = random_uuid(event.app.entropy.as_ref());
        let facts = Facts {
            region: event.region.map_or(event.facts.region, RegionName::as_str),
            ..*event.facts
        };
        let own = audit::api_call(&facts, &event_id, outcome);
        // Not taken away: should the commit fail, the record of the refusal has them.
        let downstream = event.facts.downstream.lock().clone();
        Self::of(own).and(event.more).and(downstream)
    }
}
