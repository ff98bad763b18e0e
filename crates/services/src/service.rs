//! The services as dispatch sees them: a table each.

use crate::operation::Entry;
use base::CommonCodes;
use wire::json::MessageKey;

/// A service: how its requests are written down, and its operations.
pub(crate) struct Service {
    /// Its name in a credential scope, such as `secretsmanager`.
    pub(crate) name: &'static str,
    /// Its name in audit events, such as `secretsmanager.amazonaws.com`.
    pub(crate) event_source: &'static str,
    pub(crate) protocol: Protocol,
    /// The Region of a service that has but one, whatever Region its callers sign for.
    ///
    /// SECURITY: what policies see as `aws:RequestedRegion`. Were it the signed one, who is
    /// confined to a Region could have all of a service that knows none.
    pub(crate) only_region: Option<&'static str>,
    /// Its names for the common errors.
    pub(crate) common: CommonCodes,
    /// In alphabetical order.
    pub(crate) operations: &'static [Entry],
}

/// How requests and answers are written down.
pub(crate) enum Protocol {
    /// awsJson 1.1.
    Json {
        /// What stands before the operation's name in `X-Amz-Target`, with its dot.
        target_prefix: &'static str,
        /// How its model names the text of an error.
        message_key: MessageKey,
        /// What it calls an input that breaks a constraint of its model.
        invalid_input: &'static str,
    },
    /// awsQuery.
    Query {
        /// The version of the API, such as `2011-06-15`.
        version: &'static str,
        /// The XML namespace of its answers.
        namespace: &'static str,
    },
    /// restJson1.
    RestJson {
        /// The exceptions whose text its model names `Message`; that of the others is `message`.
        upper_case: &'static [&'static str],
    },
}

impl Service {
    /// The operation called `name`.
    pub(crate) fn find(&self, name: &str) -> Option<&'static Entry> {
        self.operations
            .binary_search_by(|entry| entry.info.name.cmp(name))
            .ok()
            .and_then(|index| self.operations.get(index))
    }
}

/// Every service.
pub(crate) static SERVICES: [&Service; 10] = [
    &crate::cloudformation::SERVICE,
    &crate::events::SERVICE,
    &crate::iam::SERVICE,
    &crate::kms::SERVICE,
    &crate::lambda::SERVICE,
    &crate::logs::SERVICE,
    &crate::secretsmanager::SERVICE,
    &crate::serverlessrepo::SERVICE,
    &crate::sns::SERVICE,
    &crate::sts::SERVICE,
];
