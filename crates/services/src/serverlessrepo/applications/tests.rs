use super::*;

fn no_python() -> Result<&'static str, String> {
    Err(String::from("There is none."))
}

#[test]
fn the_arns_of_the_guide_name_applications() {
    for (arn, name) in [
        (
            "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRotationTemplate",
            Some("SecretsManagerRotationTemplate"),
        ),
        (
            "arn:aws:serverlessrepo:us-east-1:1234456789012:applications/SecretsManagerRDSMariaDBRotationSingleUser",
            Some("SecretsManagerRDSMariaDBRotationSingleUser"),
        ),
        (
            "arn:aws-cn:serverlessrepo:cn-north-1:1:applications/SecretsManagerX",
            Some("SecretsManagerX"),
        ),
        ("SecretsManagerRotationTemplate", None),
        (
            "arn:aws:serverlessrepo:us-east-1:x:applications/SecretsManagerX",
            None,
        ),
        (
            "arn:aws:serverlessrepo:us-east-1:1:applications/Other",
            None,
        ),
        (
            "arn:aws:serverlessrepo:us-east-1:1:applications/SecretsManager/x",
            None,
        ),
        (
            "arn:aws:lambda:us-east-1:1:applications/SecretsManagerX",
            None,
        ),
        ("", None),
    ] {
        assert_eq!(name_of(arn), name, "{arn}");
    }
}

fn statements(given: &[(&str, &str)]) -> Vec<Value> {
    let given = given.iter();
    let given: Vec<(String, String)> = given
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let application = Application::called("SecretsManagerXMultiUser");
    let template = application.template(no_python, &given).unwrap();
    let policy = &template["Resources"]["SecretsManagerXMultiUserPolicy"];
    let document = &policy["Properties"]["PolicyDocument"]["Statement"];
    document.as_array().unwrap().clone()
}

#[test]
fn the_role_may_use_what_is_named_and_no_more() {
    let least = statements(&[("masterSecretArn", ""), ("kmsKeyArn", "")]);
    let most = statements(&[
        ("masterSecretArn", "arn:m"),
        ("superuserSecretArn", "arn:s"),
        ("kmsKeyArn", "arn:k"),
    ]);

    let condition = json!({
        "StringEquals": {
            "secretsmanager:resource/AllowRotationLambdaArn":
                { "Fn::GetAtt": ["SecretsManagerXMultiUser", "Arn"] },
        },
    });
    assert_eq!(least.len(), 2);
    assert_eq!(least[0]["Condition"], condition);
    assert_eq!(
        least[1]["Action"],
        json!(["secretsmanager:GetRandomPassword"])
    );
    let added: Vec<&Value> = most[2..].iter().map(|it| &it["Resource"]).collect();
    let named = |name: &str| json!({ "Ref": name });
    assert_eq!(
        added,
        [
            &named("masterSecretArn"),
            &named("superuserSecretArn"),
            &named("kmsKeyArn")
        ]
    );
}

#[test]
fn only_templates_for_two_users_take_a_master() {
    let has_master = |name: &str| {
        let parameters = Application::called(name).parameters();
        parameters.contains_key("masterSecretArn")
    };

    assert!(has_master("SecretsManagerXMultiUser"));
    assert!(!has_master("SecretsManagerXSingleUser"));
    assert!(!has_master(GENERIC));
}

#[test]
fn an_application_with_a_driver_is_built_in_wherever_it_runs() {
    let code = |name: &str| {
        let template = Application::called(name).template(no_python, &[]).unwrap();
        template["Resources"][name]["Properties"]["Code"].clone()
    };

    assert_eq!(
        code("SecretsManagerX"),
        json!({ "ImageUri": "builtin:SecretsManagerX" })
    );
}

#[test]
fn the_generic_application_has_no_template_where_nothing_runs_it() {
    let generic = Application::called(GENERIC);

    let refused = generic.template(no_python, &[]);

    let text = "Template error: the function SecretsManagerRotationTemplate cannot run on this \
        server. There is none.";
    assert_eq!(refused.unwrap_err().to_string(), text);
    assert!(generic.parameters().contains_key("functionName"));
}
