//! The shapes of SNS: the constraints of its model, which are few.

use wire::{Input as _, Shape, UNBOUNDED};

pub(super) const TEXT: Shape = Shape::text(0, UNBOUNDED);
pub(super) const MESSAGE: Shape = Shape::text(0, UNBOUNDED).sensitive();
/// SECURITY: of operations that need no signature, whose records show these: COMPAT: AWS tells no bounds.
pub(super) const UNSIGNED_ARN: Shape = Shape::text(0, 1_600);
/// As [`UNSIGNED_ARN`].
pub(super) const UNSIGNED_FLAG: Shape = Shape::text(0, 64);
/// As [`UNSIGNED_ARN`], and never shown.
pub(super) const TOKEN: Shape = Shape::text(0, 2_048).sensitive();
pub(super) const BOOLEAN: Shape = Shape::boolean();
pub(super) const RESOURCE: Shape = Shape::text(1, 1_011);
pub(super) const TAG_KEYS: Shape = Shape::list(&TAG_KEY, 0, UNBOUNDED);
pub(super) const TAGS: Shape = Shape::list(&TAG, 0, UNBOUNDED);
pub(super) const ATTRIBUTES: Shape = Shape::list(&ATTRIBUTE, 0, UNBOUNDED);
pub(super) const MESSAGE_ATTRIBUTES: Shape = Shape::list(&MESSAGE_ATTRIBUTE, 0, UNBOUNDED);
pub(super) const BATCH: Shape = Shape::list(&BATCH_ENTRY, 0, UNBOUNDED);
const TAG: Shape = Shape::structure(Tag::SHAPE);
const TAG_KEY: Shape = Shape::text(1, 128);
const TAG_VALUE: Shape = Shape::text(0, 256);
const ATTRIBUTE: Shape = Shape::structure(Attribute::SHAPE);
const MESSAGE_ATTRIBUTE: Shape = Shape::structure(MessageAttribute::SHAPE);
const MESSAGE_VALUE: Shape = Shape::structure(MessageValue::SHAPE);
const BATCH_ENTRY: Shape = Shape::structure(BatchEntry::SHAPE);
const BYTES: Shape = Shape::blob(0, UNBOUNDED);

wire::input! {
    /// A tag.
    pub(super) struct Tag {
        pub(super) key: String = required audited "Key" TAG_KEY,
        pub(super) value: String = required audited "Value" TAG_VALUE,
    }
}

wire::input! {
    /// One attribute of a topic or a subscription: an entry of a map.
    pub(super) struct Attribute {
        pub(super) key: String = required "key" TEXT,
        pub(super) value: String = required "value" TEXT,
    }
}

wire::input! {
    /// One attribute of a message: an entry of a map.
    pub(super) struct MessageAttribute {
        pub(super) name: String = required "Name" TEXT,
        pub(super) value: MessageValue = required "Value" MESSAGE_VALUE,
    }
}

wire::input! {
    /// The value of an attribute of a message.
    pub(super) struct MessageValue {
        pub(super) data_type: String = required "DataType" TEXT,
        pub(super) text: Option<base::Plaintext> = "StringValue" MESSAGE,
        pub(super) bytes: Option<base::Plaintext> = "BinaryValue" BYTES,
    }
}

wire::input! {
    /// One message of several.
    pub(super) struct BatchEntry {
        pub(super) id: String = required "Id" TEXT,
        pub(super) message: base::Plaintext = required "Message" MESSAGE,
        pub(super) subject: Option<base::Plaintext> = "Subject" MESSAGE,
        pub(super) structure: Option<String> = "MessageStructure" TEXT,
        pub(super) attributes: Option<Vec<MessageAttribute>> = "MessageAttributes" MESSAGE_ATTRIBUTES,
        pub(super) deduplication_id: Option<String> = "MessageDeduplicationId" TEXT,
        pub(super) group_id: Option<String> = "MessageGroupId" TEXT,
    }
}
