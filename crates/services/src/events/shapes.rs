//! The shapes of EventBridge: the constraints of its model.

use super::http_shapes::{GivenHttpParameters, HTTP_PARAMETERS};
use std::collections::BTreeMap;
use wire::{Input as _, Pattern, Shape, UNBOUNDED};

pub(super) const RULE_NAME: Shape = Shape::text(1, 64).matching(&NAME);
pub(super) const BUS: Shape = Shape::text(1, 1_600).matching(&BUS_NAME);
pub(super) const ARN: Shape = Shape::text(1, 1_600);
pub(super) const TOKEN: Shape = Shape::text(1, 2_048);
pub(super) const LIMIT: Shape = Shape::integer().between(1, 100);
pub(super) const PATTERN: Shape = Shape::text(0, 4_096);
pub(super) const SCHEDULE: Shape = Shape::text(0, 256);
pub(super) const DESCRIPTION: Shape = Shape::text(0, 512);
pub(super) const STATE: Shape = Shape::one_of(&[
    "ENABLED",
    "DISABLED",
    "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
]);
pub(super) const BOOLEAN: Shape = Shape::boolean();
pub(super) const EVENT: Shape = Shape::text(0, UNBOUNDED);
pub(super) const TAGS: Shape = Shape::list(&TAG, 0, UNBOUNDED);
pub(super) const TAG_KEYS: Shape = Shape::list(&TAG_KEY, 0, UNBOUNDED);
pub(super) const TARGETS: Shape = Shape::list(&TARGET, 1, 100);
pub(super) const TARGET_IDS: Shape = Shape::list(&TARGET_ID, 1, 100);
pub(super) const ENTRIES: Shape = Shape::list(&ENTRY, 1, 10);
pub(super) const ENDPOINT: Shape = Shape::text(1, 50).matching(&ENDPOINT_ID);
const TAG: Shape = Shape::structure(Tag::SHAPE);
const TAG_KEY: Shape = Shape::text(1, 128);
const TAG_VALUE: Shape = Shape::text(0, 256);
const TARGET: Shape = Shape::structure(GivenTarget::SHAPE);
const TARGET_ID: Shape = Shape::text(1, 64).matching(&NAME);
const INPUT: Shape = Shape::text(0, 8_192);
const PATH: Shape = Shape::text(0, 256);
const TEMPLATE: Shape = Shape::text(1, 8_192);
const PATHS: Shape = Shape::map(&PATH);
const TRANSFORMER: Shape = Shape::structure(Transformer::SHAPE);
const RETRY: Shape = Shape::structure(RetryPolicy::SHAPE);
const DEAD_LETTER: Shape = Shape::structure(DeadLetterConfig::SHAPE);
const RETRIES: Shape = Shape::integer().between(0, 185);
const AGE: Shape = Shape::integer().between(60, 86_400);
const ENTRY: Shape = Shape::structure(Entry::SHAPE);
const TEXT: Shape = Shape::text(0, UNBOUNDED);
const MOMENT: Shape = Shape::long();
const RESOURCES: Shape = Shape::list(&RESOURCE, 0, UNBOUNDED);
const RESOURCE: Shape = Shape::text(0, 2_048);
const TRACE: Shape = Shape::text(1, 500);

wire::input! {
    /// A tag.
    pub(super) struct Tag {
        pub(super) key: String = required audited "Key" TAG_KEY,
        pub(super) value: String = required audited "Value" TAG_VALUE,
    }
}

wire::input! {
    /// A target of a rule.
    pub(super) struct GivenTarget {
        pub(super) id: String = required audited "Id" TARGET_ID,
        pub(super) arn: String = required audited "Arn" ARN,
        pub(super) role: Option<String> = audited "RoleArn" ARN,
        pub(super) input: Option<String> = "Input" INPUT,
        pub(super) path: Option<String> = audited "InputPath" PATH,
        pub(super) transformer: Option<Transformer> = "InputTransformer" TRANSFORMER,
        pub(super) dead_letter: Option<DeadLetterConfig> = audited "DeadLetterConfig" DEAD_LETTER,
        pub(super) retry: Option<RetryPolicy> = audited "RetryPolicy" RETRY,
        pub(super) http: Option<GivenHttpParameters> = "HttpParameters" HTTP_PARAMETERS,
    }
}

wire::input! {
    /// A text with parts of the event.
    pub(super) struct Transformer {
        pub(super) paths: Option<BTreeMap<String, String>> = "InputPathsMap" PATHS,
        pub(super) template: String = required "InputTemplate" TEMPLATE,
    }
}

wire::input! {
    /// How often a target is tried.
    pub(super) struct RetryPolicy {
        pub(super) retries: Option<i64> = audited "MaximumRetryAttempts" RETRIES,
        pub(super) seconds: Option<i64> = audited "MaximumEventAgeInSeconds" AGE,
    }
}

wire::input! {
    /// A queue of AWS's for what cannot be delivered.
    pub(super) struct DeadLetterConfig {
        pub(super) arn: Option<String> = audited "Arn" ARN,
    }
}

wire::input! {
    /// An event of somebody's own.
    pub(super) struct Entry {
        pub(super) time: Option<i64> = "Time" MOMENT,
        pub(super) source: Option<String> = audited "Source" TEXT,
        pub(super) resources: Option<Vec<String>> = "Resources" RESOURCES,
        pub(super) detail_type: Option<String> = audited "DetailType" TEXT,
        pub(super) detail: Option<String> = "Detail" TEXT,
        pub(super) bus: Option<String> = audited "EventBusName" BUS,
        pub(super) trace: Option<String> = "TraceHeader" TRACE,
    }
}

pub(super) static NAME: Pattern = Pattern {
    text: r"[\.\-_A-Za-z0-9]+",
    matches: |text| !text.is_empty() && text.bytes().all(is_of_name),
    example: "a-rule",
    counterexample: "a rule",
};

static BUS_NAME: Pattern = Pattern {
    text: r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+",
    matches: |text| {
        let name = match text.split_once(":event-bus/") {
            Some((arn, name)) if arn.starts_with("arn:aws") => name,
            _ => text,
        };
        !name.is_empty() && name.bytes().all(|b| is_of_name(b) || b == b'/')
    },
    example: "default",
    counterexample: "a bus",
};

static ENDPOINT_ID: Pattern = Pattern {
    text: r"^[A-Za-z0-9\-]+[\.][A-Za-z0-9\-]+$",
    matches: |text| {
        let is_part = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        text.split_once('.')
            .is_some_and(|(one, other)| is_part(one) && is_part(other))
    },
    example: "abc.def",
    counterexample: "an endpoint",
};

pub(super) fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-_".contains(&byte)
}
