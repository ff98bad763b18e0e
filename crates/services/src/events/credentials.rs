//! The secrets of connections.
//!
//! SECURITY: sealed together under the key ring, bound to the connection by its ARN, so that they open for
//! no other connection, nor for one that has the name later. They are opened for a request that leaves, and
//! for an update that keeps some of them; no answer and no event has them.

use super::holding::Holding as _;
use super::records::Connection;
use crate::app::App;
use base::{CommonError, Context, Plaintext, PlaintextBuffer, Sealed};

/// The secrets of a connection, in the clear.
pub(super) struct Secrets {
    /// The password, or the value of the API key.
    pub(super) credential: Plaintext,
    /// The values of the parameters that are secrets, in the order of those.
    pub(super) values: Vec<Plaintext>,
}

/// Seals what authorizes, and the values of secret parameters, for the connection with this ARN.
///
/// # Errors
/// A failure of ours.
pub(super) fn seal(
    app: &App,
    arn: &str,
    credential: &[u8],
    values: &[&[u8]],
) -> Result<Vec<u8>, CommonError> {
    let mut buffer = PlaintextBuffer::with_most(MOST_BYTES);
    for one in std::iter::once(&credential).chain(values) {
        let length = u32::try_from(one.len()).map_err(CommonError::internal)?;
        let pushed = buffer.push(&length.to_be_bytes());
        pushed.map_err(CommonError::internal)?;
        buffer.push(one).map_err(CommonError::internal)?;
    }
    let Sealed(sealed) = app
        .sealer
        .seal(Context(&context(arn)), buffer.finish().expose())
        .map_err(CommonError::internal)?;
    Ok(sealed)
}

/// Opens the secrets of `connection`. `None`: it has none any more.
///
/// # Errors
/// A failure of ours.
pub(super) fn open(app: &App, connection: &Connection) -> Result<Option<Secrets>, CommonError> {
    let Some(sealed) = &connection.sealed else {
        return Ok(None);
    };
    let opened = app
        .sealer
        .open(Context(&context(&connection.arn())), sealed)
        .map_err(CommonError::internal)?;
    let secrets = split(opened.expose());
    let secrets = secrets.ok_or_else(|| CommonError::internal("secrets that cannot be read"))?;
    Ok(Some(secrets))
}

fn split(mut bytes: &[u8]) -> Option<Secrets> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (one, rest) = rest.split_at_checked(length)?;
        all.push(Plaintext::new(one.to_vec()));
        bytes = rest;
    }
    let mut all = all.into_iter();
    Some(Secrets {
        credential: all.next()?,
        values: all.collect(),
    })
}

fn context(arn: &str) -> [&[u8]; 3] {
    [b"events", b"connection", arn.as_bytes()]
}

/// More than a connection may have.
const MOST_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::fixtures::a_connection;
    use crate::fixtures::World;

    #[test]
    fn secrets_open_for_their_connection_alone() {
        let app = World::new().app;
        let mut connection = a_connection();
        let sealed = seal(&app, &connection.arn(), b"hunter2", &[b"", b"x"]).unwrap();
        connection.sealed = Some(sealed);

        let opened = open(&app, &connection).unwrap().unwrap();
        let later = Connection {
            id: String::from("another"),
            ..connection.clone()
        };
        let elsewhere = Connection {
            name: String::from("another"),
            ..connection.clone()
        };
        let none = Connection {
            sealed: None,
            ..connection.clone()
        };

        let values: Vec<&[u8]> = opened.values.iter().map(Plaintext::expose).collect();
        assert_eq!(opened.credential.expose(), b"hunter2");
        assert_eq!(values, [&b""[..], b"x"]);
        assert!(open(&app, &later).is_err() && open(&app, &elsewhere).is_err());
        assert!(open(&app, &none).unwrap().is_none());
        let stored = connection.sealed.unwrap();
        assert!(!stored.windows(7).any(|bytes| bytes == b"hunter2"));
    }

    #[test]
    fn what_is_cut_short_is_not_read() {
        for bytes in [&b""[..], b"\0\0\0", b"\0\0\0\x02a", b"\0\0\0\x01ab"] {
            assert!(split(bytes).is_none(), "{bytes:?}");
        }
    }
}
