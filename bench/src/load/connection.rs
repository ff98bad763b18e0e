use super::reply::Reply;
use crate::Error;
use crate::sign::Signed;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Where a server listens, and how it is told from others.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    pub(crate) tls: Arc<ClientConfig>,
}

/// One keep-alive connection, with one request on its way at a time.
pub(crate) struct Connection {
    stream: TlsStream<TcpStream>,
    received: Vec<u8>,
    /// Where the expected text stood in the last answer: it seldom moves.
    hint: usize,
}

impl Connection {
    /// Connects and shakes hands.
    pub(crate) async fn open(endpoint: &Endpoint) -> Result<Self, Error> {
        let tcp = TcpStream::connect(endpoint.address)
            .await
            .map_err(Error::io("connect"))?;
        tcp.set_nodelay(true).map_err(Error::io("nodelay"))?;
        let name = ServerName::from(endpoint.address.ip());
        let stream = TlsConnector::from(endpoint.tls.clone())
            .connect(name, tcp)
            .await
            .map_err(Error::io("tls handshake"))?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(32 * 1024),
            hint: 0,
        })
    }

    /// Sends `request` and returns the body of its answer. Errors unless that is a 200 which
    /// contains the expected text.
    pub(crate) async fn exchange(&mut self, request: &Signed) -> Result<&[u8], Error> {
        let reply = self.reply(&request.bytes).await?;
        let body = self.received.get(reply.head..reply.end).unwrap_or_default();
        confirm(request, reply.status, body, &mut self.hint)?;
        Ok(body)
    }

    /// Sends `request` and returns the status and the body of its answer, whatever they are.
    pub(crate) async fn answer(&mut self, request: &[u8]) -> Result<(u16, &[u8]), Error> {
        let reply = self.reply(request).await?;
        let body = self.received.get(reply.head..reply.end).unwrap_or_default();
        Ok((reply.status, body))
    }

    async fn reply(&mut self, request: &[u8]) -> Result<Reply, Error> {
        let stream = &mut self.stream;
        stream.write_all(request).await.map_err(Error::io("send"))?;
        stream.flush().await.map_err(Error::io("send"))?;
        self.received.clear();
        loop {
            let read = stream.read_buf(&mut self.received).await;
            if read.map_err(Error::io("receive"))? == 0 {
                return Err(Error::Closed);
            }
            if let Some(reply) = Reply::find(&self.received)? {
                return Ok(reply);
            }
        }
    }
}

fn confirm(request: &Signed, status: u16, body: &[u8], hint: &mut usize) -> Result<(), Error> {
    let operation = request.operation.name();
    let shown = || String::from_utf8_lossy(body).chars().take(SHOWN).collect();
    if status != 200 {
        return Err(Error::Refused {
            operation,
            status,
            body: shown(),
        });
    }
    let expected = request.expected.as_bytes();
    if body
        .get(*hint..)
        .is_some_and(|rest| rest.starts_with(expected))
    {
        return Ok(());
    }
    let found = body
        .windows(expected.len().max(1))
        .position(|window| window == expected);
    *hint = found.ok_or_else(|| Error::WrongAnswer {
        operation,
        expected: request.expected.to_string(),
        body: shown(),
    })?;
    Ok(())
}

/// How much of an unexpected body is shown.
const SHOWN: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Operation;

    fn request(expected: &str) -> Signed {
        Signed {
            operation: Operation::Get,
            bytes: Box::default(),
            expected: expected.into(),
        }
    }

    #[test]
    fn the_expected_text_is_found_wherever_it_moves() {
        let mut hint = 0;

        for (body, place) in [
            ("--bench/1", 2),
            ("--bench/1", 2),
            ("bench/1", 0),
            ("-------bench/1", 7),
        ] {
            let confirmed = confirm(&request("bench/1"), 200, body.as_bytes(), &mut hint);

            assert!(confirmed.is_ok(), "{body}");
            assert_eq!(hint, place);
        }
    }

    #[test]
    fn another_answer_fails() {
        for body in ["", "bench", "bench/2"] {
            let confirmed = confirm(&request("bench/1"), 200, body.as_bytes(), &mut 3);

            assert!(
                matches!(confirmed, Err(Error::WrongAnswer { .. })),
                "{body}"
            );
        }
    }

    #[test]
    fn a_refusal_fails_and_shows_a_bounded_piece_of_itself() {
        let long = "é".repeat(SHOWN * 2);

        let confirmed = confirm(&request("é"), 400, long.as_bytes(), &mut 0);

        let Err(Error::Refused {
            operation,
            status,
            body,
        }) = confirmed
        else {
            panic!("not a refusal");
        };
        assert_eq!((operation, status), ("GetSecretValue", 400));
        assert_eq!(body.chars().count(), SHOWN);
    }
}
