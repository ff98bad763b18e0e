use super::kit::{NOW, POLICY, READER, a_policy, a_role, assert_denied, attached};
use super::{ADMIN, LAMBDA, done, pages, told};
use serde_json::{Value, json};
use testkit::Harness;

/// The names of the policies that a list tells.
async fn names(h: &Harness, parameters: &[(&str, &str)]) -> Vec<String> {
    let told = told(h, "ListPolicies", parameters).await;
    assert_eq!(told["IsTruncated"], "false");
    super::items(told["Policies"].clone())
        .iter()
        .map(name)
        .collect()
}

fn name(policy: &Value) -> String {
    policy["PolicyName"].as_str().unwrap().to_owned()
}

const OF_AWS: [&str; 5] = [
    "AWSLambdaBasicExecutionRole",
    "AWSSecretsManagerClientReadOnlyAccess",
    "AdministratorAccess",
    "IAMFullAccess",
    "SecretsManagerReadWrite",
];

#[tokio::test]
async fn a_scope_tells_whose_policies() {
    let h = Harness::new().await;
    a_policy(&h).await;

    let local = told(&h, "ListPolicies", &[("Scope", "Local")]).await;

    let policy = &local["Policies"][0];
    let expected = json!({
        "PolicyName": "Secrets", "PolicyId": policy["PolicyId"], "Arn": POLICY,
        "Path": "/team/", "DefaultVersionId": "v1", "AttachmentCount": "0",
        "PermissionsBoundaryUsageCount": "0", "IsAttachable": "true", "CreateDate": NOW,
        "UpdateDate": NOW,
    });
    assert_eq!(
        local,
        json!({ "Policies": [expected], "IsTruncated": "false" })
    );
    assert_eq!(names(&h, &[("Scope", "AWS")]).await, OF_AWS);
    let all = [&["Secrets"][..], &OF_AWS].concat();
    assert_eq!(names(&h, &[]).await, all);
    assert_eq!(names(&h, &[("Scope", "All")]).await, all);
}

#[tokio::test]
async fn filters_go_by_path_and_use() {
    let h = Harness::new().await;
    a_policy(&h).await;
    a_role(&h).await;
    attached(&h).await;
    done(
        &h,
        "PutRolePermissionsBoundary",
        &[READER, ("PermissionsBoundary", ADMIN)],
    )
    .await;

    let path = names(&h, &[("PathPrefix", "/service-role/")]).await;
    let used = names(&h, &[("OnlyAttached", "true")]).await;
    let permissions = names(&h, &[("PolicyUsageFilter", "PermissionsPolicy")]).await;
    let boundaries = names(&h, &[("PolicyUsageFilter", "PermissionsBoundary")]).await;

    assert_eq!(path, ["AWSLambdaBasicExecutionRole"]);
    assert_eq!(used, ["Secrets", "AdministratorAccess"]);
    assert_eq!(permissions, ["Secrets"]);
    assert_eq!(boundaries, ["AdministratorAccess"]);
    assert!(LAMBDA.ends_with(&path[0]));
}

#[tokio::test]
async fn pages_go_on_from_own_policies_to_those_of_aws() {
    let h = Harness::new().await;
    let text = super::kit::document("s3:A");
    for name in ["a", "b", "c"] {
        let parameters = [("PolicyName", name), ("PolicyDocument", text.as_str())];
        h.iam("CreatePolicy", &parameters).await.xml_ok();
    }
    let all = [&["a", "b", "c"][..], &OF_AWS].concat();

    for size in 1..=9 {
        let pages = pages(&h, "ListPolicies", &[], "Policies", &size.to_string()).await;
        let told: Vec<Vec<String>> = pages
            .iter()
            .map(|page| page.as_array().unwrap().iter().map(name).collect())
            .collect();
        let expected: Vec<Vec<&str>> = all.chunks(size).map(<[_]>::to_vec).collect();
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PathPrefix", "/team/")];
    assert_denied("ListPolicies", &parameters, "policy path /team/", None).await;
}
