//! What stands between the driver and a server: TLS, and limits on what the server may say.
//!
//! Rules kept here: the library opens its connections itself, takes messages of the length that the
//! server tells it to take, and their memory before they come; so it is given connections to this
//! process, and each message is looked at before it is passed on. So is how often the library is to hash
//! a password, which it does without a pause. They lead through a socket in a
//! folder of the process's own; the connection to the server is encrypted here.

use parking_lot::Mutex;
use rotators::{
    Budget, DatabaseError, Dial, Encryption, Login, MOST_BYTES, Metered, TOO_MUCH, Tls,
    private_folder,
};
use std::io::{Error, Result};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy, split};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::task::JoinSet;

/// A guarded way to one server, for all connections of a session. Dropping it cuts them.
pub(crate) struct Guard {
    socket: PathBuf,
    failure: Failure,
    /// One task, which ends with this.
    _work: JoinSet<()>,
}

/// Why the last connection was cut.
type Failure = Arc<Mutex<Option<DatabaseError>>>;

/// A connection to the server.
type Server = Box<dyn Duplex>;

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

impl Guard {
    /// Connects to the server, and waits for the library.
    pub(crate) async fn start(
        dial: &Dial,
        login: &Login<'_>,
    ) -> std::result::Result<Self, DatabaseError> {
        let place = Place {
            dial: dial.clone(),
            host: login.host.to_owned(),
            port: login.port,
            tls: login.tls,
            budget: Budget::default(),
        };
        // The library says little of why it could not connect.
        let first = place.reach().await?;
        let folder = private_folder().map_err(|error| DatabaseError::unreachable(&error))?;
        let socket = folder.path().join("socket");
        let listener =
            UnixListener::bind(&socket).map_err(|error| DatabaseError::unreachable(&error))?;
        let failure = Failure::default();
        let mut work = JoinSet::new();
        work.spawn(serve(listener, folder, place, first, Arc::clone(&failure)));
        Ok(Self {
            socket,
            failure,
            _work: work,
        })
    }

    /// Where the library connects.
    pub(crate) fn socket(&self) -> PathBuf {
        self.socket.clone()
    }

    /// Why a connection was cut, if one was.
    pub(crate) fn reason(&self) -> Option<DatabaseError> {
        self.failure.lock().take()
    }
}

#[derive(Clone)]
struct Place {
    dial: Dial,
    host: String,
    port: u16,
    tls: Tls,
    budget: Budget,
}

impl Place {
    async fn reach(&self) -> std::result::Result<Server, DatabaseError> {
        let reached = async {
            let server = TcpStream::connect((self.host.as_str(), self.port))
                .await
                .map_err(|error| DatabaseError::unreachable(&error))?;
            server
                .set_nodelay(true)
                .map_err(|error| DatabaseError::unreachable(&error))?;
            let server = Metered::within(server, self.budget.clone());
            let server: Server = match self.tls {
                Tls::Plain => Box::new(server),
                Tls::Verified => {
                    let encryption = Encryption::to(&self.dial, &self.host)?;
                    Box::new(encryption.over(server).await?)
                }
            };
            Ok(server)
        };
        self.dial.connecting(reached).await
    }
}

/// Takes the library's connections. With it their passing ends.
async fn serve(
    listener: UnixListener,
    folder: TempDir,
    place: Place,
    first: Server,
    failure: Failure,
) {
    let mut passing = JoinSet::new();
    let mut first = Some(first);
    while let Ok((library, _)) = listener.accept().await {
        while passing.try_join_next().is_some() {}
        let (place, ready, failure) = (place.clone(), first.take(), Arc::clone(&failure));
        passing.spawn(async move {
            if let Err(reason) = serve_one(library, ready, &place).await {
                *failure.lock() = Some(reason);
            }
        });
    }
    drop(folder);
}

async fn serve_one(
    library: UnixStream,
    ready: Option<Server>,
    place: &Place,
) -> std::result::Result<(), DatabaseError> {
    let server = match ready {
        Some(server) => server,
        None => place.reach().await?,
    };
    pass(library, server)
        .await
        .map_err(|error| DatabaseError::unreachable(&error))
}

/// Passes messages both ways until one side ends.
async fn pass(library: UnixStream, server: Server) -> Result<()> {
    let (mut from_library, mut to_library) = split(library);
    let (mut from_server, mut to_server) = split(server);
    tokio::select! {
        // The library has left.
        _ = copy(&mut from_library, &mut to_server) => Ok(()),
        ended = pass_messages(&mut from_server, &mut to_library) => ended,
    }
}

/// SECURITY: passes on no announcement of more than a session may hear.
async fn pass_messages(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
) -> Result<()> {
    loop {
        let length = from.read_i32_le().await?;
        let rest = usize::try_from(length)
            .ok()
            .and_then(|one| one.checked_sub(4));
        let Some(rest) = rest.filter(|rest| *rest <= MOST_BYTES) else {
            return Err(Error::other(TOO_MUCH));
        };
        let mut message = length.to_le_bytes().to_vec();
        message.resize(rest.saturating_add(4), 0);
        from.read_exact(message.get_mut(4..).unwrap_or_default())
            .await?;
        if wants_too_many_rounds(&message) {
            return Err(Error::other(TOO_MANY_ROUNDS));
        }
        to.write_all(&message).await?;
        to.flush().await?;
    }
}

/// SECURITY: whether a part of SCRAM, `…,i=4096`, has a number of seven digits. The library takes one
/// behind a plus as well.
fn wants_too_many_rounds(message: &[u8]) -> bool {
    message.windows(3).enumerate().any(|(at, part)| {
        let behind = message.get(at.saturating_add(3)..).unwrap_or_default();
        let number = behind.strip_prefix(b"+").unwrap_or(behind);
        part == b",i=" && number.iter().take_while(|one| one.is_ascii_digit()).count() >= 7
    })
}

const TOO_MANY_ROUNDS: &str = "it wants the password to be hashed a million times";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_rounds_are_too_many() {
        for few in [
            "",
            "r=x,s=y,i=15000",
            "r=x,s=y,i=999999,m=1234567",
            ",i=99999",
            ",i=+999999",
            ",i=++1000000",
        ] {
            assert!(!wants_too_many_rounds(few.as_bytes()), "{few}");
        }
        for many in [
            "r=x,s=y,i=1000000",
            "r=x,i=4294967295,",
            "r=x,i=00000001",
            ",i=+1000000",
        ] {
            assert!(wants_too_many_rounds(many.as_bytes()), "{many}");
        }
    }
}
