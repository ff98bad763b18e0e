//! The user that reads as applications do: not root, but by leave of policies.

use crate::Error;
use crate::clock::now;
use crate::content::once_each;
use crate::load::ask;
use crate::operation::Ask;
use crate::sign::Signer;
use crate::target::Target;
use base::Plaintext;
use serde_json::{Value, json};

/// Creates as many guarded secrets, each with a resource policy, and a user who may read them by
/// five policies: one of its own, two attached, two of its group.
pub(crate) fn a_reader(target: &Target, secrets: usize) -> Result<Signer, Error> {
    for ask in [Ask::create_guarded, Ask::guard] {
        once_each(&target.endpoint, &target.signer, secrets, ask)?;
    }
    let admin = Admin { target };
    admin.call("CreateUser", &[("UserName", USER)])?;
    admin.call("CreateGroup", &[("GroupName", GROUP)])?;
    admin.call(
        "AddUserToGroup",
        &[("UserName", USER), ("GroupName", GROUP)],
    )?;
    for (name, document) in [("own-work", own_work()), ("no-deletion", no_deletion())] {
        let made = admin.call(
            "CreatePolicy",
            &[
                ("PolicyName", name),
                ("PolicyDocument", &document.to_string()),
            ],
        )?;
        let arn = between(&made, "<Arn>", "</Arn>")?;
        admin.call(
            "AttachUserPolicy",
            &[("UserName", USER), ("PolicyArn", &arn)],
        )?;
    }
    let own = ("PolicyDocument", &*reading().to_string());
    admin.call(
        "PutUserPolicy",
        &[("UserName", USER), ("PolicyName", "reading"), own],
    )?;
    let of_group = ("PolicyDocument", &*own_work().to_string());
    admin.call(
        "PutGroupPolicy",
        &[("GroupName", GROUP), ("PolicyName", "work"), of_group],
    )?;
    admin.call(
        "AttachGroupPolicy",
        &[("GroupName", GROUP), ("PolicyArn", LOGS)],
    )?;
    let key = admin.call("CreateAccessKey", &[("UserName", USER)])?;
    let secret = between(&key, "<SecretAccessKey>", "</SecretAccessKey>")?;
    let reader = Signer {
        host: target.signer.host.clone(),
        region: target.signer.region.clone(),
        access_key_id: between(&key, "<AccessKeyId>", "</AccessKeyId>")?,
        secret_access_key: Plaintext::from(secret),
        session_token: None,
    };
    // The first reading of the day is written down; that belongs to filling.
    once_each(&target.endpoint, &reader, secrets, Ask::guarded)?;
    Ok(reader)
}

/// The account's root, over IAM.
pub(crate) struct Admin<'a> {
    pub(crate) target: &'a Target,
}

impl Admin<'_> {
    /// Calls `action` of IAM and gives its answer.
    pub(crate) fn call(
        &self,
        action: &'static str,
        parameters: &[(&str, &str)],
    ) -> Result<String, Error> {
        let request = self.target.signer.sign_form(action, parameters, now())?;
        let answer = ask(&self.target.endpoint, &request)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

/// What the user reads by.
fn reading() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
          "Resource": "arn:aws:secretsmanager:*:*:secret:bench/guarded-*" },
        { "Effect": "Allow", "Action": "secretsmanager:ListSecrets", "Resource": "*" },
        { "Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*",
          "Condition": { "Bool": { "aws:SecureTransport": "false" } } },
    ] })
}

fn own_work() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:work-*" },
        { "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
          "Resource": "arn:aws:s3:::work/${aws:username}/*" },
        { "Effect": "Allow", "Action": "secretsmanager:GetRandomPassword", "Resource": "*" },
    ] })
}

fn no_deletion() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Deny", "Action": ["secretsmanager:DeleteSecret", "kms:ScheduleKeyDeletion"],
          "Resource": "*" },
        { "Effect": "Deny", "NotAction": "secretsmanager:*",
          "Resource": "arn:aws:secretsmanager:*:*:secret:bench/guarded-*" },
    ] })
}

/// What an answer of IAM's holds between two tags.
pub(crate) fn between(text: &str, begin: &str, end: &str) -> Result<String, Error> {
    let found = text
        .split_once(begin)
        .and_then(|(_, rest)| rest.split_once(end))
        .map(|(inner, _)| inner.to_owned());
    found.ok_or_else(|| Error::WrongAnswer {
        operation: "IAM",
        expected: begin.to_owned(),
        body: text.chars().take(400).collect(),
    })
}

const USER: &str = "bench-reader";
const GROUP: &str = "bench-readers";
const LOGS: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_holds_is_found_between_its_tags() {
        let found = between("<A><Arn>arn:x</Arn></A>", "<Arn>", "</Arn>").unwrap();

        assert_eq!(found, "arn:x");
    }

    #[test]
    fn an_answer_without_it_stops_the_run() {
        let refused = between("<Error/>", "<Arn>", "</Arn>");

        assert!(matches!(refused, Err(Error::WrongAnswer { .. })));
    }
}
