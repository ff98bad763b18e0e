//! The shapes of CloudWatch Logs: the constraints of its model.

use base::Plaintext;
use std::collections::BTreeMap;
use wire::{Input as _, Pattern, Shape, Structure, UNBOUNDED};

pub(super) const GROUP: Shape = Shape::text(1, 512).matching(&GROUP_NAME);
pub(super) const GROUP_PATTERN: Shape = Shape::text(0, 512).matching(&GROUP_PART);
pub(super) const IDENTIFIER: Shape = Shape::text(1, 2_048).matching(&IDENTIFIERS);
pub(super) const STREAM: Shape = Shape::text(1, 512).matching(&STREAM_NAME);
pub(super) const STREAMS: Shape = Shape::list(&STREAM, 1, 100);
pub(super) const TOKEN: Shape = Shape::text(1, UNBOUNDED);
pub(super) const DESCRIBED: Shape = Shape::integer().between(1, 50);
pub(super) const EVENTS: Shape = Shape::integer().between(1, 10_000);
pub(super) const BOOLEAN: Shape = Shape::boolean();
pub(super) const CLASS: Shape =
    Shape::one_of(&["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"]);
pub(super) const KMS_KEY: Shape = Shape::text(0, 256);
pub(super) const DAYS: Shape = Shape::integer();
pub(super) const TAGS: Shape = Shape::map(&TAG_VALUE);
pub(super) const TAG_KEYS: Shape = Shape::list(&TAG_KEY, 0, 50);
pub(super) const TAGS_REMOVED: Shape = Shape::list(&TAG_KEY, 1, UNBOUNDED);
pub(super) const RESOURCE: Shape = Shape::text(1, 1_011).matching(&ARNS);
pub(super) const FILTER_NAME: Shape = Shape::text(1, 512).matching(&STREAM_NAME);
pub(super) const METRIC: Shape = Shape::text(0, 255).matching(&METRIC_NAME);
pub(super) const METRIC_VALUE: Shape = Shape::text(0, 100);
pub(super) const DEFAULT_VALUE: Shape = Shape::double();
pub(super) const DIMENSIONS: Shape = Shape::map(&DIMENSION);
pub(super) const SELECTION: Shape = Shape::text(0, 2_000);
pub(super) const SYSTEM_FIELDS: Shape = Shape::list(&TEXT, 0, UNBOUNDED);
pub(super) const TRANSFORMATIONS: Shape =
    Shape::list(&Shape::structure(TransformationInput::SHAPE), 1, 1);
pub(super) const INPUT_EVENTS: Shape = Shape::list(&Shape::structure(EventInput::SHAPE), 1, 10_000);
pub(super) const MESSAGES: Shape = Shape::list(&MESSAGE, 1, 50);
pub(super) const ENTITY: Shape = Shape::structure(&Structure::new(&[]));
/// As CloudWatch names them.
pub(super) const UNIT: Shape = Shape::one_of(&[
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
]);
const TEXT: Shape = Shape::text(0, UNBOUNDED);
const TAG_KEY: Shape = Shape::text(1, 128).matching(&TAG_KEYS_PATTERN);
const TAG_VALUE: Shape = Shape::text(0, 256).matching(&TAG_VALUES_PATTERN);
const DIMENSION: Shape = Shape::text(0, 255);
/// SECURITY: a line may have a secret in it, so no refusal repeats one.
const MESSAGE: Shape = Shape::text(1, UNBOUNDED).sensitive();

wire::input! {
    /// `InputLogEvent`.
    pub(super) struct EventInput {
        pub(super) timestamp: i64 = required "timestamp" MOMENT,
        pub(super) message: Plaintext = required "message" MESSAGE,
    }
}

wire::input! {
    /// `MetricTransformation`.
    pub(super) struct TransformationInput {
        pub(super) metric: String = required audited "metricName" METRIC,
        pub(super) namespace: String = required audited "metricNamespace" METRIC,
        pub(super) value: String = required audited "metricValue" METRIC_VALUE,
        pub(super) default: Option<f64> = audited "defaultValue" DEFAULT_VALUE,
        pub(super) dimensions: Option<BTreeMap<String, String>> = audited "dimensions" DIMENSIONS,
        pub(super) unit: Option<String> = audited "unit" UNIT,
    }
}
pub(super) const ORDER: Shape = Shape::one_of(&["LogStreamName", "LastEventTime"]);
pub(super) const MOMENT: Shape = Shape::long().between(0, i64::MAX);
pub(super) const FILTER: Shape = Shape::text(0, 1_024);
pub(super) const ACCOUNTS: Shape = Shape::list(&ACCOUNT, 0, 20);
pub(super) const IDENTIFIERS_LIST: Shape = Shape::list(&IDENTIFIER, 1, 50);
const ACCOUNT: Shape = Shape::text(12, 12).matching(&ACCOUNT_ID);

static GROUP_NAME: Pattern = Pattern {
    text: r"[\.\-_/#A-Za-z0-9]+",
    matches: |text| !text.is_empty() && text.bytes().all(is_of_group),
    example: "/aws/lambda/x",
    counterexample: "a group",
};

static GROUP_PART: Pattern = Pattern {
    text: r"[\.\-_/#A-Za-z0-9]*",
    matches: |text| text.bytes().all(is_of_group),
    example: "lambda",
    counterexample: "a group",
};

static IDENTIFIERS: Pattern = Pattern {
    text: r"[\w#+=/:,.@-]*",
    matches: |text| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_#+=/:,.@-".contains(&b))
    },
    example: "/aws/lambda/x",
    counterexample: "a group",
};

static STREAM_NAME: Pattern = Pattern {
    text: "[^:*]*",
    matches: |text| !text.contains([':', '*']),
    example: "2026/01/15/[$LATEST]x",
    counterexample: "a:b",
};

static ARNS: Pattern = Pattern {
    text: r"[\w+=/:,.@-]*",
    matches: |text| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_+=/:,.@-".contains(&b))
    },
    example: "arn:aws:logs:us-east-1:123456789012:log-group:x",
    counterexample: "a group",
};

static METRIC_NAME: Pattern = Pattern {
    text: "[^:*$]*",
    matches: |text| !text.contains([':', '*', '$']),
    example: "Attempts",
    counterexample: "a$b",
};

static TAG_KEYS_PATTERN: Pattern = Pattern {
    text: r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$",
    matches: |text| !text.is_empty() && text.chars().all(is_of_tag),
    example: "team",
    counterexample: "a*b",
};

static TAG_VALUES_PATTERN: Pattern = Pattern {
    text: r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$",
    matches: |text| text.chars().all(is_of_tag),
    example: "blue",
    counterexample: "a*b",
};

static ACCOUNT_ID: Pattern = Pattern {
    text: r"^\d{12}$",
    matches: |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()),
    example: "123456789012",
    counterexample: "12345678901x",
};

fn is_of_tag(c: char) -> bool {
    c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c)
}

fn is_of_group(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte)
}
