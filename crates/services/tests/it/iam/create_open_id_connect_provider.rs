use super::kit::{PROVIDER, a_provider, assert_denied, assert_refused, the_provider};
use super::told;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_provider_is_kept_as_given() {
    let h = Harness::new().await;
    let thumbprint = "AB".repeat(20);

    let parameters = [
        ("Url", "https://issuer.example/id/1"),
        ("ClientIDList.member.1", "b"),
        ("ClientIDList.member.2", "a"),
        ("ClientIDList.member.3", "b"),
        ("ThumbprintList.member.1", thumbprint.as_str()),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "red"),
    ];
    let told = told(&h, "CreateOpenIDConnectProvider", &parameters).await;

    let tags = json!([{ "Key": "Team", "Value": "red" }]);
    assert_eq!(
        told,
        json!({ "OpenIDConnectProviderArn": PROVIDER, "Tags": tags })
    );
    let expected = json!({
        "Url": "issuer.example/id/1", "ClientIDList": ["b", "a"],
        "ThumbprintList": ["ab".repeat(20)], "CreateDate": super::kit::NOW, "Tags": tags,
    });
    assert_eq!(the_provider(&h).await, expected);
}

#[tokio::test]
async fn thumbprints_and_audiences_are_optional() {
    let h = Harness::new().await;

    let url = [("Url", "https://issuer.example")];
    let told = told(&h, "CreateOpenIDConnectProvider", &url).await;

    let arn = "arn:aws:iam::123456789012:oidc-provider/issuer.example";
    assert_eq!(told, json!({ "OpenIDConnectProviderArn": arn }));
}

#[tokio::test]
async fn an_issuer_has_one_provider() {
    let h = Harness::new().await;
    a_provider(&h).await;

    let url = [("Url", "https://issuer.example/id/1")];
    let text = "Provider with url https://issuer.example/id/1 already exists.";
    let expected = (409, "EntityAlreadyExists", text);
    assert_refused(&h, "CreateOpenIDConnectProvider", &url, expected).await;
}

#[tokio::test]
async fn what_is_no_provider_is_refused() {
    let h = Harness::new().await;
    let (bad, good) = ("x".repeat(40), "a".repeat(40));
    let no_url = (
        400,
        "ValidationError",
        "Invalid Open ID Connect Provider URL",
    );
    let no_hex = format!("the thumbprint `{bad}` is not 40 hexadecimal digits");
    let many = "Thumbprint list must contain fewer than 5 entries.";

    for url in [
        "http://issuer.example",
        "issuer.example",
        "https://issuer.example?a=b",
    ] {
        assert_refused(&h, "CreateOpenIDConnectProvider", &[("Url", url)], no_url).await;
    }
    let url = ("Url", "https://issuer.example");
    let parameters = [url, ("ThumbprintList.member.1", bad.as_str())];
    let expected = (400, "InvalidInput", no_hex.as_str());
    assert_refused(&h, "CreateOpenIDConnectProvider", &parameters, expected).await;
    let names: Vec<String> = (1..=6)
        .map(|n| format!("ThumbprintList.member.{n}"))
        .collect();
    let mut parameters = vec![url];
    parameters.extend(names.iter().map(|name| (name.as_str(), good.as_str())));
    let expected = (400, "InvalidInput", many);
    assert_refused(&h, "CreateOpenIDConnectProvider", &parameters, expected).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("Url", "https://issuer.example/id/2")];
    let arn = super::arn("oidc-provider/issuer.example/id/2");
    assert_denied("CreateOpenIDConnectProvider", &parameters, &arn, None).await;
}
