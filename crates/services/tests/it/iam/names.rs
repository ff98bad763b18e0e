//! Names and paths that are none, in AWS's words.

use super::kit::trust;
use super::{assert_refused, everything};
use testkit::Harness;

const OF_NAMES: &str = "It must contain only alphanumeric characters and/or the following: +=,.@_-";
const OF_PATHS: &str =
    "It must begin and end with / and contain only alphanumeric characters and/or / characters.";
const OF_PREFIXES: &str = "It must begin with the / character and contain only alphanumeric \
                           characters and/or / characters.";

#[tokio::test]
async fn a_name_with_other_characters_is_refused() {
    let h = Harness::new().await;
    let trust = trust();
    let document = ("PolicyDocument", "{}");

    for (action, member, parameters) in [
        ("CreateUser", "userName", &[("UserName", "аnn")][..]),
        ("GetUser", "userName", &[("UserName", "a b")]),
        ("GetUser", "userName", &[("UserName", "")]),
        ("CreateGroup", "groupName", &[("GroupName", "a/b")]),
        (
            "CreateRole",
            "roleName",
            &[("RoleName", "a:b"), ("AssumeRolePolicyDocument", &trust)],
        ),
        (
            "UpdateUser",
            "newUserName",
            &[("UserName", "ann"), ("NewUserName", "a*")],
        ),
        (
            "PutUserPolicy",
            "policyName",
            &[("UserName", "ann"), ("PolicyName", "a b"), document],
        ),
        (
            "CreatePolicy",
            "policyName",
            &[("PolicyName", "ä"), document],
        ),
    ] {
        let text = format!("The specified value for {member} is invalid. {OF_NAMES}");
        assert_refused(&h, action, parameters, (400, "ValidationError", &text)).await;
    }
}

#[tokio::test]
async fn a_path_that_is_none_is_refused() {
    let h = Harness::new().await;
    let ann = ("UserName", "ann");
    let policy = [("PolicyName", "p"), ("PolicyDocument", "{}")];

    for path in ["team", "/team", "team/", "/a b/", ""] {
        let text = format!("The specified value for path is invalid. {OF_PATHS}");
        let refusal = (400, "ValidationError", text.as_str());
        assert_refused(&h, "CreateUser", &[ann, ("Path", path)], refusal).await;
        let [name, document] = policy;
        let parameters = [name, document, ("Path", path)];
        assert_refused(&h, "CreatePolicy", &parameters, refusal).await;

        let text = format!("The specified value for newPath is invalid. {OF_PATHS}");
        let refusal = (400, "ValidationError", text.as_str());
        assert_refused(&h, "UpdateUser", &[ann, ("NewPath", path)], refusal).await;
    }
}

#[tokio::test]
async fn a_prefix_that_no_path_has_is_refused() {
    let h = Harness::new().await;
    let policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess";

    for (action, of_what) in [
        ("ListUsers", None),
        ("ListRoles", None),
        ("ListGroups", None),
        ("ListPolicies", None),
        ("ListEntitiesForPolicy", Some(("PolicyArn", policy_arn))),
        ("ListAttachedUserPolicies", Some(("UserName", "ann"))),
        ("ListAttachedRolePolicies", Some(("RoleName", "ann"))),
        ("ListAttachedGroupPolicies", Some(("GroupName", "ann"))),
    ] {
        for prefix in ["", "team/", "/bad path/"] {
            let mut parameters = vec![("PathPrefix", prefix)];
            parameters.extend(of_what);

            let text = format!("The specified value for pathPrefix is invalid. {OF_PREFIXES}");
            let refusal = (400, "ValidationError", text.as_str());
            assert_refused(&h, action, &parameters, refusal).await;
        }
    }
}

#[tokio::test]
async fn a_length_is_refused_as_the_model_has_it() {
    let h = Harness::new().await;
    let long_name = "a".repeat(65);
    let long_path = format!("/{}/", "a".repeat(511));

    let text = |value: &str, member, most: u32| {
        format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy \
             constraint: Member must have length less than or equal to {most}"
        )
    };
    let name = text(&long_name, "userName", 64);
    let refusal = (400, "ValidationError", name.as_str());
    assert_refused(&h, "CreateUser", &[("UserName", &long_name)], refusal).await;
    let path = text(&long_path, "path", 512);
    let refusal = (400, "ValidationError", path.as_str());
    let parameters = [("UserName", "ann"), ("Path", long_path.as_str())];
    assert_refused(&h, "CreateUser", &parameters, refusal).await;
}

#[tokio::test]
async fn every_name_and_path_of_aws_own_is_taken() {
    let h = Harness::new().await;
    let before = everything(&h).await;

    for (name, path) in [("a+=,.@_-Z9", "/"), ("b", "/~a!/b.c/"), ("c", "/a/")] {
        let parameters = [("UserName", name), ("Path", path)];
        h.iam("CreateUser", &parameters).await.xml_ok();
    }

    assert_ne!(everything(&h).await, before);
}
