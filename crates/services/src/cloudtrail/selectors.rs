//! Event selectors: which events a trail delivers.
//!
//! COMPAT: every event here is a management event. Selectors of data events are kept and shown, and select
//! nothing.

use super::error::Error;
use super::shapes::{AdvancedSelectorInput, EventSelectorInput, FieldSelectorInput};
use ::audit::Described;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeSet;
use wire::json;

/// The selectors of a trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Selectors {
    /// Selectors of the first kind. An event is delivered that one of them admits.
    Basic(Vec<Basic>),
    /// Selectors of the second kind. The same.
    Advanced(Vec<Advanced>),
}

/// A selector of the first kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Basic {
    read_write: String,
    management: bool,
    resources: Vec<(String, Vec<String>)>,
    excluded: Vec<String>,
}

/// A selector of the second kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Advanced {
    name: Option<String>,
    fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Field {
    name: String,
    /// In the order of [`OPERATORS`].
    operators: [Vec<String>; 6],
}

impl Default for Selectors {
    fn default() -> Self {
        Self::Basic(vec![Basic {
            read_write: String::from("All"),
            management: true,
            resources: Vec::new(),
            excluded: Vec::new(),
        }])
    }
}

impl Selectors {
    /// What a request says.
    ///
    /// # Errors
    /// [`Error::InvalidEventSelectors`].
    pub(super) fn parse(
        basic: Option<&[EventSelectorInput]>,
        advanced: Option<&[AdvancedSelectorInput]>,
    ) -> Result<Self, Error> {
        let refuse = |text: &str| Err(Error::InvalidEventSelectors(text.to_owned()));
        match (basic.unwrap_or_default(), advanced.unwrap_or_default()) {
            ([], []) => refuse(NONE),
            (basic, []) if basic.len() <= MOST_BASIC => {
                let basic = basic.iter().map(Basic::parse).collect::<Result<_, _>>();
                Ok(Self::Basic(basic?))
            }
            ([], advanced) if values_of(advanced) <= MOST_VALUES => {
                let advanced = advanced.iter().map(Advanced::parse);
                Ok(Self::Advanced(advanced.collect::<Result<_, _>>()?))
            }
            (_, []) => refuse(TOO_MANY),
            ([], _) => refuse(TOO_MANY_VALUES),
            _ => refuse(BOTH),
        }
    }

    /// Whether they differ from those of a new trail.
    pub(super) fn are_custom(&self) -> bool {
        *self != Self::default()
    }

    /// Whether `event` is to be delivered.
    pub(super) fn admit(&self, event: &Described<'_>) -> bool {
        match self {
            Self::Basic(all) => all.iter().any(|selector| selector.admits(event)),
            Self::Advanced(all) => all.iter().any(|selector| selector.admits(event)),
        }
    }

    /// Bytes of their texts.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Basic(all) => all.iter().map(Basic::weight).sum(),
            Self::Advanced(all) => all.iter().map(Advanced::weight).sum(),
        }
    }

    /// Writes them as answers show them.
    pub(super) fn write(&self, object: &mut json::Object<'_>) {
        match self {
            Self::Basic(all) => object.objects("EventSelectors", all, Basic::write),
            Self::Advanced(all) => object.objects("AdvancedEventSelectors", all, Advanced::write),
        }
    }
}

#[cfg(test)]
impl Selectors {
    /// One that leaves a source out.
    pub(super) fn of_tests(excluded: &str) -> Self {
        Self::Basic(vec![Basic {
            read_write: String::from("All"),
            management: true,
            resources: Vec::new(),
            excluded: vec![excluded.to_owned()],
        }])
    }
}

impl Basic {
    fn parse(input: &EventSelectorInput) -> Result<Self, Error> {
        let mut resources = Vec::new();
        for resource in input.resources.iter().flatten() {
            let kind = resource.kind.clone().unwrap_or_default();
            if !DATA_TYPES.contains(&kind.as_str()) {
                let text = format!("Value {kind} for DataResources.Type is not valid.");
                return Err(Error::InvalidEventSelectors(text));
            }
            resources.push((kind, resource.values.clone().unwrap_or_default()));
        }
        let excluded = input.excluded.clone().unwrap_or_default();
        if let Some(other) = excluded
            .iter()
            .find(|one| !EXCLUDABLE.contains(&one.as_str()))
        {
            let text = format!("Value {other} for ExcludeManagementEventSources is not valid.");
            return Err(Error::InvalidEventSelectors(text));
        }
        Ok(Self {
            read_write: input.read_write.clone().unwrap_or(String::from("All")),
            management: input.management.unwrap_or(true),
            resources,
            excluded,
        })
    }

    fn admits(&self, event: &Described<'_>) -> bool {
        let is_of_type = match self.read_write.as_str() {
            "ReadOnly" => event.read_only,
            "WriteOnly" => !event.read_only,
            _ => true,
        };
        self.management && is_of_type && !self.excluded.iter().any(|one| *one == event.event_source)
    }

    fn weight(&self) -> usize {
        let values = self.resources.iter().flat_map(|(_, values)| values);
        let texts = values.chain(&self.excluded);
        self.read_write.len() + texts.map(String::len).sum::<usize>()
    }

    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ReadWriteType", &self.read_write);
        object.boolean("IncludeManagementEvents", self.management);
        object.objects("DataResources", &self.resources, |(kind, values), entry| {
            entry.text("Type", kind);
            entry.texts("Values", values);
        });
        object.texts("ExcludeManagementEventSources", &self.excluded);
    }
}

impl Advanced {
    fn parse(input: &AdvancedSelectorInput) -> Result<Self, Error> {
        let fields = input.fields.iter().map(Field::parse);
        let fields: Vec<Field> = fields.collect::<Result<_, _>>()?;
        let mut named = BTreeSet::new();
        if let Some(twice) = fields.iter().find(|field| !named.insert(&field.name)) {
            let text = format!("Field {} is specified more than once.", twice.name);
            return Err(Error::InvalidEventSelectors(text));
        }
        let category = fields.iter().find(|field| field.name == "eventCategory");
        let has_category = category.is_some_and(|field| match &field.operators {
            [equals, others @ ..] => equals.len() == 1 && others.iter().all(Vec::is_empty),
        });
        if !has_category {
            return Err(Error::InvalidEventSelectors(NO_CATEGORY.to_owned()));
        }
        Ok(Self {
            name: input.name.clone(),
            fields,
        })
    }

    fn admits(&self, event: &Described<'_>) -> bool {
        self.fields.iter().all(|field| field.admits(event))
    }

    fn weight(&self) -> usize {
        let values = self
            .fields
            .iter()
            .flat_map(|field| field.operators.iter().flatten());
        let name = self.name.as_ref().map_or(0, String::len);
        name + values.map(String::len).sum::<usize>()
    }

    fn write(&self, object: &mut json::Object<'_>) {
        object.opt_text("Name", self.name.as_deref());
        object.objects("FieldSelectors", &self.fields, |field, entry| {
            entry.text("Field", &field.name);
            for (name, values) in OPERATORS.iter().zip(&field.operators) {
                if !values.is_empty() {
                    entry.texts(name, values);
                }
            }
        });
    }
}

impl Field {
    fn parse(input: &FieldSelectorInput) -> Result<Self, Error> {
        if !FIELDS.contains(&input.field.as_str()) {
            let text = format!("Value {} for Field is not valid.", input.field);
            return Err(Error::InvalidEventSelectors(text));
        }
        let operators = [
            &input.equals,
            &input.starts_with,
            &input.ends_with,
            &input.not_equals,
            &input.not_starts_with,
            &input.not_ends_with,
        ]
        .map(|values| values.clone().unwrap_or_default());
        if operators.iter().all(Vec::is_empty) {
            let text = format!("Field {} has no operator.", input.field);
            return Err(Error::InvalidEventSelectors(text));
        }
        Ok(Self {
            name: input.field.clone(),
            operators,
        })
    }

    /// Every operator has to hold: of one that asks for something, one value; of one that excludes, all.
    fn admits(&self, event: &Described<'_>) -> bool {
        let found = self.values(event);
        let [equals, starts, ends, not_equals, not_starts, not_ends] = &self.operators;
        let any = |wanted: &[String], holds: fn(&str, &str) -> bool| {
            let mut pairs = found
                .iter()
                .flat_map(|value| wanted.iter().map(move |one| (value, one)));
            pairs.any(|(value, one)| holds(value, one))
        };
        let (is, begins, finishes): (Holds, Holds, Holds) = (
            |value, one| value == one,
            |value, one| value.starts_with(one),
            |value, one| value.ends_with(one),
        );
        (equals.is_empty() || any(equals, is))
            && (starts.is_empty() || any(starts, begins))
            && (ends.is_empty() || any(ends, finishes))
            && !any(not_equals, is)
            && !any(not_starts, begins)
            && !any(not_ends, finishes)
    }

    /// What the event has as this field.
    fn values<'a>(&self, event: &'a Described<'_>) -> Vec<Cow<'a, str>> {
        let resources = event.resources.iter();
        let one =
            |text: &'a Option<Cow<'_, str>>| text.as_deref().map(Cow::from).into_iter().collect();
        match self.name.as_str() {
            "eventCategory" => vec!["Management".into()],
            "eventName" => vec![event.event_name.as_ref().into()],
            "eventSource" => vec![event.event_source.as_ref().into()],
            "readOnly" => vec![event.read_only.to_string().into()],
            "resources.ARN" => resources.map(|one| one.name.as_ref().into()).collect(),
            "resources.type" => resources
                .filter_map(|one| Some(one.kind.as_deref()?.into()))
                .collect(),
            "sessionCredentialFromConsole" => vec!["false".into()],
            "errorCode" => one(&event.error_code),
            "eventType" => one(&event.event_type),
            "userIdentity.arn" => one(&event.user_arn),
            "vpcEndpointId" => one(&event.vpc_endpoint_id),
            _ => Vec::new(),
        }
    }
}

type Holds = fn(&str, &str) -> bool;

fn values_of(selectors: &[AdvancedSelectorInput]) -> usize {
    let fields = selectors.iter().flat_map(|selector| &selector.fields);
    let operators = fields.flat_map(|field| {
        [
            &field.equals,
            &field.starts_with,
            &field.ends_with,
            &field.not_equals,
            &field.not_starts_with,
            &field.not_ends_with,
        ]
    });
    operators.flatten().map(Vec::len).sum()
}

const OPERATORS: [&str; 6] = [
    "Equals",
    "StartsWith",
    "EndsWith",
    "NotEquals",
    "NotStartsWith",
    "NotEndsWith",
];
const FIELDS: &[&str] = &[
    "errorCode",
    "eventCategory",
    "eventName",
    "eventSource",
    "eventType",
    "readOnly",
    "resources.ARN",
    "resources.type",
    "sessionCredentialFromConsole",
    "userIdentity.arn",
    "vpcEndpointId",
];
const DATA_TYPES: &[&str] = &[
    "AWS::DynamoDB::Table",
    "AWS::Lambda::Function",
    "AWS::S3::Object",
];
const EXCLUDABLE: &[&str] = &["kms.amazonaws.com", "rdsdata.amazonaws.com"];
const MOST_BASIC: usize = 5;
const MOST_VALUES: usize = 500;
const NONE: &str = "You must specify EventSelectors or AdvancedEventSelectors.";
const BOTH: &str = "You cannot specify both EventSelectors and AdvancedEventSelectors.";
const TOO_MANY: &str = "A trail cannot have more than 5 event selectors.";
const TOO_MANY_VALUES: &str =
    "The advanced event selectors of a trail cannot have more than 500 values.";
const NO_CATEGORY: &str = "An advanced event selector must have a field selector on eventCategory with \
                           one value for Equals.";

#[cfg(test)]
mod tests;
