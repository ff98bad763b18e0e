//! `GetApplication`.

use crate::cloudformation::kit::{TEMPLATE, application, repository, with_templates};
use serde_json::{Value, json};

#[tokio::test]
async fn an_application_tells_its_parameters_and_what_it_needs() {
    let h = with_templates().await;
    let arn = application(TEMPLATE);
    let body = json!({ "applicationId": arn });

    let shown = repository(&h, &h.root, "GetApplication", body)
        .await
        .done(200);

    assert_eq!(shown["applicationId"], arn);
    assert_eq!(shown["name"], TEMPLATE);
    let version = &shown["version"];
    assert_eq!(version["semanticVersion"], "1.0.0");
    assert_eq!(
        version["requiredCapabilities"],
        json!(["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"])
    );
    let parameters = version["parameterDefinitions"].as_array().unwrap();
    let required: Vec<&Value> = parameters
        .iter()
        .filter(|it| it["defaultValue"] == Value::Null)
        .map(|it| &it["name"])
        .collect();
    assert_eq!(required, ["endpoint", "functionName"]);
}

#[tokio::test]
async fn one_that_is_not_there_is_said_not_to_be() {
    let h = with_templates().await;
    let arn = application("SecretsManagerNone");
    let nobody = h.a_user("nobody", None).await;
    let body = json!({ "applicationId": arn });

    let reply = repository(&h, &h.root, "GetApplication", body.clone()).await;
    let denied = repository(&h, &nobody, "GetApplication", body).await;

    let text = format!("Application with id '{arn}' does not exist");
    reply.rest_refused(404, "NotFoundException", &text);
    assert_eq!(denied.status, 403);
}
