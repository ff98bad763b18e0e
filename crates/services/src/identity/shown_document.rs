//! Policy documents as answers show them.
//!
//! COMPAT: a principal that a document was bound to and that has its ARN no longer, because it was
//! deleted or renamed, stands in it by its unique id, as on AWS. So what is shown means the same when
//! it is put back, and says nothing of whoever has the ARN now.

use super::known_principals::id_of;
use crate::document::Document;
use crate::tx::Tx;
use base::CommonError;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// The text of `document` as it is shown.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn shown<F>(
    tx: &mut Tx<'_>,
    document: &Document<F>,
) -> Result<String, CommonError> {
    let mut strangers = BTreeMap::new();
    for (arn, id) in document.principal_ids() {
        if id_of(tx, arn).await?.as_ref() != Some(id) {
            strangers.insert(arn.as_str(), id.as_str());
        }
    }
    Ok(with_ids(document.text(), &strangers))
}

/// `text` with each of these ARNs replaced by its id where it stands as a principal.
fn with_ids(text: &str, ids: &BTreeMap<&str, &str>) -> String {
    if ids.is_empty() {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    let mut done = 0;
    for span in principals(text) {
        shown.push_str(text.get(done..span.start).unwrap_or_default());
        shown.push_str(&renamed(text.get(span.clone()).unwrap_or_default(), ids));
        done = span.end;
    }
    shown.push_str(text.get(done..).unwrap_or_default());
    shown
}

#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(borrow, rename = "Statement")]
    statements: &'a RawValue,
}

#[derive(Deserialize)]
struct Statement<'a> {
    #[serde(borrow, rename = "Principal")]
    principal: Option<&'a RawValue>,
    #[serde(borrow, rename = "NotPrincipal")]
    not_principal: Option<&'a RawValue>,
}

/// Where the principals of each statement stand in the text of a policy.
fn principals(text: &str) -> Vec<Range<usize>> {
    let statements = serde_json::from_str::<Outline<'_>>(text)
        .map(|outline| outline.statements.get())
        .unwrap_or_default();
    let listed = serde_json::from_str::<Vec<Statement<'_>>>(statements)
        .or_else(|_| serde_json::from_str::<Statement<'_>>(statements).map(|one| vec![one]));
    let mut spans: Vec<Range<usize>> = listed
        .unwrap_or_default()
        .into_iter()
        .flat_map(|statement| [statement.principal, statement.not_principal])
        .flatten()
        .filter_map(|element| span(text, element.get()))
        .collect();
    spans.sort_unstable_by_key(|span| span.start);
    spans
}

/// Where `part`, which was read out of `text` without a copy, stands in it.
fn span(text: &str, part: &str) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    Some(start..start + part.len())
}

/// JSON with those of its strings replaced that are ARNs of `ids`, however they are written.
fn renamed(json: &str, ids: &BTreeMap<&str, &str>) -> String {
    let mut renamed = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, string, after)) = next_string(rest) {
        renamed.push_str(before);
        let decoded: Cow<'_, str> = serde_json::from_str(string).unwrap_or_default();
        match ids.get(&*decoded) {
            Some(id) => renamed.extend(["\"", id, "\""]),
            None => renamed.push_str(string),
        }
        rest = after;
    }
    renamed.push_str(rest);
    renamed
}

/// The next string of some JSON, with its quotes, between what stands before and after it.
fn next_string(json: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = json.split_at_checked(json.find('"')?)?;
    let mut escaped = false;
    let end = rest.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    let (string, after) = rest.split_at_checked(end + 2)?;
    Some((before, string, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: &str = "arn:aws:iam::123456789012:user/ann";
    const BEN: &str = "arn:aws:iam::123456789012:user/ben";

    fn without_ann(text: &str) -> String {
        with_ids(text, &BTreeMap::from([(ANN, "AIDAANN")]))
    }

    #[test]
    fn only_principals_are_replaced_and_nothing_else_changes() {
        let text = r#"{ "Version": "2012-10-17",
            "Statement": [
              {"Sid": "ANN", "Effect": "Allow", "Principal": {"AWS": ["BEN", "ANN"]}, "Action": "*",
               "Resource": "*", "Condition": {"ArnEquals": {"aws:PrincipalArn": "ANN"}}},
              {"Effect":"Deny","NotPrincipal":{"AWS":"ANN"},"Action":"*","Resource":"ANN"}] }"#;
        let text = text.replace("ANN", ANN).replace("BEN", BEN);
        let expected = text
            .replace(
                &format!("\"{BEN}\", \"{ANN}\""),
                &format!("\"{BEN}\", \"AIDAANN\""),
            )
            .replace(&format!("{{\"AWS\":\"{ANN}\"}}"), "{\"AWS\":\"AIDAANN\"}");

        let shown = without_ann(&text);

        assert_eq!(shown, expected);
        assert_eq!(shown.matches("AIDAANN").count(), 2);
    }

    #[test]
    fn an_arn_is_known_however_it_is_written() {
        let written = r"arn:aws:iam::123456789012:user\/\u0061nn";
        let text = format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{written}"}},"Action":"*","Resource":"*"}}}}"#
        );

        assert_eq!(without_ann(&text), text.replace(written, "AIDAANN"));
    }

    #[test]
    fn strings_end_at_the_quote_that_ends_them() {
        assert_eq!(
            next_string(r#"[1, "a\\\"b", "c"]"#),
            Some(("[1, ", r#""a\\\"b""#, r#", "c"]"#))
        );
        assert_eq!(next_string(r#""a\\""#), Some(("", r#""a\\""#, "")));
        assert_eq!(next_string("[1]"), None);
    }
}
