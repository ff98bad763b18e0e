//! The kinds of resources that stacks are made of: which calls make one, and which remove it.
//!
//! A kind knows no service: it turns properties into calls, which [`Provision`] performs. What it needs to
//! remove a resource it computes from the same properties, which the stack keeps.
//!
//! [`Provision`]: crate::ports::Provision

mod archive;
mod function;
mod permission;
mod policy;
mod role;

use base::{AccountId, RegionName};
use serde_json::{Map, Value, json};

/// A kind of resource.
pub(super) trait ResourceKind: Sync {
    /// Its name, such as `AWS::IAM::Role`.
    fn name(&self) -> &'static str;

    /// The properties that it takes.
    fn properties(&self) -> &'static [&'static str];

    /// What the caller has to know that it may do, and have said so.
    fn capability(&self, properties: &Value) -> Option<&'static str>;

    /// The name that a new resource has. `drawn`: one that nothing has yet.
    fn physical_id(&self, properties: &Value, drawn: String) -> String;

    /// How it is made and removed.
    ///
    /// # Errors
    /// A property that is missing or not of its type. Its name.
    fn plan(&self, place: &Place<'_>, properties: &Value) -> Result<Plan, Invalid>;
}

/// Where a resource is, and what it is called there.
pub(super) struct Place<'a> {
    pub(super) account: &'a AccountId,
    pub(super) region: &'a RegionName,
    pub(super) physical_id: &'a str,
}

/// How a resource is made and removed.
#[derive(Debug, PartialEq)]
pub(super) struct Plan {
    /// In order.
    pub(super) make: Vec<Call>,
    /// In order.
    pub(super) remove: Vec<Call>,
    /// What `Fn::GetAtt` tells of it.
    pub(super) attributes: Vec<(&'static str, String)>,
}

/// A call of an operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    pub(super) service: &'static str,
    pub(super) operation: &'static str,
    pub(super) parameters: Value,
}

/// A property that is missing or not of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Properties validation failed for resource: invalid or missing property {0}")]
pub(super) struct Invalid(pub(super) &'static str);

/// The kind with this name.
pub(super) fn find(name: &str) -> Option<&'static dyn ResourceKind> {
    KINDS.iter().copied().find(|kind| kind.name() == name)
}

impl Call {
    fn iam(operation: &'static str, parameters: Value) -> Self {
        Self {
            service: "iam",
            operation,
            parameters,
        }
    }

    fn lambda(operation: &'static str, parameters: Value) -> Self {
        Self {
            service: "lambda",
            operation,
            parameters,
        }
    }
}

/// A property that has to be there, as text.
fn text<'a>(properties: &'a Value, name: &'static str) -> Result<&'a str, Invalid> {
    let text = properties.get(name).and_then(Value::as_str);
    text.ok_or(Invalid(name))
}

/// A list of texts, empty when it is not there.
fn texts<'a>(properties: &'a Value, name: &'static str) -> Result<Vec<&'a str>, Invalid> {
    let Some(list) = properties.get(name) else {
        return Ok(Vec::new());
    };
    let list = list.as_array().ok_or(Invalid(name))?;
    let texts = list.iter().map(|item| item.as_str().ok_or(Invalid(name)));
    texts.collect()
}

/// A document that has to be there, as the text that an API takes.
fn document(properties: &Value, name: &'static str) -> Result<String, Invalid> {
    match properties.get(name) {
        Some(document @ Value::Object(_)) => Ok(document.to_string()),
        _ => Err(Invalid(name)),
    }
}

/// An object of those of `names` that are there.
fn chosen(properties: &Value, names: &[&str]) -> Map<String, Value> {
    let there = names.iter().filter_map(|name| {
        let value = properties.get(*name)?;
        Some(((*name).to_owned(), value.clone()))
    });
    there.collect()
}

/// `parameters` with one more member.
fn with(mut parameters: Map<String, Value>, name: &str, value: impl Into<Value>) -> Value {
    parameters.insert(name.to_owned(), value.into());
    Value::Object(parameters)
}

/// One name and one value, and what an API calls the two.
fn pair(first: (&str, &str), second: (&str, &str)) -> Value {
    json!({ first.0: first.1, second.0: second.1 })
}

static KINDS: &[&dyn ResourceKind] = &[
    &function::Function,
    &permission::Permission,
    &policy::Policy,
    &role::Role,
];

#[cfg(test)]
mod tests;
