//! The constraints of the API model, each written once (behaviour reference §1.4).

use crate::quotas::{RESOURCE_POLICY_CHARACTERS, VALUE_BYTES};
use wire::{Pattern, Shape, UNBOUNDED};

pub(super) const AFTER_DAYS: Shape = Shape::long().between(1, 1_000);
pub(super) const BOOLEAN: Shape = Shape::boolean();
pub(super) const CLIENT_REQUEST_TOKEN: Shape = Shape::text(32, 64);
pub(super) const CROSS_ACCOUNT_ARN: Shape = Shape::text(20, 2048);
pub(super) const DESCRIPTION: Shape = Shape::text(0, 2048);
pub(super) const DURATION: Shape = Shape::text(2, 3).matching(&DURATION_PATTERN);
pub(super) const EXCLUDE_CHARACTERS: Shape = Shape::text(0, 4096);
pub(super) const EXTERNAL_ROTATION_KEY: Shape = Shape::text(1, 256);
pub(super) const EXTERNAL_ROTATION_VALUE: Shape = Shape::text(1, 2048);
pub(super) const FILTER_KEY: Shape = Shape::one_of(&[
    "description",
    "name",
    "tag-key",
    "tag-value",
    "primary-region",
    "owning-service",
    "all",
]);
pub(super) const FILTER_VALUE: Shape = Shape::text(0, 512).matching(&FILTER_VALUE_PATTERN);
pub(super) const FILTER_VALUES: Shape = Shape::list(&FILTER_VALUE, 1, 10);
pub(super) const KMS_KEY_ID: Shape = Shape::text(0, 2048);
pub(super) const MAX_RESULTS: Shape = Shape::integer().between(1, 100);
pub(super) const MAX_RESULTS_BATCH: Shape = Shape::integer().between(1, 20);
pub(super) const NAME: Shape = Shape::text(1, 512);
pub(super) const NEXT_TOKEN: Shape = Shape::text(1, 4096);
pub(super) const PASSWORD_LENGTH: Shape = Shape::long().between(1, 4096);
pub(super) const POLICY_NAME: Shape = Shape::text(1, 64).matching(&POLICY_NAME_PATTERN);
/// No bound in the model: the service itself checks 7 to 30.
pub(super) const RECOVERY_WINDOW: Shape = Shape::long();
pub(super) const REGION: Shape = Shape::text(1, 128).matching(&REGION_PATTERN);
pub(super) const RESOURCE_POLICY: Shape = Shape::text(1, 20_480).up_to(RESOURCE_POLICY_CHARACTERS);
pub(super) const ROLE_ARN: Shape = Shape::text(20, 2048);
pub(super) const ROTATION_LAMBDA_ARN: Shape = Shape::text(0, 2048);
pub(super) const ROTATION_TOKEN: Shape = Shape::text(36, 256)
    .matching(&ROTATION_TOKEN_PATTERN)
    .sensitive();
pub(super) const SCHEDULE_EXPRESSION: Shape =
    Shape::text(1, 256).matching(&SCHEDULE_EXPRESSION_PATTERN);
pub(super) const SECRET_BINARY: Shape = Shape::blob(1, 65_536).up_to(VALUE_BYTES);
pub(super) const SECRET_ID: Shape = Shape::text(1, 2048);
pub(super) const SECRET_ID_LIST: Shape = Shape::list(&SECRET_ID, 1, 20);
/// In bytes: the quota speaks of bytes (behaviour reference §14).
pub(super) const SECRET_STRING: Shape = Shape::text(1, 65_536)
    .in_bytes()
    .sensitive()
    .up_to(VALUE_BYTES);
pub(super) const SECRET_TYPE: Shape = Shape::text(0, 256);
pub(super) const SORT_BY: Shape = Shape::one_of(&[
    "created-date",
    "last-accessed-date",
    "last-changed-date",
    "name",
]);
pub(super) const SORT_ORDER: Shape = Shape::one_of(&["asc", "desc"]);
pub(super) const TAG_KEY: Shape = Shape::text(1, 128);
pub(super) const TAG_KEYS: Shape = Shape::list(&TAG_KEY, 0, UNBOUNDED);
pub(super) const TAG_VALUE: Shape = Shape::text(0, 256);
pub(super) const VERSION_ID: Shape = Shape::text(32, 64);
pub(super) const VERSION_STAGE: Shape = Shape::text(1, 256);
pub(super) const VERSION_STAGES: Shape = Shape::list(&VERSION_STAGE, 1, 20);

static DURATION_PATTERN: Pattern = Pattern {
    text: "[0-9]+h",
    matches: |text| {
        text.strip_suffix('h').is_some_and(|digits| {
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    },
    example: "3h",
    counterexample: "3d",
};

static FILTER_VALUE_PATTERN: Pattern = Pattern {
    text: r"^\!?[a-zA-Z0-9 :_@\/\+\=\.\-\!]*$",
    matches: |text| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b" :_@/+=.-!".contains(&byte))
    },
    example: "!prod/App",
    counterexample: "prod*",
};

static POLICY_NAME_PATTERN: Pattern = Pattern {
    text: r"[0-9A-Za-z\-\_]+",
    matches: |text| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    },
    example: "default",
    counterexample: "de fault",
};

static REGION_PATTERN: Pattern = Pattern {
    text: r"^([a-z]+-)+\d+$",
    matches: |text| base::RegionName::parse(text).is_ok() || text.len() > 128,
    example: "us-east-1",
    counterexample: "us_east",
};

static ROTATION_TOKEN_PATTERN: Pattern = Pattern {
    text: r"^[a-zA-Z0-9\-]+$",
    matches: |text| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    },
    example: "01234567-89ab-cdef-0123-456789abcdef",
    counterexample: "01234567_89ab_cdef_0123_456789abcdef",
};

static SCHEDULE_EXPRESSION_PATTERN: Pattern = Pattern {
    text: r"[0-9A-Za-z\(\)#\?\*\-\/, ]+",
    matches: |text| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"()#?*-/, ".contains(&byte))
    },
    example: "rate(10 days)",
    counterexample: "rate[10 days]",
};
