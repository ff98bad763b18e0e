//! The policy of a function: the statements that AddPermission adds.
//!
//! It is built here and nowhere else, one statement at a time, so a statement has the form that AWS
//! gives it: one principal, one action, the function, and conditions on where a call comes from.

use super::error::Error;
use super::model::Function;
use crate::document::ResourceDocument;
use crate::identity::known_principals;
use crate::tx::Tx;
use base::{AccountId, CommonError};
use serde_json::{Map, Value, json};
use std::slice::from_ref;

/// What AddPermission grants.
pub(crate) struct Permission<'a> {
    pub(crate) statement_id: &'a str,
    pub(crate) action: &'a str,
    pub(crate) principal: &'a str,
    pub(crate) source_arn: Option<&'a str>,
    pub(crate) source_account: Option<&'a str>,
    pub(crate) event_source_token: Option<&'a str>,
}

impl Permission<'_> {
    /// The statement.
    pub(crate) fn statement(&self, function: &str) -> Value {
        let mut statement = json!({
            "Sid": self.statement_id,
            "Effect": "Allow",
            "Principal": principal(self.principal),
            "Action": self.action,
            "Resource": function,
        });
        let mut equals = Map::new();
        for (key, value) in [
            ("AWS:SourceAccount", self.source_account),
            ("lambda:EventSourceToken", self.event_source_token),
        ] {
            if let Some(value) = value {
                equals.insert(key.to_owned(), json!(value));
            }
        }
        let mut condition = Map::new();
        if !equals.is_empty() {
            condition.insert(String::from("StringEquals"), Value::Object(equals));
        }
        if let Some(arn) = self.source_arn {
            let like = json!({ "AWS:SourceArn": arn });
            condition.insert(String::from("ArnLike"), like);
        }
        if let (false, Some(members)) = (condition.is_empty(), statement.as_object_mut()) {
            members.insert(String::from("Condition"), Value::Object(condition));
        }
        statement
    }
}

/// Adds a statement to the policy of `function`, whose principal is bound to who has the name now.
///
/// # Errors
/// [`Error::StatementExists`], [`Error::PolicyTooLong`]; [`Error::InvalidParameter`] for a principal
/// that nobody is.
pub(crate) async fn add(
    tx: &mut Tx<'_>,
    function: &mut Function,
    permission: &Permission<'_>,
) -> Result<Value, Error> {
    let mut statements = statements(function)?;
    let sid = permission.statement_id;
    if statements.iter().any(|one| one["Sid"] == sid) {
        return Err(Error::StatementExists(sid.to_owned()));
    }
    let statement = permission.statement(&function.arn());
    statements.push(statement.clone());
    let text = document(&statements);
    if text.len() > MOST_BYTES {
        return Err(Error::PolicyTooLong(text.len()));
    }
    let invalid = || Error::InvalidParameter(INVALID_PRINCIPAL.to_owned());
    let parsed = ResourceDocument::parse(&text).map_err(|_| invalid())?;
    // Those of the statements before were known when they were added, and are bound since.
    let alone = ResourceDocument::parse(&document(from_ref(&statement))).map_err(|_| invalid())?;
    let principals = known_principals::look_up(tx, &alone).await?;
    if !principals.unknown.is_empty() {
        return Err(invalid());
    }
    let mut ids = principals.ids;
    if let Some(before) = &function.policy {
        ids.extend(before.principal_ids().clone());
    }
    function.policy = Some(parsed.bound_to(ids));
    Ok(statement)
}

/// Removes the statement called `sid`. With the last one the policy goes.
///
/// # Errors
/// [`Error::StatementNotFound`], [`Error::PolicyNotFound`].
pub(crate) fn remove(function: &mut Function, sid: &str) -> Result<(), Error> {
    let Some(policy) = &function.policy else {
        return Err(Error::PolicyNotFound);
    };
    let mut statements = statements(function)?;
    let before = statements.len();
    statements.retain(|one| one["Sid"] != sid);
    if statements.len() == before {
        return Err(Error::StatementNotFound(sid.to_owned()));
    }
    let mut ids = policy.principal_ids().clone();
    // Whoever is named no more may come back as somebody else.
    ids.retain(|arn, _| statements.iter().any(|one| names(one, arn)));
    function.policy = (!statements.is_empty())
        .then(|| ResourceDocument::stored(&document(&statements)).bound_to(ids));
    Ok(())
}

/// Whether the principal of `statement` is `arn`.
fn names(statement: &Value, arn: &str) -> bool {
    let named = statement.pointer("/Principal/AWS");
    named.and_then(Value::as_str) == Some(arn)
}

fn statements(function: &Function) -> Result<Vec<Value>, CommonError> {
    let Some(policy) = &function.policy else {
        return Ok(Vec::new());
    };
    let mut document: Value = serde_json::from_str(policy.text()).map_err(CommonError::internal)?;
    match document.get_mut("Statement").map(Value::take) {
        Some(Value::Array(statements)) => Ok(statements),
        _ => Err(CommonError::internal(
            "a function policy without statements",
        )),
    }
}

fn document(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements }).to_string()
}

/// A service by its name; everyone; an account by its number; else what an ARN names.
fn principal(text: &str) -> Value {
    if text == "*" {
        json!("*")
    } else if AccountId::parse(text).is_ok() {
        json!({ "AWS": format!("arn:aws:iam::{text}:root") })
    } else if text.starts_with("arn:") {
        json!({ "AWS": text })
    } else {
        json!({ "Service": text })
    }
}

/// 20 KiB, as AWS's quota has it.
const MOST_BYTES: usize = 20_480;
const INVALID_PRINCIPAL: &str =
    "The provided principal was invalid. Please check the principal and try again.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_the_form_that_aws_gives_it() {
        let permission = Permission {
            statement_id: "s",
            action: "lambda:InvokeFunction",
            principal: "secretsmanager.amazonaws.com",
            source_arn: Some("arn:aws:secretsmanager:us-east-1:123456789012:secret:db-a1b2c3"),
            source_account: Some("123456789012"),
            event_source_token: None,
        };

        let statement = permission.statement("arn:f");

        assert_eq!(
            statement,
            json!({
                "Sid": "s",
                "Effect": "Allow",
                "Principal": { "Service": "secretsmanager.amazonaws.com" },
                "Action": "lambda:InvokeFunction",
                "Resource": "arn:f",
                "Condition": {
                    "StringEquals": { "AWS:SourceAccount": "123456789012" },
                    "ArnLike": {
                        "AWS:SourceArn":
                            "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-a1b2c3",
                    },
                },
            })
        );
    }

    #[test]
    fn a_principal_is_what_it_looks_like() {
        for (text, expected) in [
            ("*", json!("*")),
            (
                "123456789012",
                json!({ "AWS": "arn:aws:iam::123456789012:root" }),
            ),
            (
                "arn:aws:iam::123456789012:role/r",
                json!({ "AWS": "arn:aws:iam::123456789012:role/r" }),
            ),
            ("s3.amazonaws.com", json!({ "Service": "s3.amazonaws.com" })),
        ] {
            assert_eq!(principal(text), expected);
        }
    }
}
