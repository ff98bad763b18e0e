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
#[derive(Clone, Copy)]
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
    /// awsQuery, awsJson 1.0 or rpc-v2-cbor, as a request chooses; of one request, awsJson 1.0.
    Several(&'static Several),
    /// Of one request to such a service: rpc-v2-cbor.
    Cbor(&'static Several),
}

/// A service that is asked in several protocols. Its errors have their names of awsQuery; the newer
/// protocols name them as the model does, and tell the old name in a header.
pub(crate) struct Several {
    /// What stands before the operation's name in `X-Amz-Target` (with a dot) and in the path of
    /// rpc-v2-cbor, such as `GraniteServiceVersion20100801`.
    pub(crate) target: &'static str,
    /// The namespace of its model, such as `com.amazonaws.cloudwatch`.
    pub(crate) model: &'static str,
    /// The version of the API in awsQuery.
    pub(crate) version: &'static str,
    /// The XML namespace of its answers.
    pub(crate) namespace: &'static str,
    /// What its model calls errors that have another name in awsQuery: that name, and the model's.
    pub(crate) renamed: &'static [(&'static str, &'static str)],
    /// The operations whose requests the model lets clients compress.
    pub(crate) compressed: &'static [&'static str],
}

impl Several {
    /// What the model calls the error that awsQuery calls `code`.
    pub(crate) fn shape_of(&self, code: &'static str) -> &'static str {
        let mut renamed = self.renamed.iter();
        let found = renamed.find(|(query, _)| *query == code);
        found.map_or(code, |(_, shape)| shape)
    }
}

/// The protocol that a request to a service of several is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// rpc-v2-cbor.
    Cbor,
    /// What the service declares.
    Declared,
    /// awsQuery.
    Query,
}

impl Service {
    /// How a request that chose `chosen`, and its answer, are written down.
    pub(crate) fn protocol_of(&self, chosen: Chosen) -> Protocol {
        match (self.protocol, chosen) {
            (Protocol::Several(several), Chosen::Query) => Protocol::Query {
                version: several.version,
                namespace: several.namespace,
            },
            (Protocol::Several(several), Chosen::Cbor) => Protocol::Cbor(several),
            (protocol, _) => protocol,
        }
    }

    /// How the service is asked in several protocols, if it is.
    pub(crate) fn several(&self) -> Option<&'static Several> {
        match self.protocol {
            Protocol::Several(several) | Protocol::Cbor(several) => Some(several),
            Protocol::Json { .. } | Protocol::Query { .. } | Protocol::RestJson { .. } => None,
        }
    }

    /// Whether clients may compress what they send to the operation called `name`.
    pub(crate) fn takes_compressed(&self, name: &str) -> bool {
        self.several()
            .is_some_and(|several| several.compressed.contains(&name))
    }

    /// The operation called `name`.
    pub(crate) fn find(&self, name: &str) -> Option<&'static Entry> {
        self.operations
            .binary_search_by(|entry| entry.info.name.cmp(name))
            .ok()
            .and_then(|index| self.operations.get(index))
    }
}

/// Every service, by name.
pub(crate) static SERVICES: [&Service; 12] = [
    &crate::cloudformation::SERVICE,
    &crate::cloudtrail::SERVICE,
    &crate::events::SERVICE,
    &crate::iam::SERVICE,
    &crate::kms::SERVICE,
    &crate::lambda::SERVICE,
    &crate::logs::SERVICE,
    &crate::cloudwatch::SERVICE,
    &crate::secretsmanager::SERVICE,
    &crate::serverlessrepo::SERVICE,
    &crate::sns::SERVICE,
    &crate::sts::SERVICE,
];
