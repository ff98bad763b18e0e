//! The shapes of CloudFormation: the constraints of its model.

use wire::{Pattern, Shape, UNBOUNDED};

pub(super) const TEXT: Shape = Shape::text(0, UNBOUNDED);
pub(super) const TEXTS: Shape = Shape::list(&TEXT, 0, UNBOUNDED);
pub(super) const BOOLEAN: Shape = Shape::boolean();
/// The name or ARN of a stack, where the model says how they look.
pub(super) const STACK: Shape = Shape::text(1, UNBOUNDED).matching(&STACK_NAME_OR_ARN);
/// The name or ARN of a change set.
pub(super) const CHANGE_SET: Shape = Shape::text(1, 1_600).matching(&NAME_OR_ARN);
pub(super) const TOKEN: Shape = Shape::text(1, 128).matching(&REQUEST_TOKEN);
pub(super) const NEXT_TOKEN: Shape = Shape::text(1, 1_024);
pub(super) const ROLE: Shape = Shape::text(20, 2_048);
pub(super) const STAGE: Shape = Shape::one_of(&["Original", "Processed"]);
pub(super) const DELETION_MODE: Shape = Shape::one_of(&["STANDARD", "FORCE_DELETE_STACK"]);
pub(super) const STATUSES: Shape = Shape::list(&STATUS, 0, UNBOUNDED);
const STATUS: Shape = Shape::one_of(&[
    "CREATE_IN_PROGRESS",
    "CREATE_FAILED",
    "CREATE_COMPLETE",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_FAILED",
    "ROLLBACK_COMPLETE",
    "DELETE_IN_PROGRESS",
    "DELETE_FAILED",
    "DELETE_COMPLETE",
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
    "REVIEW_IN_PROGRESS",
    "IMPORT_IN_PROGRESS",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "IMPORT_ROLLBACK_FAILED",
    "IMPORT_ROLLBACK_COMPLETE",
]);

static STACK_NAME_OR_ARN: Pattern = Pattern {
    text: r"([a-zA-Z][-a-zA-Z0-9]*)|(arn:\b(aws|aws-us-gov|aws-cn)\b:[-a-zA-Z0-9:/._+]*)",
    matches: |text| is_name(text) || is_stack_arn(text),
    example: "stack",
    counterexample: "a stack",
};

static NAME_OR_ARN: Pattern = Pattern {
    text: "[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/]*",
    matches: |text| {
        is_name(text)
            || text.strip_prefix("arn:").is_some_and(|rest| {
                rest.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-:/".contains(&byte))
            })
    },
    example: "changes",
    counterexample: "a change",
};

static REQUEST_TOKEN: Pattern = Pattern {
    text: "[a-zA-Z0-9][-a-zA-Z0-9]*",
    matches: |text| {
        text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    },
    example: "token",
    counterexample: "a token",
};

/// Whether `text` is a name that a stack or a change set may have, of any length.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_stack_arn(text: &str) -> bool {
    let partitions = ["arn:aws:", "arn:aws-us-gov:", "arn:aws-cn:"];
    let rest = partitions.iter().find_map(|it| text.strip_prefix(it));
    rest.is_some_and(|rest| {
        rest.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-:/._+".contains(&byte))
    })
}
