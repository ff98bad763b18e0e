//! The shapes of the repository: its model has hardly any constraints.

use wire::{Input as _, Shape, UNBOUNDED};

pub(super) const TEXT: Shape = Shape::text(0, UNBOUNDED);
pub(super) const TEXTS: Shape = Shape::list(&TEXT, 0, UNBOUNDED);
pub(super) const INTEGER: Shape = Shape::integer();
pub(super) const PARAMETERS: Shape = Shape::list(&PARAMETER, 0, UNBOUNDED);
pub(super) const TAGS: Shape = Shape::list(&TAG, 0, UNBOUNDED);
pub(super) const ROLLBACK: Shape = Shape::structure(RollbackInput::SHAPE);
const PARAMETER: Shape = Shape::structure(Parameter::SHAPE);
const TAG: Shape = Shape::structure(Tag::SHAPE);
const TRIGGERS: Shape = Shape::list(&TRIGGER, 0, UNBOUNDED);
const TRIGGER: Shape = Shape::structure(TriggerInput::SHAPE);

wire::input! {
    /// A parameter of an application.
    pub(super) struct Parameter {
        pub(super) name: String = required audited "name" TEXT,
        pub(super) value: String = required audited "value" TEXT,
    }
}

wire::input! {
    /// A tag of the stack.
    pub(super) struct Tag {
        pub(super) key: String = required audited "key" TEXT,
        pub(super) value: String = required audited "value" TEXT,
    }
}

wire::input! {
    /// `rollbackConfiguration`.
    pub(super) struct RollbackInput {
        pub(super) minutes: Option<i64> = audited "monitoringTimeInMinutes" INTEGER,
        pub(super) triggers: Option<Vec<TriggerInput>> = audited "rollbackTriggers" TRIGGERS,
    }
}

wire::input! {
    /// One of `rollbackTriggers`.
    pub(super) struct TriggerInput {
        arn: String = required audited "arn" TEXT,
        kind: String = required audited "type" TEXT,
    }
}
