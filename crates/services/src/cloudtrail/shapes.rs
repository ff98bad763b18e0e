//! The shapes of CloudTrail: the constraints of its model.
//!
//! COMPAT: a moment is a number of seconds. A fraction is dropped: events are timed to the second.

use super::tagging::Tag;
use wire::{Input as _, Pattern, Shape, UNBOUNDED};

pub(super) const BOOLEAN: Shape = Shape::boolean();
pub(super) const TEXT: Shape = Shape::text(0, UNBOUNDED);
pub(super) const TEXTS: Shape = Shape::list(&TEXT, 0, UNBOUNDED);
/// COMPAT: how many is in the documentation, and not in the model.
pub(super) const RESOURCE_IDS: Shape = Shape::list(&TEXT, 1, 20);
pub(super) const MOMENT: Shape = Shape::long();
pub(super) const NUMBER: Shape = Shape::integer();
pub(super) const CATEGORY: Shape = Shape::one_of(&["insight"]);
pub(super) const ATTRIBUTES: Shape = Shape::list(&ATTRIBUTE, 0, UNBOUNDED);
const ATTRIBUTE: Shape = Shape::structure(LookupAttribute::SHAPE);
const ATTRIBUTE_KEY: Shape = Shape::one_of(&[
    "EventId",
    "EventName",
    "ReadOnly",
    "Username",
    "ResourceType",
    "ResourceName",
    "EventSource",
    "AccessKeyId",
]);
const ATTRIBUTE_VALUE: Shape = Shape::text(1, 2_000);
pub(super) const TAGS: Shape = Shape::list(&TAG, 0, 200);
const TAG: Shape = Shape::structure(Tag::SHAPE);
pub(super) const TAG_KEY: Shape = Shape::text(1, 128);
pub(super) const TAG_VALUE: Shape = Shape::text(1, 256);
pub(super) const SELECTORS: Shape = Shape::list(&SELECTOR, 0, UNBOUNDED);
const SELECTOR: Shape = Shape::structure(EventSelectorInput::SHAPE);
const READ_WRITE: Shape = Shape::one_of(&["ReadOnly", "WriteOnly", "All"]);
const RESOURCES: Shape = Shape::list(&RESOURCE, 0, UNBOUNDED);
const RESOURCE: Shape = Shape::structure(DataResourceInput::SHAPE);
pub(super) const ADVANCED: Shape = Shape::list(&ADVANCED_SELECTOR, 0, UNBOUNDED);
const ADVANCED_SELECTOR: Shape = Shape::structure(AdvancedSelectorInput::SHAPE);
const SELECTOR_NAME: Shape = Shape::text(0, 1_000);
const FIELDS: Shape = Shape::list(&FIELD, 1, UNBOUNDED);
const FIELD: Shape = Shape::structure(FieldSelectorInput::SHAPE);
const FIELD_NAME: Shape = Shape::text(1, 1_000).matching(&FIELD_PATTERN);
const OPERATOR: Shape = Shape::list(&OPERATOR_VALUE, 1, UNBOUNDED);
const OPERATOR_VALUE: Shape = Shape::text(1, 2_048);

/// What every operation on one trail takes.
pub(super) const TRAIL: Shape = TEXT;

wire::input! {
    /// `LookupAttribute`.
    pub(super) struct LookupAttribute {
        pub(super) key: String = required audited "AttributeKey" ATTRIBUTE_KEY,
        pub(super) value: String = required audited "AttributeValue" ATTRIBUTE_VALUE,
    }
}

wire::input! {
    /// `EventSelector`.
    pub(super) struct EventSelectorInput {
        pub(super) read_write: Option<String> = audited "ReadWriteType" READ_WRITE,
        pub(super) management: Option<bool> = audited "IncludeManagementEvents" BOOLEAN,
        pub(super) resources: Option<Vec<DataResourceInput>> = audited "DataResources" RESOURCES,
        pub(super) excluded: Option<Vec<String>> = audited "ExcludeManagementEventSources" TEXTS,
    }
}

wire::input! {
    /// `DataResource`.
    pub(super) struct DataResourceInput {
        pub(super) kind: Option<String> = audited "Type" TEXT,
        pub(super) values: Option<Vec<String>> = audited "Values" TEXTS,
    }
}

wire::input! {
    /// `AdvancedEventSelector`.
    pub(super) struct AdvancedSelectorInput {
        pub(super) name: Option<String> = audited "Name" SELECTOR_NAME,
        pub(super) fields: Vec<FieldSelectorInput> = required audited "FieldSelectors" FIELDS,
    }
}

wire::input! {
    /// `AdvancedFieldSelector`.
    pub(super) struct FieldSelectorInput {
        pub(super) field: String = required audited "Field" FIELD_NAME,
        pub(super) equals: Option<Vec<String>> = audited "Equals" OPERATOR,
        pub(super) starts_with: Option<Vec<String>> = audited "StartsWith" OPERATOR,
        pub(super) ends_with: Option<Vec<String>> = audited "EndsWith" OPERATOR,
        pub(super) not_equals: Option<Vec<String>> = audited "NotEquals" OPERATOR,
        pub(super) not_starts_with: Option<Vec<String>> = audited "NotStartsWith" OPERATOR,
        pub(super) not_ends_with: Option<Vec<String>> = audited "NotEndsWith" OPERATOR,
    }
}

static FIELD_PATTERN: Pattern = Pattern {
    text: r"[\w|\d|\.|_]+",
    matches: |text| {
        let is_of_field = |c: char| c.is_ascii_alphanumeric() || "_.|".contains(c);
        !text.is_empty() && text.chars().all(is_of_field)
    },
    example: "eventCategory",
    counterexample: "a field",
};
