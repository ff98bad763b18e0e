use super::{a_group, a_plain_user, denial};
use std::collections::BTreeMap;
use testkit::Harness;

const ACTION: &str = "GetAccountSummary";

/// The map, whose entries all have the same element name.
async fn summary(h: &Harness) -> BTreeMap<String, i64> {
    let reply = h.iam(ACTION, &[]).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let entries = reply.text.split("<entry>").skip(1);
    entries
        .map(|entry| {
            let (key, rest) = entry.split_once("</key><value>").unwrap();
            let (value, _) = rest.split_once("</value></entry>").unwrap();
            (
                key.strip_prefix("<key>").unwrap().to_owned(),
                value.parse().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn an_empty_account_has_its_root_key_and_its_quotas() {
    let h = Harness::new().await;

    let summary = summary(&h).await;

    let expected = [
        ("AccessKeysPerUserQuota", 2),
        ("AccountAccessKeysPresent", 1),
        ("AccountMFAEnabled", 0),
        ("AccountPasswordPresent", 0),
        ("AccountSigningCertificatesPresent", 0),
        ("AttachedPoliciesPerGroupQuota", 20),
        ("AttachedPoliciesPerRoleQuota", 20),
        ("AttachedPoliciesPerUserQuota", 20),
        ("GlobalEndpointTokenVersion", 2),
        ("GroupPolicySizeQuota", 5_120),
        ("Groups", 0),
        ("GroupsPerUserQuota", 10),
        ("GroupsQuota", 300),
        ("InstanceProfiles", 0),
        ("MFADevices", 0),
        ("MFADevicesInUse", 0),
        ("Policies", 0),
        ("PoliciesQuota", 5_000),
        ("PolicyVersionsInUse", 0),
        ("Providers", 0),
        ("RolePolicySizeQuota", 10_240),
        ("Roles", 0),
        ("RolesQuota", 5_000),
        ("ServerCertificates", 0),
        ("SigningCertificatesPerUserQuota", 0),
        ("UserPolicySizeQuota", 2_048),
        ("Users", 0),
        ("UsersQuota", 5_000),
        ("VersionsPerPolicyQuota", 5),
    ];
    assert_eq!(
        summary,
        expected.map(|(key, value)| (key.to_owned(), value)).into()
    );
}

#[tokio::test]
async fn what_there_is_is_counted_in_each_account_alone() {
    let h = Harness::new().await;
    for name in ["a", "b", "c"] {
        a_plain_user(&h, name).await;
    }
    a_group(&h, "g", &["a"]).await;
    let other = h.another_account("999988887777").await;
    h.iam_as(&other, "CreateUser", &[("UserName", "x")])
        .await
        .xml_ok();

    let summary = summary(&h).await;

    assert_eq!((summary["Users"], summary["Groups"]), (3, 1));
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    let h = Harness::new().await;
    let mallory = h.a_user("mallory", None).await;

    let refused = h.iam_as(&mallory, ACTION, &[]).await;

    let text = denial("mallory", ACTION, "*");
    refused.xml_refused(403, "AccessDenied", &text);
}
