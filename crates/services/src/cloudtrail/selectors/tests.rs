use super::*;
use crate::cloudtrail::model::tests::a_record;
use serde_json::json;
use wire::Input as _;

wire::input! {
    /// What `PutEventSelectors` takes.
    struct Put {
        basic: Option<Vec<EventSelectorInput>> =
            "EventSelectors" crate::cloudtrail::shapes::SELECTORS,
        advanced: Option<Vec<AdvancedSelectorInput>> =
            "AdvancedEventSelectors" crate::cloudtrail::shapes::ADVANCED,
    }
}

fn parsed(body: serde_json::Value) -> Result<Selectors, String> {
    let text = body.to_string();
    let parsed = wire::parse(Put::SHAPE, text.as_bytes()).map_err(|_| "not parsed")?;
    let put: Put = parsed.into_input().unwrap();
    Selectors::parse(put.basic.as_deref(), put.advanced.as_deref()).map_err(|e| e.to_string())
}

fn admits(selectors: &Selectors, source: &str) -> bool {
    let record = a_record("eu-central-1", source, 0);
    selectors.admit(&Described::of(&record).unwrap())
}

#[test]
fn without_selectors_everything_is_admitted() {
    assert!(admits(&Selectors::default(), "kms.amazonaws.com"));
    assert!(!Selectors::default().are_custom());
}

#[test]
fn a_selector_of_the_first_kind_tells_reads_from_writes_and_leaves_services_out() {
    let of = |body| parsed(json!({ "EventSelectors": [body] })).unwrap();

    let writes = of(json!({ "ReadWriteType": "WriteOnly" }));
    let reads = of(json!({ "ReadWriteType": "ReadOnly" }));
    let data = of(json!({
        "IncludeManagementEvents": false,
        "DataResources": [{ "Type": "AWS::S3::Object", "Values": ["arn:aws:s3"] }],
    }));
    let no_kms = of(json!({ "ExcludeManagementEventSources": ["kms.amazonaws.com"] }));

    let secrets = "secretsmanager.amazonaws.com";
    assert!(!admits(&writes, secrets) && admits(&reads, secrets) && !admits(&data, secrets));
    assert!(admits(&no_kms, secrets) && !admits(&no_kms, "kms.amazonaws.com"));
}

#[test]
fn a_selector_of_the_second_kind_needs_all_its_fields_to_hold() {
    let category = json!({ "Field": "eventCategory", "Equals": ["Management"] });
    let source = "secretsmanager.amazonaws.com";
    for (field, holds) in [
        (json!({ "Field": "readOnly", "Equals": ["true"] }), true),
        (json!({ "Field": "readOnly", "Equals": ["false"] }), false),
        (
            json!({ "Field": "eventName", "StartsWith": ["Put", "Get"] }),
            true,
        ),
        (
            json!({ "Field": "eventName", "NotEquals": ["GetSecretValue"] }),
            false,
        ),
        (
            json!({ "Field": "eventSource", "EndsWith": [".amazonaws.com"] }),
            true,
        ),
        (
            json!({ "Field": "eventSource", "NotEndsWith": [".amazonaws.com"] }),
            false,
        ),
        (json!({ "Field": "resources.ARN", "Equals": ["db"] }), true),
        (
            json!({ "Field": "resources.type", "Equals": ["AWS::KMS::Key"] }),
            false,
        ),
        (
            json!({ "Field": "eventType", "Equals": ["AwsApiCall"] }),
            true,
        ),
        (
            json!({ "Field": "userIdentity.arn", "EndsWith": [":root"] }),
            true,
        ),
        (
            json!({ "Field": "errorCode", "NotEquals": ["AccessDenied"] }),
            true,
        ),
        (
            json!({ "Field": "errorCode", "Equals": ["AccessDenied"] }),
            false,
        ),
        (
            json!({ "Field": "eventName", "StartsWith": ["Get"], "NotEndsWith": ["Value"] }),
            false,
        ),
    ] {
        let body = json!({ "AdvancedEventSelectors": [{
            "Name": "one", "FieldSelectors": [category, field],
        }] });

        let selectors = parsed(body).unwrap();

        assert_eq!(admits(&selectors, source), holds, "{field}");
    }
}

#[test]
fn selectors_that_make_no_sense_are_refused() {
    let category = json!({ "Field": "eventCategory", "Equals": ["Management"] });
    let many = vec![json!({}); 6];
    for (body, text) in [
        (json!({}), NONE),
        (json!({ "EventSelectors": many }), TOO_MANY),
        (
            json!({
                "EventSelectors": [{}],
                "AdvancedEventSelectors": [{ "FieldSelectors": [category] }],
            }),
            BOTH,
        ),
        (
            json!({ "AdvancedEventSelectors": [{ "FieldSelectors": [
                { "Field": "readOnly", "Equals": ["true"] },
            ] }] }),
            NO_CATEGORY,
        ),
        (
            json!({ "AdvancedEventSelectors": [{ "FieldSelectors": [
                category, { "Field": "colour", "Equals": ["red"] },
            ] }] }),
            "Value colour for Field is not valid.",
        ),
        (
            json!({ "AdvancedEventSelectors": [{ "FieldSelectors": [
                category, { "Field": "readOnly" },
            ] }] }),
            "Field readOnly has no operator.",
        ),
        (
            json!({ "AdvancedEventSelectors": [{ "FieldSelectors": [
                category,
                { "Field": "errorCode", "Equals": ["x"] },
                { "Field": "errorCode", "NotEquals": ["y"] },
            ] }] }),
            "Field errorCode is specified more than once.",
        ),
        (
            json!({ "EventSelectors": [{ "DataResources": [{ "Type": "x" }] }] }),
            "Value x for DataResources.Type is not valid.",
        ),
        (
            json!({ "EventSelectors": [{ "ExcludeManagementEventSources": ["x"] }] }),
            "Value x for ExcludeManagementEventSources is not valid.",
        ),
    ] {
        assert_eq!(parsed(body.clone()).unwrap_err(), text, "{body}");
    }
}
