use super::kit::*;
use data_encoding::BASE64;
use serde_json::{Value, json};
use testkit::{EMPTY_ZIP, Harness};

/// Another zip file: with a comment.
fn other_zip() -> String {
    let mut bytes = BASE64.decode(EMPTY_ZIP.as_bytes()).unwrap();
    bytes[20] = 1;
    bytes.push(b'x');
    BASE64.encode(&bytes)
}

async fn update(h: &Harness, more: Value) -> testkit::Reply {
    let body = testkit::with(json!({ "FunctionName": "f" }), more);
    h.lambda("UpdateFunctionCode", body).await
}

#[tokio::test]
async fn new_code_is_what_runs() {
    let (h, _) = with_function().await;
    let before = shown(&h).await["Configuration"].clone();

    let reply = update(
        &h,
        json!({ "ZipFile": other_zip(), "Architectures": ["arm64"] }),
    )
    .await;

    let updated = reply.done(200);
    assert_eq!(
        (&updated["CodeSize"], &updated["Architectures"]),
        (&json!(23), &json!(["arm64"]))
    );
    for changed in ["CodeSha256", "RevisionId"] {
        assert_ne!(updated[changed], before[changed]);
    }
    assert_eq!(shown(&h).await["Configuration"], updated);
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventName"], "UpdateFunctionCode20150331v2");
    assert!(!event.to_string().contains(&other_zip()));
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let (h, _) = with_function().await;
    let before = shown(&h).await;

    let tried = update(&h, json!({ "ZipFile": other_zip(), "DryRun": true }))
        .await
        .done(200);

    assert_eq!(tried["CodeSize"], 23);
    assert_eq!(shown(&h).await, before);
}

#[tokio::test]
async fn another_revision_and_another_form_are_refused() {
    let (h, _) = with_function().await;
    let before = shown(&h).await;

    let stale = update(&h, json!({ "ZipFile": other_zip(), "RevisionId": "x" })).await;
    let image = update(&h, json!({ "ImageUri": "builtin:x" })).await;
    let none = update(&h, json!({})).await;
    let current = json!({ "ZipFile": EMPTY_ZIP, "RevisionId": revision(&h).await });

    let text = "The Revision Id provided does not match the latest Revision Id. Call the \
                GetFunction/GetAlias API to retrieve the latest Revision Id";
    stale.rest_refused(412, "PreconditionFailedException", text);
    let text = "Please provide a ZipFile: the function was created with PackageType Zip.";
    image.rest_refused(400, "InvalidParameterValueException", text);
    let text = "Please provide a source for function code.";
    none.rest_refused(400, "InvalidParameterValueException", text);
    assert_eq!(shown(&h).await, before);
    update(&h, current).await.done(200);
}
