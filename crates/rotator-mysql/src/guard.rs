//! What stands between the driver and a server: TLS, and limits on what the server may say.
//!
//! Rules kept here: the library opens its connections itself, and takes memory for as many columns as a
//! server announces; so it is given one to this process, and each packet is looked at before it is
//! passed on. A connection that is encrypted is so to the server, and inside this process a socket in
//! a folder of the process's own; one in the clear is TCP on the loopback address, since over a
//! socket the library would send the password itself. No packet is passed on unseen, whatever stage the
//! library is thought to be in, since a server can answer before it is asked.

mod answers;
mod public_key;

use answers::{Answers, MOST_OF_A_LOGIN};
use rotators::{
    DatabaseError, Dial, Encryption, Login, MOST_BYTES, Metered, TOO_MUCH, Tls, private_folder,
};
use std::io::{Error, Result};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::task::JoinSet;
use zeroize::Zeroizing;

/// A guarded way to one server, for one connection. Dropping it cuts that.
pub(crate) struct Guard {
    entrance: Entrance,
    /// One task, which ends with this.
    work: JoinSet<std::result::Result<(), DatabaseError>>,
}

/// Where the library connects.
pub(crate) enum Entrance {
    Port(u16),
    Socket(PathBuf),
}

impl Guard {
    /// Connects to the server, and waits for the library.
    pub(crate) async fn start(
        dial: &Dial,
        login: &Login<'_>,
    ) -> std::result::Result<Self, DatabaseError> {
        let server = TcpStream::connect((login.host, login.port))
            .await
            .map_err(|error| DatabaseError::unreachable(&error))?;
        server
            .set_nodelay(true)
            .map_err(|error| DatabaseError::unreachable(&error))?;
        let server = Metered::new(server);
        let mut work = JoinSet::new();
        let entrance = match login.tls {
            Tls::Plain => {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
                let listener = listener.map_err(|error| DatabaseError::unreachable(&error))?;
                let port = listener
                    .local_addr()
                    .map_err(|error| DatabaseError::unreachable(&error))?;
                let answers = Answers::in_the_clear(login.password.len());
                work.spawn(async move {
                    let (library, _) = listener
                        .accept()
                        .await
                        .map_err(|one| DatabaseError::unreachable(&one))?;
                    let passed = pass(library, server, answers, &Phase::logging_in(0)).await;
                    // SECURITY: not before, or somebody else could wait there for the library if
                    // this was not it.
                    drop(listener);
                    passed.map_err(|error| DatabaseError::unreachable(&error))
                });
                Entrance::Port(port.port())
            }
            Tls::Verified => {
                let tls = Encryption::to(dial, login.host)?;
                let folder =
                    private_folder().map_err(|error| DatabaseError::unreachable(&error))?;
                let path = folder.path().join("socket");
                let listener = UnixListener::bind(&path)
                    .map_err(|error| DatabaseError::unreachable(&error))?;
                work.spawn(encrypted(listener, folder, server, tls));
                Entrance::Socket(path)
            }
        };
        Ok(Self { entrance, work })
    }

    pub(crate) fn entrance(&self) -> &Entrance {
        &self.entrance
    }

    /// Why the connection was cut, of one that the library has lost.
    pub(crate) async fn reason(&mut self, dial: &Dial) -> Option<DatabaseError> {
        let ended = tokio::time::timeout(dial.connect_timeout, self.work.join_next()).await;
        ended.ok()??.ok()?.err()
    }
}

/// Passes on what is said, over TLS from the library's answer to the server's greeting on.
async fn encrypted(
    listener: UnixListener,
    folder: TempDir,
    mut server: Metered<TcpStream>,
    tls: Encryption,
) -> std::result::Result<(), DatabaseError> {
    let (mut library, _) = listener
        .accept()
        .await
        .map_err(|one| DatabaseError::unreachable(&one))?;
    drop((listener, folder));
    let greeting = Packet::read(&mut server, MOST_OF_A_LOGIN).await;
    let greeting = greeting.map_err(|error| DatabaseError::unreachable(&error))?;
    if !greeting.is_refusal() && !greeting.offers_tls() {
        let reason = "the server does not offer TLS".to_owned();
        return Err(DatabaseError::Untrusted(reason));
    }
    let answer = async {
        greeting.write(&mut library).await?;
        let mut answer = Packet::read(&mut library, MOST_BYTES).await?;
        answer.ask_for_tls()?.write(&mut server).await?;
        Ok(answer)
    };
    let mut answer = answer
        .await
        .map_err(|error| DatabaseError::unreachable(&error))?;
    let mut server = tls.over(server).await?;
    let passed = async {
        answer.sequence = answer.sequence.wrapping_add(1);
        answer.write(&mut server).await?;
        let answers = Answers::encrypted();
        pass(library, server, answers, &Phase::logging_in(1)).await
    };
    passed
        .await
        .map_err(|error| DatabaseError::unreachable(&error))
}

/// Whether somebody is still logging in, and by how much the server is ahead in counting packets: by
/// the one that asked for TLS.
struct Phase {
    is_login: AtomicBool,
    ahead: u8,
}

impl Phase {
    fn logging_in(ahead: u8) -> Self {
        Self {
            is_login: AtomicBool::new(true),
            ahead,
        }
    }

    fn ahead(&self) -> u8 {
        if self.is_login.load(Ordering::SeqCst) {
            self.ahead
        } else {
            0
        }
    }
}

/// Passes packets both ways until one side ends.
async fn pass<L, S>(library: L, server: S, answers: Answers, phase: &Phase) -> Result<()>
where
    L: AsyncRead + AsyncWrite,
    S: AsyncRead + AsyncWrite,
{
    let (from_library, to_library) = split(library);
    let (from_server, to_server) = split(server);
    tokio::select! {
        // The library has left.
        _ = pass_questions(from_library, to_server, phase) => Ok(()),
        ended = pass_answers(from_server, to_library, answers, phase) => ended,
    }
}

async fn pass_questions(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    phase: &Phase,
) -> Result<()> {
    loop {
        let mut packet = Packet::read(&mut from, MOST_BYTES).await?;
        packet.sequence = packet.sequence.wrapping_add(phase.ahead());
        packet.write(&mut to).await?;
    }
}

async fn pass_answers(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut answers: Answers,
    phase: &Phase,
) -> Result<()> {
    loop {
        let most = if answers.are_a_login() {
            MOST_OF_A_LOGIN
        } else {
            MOST_BYTES
        };
        let mut packet = Packet::read(&mut from, most).await?;
        packet.sequence = packet.sequence.wrapping_sub(phase.ahead());
        answers.hear(&packet.payload)?;
        phase
            .is_login
            .store(answers.are_a_login(), Ordering::SeqCst);
        packet.write(&mut to).await?;
    }
}

/// What is sent behind a length and a number.
struct Packet {
    sequence: u8,
    payload: Zeroizing<Vec<u8>>,
}

impl Packet {
    /// SECURITY: takes no memory for more than may be heard.
    async fn read(from: &mut (impl AsyncRead + Unpin), most: usize) -> Result<Self> {
        let [low, middle, high, sequence] = {
            let mut header = [0; 4];
            from.read_exact(&mut header).await?;
            header
        };
        let length = usize::from(low) | usize::from(middle) << 8 | usize::from(high) << 16;
        if length > most {
            return Err(Error::other(TOO_MUCH));
        }
        let mut payload = Zeroizing::new(vec![0; length]);
        from.read_exact(&mut payload).await?;
        Ok(Self { sequence, payload })
    }

    async fn write(&self, to: &mut (impl AsyncWrite + Unpin)) -> Result<()> {
        let length = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        let [low, middle, high, _] = length.to_le_bytes();
        // At once, since the other side may wait for the second part of what came in two.
        let mut whole = Zeroizing::new(Vec::with_capacity(self.payload.len().saturating_add(4)));
        whole.extend_from_slice(&[low, middle, high, self.sequence]);
        whole.extend_from_slice(&self.payload);
        to.write_all(&whole).await?;
        to.flush().await
    }

    fn is_refusal(&self) -> bool {
        self.payload.first() == Some(&0xff)
    }

    /// Of a greeting. The flags stand behind protocol, version, connection and half of the challenge.
    fn offers_tls(&self) -> bool {
        let version = self.payload.get(1..).unwrap_or_default();
        let end = version.iter().position(|byte| *byte == 0);
        let flags = end.and_then(|end| version.get(end.saturating_add(1 + 4 + 8 + 1 + 1)));
        flags.is_some_and(|flags| flags & CLIENT_SSL != 0)
    }

    /// Of the answer to a greeting: what asks for TLS before it, which is how it begins.
    fn ask_for_tls(&mut self) -> Result<Self> {
        if let Some(flags) = self.payload.get_mut(1) {
            *flags |= CLIENT_SSL;
        }
        let beginning = self.payload.get(..32).ok_or(Error::other(TOO_SHORT))?;
        Ok(Self {
            sequence: self.sequence,
            payload: Zeroizing::new(beginning.to_vec()),
        })
    }
}

/// In the second byte of the flags.
const CLIENT_SSL: u8 = 0x08;
const TOO_SHORT: &str = "the answer to the greeting is too short";

#[cfg(test)]
mod tests {
    use super::*;

    fn offers_tls(payload: &[u8]) -> bool {
        let payload = Zeroizing::new(payload.to_vec());
        let sequence = 0;
        Packet { sequence, payload }.offers_tls()
    }

    #[test]
    fn whether_tls_is_offered_stands_behind_the_version() {
        let greeting =
            |flags: u8| [b"\x0a8.0\0\x01\0\0\0abcdefgh\0\x08".as_slice(), &[flags]].concat();

        assert!(offers_tls(&greeting(0x8a)));
        assert!(!offers_tls(&greeting(0x82)));
        for cut in 0..greeting(0xff).len() - 1 {
            assert!(!offers_tls(&greeting(0xff)[..cut]));
        }
    }
}
