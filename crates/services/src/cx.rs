use crate::app::App;
use crate::audit::{self, Facts, Outcome, ServiceEvent};
use crate::authorize::{self, Action, Permit, Resource};
use crate::ports::DataKeys;
use crate::principal::Principal;
use crate::tx::{Lines, Tx};
use base::{AccountId, AwsError, CommonError, Entropy, RegionName, Sealer, Timestamp, random_uuid};
use serde_json::json;
use serde_json::value::to_raw_value;

/// One request, as an operation sees it: who calls, when, in which Region, and what may be used.
pub struct Cx<'a> {
    pub(crate) app: &'a App,
    pub(crate) principal: &'a Principal,
    pub(crate) region: &'a RegionName,
    pub(crate) facts: &'a Facts<'a>,
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

    /// Chance.
    pub(crate) fn entropy(&self) -> &'a dyn Entropy {
        self.app.entropy.as_ref()
    }

    /// Seals what a caller keeps for us, such as paging tokens.
    pub(crate) fn sealer(&self) -> &'a dyn Sealer {
        self.app.sealer.as_ref()
    }

    /// KMS.
    pub(crate) fn data_keys(&self) -> &'a dyn DataKeys {
        self.app.data_keys.as_ref()
    }

    /// Begins a transaction.
    pub(crate) fn begin(&self) -> Tx<'a> {
        Tx::begin(self.app)
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
        authorize::authorize(self.principal, action, resource)
    }

    /// The audit event of this request, answered as permitted.
    pub(crate) fn event(&self, permit: &Permit) -> Event<'_> {
        let arn = permit
            .resource()
            .filter(|name| name.starts_with("arn:"))
            .map(str::to_owned);
        let account = permit.resource_account().map(ToString::to_string);
        Event {
            cx: self,
            arn,
            account,
            response_elements: None,
            more: Vec::new(),
        }
    }

    /// The line of an event about a part of this request: one secret of a batch.
    pub(crate) fn part(
        &self,
        event_name: &str,
        secret_id: &str,
        arn: Option<&str>,
        error: Option<&dyn AwsError>,
    ) -> Vec<u8> {
        let parameters = to_raw_value(&json!({ "secretId": secret_id })).ok();
        let facts = Facts {
            event_name,
            request_parameters: parameters.as_deref(),
            ..*self.facts
        };
        let message = error.map(AwsError::client_message);
        let outcome = Outcome {
            error: error.map(AwsError::code).zip(message.as_deref()),
            resource: arn,
            ..Outcome::default()
        };
        audit::api_call(&facts, &random_uuid(self.entropy()), outcome)
    }
}

/// An audit event in the making: the request's own, and events of the service that go with it.
pub(crate) struct Event<'a> {
    cx: &'a Cx<'a>,
    arn: Option<String>,
    account: Option<String>,
    response_elements: Option<serde_json::Value>,
    more: Vec<Vec<u8>>,
}

impl Event<'_> {
    /// Names the resource by an ARN that was not known before.
    pub(crate) fn about(mut self, arn: &str) -> Self {
        self.arn = Some(arn.to_owned());
        self
    }

    /// What of the answer the record shows.
    pub(crate) fn responding(mut self, elements: serde_json::Value) -> Self {
        self.response_elements = Some(elements);
        self
    }

    /// Adds a service event in the same transaction.
    pub(crate) fn with(
        mut self,
        event_name: &str,
        account: &AccountId,
        additional: serde_json::Value,
    ) -> Self {
        let Facts {
            event_source,
            region,
            now,
            request_id,
            ..
        } = *self.cx.facts;
        let event = ServiceEvent {
            event_source,
            event_name,
            region,
            account: account.as_str(),
            now,
            request_id,
            additional,
        };
        self.more
            .push(event.to_line(&random_uuid(self.cx.entropy())));
        self
    }

    /// Adds the line of a part, see [`Cx::part`].
    pub(crate) fn with_part(mut self, line: Vec<u8>) -> Self {
        self.more.push(line);
        self
    }
}

impl From<Event<'_>> for Lines {
    fn from(event: Event<'_>) -> Self {
        let outcome = Outcome {
            error: None,
            resource: event.arn.as_deref(),
            resource_account: event.account.as_deref(),
            response_elements: event.response_elements,
        };
        let own = audit::api_call(event.cx.facts, &random_uuid(event.cx.entropy()), outcome);
        Self(std::iter::once(own).chain(event.more).collect())
    }
}
