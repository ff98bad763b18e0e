use super::*;
use crate::authorize::{Action, authorize};
use crate::secretsmanager::world::World;
use base::CommonError;
use policy::{Form, Named, Policy};
use serde_json::json;

/// Tags as they may be stored, whatever can be set today.
fn stored(pairs: &[(&str, &str)]) -> Tags {
    serde_json::from_value(json!(pairs)).unwrap()
}

/// Whether the root of the account, whom nobody needs to allow, is not denied by a policy of the
/// resource, and whether the root of another is allowed by one, under the condition.
fn outcomes(tags: &Tags, condition: &serde_json::Value) -> [bool; 2] {
    let owner = World::new();
    let owner_account = owner.principal.account().clone();
    [
        ("Deny", owner),
        ("Allow", World::new().seen_by("999988887777")),
    ]
    .map(|(effect, world)| {
        let statement = json!({
            "Effect": effect, "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": condition,
        });
        let text = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
        let policy = Policy::parse(&text, Form::Resource).unwrap();
        let resource = Resource {
            policy: Some(Named {
                name: "p",
                policy: &policy,
            }),
            ..Resource::named(&owner_account, String::from("db")).tagged(Some(tags))
        };
        let facts = world.facts();
        let action = Action("secretsmanager:GetSecretValue");
        match authorize(&world.principal, &facts, action, resource, &Keys::none()) {
            Ok(_) => true,
            Err(CommonError::AccessDenied(_)) => false,
            Err(other) => panic!("{other}"),
        }
    })
}

#[test]
fn a_key_that_has_two_values_is_to_nobodys_advantage() {
    for pairs in [
        [("team", "a"), ("env", "prod"), ("ENV", "test")],
        [("Env", "test"), ("env", "prod"), ("team", "a")],
    ] {
        let tags = stored(&pairs);
        for key in ["aws:ResourceTag/env", "secretsmanager:ResourceTag/ENV"] {
            for condition in [
                json!({ "StringEquals": { key: "prod" } }),
                json!({ "StringNotEquals": { key: "prod" } }),
                json!({ "StringNotEquals": { key: ["prod", "test"] } }),
                json!({ "ForAnyValue:StringEquals": { key: "test" } }),
                json!({ "ForAllValues:StringLike": { key: "t*" } }),
                json!({ "StringNotEquals": { "aws:ResourceTag/team": format!("${{{key}}}") } }),
                json!({ "Null": { key: "true" } }),
            ] {
                assert_eq!(outcomes(&tags, &condition), [false, false], "{condition}");
            }
        }
    }
}

#[test]
fn what_does_not_ask_for_the_key_does_not_suffer() {
    let tags = stored(&[("env", "prod"), ("ENV", "test"), ("team", "a")]);

    for (condition, holds) in [
        (
            json!({ "StringEquals": { "aws:ResourceTag/team": "a" } }),
            true,
        ),
        (
            json!({ "StringEquals": { "aws:ResourceTag/team": "b" } }),
            false,
        ),
        (json!({}), true),
    ] {
        assert_eq!(outcomes(&tags, &condition), [!holds, holds], "{condition}");
    }
}

#[test]
fn a_key_twice_with_one_value_has_that_value() {
    let tags = stored(&[("env", "prod"), ("ENV", "prod")]);

    let is = |value: &str| json!({ "StringEquals": { "aws:ResourceTag/eNv": value } });

    assert_eq!(outcomes(&tags, &is("prod")), [false, true]);
    assert_eq!(outcomes(&tags, &is("test")), [true, false]);
}
