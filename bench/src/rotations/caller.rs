//! How a rotation function calls the server: signed, over one connection that is kept.

use crate::Error;
use crate::clock::now;
use crate::load::{Connection, Endpoint};
use crate::sign::Signer;
use serde_json::Value;
use std::sync::Arc;

/// A connection, and who signs what goes over it.
pub(super) struct Caller {
    connection: Connection,
    signer: Arc<Signer>,
}

impl Caller {
    /// Connects.
    pub(super) async fn open(endpoint: &Endpoint, signer: Arc<Signer>) -> Result<Self, Error> {
        Ok(Self {
            connection: Connection::open(endpoint).await?,
            signer,
        })
    }

    /// Calls `operation`, which has to succeed.
    pub(super) async fn call(
        &mut self,
        operation: &'static str,
        input: &Value,
    ) -> Result<Value, Error> {
        let (status, body) = self.send(operation, input).await?;
        if status == 200 {
            return Ok(serde_json::from_slice(body)?);
        }
        Err(Error::Refused {
            operation,
            status,
            body: String::from_utf8_lossy(body).into_owned(),
        })
    }

    /// Calls `operation`. `None`: what it is about does not exist.
    pub(super) async fn find(
        &mut self,
        operation: &'static str,
        input: &Value,
    ) -> Result<Option<Value>, Error> {
        let (status, body) = self.send(operation, input).await?;
        match status {
            200 => Ok(Some(serde_json::from_slice(body)?)),
            400 if is_not_found(body) => Ok(None),
            _ => Err(Error::Refused {
                operation,
                status,
                body: String::from_utf8_lossy(body).into_owned(),
            }),
        }
    }

    async fn send(&mut self, operation: &str, input: &Value) -> Result<(u16, &[u8]), Error> {
        let request = self
            .signer
            .sign_call(operation, &input.to_string(), now())?;
        self.connection.answer(&request).await
    }
}

fn is_not_found(body: &[u8]) -> bool {
    let refusal: Value = serde_json::from_slice(body).unwrap_or_default();
    let kind = refusal.get("__type").and_then(Value::as_str);
    kind.is_some_and(|kind| kind.ends_with("ResourceNotFoundException"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_does_not_exist_is_not_found() {
        let refused = |kind: &str| is_not_found(format!(r#"{{"__type":"{kind}"}}"#).as_bytes());

        assert!(refused("ResourceNotFoundException"));
        assert!(refused("com.amazonaws#ResourceNotFoundException"));
        assert!(!refused("AccessDeniedException"));
        assert!(!is_not_found(b"not json"));
        assert!(!is_not_found(b"{}"));
    }
}
