//! `AWS::Lambda::Function`.

use super::archive;
use super::{Call, Invalid, Place, Plan, ResourceKind, chosen, text, with};
use data_encoding::BASE64;
use serde_json::{Map, Value, json};

pub(super) struct Function;

impl ResourceKind for Function {
    fn name(&self) -> &'static str {
        "AWS::Lambda::Function"
    }

    fn properties(&self) -> &'static [&'static str] {
        &[
            "Code",
            "Description",
            "Environment",
            "FunctionName",
            "Handler",
            "MemorySize",
            "PackageType",
            "Role",
            "Runtime",
            "Tags",
            "Timeout",
        ]
    }

    fn capability(&self, _: &Value) -> Option<&'static str> {
        None
    }

    fn physical_id(&self, properties: &Value, drawn: String) -> String {
        text(properties, "FunctionName").map_or(drawn, str::to_owned)
    }

    fn plan(&self, place: &Place<'_>, properties: &Value) -> Result<Plan, Invalid> {
        let name = place.physical_id;
        text(properties, "Role")?;
        let mut function = chosen(properties, CREATED_WITH);
        function.insert(String::from("FunctionName"), json!(name));
        if let Some(tags) = properties.get("Tags") {
            function.insert(String::from("Tags"), Value::Object(tags_of(tags)?));
        }
        let function = with(function, "Code", code(properties)?);
        let arn = format!(
            "arn:{}:lambda:{}:{}:function:{name}",
            place.region.partition(),
            place.region,
            place.account
        );
        Ok(Plan {
            make: vec![Call::lambda("CreateFunction", function)],
            remove: vec![Call::lambda(
                "DeleteFunction",
                json!({ "FunctionName": name }),
            )],
            attributes: vec![("Arn", arn)],
        })
    }
}

/// COMPAT: as in AWS's templates, `ZipFile` is the text of a program, which becomes the one file of a
/// package.
fn code(properties: &Value) -> Result<Value, Invalid> {
    let code = properties.get("Code").ok_or(Invalid("Code"))?;
    match (code.get("ZipFile"), code.get("ImageUri")) {
        (Some(Value::String(program)), None) => {
            let is_node = text(properties, "Runtime")?.starts_with("nodejs");
            let file = if is_node { "index.js" } else { "index.py" };
            let package = archive::of_one_file(file, program.as_bytes()).ok_or(Invalid("Code"))?;
            Ok(json!({ "ZipFile": BASE64.encode(&package) }))
        }
        (None, Some(uri)) => Ok(json!({ "ImageUri": uri })),
        _ => Err(Invalid("Code")),
    }
}

/// Lambda takes tags as a map.
fn tags_of(tags: &Value) -> Result<Map<String, Value>, Invalid> {
    let tags = tags.as_array().ok_or(Invalid("Tags"))?;
    let pair = |tag: &Value| Ok((text(tag, "Key")?.to_owned(), json!(text(tag, "Value")?)));
    tags.iter().map(pair).collect()
}

const CREATED_WITH: &[&str] = &[
    "Description",
    "Environment",
    "Handler",
    "MemorySize",
    "PackageType",
    "Role",
    "Runtime",
    "Timeout",
];
