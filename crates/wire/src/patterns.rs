//! The regular expressions that the models of IAM and STS share, decided without an engine.
//!
//! - `text` is that of AWS's model, byte for byte, as a refusal prints it.
//! - A text must match as a whole. `\w` and `\d` are ASCII only.
//! - An example is long enough, and a counterexample of a length admitted, wherever the models use
//!   the expression.

#[cfg(test)]
mod tests;

use crate::shape::Pattern;
use regex_syntax::hir::{Class, ClassUnicode, HirKind};
use std::sync::LazyLock;

/// Names of users, groups, roles and policies.
pub static NAME: Pattern = Pattern {
    text: r"[\w+=,.@-]+",
    matches: |text| some(text, is_in_name),
    example: "alice",
    counterexample: "a lice",
};

/// Session names and source identities.
pub static SESSION_NAME: Pattern = Pattern {
    text: r"[\w+=,.@-]*",
    matches: |text| text.chars().all(is_in_name),
    example: "alice",
    counterexample: "a lice",
};

/// Paths of users, groups and roles.
pub static PATH: Pattern = Pattern {
    text: r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)",
    matches: |text| text == "/" || inside(text).is_some_and(|inner| some(inner, is_graphic)),
    example: "/team/",
    counterexample: "team",
};

/// What listed paths begin with.
pub static PATH_PREFIX: Pattern = Pattern {
    text: r"\u002F[\u0021-\u007F]*",
    matches: |text| {
        text.strip_prefix('/')
            .is_some_and(|rest| rest.chars().all(|c| matches!(c, '!'..='\u{7f}')))
    },
    example: "/team",
    counterexample: "team",
};

/// Paths of managed policies.
pub static POLICY_PATH: Pattern = Pattern {
    text: r"((/[A-Za-z0-9\.,\+@=_-]+)*)/",
    matches: |text| {
        text == "/"
            || inside(text).is_some_and(|inner| inner.split('/').all(|part| some(part, is_in_name)))
    },
    example: "/team/",
    counterexample: "team",
};

/// Ids of the versions of managed policies.
pub static POLICY_VERSION_ID: Pattern = Pattern {
    text: r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?",
    matches: is_policy_version_id,
    example: "v1",
    counterexample: "v0",
};

/// Keys of tags.
pub static TAG_KEY: Pattern = Pattern {
    text: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+",
    matches: |text| some(text, is_in_tag),
    example: "team",
    counterexample: "te#m",
};

/// Values of tags.
pub static TAG_VALUE: Pattern = Pattern {
    text: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
    matches: |text| text.chars().all(is_in_tag),
    example: "red",
    counterexample: "r#d",
};

/// Policy documents.
pub static DOCUMENT: Pattern = Pattern {
    text: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
    matches: |text| some(text, |c| is_line_break_or_tab(c) || is_latin(c)),
    example: "{}",
    counterexample: "\u{100}",
};

/// Markers of pages.
pub static MARKER: Pattern = Pattern {
    text: r"[\u0020-\u00FF]+",
    matches: |text| some(text, is_latin),
    example: "marker",
    counterexample: "\u{100}",
};

/// Descriptions of roles.
pub static ROLE_DESCRIPTION: Pattern = Pattern {
    text: r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
    matches: |text| {
        text.chars()
            .all(|c| is_line_break_or_tab(c) || matches!(c, ' '..='~' | '\u{a1}'..='\u{ff}'))
    },
    example: "reads one secret",
    counterexample: "\u{100}",
};

/// Ids of access keys.
pub static ACCESS_KEY_ID: Pattern = Pattern {
    text: r"[\w]+",
    matches: |text| some(text, is_word),
    example: "AKIAIOSFODNN7EXAMPLE",
    counterexample: "AKIA-IOSFODNN7-EXAMPLE",
};

/// ARNs of the policies' sources.
pub static POLICY_SOURCE_ARN: Pattern = Pattern {
    text: r"[\w+=,.@:\/\\-]*",
    matches: |text| {
        text.chars()
            .all(|c| is_in_name(c) || matches!(c, ':' | '/' | '\\'))
    },
    example: "arn:aws:iam::123456789012:user/alice",
    counterexample: "arn:aws:iam::123456789012:user/a lice",
};

/// External ids of those who assume a role for others.
pub static EXTERNAL_ID: Pattern = Pattern {
    text: r"[\w+=,.@:\/-]*",
    matches: |text| {
        text.chars()
            .all(|c| is_in_name(c) || matches!(c, ':' | '/'))
    },
    example: "partner/7",
    counterexample: "partner 7",
};

/// Serial numbers and ARNs of MFA devices.
pub static SERIAL_NUMBER: Pattern = Pattern {
    text: r"[\w+=/:,.@-]*",
    matches: EXTERNAL_ID.matches,
    example: "arn:aws:iam::123456789012:mfa/alice",
    counterexample: "arn aws mfa alice",
};

/// Codes of MFA devices.
pub static TOKEN_CODE: Pattern = Pattern {
    text: r"[\d]*",
    matches: |text| text.bytes().all(|b| b.is_ascii_digit()),
    example: "123456",
    counterexample: "12345x",
};

/// ARNs, as STS takes them.
///
/// COMPAT: what the model means by `\u10000-\u10FFFF` is read as the code points above U+FFFF.
pub static ARN: Pattern = Pattern {
    text: r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
    matches: |text| {
        some(text, |c| {
            is_line_break_or_tab(c)
                || matches!(c, ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
        })
    },
    example: "arn:aws:iam::123456789012:role/reader",
    counterexample: "arn:aws:iam::123456789012:role/\u{fffe}",
};

/// Whether `text` is not empty and all of it `is_allowed`.
fn some(text: &str, is_allowed: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(is_allowed)
}

/// What is between the slashes at both ends.
fn inside(text: &str) -> Option<&str> {
    text.strip_prefix('/')?.strip_suffix('/')
}

fn is_policy_version_id(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('v') else {
        return false;
    };
    let (number, suffix) = rest.split_once('.').unwrap_or((rest, ""));
    some(number, |c| c.is_ascii_digit())
        && !number.starts_with('0')
        && suffix
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-')
}

const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

const fn is_in_name(c: char) -> bool {
    is_word(c) || matches!(c, '+' | '=' | ',' | '.' | '@' | '-')
}

const fn is_graphic(c: char) -> bool {
    matches!(c, '!'..='~')
}

const fn is_line_break_or_tab(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r')
}

const fn is_latin(c: char) -> bool {
    matches!(c, ' '..='\u{ff}')
}

fn is_in_tag(c: char) -> bool {
    let ranges = TAG_CHARACTERS.ranges();
    let next = ranges.partition_point(|range| range.end() < c);
    ranges.get(next).is_some_and(|range| range.start() <= c)
}

/// The characters of tags. The standard library has no general categories; its `is_alphabetic`
/// takes in marks and circled letters, which `\p{L}` leaves out.
static TAG_CHARACTERS: LazyLock<ClassUnicode> =
    LazyLock::new(|| class(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]"));

/// The characters of a class; none when it is not one, so that a mistake here admits nothing.
fn class(text: &str) -> ClassUnicode {
    match regex_syntax::parse(text).map(regex_syntax::hir::Hir::into_kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => class,
        _ => ClassUnicode::empty(),
    }
}
