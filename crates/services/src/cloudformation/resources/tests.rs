use super::*;

fn planned(kind: &str, physical_id: &str, properties: &Value) -> Result<Plan, Invalid> {
    let place = Place {
        account: &AccountId::parse("123456789012").unwrap(),
        region: &RegionName::parse("eu-west-1").unwrap(),
        physical_id,
    };
    find(kind).unwrap().plan(&place, properties)
}

fn calls(calls: &[Call]) -> Vec<(&'static str, Value)> {
    let call = |call: &Call| (call.operation, call.parameters.clone());
    calls.iter().map(call).collect()
}

#[test]
fn a_role_is_removed_in_the_order_that_its_service_asks_for() {
    let properties = json!({
        "AssumeRolePolicyDocument": { "Statement": [] },
        "Path": "/p/",
        "ManagedPolicyArns": ["arn:m"],
        "Policies": [{ "PolicyName": "i", "PolicyDocument": { "Statement": [] } }],
    });

    let plan = planned("AWS::IAM::Role", "r", &properties).unwrap();

    let document = "{\"Statement\":[]}";
    let role = |rest: Value| {
        let mut all = json!({ "RoleName": "r" });
        all.as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        all
    };
    assert_eq!(
        calls(&plan.make),
        [
            (
                "CreateRole",
                role(json!({ "Path": "/p/", "AssumeRolePolicyDocument": document }))
            ),
            ("AttachRolePolicy", role(json!({ "PolicyArn": "arn:m" }))),
            (
                "PutRolePolicy",
                role(json!({ "PolicyName": "i", "PolicyDocument": document }))
            ),
        ]
    );
    assert_eq!(
        calls(&plan.remove),
        [
            ("DetachRolePolicy", role(json!({ "PolicyArn": "arn:m" }))),
            ("DeleteRolePolicy", role(json!({ "PolicyName": "i" }))),
            ("DeleteRole", role(json!({}))),
        ]
    );
    let arn = String::from("arn:aws:iam::123456789012:role/p/r");
    assert_eq!(plan.attributes, [("Arn", arn)]);
}

#[test]
fn a_policy_is_embedded_in_everybody_who_is_named() {
    let properties = json!({
        "PolicyName": "p", "PolicyDocument": {}, "Roles": ["r", "s"], "Users": ["u"],
    });

    let plan = planned("AWS::IAM::Policy", "id", &properties).unwrap();

    let names: Vec<_> = plan.make.iter().map(|call| call.operation).collect();
    assert_eq!(names, ["PutRolePolicy", "PutRolePolicy", "PutUserPolicy"]);
    let names: Vec<_> = plan.remove.iter().map(|call| call.operation).collect();
    assert_eq!(
        names,
        ["DeleteRolePolicy", "DeleteRolePolicy", "DeleteUserPolicy"]
    );
}

#[test]
fn a_function_of_a_program_is_a_package_of_one_file() {
    let properties = json!({
        "Role": "arn:r", "Runtime": "python3.12", "Handler": "index.handler",
        "Code": { "ZipFile": "pass" }, "Tags": [{ "Key": "k", "Value": "v" }],
    });

    let plan = planned("AWS::Lambda::Function", "f", &properties).unwrap();

    let parameters = &plan.make[0].parameters;
    assert_eq!(parameters["Tags"], json!({ "k": "v" }));
    assert_eq!(parameters["FunctionName"], "f");
    let zip = parameters["Code"]["ZipFile"].as_str().unwrap();
    let zip = data_encoding::BASE64.decode(zip.as_bytes()).unwrap();
    assert!(zip.windows(12).any(|part| part == b"index.pypass"));
    let arn = String::from("arn:aws:lambda:eu-west-1:123456789012:function:f");
    assert_eq!(plan.attributes, [("Arn", arn)]);
}

#[test]
fn a_permission_is_a_statement_called_as_the_resource_is() {
    let properties = json!({ "FunctionName": "f", "Action": "a", "Principal": "p" });

    let plan = planned("AWS::Lambda::Permission", "sid", &properties).unwrap();

    assert_eq!(
        calls(&plan.make),
        [(
            "AddPermission",
            json!({ "FunctionName": "f", "Action": "a", "Principal": "p", "StatementId": "sid" })
        )]
    );
    assert_eq!(
        calls(&plan.remove),
        [(
            "RemovePermission",
            json!({ "FunctionName": "f", "StatementId": "sid" })
        )]
    );
}

#[test]
fn what_is_missing_is_named() {
    for (kind, properties, missing) in [
        ("AWS::IAM::Role", json!({}), "AssumeRolePolicyDocument"),
        ("AWS::IAM::Policy", json!({}), "PolicyName"),
        (
            "AWS::IAM::Policy",
            json!({ "PolicyName": "p", "PolicyDocument": {} }),
            "Roles",
        ),
        ("AWS::Lambda::Function", json!({}), "Role"),
        ("AWS::Lambda::Function", json!({ "Role": "r" }), "Code"),
        ("AWS::Lambda::Permission", json!({}), "Action"),
    ] {
        assert_eq!(planned(kind, "x", &properties), Err(Invalid(missing)));
    }
}

#[test]
fn only_known_kinds_are_found() {
    for kind in KINDS {
        assert_eq!(find(kind.name()).unwrap().name(), kind.name());
    }
    assert!(find("AWS::S3::Bucket").is_none());
}
