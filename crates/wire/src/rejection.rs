/// Why a request was refused before any operation saw it. The caller's fault; always HTTP 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The body is not JSON, or a value is of the wrong type.
    ///
    /// SECURITY: the text is one of a fixed set, so that it cannot carry a piece of the body.
    #[error("{}", .0.unwrap_or("the request cannot be read"))]
    Serialization(Option<&'static str>),
    /// A constraint is not met. The text is complete, in AWS's form.
    #[error("{0}")]
    Validation(String),
}

impl Rejection {
    /// The exception name of a service that speaks awsJson.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Serialization(_) => "SerializationException",
            Self::Validation(_) => "ValidationException",
        }
    }

    /// The exception name of a service that speaks awsQuery.
    pub fn query_code(&self) -> &'static str {
        match self {
            Self::Serialization(_) => "MalformedInput",
            Self::Validation(_) => "ValidationError",
        }
    }

    /// The text for the client, if AWS gives one.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Serialization(text) => *text,
            Self::Validation(text) => Some(text),
        }
    }
}
