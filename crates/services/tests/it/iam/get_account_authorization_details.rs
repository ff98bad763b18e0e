use super::kit::{
    NOW, POLICY, READER, ROLE, a_policy_with_versions, a_role, assert_denied, attached, document,
    encoded, trust,
};
use super::{ADMIN, done, items, told};
use serde_json::{Value, json};
use testkit::Harness;

/// A user in a group, a role and a policy, all of them with something.
async fn an_account(h: &Harness) {
    a_policy_with_versions(h, 1).await;
    a_role(h).await;
    attached(h).await;
    let text = document("s3:A");
    let inline = [
        READER,
        ("PolicyName", "p"),
        ("PolicyDocument", text.as_str()),
    ];
    done(h, "PutRolePolicy", &inline).await;
    h.iam("CreateUser", &[("UserName", "alice")]).await.xml_ok();
    h.iam("CreateGroup", &[("GroupName", "team")])
        .await
        .xml_ok();
    done(
        h,
        "AddUserToGroup",
        &[("GroupName", "team"), ("UserName", "alice")],
    )
    .await;
    done(
        h,
        "AttachGroupPolicy",
        &[("GroupName", "team"), ("PolicyArn", ADMIN)],
    )
    .await;
}

#[tokio::test]
async fn everything_is_told_with_its_documents() {
    let h = Harness::new().await;
    an_account(&h).await;

    let told = told(&h, "GetAccountAuthorizationDetails", &[]).await;

    let user = json!({
        "Path": "/", "UserName": "alice", "UserId": told["UserDetailList"][0]["UserId"],
        "Arn": "arn:aws:iam::123456789012:user/alice", "CreateDate": NOW, "UserPolicyList": "",
        "GroupList": ["team"], "AttachedManagedPolicies": "",
    });
    assert_eq!(told["UserDetailList"], json!([user]));
    let group = json!({
        "Path": "/", "GroupName": "team", "GroupId": told["GroupDetailList"][0]["GroupId"],
        "Arn": "arn:aws:iam::123456789012:group/team", "CreateDate": NOW, "GroupPolicyList": "",
        "AttachedManagedPolicies": [{ "PolicyName": "AdministratorAccess", "PolicyArn": ADMIN }],
    });
    assert_eq!(told["GroupDetailList"], json!([group]));
    let role = json!({
        "Path": "/team/", "RoleName": "Reader", "RoleId": told["RoleDetailList"][0]["RoleId"],
        "Arn": ROLE, "CreateDate": NOW, "AssumeRolePolicyDocument": encoded(&trust()),
        "InstanceProfileList": "",
        "RolePolicyList":
            [{ "PolicyName": "p", "PolicyDocument": encoded(&document("s3:A")) }],
        "AttachedManagedPolicies": [{ "PolicyName": "Secrets", "PolicyArn": POLICY }],
        "Tags": [{ "Key": "Team", "Value": "red" }], "RoleLastUsed": "",
    });
    assert_eq!(told["RoleDetailList"], json!([role]));
}

#[tokio::test]
async fn policies_are_told_with_their_versions() {
    let h = Harness::new().await;
    an_account(&h).await;

    let told = told(&h, "GetAccountAuthorizationDetails", &[]).await;

    let version = |id: &str, is_default: &str, action: &str| {
        json!({
            "Document": encoded(&document(action)), "VersionId": id,
            "IsDefaultVersion": is_default, "CreateDate": NOW,
        })
    };
    let [own, of_aws] = told["Policies"].as_array().unwrap().as_slice() else {
        panic!("{told}")
    };
    let expected = json!({
        "PolicyName": "Secrets", "PolicyId": own["PolicyId"], "Arn": POLICY, "Path": "/team/",
        "DefaultVersionId": "v1", "AttachmentCount": "1", "PermissionsBoundaryUsageCount": "0",
        "IsAttachable": "true", "CreateDate": NOW, "UpdateDate": NOW,
        "Description": "lists secrets",
        "PolicyVersionList": [
            version("v2", "false", "s3:A2"),
            version("v1", "true", "secretsmanager:ListSecrets"),
        ],
    });
    assert_eq!(*own, expected);
    assert_eq!(
        (&of_aws["Arn"], &of_aws["AttachmentCount"]),
        (&json!(ADMIN), &json!("1"))
    );
}

const LISTS: [&str; 4] = [
    "UserDetailList",
    "GroupDetailList",
    "RoleDetailList",
    "Policies",
];

#[tokio::test]
async fn a_filter_leaves_the_other_kinds_out() {
    let h = Harness::new().await;
    an_account(&h).await;

    for (kind, expected) in [
        ("User", [1, 0, 0, 0]),
        ("Group", [0, 1, 0, 0]),
        ("Role", [0, 0, 1, 0]),
        ("LocalManagedPolicy", [0, 0, 0, 1]),
        ("AWSManagedPolicy", [0, 0, 0, 1]),
    ] {
        let filter = [("Filter.member.1", kind)];
        let told = told(&h, "GetAccountAuthorizationDetails", &filter).await;
        let counts = LISTS.map(|list| items(told[list].clone()).len());
        assert_eq!(counts, expected, "{kind}");
    }
}

#[tokio::test]
async fn pages_go_through_every_kind() {
    let h = Harness::new().await;
    an_account(&h).await;
    let whole = told(&h, "GetAccountAuthorizationDetails", &[]).await;

    for size in ["1", "2", "3"] {
        let mut gathered: [Vec<Value>; 4] = Default::default();
        let mut marker: Option<String> = None;
        loop {
            let mut parameters = vec![("MaxItems", size)];
            parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
            let mut page = told(&h, "GetAccountAuthorizationDetails", &parameters).await;
            let mut count = 0;
            for (all, list) in gathered.iter_mut().zip(LISTS) {
                let items = items(page[list].take());
                count += items.len();
                all.extend(items);
            }
            assert!(count <= size.parse().unwrap());
            marker = page["Marker"].as_str().map(str::to_owned);
            if marker.is_none() {
                break;
            }
        }
        for (all, list) in gathered.into_iter().zip(LISTS) {
            assert_eq!(Value::Array(all), whole[list], "{list}");
        }
    }
}

#[tokio::test]
async fn a_marker_is_good_for_its_filter_only() {
    let h = Harness::new().await;
    an_account(&h).await;
    let page = told(&h, "GetAccountAuthorizationDetails", &[("MaxItems", "1")]).await;
    let marker = page["Marker"].as_str().unwrap();

    let parameters = [("Filter.member.1", "Role"), ("Marker", marker)];
    let refused = h.iam("GetAccountAuthorizationDetails", &parameters).await;

    refused.xml_refused(400, "ValidationError", "Invalid Marker.");
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [];
    assert_denied("GetAccountAuthorizationDetails", &parameters, "*", None).await;
}
