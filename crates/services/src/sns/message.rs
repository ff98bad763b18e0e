//! What is published, checked.

use super::error::Error;
use super::records::Protocol;
use super::shapes::MessageAttribute;
use base::Plaintext;
use serde_json::{Map, Value};

/// A message.
///
/// INVARIANT: no `Debug`: what people tell each other is nobody's business.
pub(super) struct Message {
    pub(super) id: String,
    pub(super) subject: Option<String>,
    /// What everybody gets for whom there is no text of their own.
    pub(super) text: String,
    /// Texts for single protocols.
    by_protocol: Map<String, Value>,
    pub(super) attributes: Vec<Attribute>,
}

/// An attribute of a message.
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) data_type: String,
    pub(super) value: MessageValue,
}

/// What an attribute says.
pub(super) enum MessageValue {
    Text(String),
    /// As base64.
    Bytes(String),
}

/// What a caller publishes.
pub(super) struct Given<'a> {
    pub(super) message: &'a Plaintext,
    pub(super) subject: Option<&'a Plaintext>,
    pub(super) structure: Option<&'a str>,
    pub(super) attributes: Option<&'a [MessageAttribute]>,
}

impl Message {
    /// A message of a service.
    pub(super) fn of_service(id: String, subject: Option<&str>, text: &str) -> Self {
        Self {
            id,
            subject: subject.map(one_line),
            text: text.to_owned(),
            by_protocol: Map::new(),
            attributes: Vec::new(),
        }
    }

    /// What `given` says, under `id`.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] in AWS's words.
    pub(super) fn parse(id: String, given: &Given<'_>) -> Result<Self, Error> {
        let message = text(given.message, "Message")?;
        if message.is_empty() {
            return Err(Error::InvalidParameter(String::from("Empty message")));
        }
        let subject = given
            .subject
            .map(|subject| text(subject, "Subject"))
            .transpose()?;
        if subject.is_some_and(|subject| !is_subject(subject)) {
            return Err(Error::InvalidParameter(String::from("Subject")));
        }
        let (message, by_protocol) = match given.structure {
            None | Some("") => (message.to_owned(), Map::new()),
            Some("json") => structured(message)?,
            Some(_) => return Err(Error::InvalidParameter(String::from("MessageStructure"))),
        };
        let attributes = given.attributes.unwrap_or_default();
        let attributes: Vec<Attribute> = attributes
            .iter()
            .map(Attribute::parse)
            .collect::<Result<_, _>>()?;
        let read = Self {
            id,
            subject: subject.map(str::to_owned),
            text: message,
            by_protocol,
            attributes,
        };
        match read.size() > LARGEST {
            true => Err(Error::InvalidParameter(String::from("Message too long"))),
            false => Ok(read),
        }
    }

    /// What endpoints of `protocol` are told.
    pub(super) fn text_for(&self, protocol: Protocol) -> &str {
        let own = self.by_protocol.get(protocol.name());
        own.and_then(Value::as_str).unwrap_or(&self.text)
    }

    /// What counts against the quota.
    pub(super) fn size(&self) -> usize {
        let attributes = self.attributes.iter().map(|attribute| {
            let value = match &attribute.value {
                MessageValue::Text(value) | MessageValue::Bytes(value) => value.len(),
            };
            attribute.name.len() + attribute.data_type.len() + value
        });
        let texts = self
            .by_protocol
            .values()
            .filter_map(Value::as_str)
            .map(str::len);
        self.text.len() + attributes.sum::<usize>() + texts.sum::<usize>()
    }
}

impl Attribute {
    fn parse(given: &MessageAttribute) -> Result<Self, Error> {
        let name = &given.name;
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(is_name) {
            let reason = format!("The message attribute name '{name}' is not valid.");
            return Err(Error::InvalidValue(reason));
        }
        let data_type = &given.value.data_type;
        let form = data_type.split('.').next().unwrap_or_default();
        let value = match (form, &given.value.text, &given.value.bytes) {
            ("String" | "Number", Some(value), None) if !value.is_empty() => {
                MessageValue::Text(text(value, "MessageAttributes")?.to_owned())
            }
            ("Binary", None, Some(bytes)) if !bytes.is_empty() => {
                MessageValue::Bytes(data_encoding::BASE64.encode(bytes.expose()))
            }
            ("String" | "Number" | "Binary", ..) => {
                return Err(Error::InvalidValue(format!(
                    "The message attribute '{name}' must contain non-empty message attribute value \
                     for message attribute type '{form}'."
                )));
            }
            _ => {
                return Err(Error::InvalidValue(format!(
                    "The message attribute '{name}' has an invalid message attribute type, the set \
                     of supported type prefixes is Binary, Number, and String."
                )));
            }
        };
        Ok(Self {
            name: name.clone(),
            data_type: data_type.clone(),
            value,
        })
    }
}

/// A message with a text for each protocol that wants one of its own.
fn structured(message: &str) -> Result<(String, Map<String, Value>), Error> {
    let invalid = |reason: &str| Error::InvalidParameter(format!("Message Structure - {reason}"));
    let Ok(Value::Object(texts)) = serde_json::from_str(message) else {
        return Err(invalid("JSON message body failed to parse"));
    };
    let default = texts.get("default").and_then(Value::as_str);
    let default = default.ok_or_else(|| invalid("No default entry in JSON message body"))?;
    Ok((default.to_owned(), texts))
}

fn text<'a>(given: &'a Plaintext, member: &str) -> Result<&'a str, Error> {
    let text = std::str::from_utf8(given.expose());
    text.map_err(|_| Error::InvalidParameter(member.to_owned()))
}

/// ASCII that begins with a letter, a number or a mark, on one line, of at most a hundred characters.
fn is_subject(subject: &str) -> bool {
    let begins = subject.bytes().next().is_some_and(|b| b.is_ascii_graphic());
    let is_allowed = |b: u8| b == b' ' || b.is_ascii_graphic();
    begins && subject.len() <= LONGEST_SUBJECT && subject.bytes().all(is_allowed)
}

/// SECURITY: names that users gave stand in the subjects of alarms, and a subject is a header of a mail.
fn one_line(subject: &str) -> String {
    let letters = subject.chars().filter(|c| !c.is_control());
    letters.take(LONGEST_SUBJECT).collect()
}

const LONGEST_NAME: usize = 256;
const LONGEST_SUBJECT: usize = 100;
/// 256 KiB, as AWS's quota has it.
pub(super) const LARGEST: usize = 262_144;
