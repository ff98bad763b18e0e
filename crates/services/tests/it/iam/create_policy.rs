use super::kit::{NOW, POLICY, a_policy, assert_denied, assert_refused, document};
use super::{allowing, told};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_policy_has_its_first_version_in_force() {
    let h = Harness::new().await;
    let text = document("s3:A");

    let parameters = [
        ("PolicyName", "Secrets"),
        ("Path", "/team/"),
        ("PolicyDocument", text.as_str()),
        ("Description", "lists secrets"),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "red"),
    ];
    let told = told(&h, "CreatePolicy", &parameters).await;

    let id = told["Policy"]["PolicyId"].as_str().unwrap();
    assert!(id.starts_with("ANPA") && id.len() == 21, "{id}");
    let expected = json!({
        "PolicyName": "Secrets", "PolicyId": id, "Arn": POLICY, "Path": "/team/",
        "DefaultVersionId": "v1", "AttachmentCount": "0", "PermissionsBoundaryUsageCount": "0",
        "IsAttachable": "true", "CreateDate": NOW, "UpdateDate": NOW,
        "Tags": [{ "Key": "Team", "Value": "red" }],
    });
    assert_eq!(told["Policy"], expected);
}

#[tokio::test]
async fn a_name_is_taken_in_any_case_and_under_any_path() {
    let h = Harness::new().await;
    a_policy(&h).await;
    let text = document("s3:A");

    let parameters = [("PolicyName", "SECRETS"), ("PolicyDocument", text.as_str())];
    let taken = "A policy called SECRETS already exists. Duplicate names are not allowed.";
    let expected = (409, "EntityAlreadyExists", taken);
    assert_refused(&h, "CreatePolicy", &parameters, expected).await;
}

#[tokio::test]
async fn what_is_no_policy_is_refused_with_its_place() {
    let h = Harness::new().await;
    let long = allowing(&["s3:GetObjectOfSomeKind"; 300]).to_string();

    for (text, code, part) in [
        ("{\n x", "MalformedPolicyDocument", "line 2, column 2"),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"s3:A","Resource":"*","Principal":"*"}}"#,
            "MalformedPolicyDocument",
            "`Principal` has no place",
        ),
        (
            long.as_str(),
            "LimitExceeded",
            "Cannot exceed quota for PolicySize: 6144",
        ),
    ] {
        let parameters = [("PolicyName", "p"), ("PolicyDocument", text)];
        let reply = h.iam("CreatePolicy", &parameters).await;
        let error = &reply.xml()["Error"];
        assert_eq!(error["Code"], code, "{}", reply.text);
        let message = error["Message"].as_str().unwrap();
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(
        told(&h, "ListPolicies", &[("Scope", "Local")]).await["Policies"],
        ""
    );
}

#[tokio::test]
async fn white_space_does_not_count() {
    let h = Harness::new().await;
    let text = document("s3:A").replace(',', &format!(",{}", " ".repeat(6_000)));

    let parameters = [("PolicyName", "p"), ("PolicyDocument", text.as_str())];
    let reply = h.iam("CreatePolicy", &parameters).await;

    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let text = document("s3:A");
    let parameters = [("PolicyName", "p"), ("PolicyDocument", text.as_str())];
    assert_denied("CreatePolicy", &parameters, "policy p", None).await;
}
