//! Prints what a decision costs: `cargo run --release -p strongroom-policy --example decide`.
//!
//! The request is a typical one. Five policies apply (two of the identity, a boundary, a guardrail
//! and one of the resource), each of three statements, one of them with a condition.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints what it found"
)]

use std::borrow::Cow;
use std::hint::black_box;
use std::time::Instant;

use strongroom_policy::{
    Caller, Context, Form, Identity, Named, Policies, Policy, Problems, Request, Values, evaluate,
};

fn main() -> Result<(), Problems> {
    let identity = Policy::parse(IDENTITY, Form::Identity)?;
    let second = Policy::parse(SECOND, Form::Identity)?;
    let bound = Policy::parse(BOUND, Form::Identity)?;
    let resource = Policy::parse(RESOURCE, Form::Resource)?;
    let named = |name, policy| Named { name, policy };
    let attached = [named("own", &identity), named("second", &second)];
    let guardrails = [named("guardrail", &bound)];
    let policies = Policies {
        identity: &attached,
        boundary: Some(named("boundary", &bound)),
        resource: Some(named("resource", &resource)),
        guardrails: &guardrails,
        ..Policies::default()
    };

    for (what, action) in [
        (
            "allowed by the last policy",
            "secretsmanager:GetSecretValue",
        ),
        ("allowed by no policy", "secretsmanager:DeleteSecret"),
    ] {
        let request = Request {
            action,
            resource: "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf",
            resource_account: Some("123456789012"),
            caller: Caller {
                account: "123456789012",
                identity: Identity::User {
                    arn: "arn:aws:iam::123456789012:user/app",
                    id: "AIDAEXAMPLEEXAMPLE01",
                },
            },
            context: &Keys,
        };
        let begun = Instant::now();
        for _ in 0..ROUNDS {
            black_box(evaluate(black_box(&request), black_box(&policies)));
        }
        let nanos = begun.elapsed().as_nanos() / u128::from(ROUNDS);
        let decision = evaluate(&request, &policies);
        println!("{what}: {nanos} ns per decision, {decision:?}");
    }
    println!(
        "the five policies hold {} bytes",
        [&identity, &second, &bound, &bound, &resource]
            .map(Policy::weight)
            .iter()
            .sum::<usize>()
    );
    Ok(())
}

struct Keys;

impl Context for Keys {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let value = match key {
            "aws:sourceip" => "203.0.113.7",
            "aws:securetransport" => "true",
            "aws:username" => "app",
            "secretsmanager:versionstage" => {
                return Some(Values::Many(vec![Cow::Borrowed("AWSCURRENT")]));
            }
            _ => return None,
        };
        Some(Values::One(Cow::Borrowed(value)))
    }
}

const ROUNDS: u32 = 1_000_000;
const IDENTITY: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["secretsmanager:List*", "secretsmanager:Describe*"],
     "Resource": "*"},
    {"Effect": "Allow", "Action": "kms:Decrypt",
     "Resource": "arn:aws:kms:us-east-1:123456789012:key/*"},
    {"Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*",
     "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;
const SECOND: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "secretsmanager:PutSecretValue",
     "Resource": "arn:aws:secretsmanager:*:123456789012:secret:prod/*"},
    {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
     "Resource": ["arn:aws:secretsmanager:*:123456789012:secret:prod/web-??????",
                  "arn:aws:secretsmanager:*:123456789012:secret:prod/db-??????"],
     "Condition": {"ForAnyValue:StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}},
    {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*"}]}"#;
const BOUND: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Action": "iam:*", "Resource": "*"},
    {"Effect": "Deny", "NotAction": "sts:*", "Resource": "*",
     "Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "10.0.0.0/8"]}}},
    {"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
const RESOURCE: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/Reader"},
     "Action": "secretsmanager:GetSecretValue", "Resource": "*"},
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
     "Action": "secretsmanager:GetSecretValue", "Resource": "*"},
    {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue",
     "Resource": "*", "Condition": {"StringNotEquals": {"aws:username": ["app", "other"]}}}]}"#;
