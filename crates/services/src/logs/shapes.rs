//! The shapes of CloudWatch Logs: the constraints of its model.

use wire::{Pattern, Shape, UNBOUNDED};

pub(super) const GROUP: Shape = Shape::text(1, 512).matching(&GROUP_NAME);
pub(super) const GROUP_PATTERN: Shape = Shape::text(0, 512).matching(&GROUP_PART);
pub(super) const IDENTIFIER: Shape = Shape::text(1, 2_048).matching(&IDENTIFIERS);
pub(super) const STREAM: Shape = Shape::text(1, 512).matching(&STREAM_NAME);
pub(super) const STREAMS: Shape = Shape::list(&STREAM, 1, 100);
pub(super) const TOKEN: Shape = Shape::text(1, UNBOUNDED);
pub(super) const DESCRIBED: Shape = Shape::integer().between(1, 50);
pub(super) const EVENTS: Shape = Shape::integer().between(1, 10_000);
pub(super) const BOOLEAN: Shape = Shape::boolean();
pub(super) const CLASS: Shape = Shape::one_of(&["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"]);
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

static ACCOUNT_ID: Pattern = Pattern {
    text: r"^\d{12}$",
    matches: |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()),
    example: "123456789012",
    counterexample: "12345678901x",
};

fn is_of_group(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte)
}
