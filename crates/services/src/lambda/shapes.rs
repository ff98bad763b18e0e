//! The shapes that requests of Lambda share: the constraints of its model.

use super::function_id::{is_name, is_namespaced_name, is_region};
use super::runtimes;
use super::tagging::is_allowed;
use base::Plaintext;
use std::collections::BTreeMap;
use wire::{Input as _, Pattern, Shape, Structure, UNBOUNDED};

/// A function's name, partial ARN or ARN.
pub(super) const FUNCTION_NAME: Shape = Shape::text(1, 140).matching(&NAME);
/// The same where other namespaces may be asked for.
pub(super) const NAMESPACED_NAME: Shape = Shape::text(1, 256).matching(&NAMESPACED);
pub(super) const QUALIFIER: Shape = Shape::text(1, 128).matching(&QUALIFIERS);
pub(super) const RUNTIME: Shape = Shape::one_of(runtimes::ALL);
pub(super) const ROLE: Shape = Shape::text(0, 10_000).matching(&ROLES);
pub(super) const HANDLER: Shape = Shape::text(0, 128).matching(&NO_SPACES);
pub(super) const DESCRIPTION: Shape = Shape::text(0, 256);
pub(super) const TIMEOUT: Shape = Shape::integer().between(1, 900);
pub(super) const MEMORY: Shape = Shape::integer().between(128, 10_240);
pub(super) const BOOLEAN: Shape = Shape::boolean();
pub(super) const PACKAGE_TYPE: Shape = Shape::one_of(&["Zip", "Image"]);
pub(super) const TEXT: Shape = Shape::text(0, UNBOUNDED);
pub(super) const ZIP_FILE: Shape = Shape::blob(0, UNBOUNDED);
pub(super) const PAYLOAD: Shape = Shape::blob(0, UNBOUNDED);
pub(super) const KMS_KEY: Shape = Shape::text(0, 10_000).matching(&ANY_ARN);
pub(super) const TARGET_ARN: Shape = KMS_KEY;
pub(super) const ARCHITECTURES: Shape = Shape::list(&ARCHITECTURE, 1, 1);
pub(super) const STATEMENT_ID: Shape = Shape::text(1, 100).matching(&STATEMENT);
pub(super) const NAMESPACED_STATEMENT_ID: Shape = Shape::text(1, 100).matching(&DOTTED_STATEMENT);
pub(super) const ACTION: Shape = Shape::text(0, 10_000).matching(&ACTIONS);
pub(super) const PRINCIPAL: Shape = Shape::text(0, 2_048).matching(&NO_SPACES);
pub(super) const SOURCE_ARN: Shape = Shape::text(0, 10_000).matching(&SOURCE_ARNS);
pub(super) const SOURCE_ACCOUNT: Shape = Shape::text(0, 12).matching(&ACCOUNT);
pub(super) const EVENT_SOURCE_TOKEN: Shape = Shape::text(0, 256).matching(&TOKEN);
pub(super) const ORGANIZATION: Shape = Shape::text(12, 34).matching(&ORGANIZATIONS);
pub(super) const URL_AUTH: Shape = Shape::one_of(&["NONE", "AWS_IAM"]);
pub(super) const RESOURCE: Shape = Shape::text(1, 10_000).matching(&TAGGABLE);
pub(super) const TAGS: Shape = Shape::map(&TAG_VALUE);
pub(super) const TAG_KEYS: Shape = Shape::list(&TAG_KEY, 0, UNBOUNDED);
pub(super) const MASTER_REGION: Shape = Shape::text(1, 50).matching(&REGION_OR_ALL);
pub(super) const FUNCTION_VERSION: Shape = Shape::one_of(&["ALL"]);
pub(super) const MAX_ITEMS: Shape = Shape::integer().between(1, 10_000);
pub(super) const INVOCATION_TYPE: Shape = Shape::one_of(&["Event", "RequestResponse", "DryRun"]);
pub(super) const LOG_TYPE: Shape = Shape::one_of(&["None", "Tail"]);
pub(super) const ENVIRONMENT: Shape = Shape::structure(EnvironmentInput::SHAPE);
pub(super) const CODE: Shape = Shape::structure(CodeInput::SHAPE);
pub(super) const VPC: Shape = Shape::structure(VpcInput::SHAPE);
pub(super) const DEAD_LETTERS: Shape = Shape::structure(DeadLetterInput::SHAPE);
pub(super) const TRACING: Shape = Shape::structure(TracingInput::SHAPE);
pub(super) const LAYERS: Shape = Shape::list(&TEXT, 0, UNBOUNDED);
pub(super) const FILE_SYSTEMS: Shape = Shape::list(&ANYTHING, 0, 1);
pub(super) const IMAGE: Shape = Shape::structure(ImageInput::SHAPE);
pub(super) const STORAGE: Shape = Shape::structure(StorageInput::SHAPE);
pub(super) const SNAP_START: Shape = Shape::structure(SnapStartInput::SHAPE);
pub(super) const LOGGING: Shape = Shape::structure(LoggingInput::SHAPE);
/// A structure that is refused whole.
pub(super) const ANYTHING: Shape = Shape::structure(&Structure::new(&[]));

const TAG_KEY: Shape = Shape::text(1, 128).matching(&TAG_PATTERN);
const TAG_VALUE: Shape = Shape::text(0, 256).matching(&TAG_PATTERN);
const ARCHITECTURE: Shape = Shape::one_of(&["x86_64", "arm64"]);
const VARIABLES: Shape = Shape::map(&VARIABLE);
const VARIABLE: Shape = Shape::text(0, UNBOUNDED).sensitive();
const TEXTS: Shape = Shape::list(&TEXT, 0, 1_500);
const SUBNETS: Shape = Shape::list(&TEXT, 0, 16);
const SECURITY_GROUPS: Shape = Shape::list(&TEXT, 0, 5);
const TRACING_MODE: Shape = Shape::one_of(&["Active", "PassThrough"]);
const STORAGE_SIZE: Shape = Shape::integer().between(512, 10_240);
const APPLY_ON: Shape = Shape::one_of(&["PublishedVersions", "None"]);
const LOG_FORMAT: Shape = Shape::one_of(&["JSON", "Text"]);
const APPLICATION_LEVEL: Shape =
    Shape::one_of(&["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]);
const SYSTEM_LEVEL: Shape = Shape::one_of(&["DEBUG", "INFO", "WARN"]);

wire::input! {
    /// `Environment`.
    pub(super) struct EnvironmentInput {
        pub(super) variables: Option<BTreeMap<String, Plaintext>> = "Variables" VARIABLES,
    }
}

wire::input! {
    /// `Code`.
    pub(super) struct CodeInput {
        pub(super) zip_file: Option<Plaintext> = "ZipFile" ZIP_FILE,
        pub(super) bucket: Option<String> = "S3Bucket" TEXT,
        pub(super) key: Option<String> = "S3Key" TEXT,
        pub(super) object_version: Option<String> = "S3ObjectVersion" TEXT,
        pub(super) image_uri: Option<String> = "ImageUri" TEXT,
        pub(super) source_key: Option<String> = "SourceKMSKeyArn" KMS_KEY,
    }
}

wire::input! {
    /// `VpcConfig`.
    pub(super) struct VpcInput {
        pub(super) subnets: Option<Vec<String>> = "SubnetIds" SUBNETS,
        pub(super) security_groups: Option<Vec<String>> = "SecurityGroupIds" SECURITY_GROUPS,
        pub(super) has_ipv6: Option<bool> = "Ipv6AllowedForDualStack" BOOLEAN,
    }
}

wire::input! {
    /// `DeadLetterConfig`.
    pub(super) struct DeadLetterInput {
        pub(super) target: Option<String> = "TargetArn" TARGET_ARN,
    }
}

wire::input! {
    /// `TracingConfig`.
    pub(super) struct TracingInput {
        pub(super) mode: Option<String> = "Mode" TRACING_MODE,
    }
}

wire::input! {
    /// `ImageConfig`.
    pub(super) struct ImageInput {
        pub(super) entry_point: Option<Vec<String>> = "EntryPoint" TEXTS,
        pub(super) command: Option<Vec<String>> = "Command" TEXTS,
        pub(super) working_directory: Option<String> = "WorkingDirectory" TEXT,
    }
}

wire::input! {
    /// `EphemeralStorage`.
    pub(super) struct StorageInput {
        pub(super) size: i64 = required "Size" STORAGE_SIZE,
    }
}

wire::input! {
    /// `SnapStart`.
    pub(super) struct SnapStartInput {
        pub(super) apply_on: Option<String> = "ApplyOn" APPLY_ON,
    }
}

wire::input! {
    /// `LoggingConfig`.
    pub(super) struct LoggingInput {
        pub(super) format: Option<String> = "LogFormat" LOG_FORMAT,
        pub(super) application_level: Option<String> = "ApplicationLogLevel" APPLICATION_LEVEL,
        pub(super) system_level: Option<String> = "SystemLogLevel" SYSTEM_LEVEL,
        pub(super) group: Option<String> = "LogGroup" TEXT,
    }
}

wire::input! {
    /// A structure of which nothing is read.
    pub(super) struct Anything {}
}

static NAME: Pattern = Pattern {
    text: r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?",
    matches: is_name,
    example: "a-function",
    counterexample: "a function",
};

static NAMESPACED: Pattern = Pattern {
    text: r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?",
    matches: is_namespaced_name,
    example: "a-function",
    counterexample: "a function",
};

static QUALIFIERS: Pattern = Pattern {
    text: r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+",
    matches: |text| {
        let is_name = |b: u8| is_word(b) || b == b'$';
        text == "$LATEST.PUBLISHED" || (!text.is_empty() && text.bytes().all(is_name))
    },
    example: "$LATEST",
    counterexample: "a b",
};

static ROLES: Pattern = Pattern {
    text: r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
    matches: is_role,
    example: "arn:aws:iam::123456789012:role/x",
    counterexample: "role/x",
};

static NO_SPACES: Pattern = Pattern {
    text: r"[^\s]+",
    matches: |text| !text.is_empty() && !text.chars().any(char::is_whitespace),
    example: "x.amazonaws.com",
    counterexample: "a b",
};

static ANY_ARN: Pattern = Pattern {
    text: r"(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()",
    matches: |text| {
        text.is_empty()
            || after_partition(text).is_some_and(|rest| {
                rest.split_once(':').is_some_and(|(service, _)| {
                    let fits =
                        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
                    !service.is_empty() && service.bytes().all(fits)
                })
            })
    },
    example: "arn:aws:kms:us-east-1:123456789012:key/x",
    counterexample: "key/x",
};

static STATEMENT: Pattern = Pattern {
    text: "([a-zA-Z0-9-_]+)",
    matches: |text| !text.is_empty() && text.bytes().all(is_word),
    example: "statement",
    counterexample: "a statement",
};

static DOTTED_STATEMENT: Pattern = Pattern {
    text: "([a-zA-Z0-9-_.]+)",
    matches: |text| !text.is_empty() && text.bytes().all(|b| is_word(b) || b == b'.'),
    example: "statement",
    counterexample: "a statement",
};

static ACTIONS: Pattern = Pattern {
    text: "(lambda:[*]|lambda:[a-zA-Z]+|[*])",
    matches: |text| {
        text == "*"
            || text.strip_prefix("lambda:").is_some_and(|name| {
                name == "*" || (!name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic()))
            })
    },
    example: "lambda:InvokeFunction",
    counterexample: "s3:GetObject",
};

static SOURCE_ARNS: Pattern = Pattern {
    text: r"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)",
    matches: is_source_arn,
    example: "arn:aws:secretsmanager:us-east-1:123456789012:secret:x",
    counterexample: "secret:x",
};

static ACCOUNT: Pattern = Pattern {
    text: r"\d{12}",
    matches: is_account,
    example: "123456789012",
    counterexample: "12345678901x",
};

static TOKEN: Pattern = Pattern {
    text: r"[a-zA-Z0-9._\-]+",
    matches: |text| !text.is_empty() && text.bytes().all(|b| is_word(b) || b == b'.'),
    example: "token",
    counterexample: "a token",
};

static ORGANIZATIONS: Pattern = Pattern {
    text: "o-[a-z0-9]{10,32}",
    matches: |text| {
        text.strip_prefix("o-").is_some_and(|id| {
            (10..=32).contains(&id.len())
                && id
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
    },
    example: "o-abcdefghij",
    counterexample: "o-ABCDEFGHIJ",
};

static TAGGABLE: Pattern = Pattern {
    text: r"arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})",
    matches: is_taggable,
    example: "arn:aws:lambda:us-east-1:123456789012:function:x",
    counterexample: "function:x",
};

static TAG_PATTERN: Pattern = Pattern {
    text: r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)",
    matches: |text| text.chars().all(is_allowed),
    example: "team",
    counterexample: "{}",
};

static REGION_OR_ALL: Pattern = Pattern {
    text: r"ALL|(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}",
    matches: |text| text == "ALL" || is_region(text),
    example: "us-east-1",
    counterexample: "nowhere",
};

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// What comes after `arn:aws…:`, or after `arn::`.
fn after_partition(text: &str) -> Option<&str> {
    let (partition, rest) = text.strip_prefix("arn:")?.split_once(':')?;
    let is_partition = partition
        .strip_prefix("aws")
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-'));
    (partition.is_empty() || is_partition).then_some(rest)
}

fn is_role(text: &str) -> bool {
    let rest = after_partition(text).and_then(|rest| rest.strip_prefix("iam::"));
    let Some((account, role)) = rest.and_then(|rest| rest.split_once(":role")) else {
        return false;
    };
    let name = role.strip_prefix('/').unwrap_or(role);
    let fits = |b: u8| is_word(b) || b"+=,.@/".contains(&b);
    // What has but a slash after `role` has it for its name.
    let name = if name.is_empty() { role } else { name };
    is_account(account) && !name.is_empty() && name.bytes().all(fits)
}

fn is_source_arn(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let begins = next() == "arn" && {
        let partition = next();
        partition.starts_with("aws") && is_plain(partition)
    };
    let service = next();
    let region = next();
    let account = next();
    begins
        && !service.is_empty()
        && is_plain(service)
        && (region.is_empty() || is_region(region))
        && (account.is_empty() || is_account(account))
        && parts.next().is_some_and(|rest| !rest.contains('\n'))
}

fn is_taggable(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("arn:aws") else {
        return false;
    };
    let mut parts = rest.splitn(5, ':');
    let mut next = || parts.next().unwrap_or_default();
    let is_partition = next().bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    let is_placed = next() == "lambda" && is_region(next()) && is_account(next());
    is_partition && is_placed && is_taggable_resource(next())
}

fn is_taggable_resource(text: &str) -> bool {
    if let Some(id) = text.strip_prefix("code-signing-config:csc-") {
        return id.len() == 17
            && id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    }
    if let Some(id) = text.strip_prefix("event-source-mapping:") {
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        return lengths == [8, 4, 4, 4, 12]
            && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    }
    text.starts_with("function:") && is_name(text) && text.split(':').count() <= 3
}

#[cfg(test)]
mod tests;
