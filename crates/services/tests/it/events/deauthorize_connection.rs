use super::kit::*;
use serde_json::json;

#[tokio::test]
async fn a_connection_without_its_secrets_sends_nothing_until_it_has_some_again() {
    let (h, _) = with_destination(basic(), json!({})).await;
    let name = json!({ "Name": "hooks" });

    let reply = h.rules("DeauthorizeConnection", name.clone()).await.ok();
    let described = h.rules("DescribeConnection", name.clone()).await.ok();
    h.a_secret("a", "x").await;
    h.follow().await;
    let half = json!({ "Name": "hooks", "AuthParameters": {
        "BasicAuthParameters": { "Username": "ana" },
    }});
    let half = h.rules("UpdateConnection", half).await;
    let whole = json!({ "Name": "hooks", "AuthParameters": {
        "BasicAuthParameters": { "Username": "ana", "Password": "new" },
    }});
    let whole = h.rules("UpdateConnection", whole).await.ok();
    h.a_secret("b", "x").await;
    h.follow().await;

    assert_eq!(reply["ConnectionState"], "DEAUTHORIZED");
    assert_eq!(
        described["AuthParameters"],
        json!({ "BasicAuthParameters": { "Username": "ana" } })
    );
    assert_eq!(half.status, 400, "{}", half.text);
    assert_eq!(whole["ConnectionState"], "AUTHORIZED");
    let posts = h.messenger.posts();
    assert_eq!((posts.len(), whys(&h).await.len()), (1, 1));
    assert_eq!(posts[0].url, HOOK);
}
