//! Templates: what is read of one, and how references in it are resolved.
//!
//! COMPAT: templates come from this server's own applications, so they are JSON and say no more than is
//! read here: parameters with defaults, resources with `Ref`, `Fn::GetAtt` and `Fn::Sub`, outputs.

use super::model::Output;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A template, taken apart.
pub(super) struct Template {
    pub(super) description: Option<String>,
    parameters: Vec<Parameter>,
    /// In an order in which each needs only those before it.
    pub(super) resources: Vec<Declared>,
    outputs: Map<String, Value>,
}

struct Parameter {
    name: String,
    default: Option<String>,
}

/// A resource as a template declares it.
pub(super) struct Declared {
    pub(super) logical_id: String,
    /// Such as `AWS::IAM::Role`.
    pub(super) kind: String,
    pub(super) properties: Value,
}

/// What the names in a template mean.
#[derive(Default)]
pub(super) struct Scope {
    /// What `Ref` means: parameters, resources, and what every template knows.
    pub(super) names: BTreeMap<String, String>,
    /// What `Fn::GetAtt` means, by resource and attribute.
    pub(super) attributes: BTreeMap<(String, String), String>,
}

impl Template {
    /// The template with this text.
    ///
    /// # Errors
    /// Why it is none.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let whole: Value = serde_json::from_str(text)
            .map_err(|_| String::from("Template format error: JSON not well-formed."))?;
        let section = |name: &str| whole.get(name).and_then(Value::as_object).cloned();
        let parameters = section("Parameters").unwrap_or_default();
        let declared = section("Resources").unwrap_or_default();
        if declared.is_empty() {
            return Err(String::from(
                "Template format error: At least one Resources member must be defined.",
            ));
        }
        let description = whole.get("Description").and_then(Value::as_str);
        Ok(Self {
            description: description.map(str::to_owned),
            parameters: parameters.into_iter().map(Parameter::of).collect(),
            resources: ordered(declared)?,
            outputs: section("Outputs").unwrap_or_default(),
        })
    }

    /// Every parameter with its value.
    ///
    /// # Errors
    /// In AWS's words, for one that is not declared, and for one without a value.
    pub(super) fn fill(&self, given: &[(String, String)]) -> Result<Vec<(String, String)>, String> {
        let is_declared = |name: &str| self.parameters.iter().any(|known| known.name == name);
        let unknown = given.iter().map(|(name, _)| name.as_str());
        let unknown: Vec<&str> = unknown.filter(|name| !is_declared(name)).collect();
        if !unknown.is_empty() {
            let names = unknown.join(", ");
            return Err(format!(
                "Parameters: [{names}] do not exist in the template"
            ));
        }
        let value = |parameter: &Parameter| {
            let given = given.iter().find(|(name, _)| *name == parameter.name);
            given
                .map(|(_, value)| value.clone())
                .or_else(|| parameter.default.clone())
        };
        let missing: Vec<&str> = self
            .parameters
            .iter()
            .filter(|parameter| value(parameter).is_none())
            .map(|parameter| parameter.name.as_str())
            .collect();
        if !missing.is_empty() {
            let names = missing.join(", ");
            return Err(format!("Parameters: [{names}] must have values"));
        }
        let filled = self.parameters.iter();
        Ok(filled
            .map(|parameter| (parameter.name.clone(), value(parameter).unwrap_or_default()))
            .collect())
    }

    /// What it tells of what was made.
    ///
    /// # Errors
    /// As [`Scope::resolve`].
    pub(super) fn outputs(&self, scope: &Scope) -> Result<Vec<Output>, String> {
        let output = |(name, output): (&String, &Value)| {
            let value = scope.resolve(output.get("Value").unwrap_or(&Value::Null))?;
            let description = output.get("Description").and_then(Value::as_str);
            let value = value.as_str().unwrap_or_default().to_owned();
            Ok(Output {
                key: name.clone(),
                value,
                description: description.map(str::to_owned),
            })
        };
        self.outputs.iter().map(output).collect()
    }
}

impl Parameter {
    fn of((name, declared): (String, Value)) -> Self {
        let default = declared.get("Default").and_then(Value::as_str);
        Self {
            name,
            default: default.map(str::to_owned),
        }
    }
}

impl Scope {
    /// `value` with every reference in it resolved.
    ///
    /// # Errors
    /// For a reference to what is not there, in AWS's words.
    pub(super) fn resolve(&self, value: &Value) -> Result<Value, String> {
        match value {
            Value::Array(items) => {
                let items: Result<Vec<_>, _> = items.iter().map(|it| self.resolve(it)).collect();
                Ok(Value::Array(items?))
            }
            Value::Object(members) => self.resolve_object(members),
            other => Ok(other.clone()),
        }
    }

    fn resolve_object(&self, members: &Map<String, Value>) -> Result<Value, String> {
        if let (1, Some((name, argument))) = (members.len(), members.iter().next()) {
            match name.as_str() {
                "Ref" => return self.name(text(argument)).map(Value::from),
                "Fn::GetAtt" => {
                    let (resource, attribute) = parts(argument)?;
                    return self.attribute(resource, attribute).map(Value::from);
                }
                "Fn::Sub" => return self.substitute(text(argument)).map(Value::from),
                _ => {}
            }
        }
        let resolved = members
            .iter()
            .map(|(name, value)| Ok((name.clone(), self.resolve(value)?)));
        resolved
            .collect::<Result<Map<_, _>, String>>()
            .map(Value::Object)
    }

    fn name(&self, name: &str) -> Result<String, String> {
        let found = self.names.get(name).cloned();
        found.ok_or_else(|| unresolved(name))
    }

    fn attribute(&self, resource: &str, attribute: &str) -> Result<String, String> {
        let place = (resource.to_owned(), attribute.to_owned());
        let found = self.attributes.get(&place).cloned();
        found.ok_or_else(|| unresolved(&format!("{resource}.{attribute}")))
    }

    fn substitute(&self, text: &str) -> Result<String, String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let (name, behind) = after.split_once('}').ok_or_else(|| unresolved(after))?;
            match name.split_once('.') {
                Some((resource, attribute)) => out += &self.attribute(resource, attribute)?,
                None => out += &self.name(name)?,
            }
            rest = behind;
        }
        out.push_str(rest);
        Ok(out)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn parts(argument: &Value) -> Result<(&str, &str), String> {
    match argument.as_array().map(Vec::as_slice) {
        Some([resource, attribute]) => Ok((text(resource), text(attribute))),
        _ => Err(unresolved("Fn::GetAtt")),
    }
}

fn unresolved(name: &str) -> String {
    format!(
        "Template format error: Unresolved resource dependencies [{name}] in the Resources block of \
         the template"
    )
}

/// The resources, each after those that it refers to.
fn ordered(declared: Map<String, Value>) -> Result<Vec<Declared>, String> {
    let names: Vec<String> = declared.keys().cloned().collect();
    let mut waiting: Vec<(Vec<String>, Declared)> = declared
        .into_iter()
        .map(|(logical_id, resource)| {
            let kind = resource
                .get("Type")
                .map(text)
                .unwrap_or_default()
                .to_owned();
            let properties = resource.get("Properties").cloned().unwrap_or_default();
            let mut needed = Vec::new();
            referred(&properties, &mut needed);
            needed.retain(|name| names.contains(name));
            let declared = Declared {
                logical_id,
                kind,
                properties,
            };
            (needed, declared)
        })
        .collect();
    let mut ready: Vec<Declared> = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |(needed, _): &(Vec<String>, Declared)| {
            let is_there = |name: &String| ready.iter().any(|one| one.logical_id == *name);
            needed.iter().all(is_there)
        };
        let Some(next) = waiting.iter().position(is_ready) else {
            let names = waiting.iter().map(|(_, it)| it.logical_id.as_str());
            let names = names.collect::<Vec<_>>().join(", ");
            return Err(format!("Circular dependency between resources: [{names}]"));
        };
        ready.push(waiting.remove(next).1);
    }
    Ok(ready)
}

/// Adds the names that `value` refers to.
fn referred(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| referred(item, names)),
        Value::Object(members) => {
            for (name, argument) in members {
                match name.as_str() {
                    "Ref" => names.push(text(argument).to_owned()),
                    "Fn::GetAtt" => {
                        names.extend(parts(argument).ok().map(|(name, _)| name.to_owned()));
                    }
                    "Fn::Sub" => {
                        names.extend(text(argument).split("${").skip(1).filter_map(|rest| {
                            let name = rest.split_once('}')?.0;
                            Some(name.split('.').next().unwrap_or(name).to_owned())
                        }))
                    }
                    _ => referred(argument, names),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
