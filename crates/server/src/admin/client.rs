//! The operator's end of the admin socket.

use super::protocol::Command;
use crate::boot::Layout;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// Why a command has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AdminError {
    /// Nobody listens.
    #[error("no strongroom server is running on `{}`", .0.display())]
    NoServer(PathBuf),
    /// The socket is somebody else's.
    #[error("only root and the user that the server runs as may give commands to it")]
    NotAllowed,
    /// The conversation broke off.
    #[error("cannot talk to the server")]
    Broken(#[source] io::Error),
    /// What came back is no answer.
    #[error("the server's answer cannot be understood; is it of another version?")]
    NoAnswer,
    /// The server refused.
    #[error("{0}")]
    Refused(String),
}

/// Sends `command` to the server on `data_dir`, and gives the result as JSON. It may hold a secret.
pub(crate) fn call(data_dir: &Path, command: &Command) -> Result<Zeroizing<String>, AdminError> {
    let path = Layout::of(data_dir).admin_socket();
    let stream = UnixStream::connect(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            AdminError::NoServer(data_dir.to_owned())
        }
        io::ErrorKind::PermissionDenied => AdminError::NotAllowed,
        _ => AdminError::Broken(error),
    })?;
    let line = exchange(stream, command).map_err(AdminError::Broken)?;
    result(&line)
}

fn exchange(mut stream: UnixStream, command: &Command) -> io::Result<Zeroizing<String>> {
    stream.set_read_timeout(Some(ANSWER_TIME))?;
    stream.set_write_timeout(Some(ANSWER_TIME))?;
    let mut request = Zeroizing::new(Vec::with_capacity(FIRST_ROOM));
    serde_json::to_writer(&mut *request, command)?;
    request.push(b'\n');
    stream.write_all(&request)?;
    let mut line = Zeroizing::new(String::with_capacity(FIRST_ROOM));
    stream.take(MOST_ANSWER_BYTES).read_to_string(&mut line)?;
    Ok(line)
}

/// What stands in an answer line.
pub(super) fn result(line: &str) -> Result<Zeroizing<String>, AdminError> {
    let answer: Answer<'_> = serde_json::from_str(line).map_err(|_| AdminError::NoAnswer)?;
    match (answer.ok, answer.error) {
        (Some(result), None) => Ok(Zeroizing::new(result.get().to_owned())),
        (None, Some(text)) => Err(AdminError::Refused(text.into_owned())),
        _ => Err(AdminError::NoAnswer),
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    ok: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<Cow<'a, str>>,
}

const ANSWER_TIME: Duration = Duration::from_secs(60);
/// More than an answer with a secret needs, so that the buffer does not grow and leave a copy.
const FIRST_ROOM: usize = 16 << 10;
const MOST_ANSWER_BYTES: u64 = 64 << 20;
