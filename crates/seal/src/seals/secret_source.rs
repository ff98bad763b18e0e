use crate::SealFailure;
use base::Plaintext;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Where a passphrase or a PIN comes from.
#[derive(Clone)]
pub enum SecretSource {
    /// The terminal of the process, without showing what is typed.
    Terminal,
    /// An open file descriptor, up to its end. Read once.
    Descriptor(u32),
    /// A file that only its owner may read.
    File(PathBuf),
    /// Known already.
    Given(Arc<Plaintext>),
}

/// What is asked for.
pub struct Ask {
    prompt: &'static str,
    again: Option<&'static str>,
}

impl Ask {
    /// A passphrase that is to be set, asked twice of a person.
    pub fn new_passphrase() -> Self {
        Self {
            prompt: "New passphrase of the seal: ",
            again: Some("The same passphrase again: "),
        }
    }

    /// The passphrase that was set.
    pub fn passphrase() -> Self {
        Self {
            prompt: "Passphrase of the seal: ",
            again: None,
        }
    }

    /// A token's PIN.
    pub fn pin() -> Self {
        Self {
            prompt: "PIN of the token: ",
            again: None,
        }
    }

    /// One share.
    pub fn share() -> Self {
        Self {
            prompt: "Share: ",
            again: None,
        }
    }
}

impl SecretSource {
    /// Reads it, without the line end that it may have.
    pub fn read(&self, ask: &Ask) -> Result<Plaintext, SealFailure> {
        let unread = |source| SealFailure::NoPassphrase {
            source_name: self.name(),
            source,
        };
        let mut secret = match self {
            Self::Terminal => return ask_twice(Path::new(TERMINAL), ask, unread),
            Self::Descriptor(number) => File::open(format!("/dev/fd/{number}")).and_then(read_all),
            Self::File(path) => open_private(path).and_then(read_all),
            Self::Given(secret) => Ok(Zeroizing::new(secret.expose().to_vec())),
        }
        .map_err(unread)?;
        strip_line_end(&mut secret);
        if secret.is_empty() {
            return Err(unread(io::Error::other("it is empty")));
        }
        Ok(Plaintext::new(std::mem::take(&mut *secret)))
    }

    fn name(&self) -> String {
        match self {
            Self::Terminal => String::from("the terminal"),
            Self::Descriptor(number) => format!("the file descriptor {number}"),
            Self::File(path) => format!("`{}`", path.display()),
            Self::Given(_) => String::from("what was given"),
        }
    }
}

fn ask_twice(
    terminal: &Path,
    ask: &Ask,
    unread: impl Fn(io::Error) -> SealFailure,
) -> Result<Plaintext, SealFailure> {
    let first = ask_on(terminal, ask.prompt).map_err(&unread)?;
    if let Some(again) = ask.again {
        let second = ask_on(terminal, again).map_err(&unread)?;
        if *first != *second {
            return Err(SealFailure::PassphrasesDiffer);
        }
    }
    let mut first = first;
    Ok(Plaintext::new(std::mem::take(&mut *first)))
}

fn ask_on(terminal: &Path, prompt: &str) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut tty = OpenOptions::new().read(true).write(true).open(terminal)?;
    let quiet = Quiet::make(tty.try_clone()?)?;
    tty.write_all(prompt.as_bytes())?;
    // As large as a line can be, so that no copy is left where the buffer was before.
    let mut line = Zeroizing::new(Vec::with_capacity(MOST_BYTES));
    let mut reader = BufReader::with_capacity(1, (&tty).take(MOST_BYTES as u64));
    reader.read_until(b'\n', &mut line)?;
    drop(quiet);
    tty.write_all(b"\n")?;
    if line.contains(&INTERRUPT) {
        return Err(io::ErrorKind::Interrupted.into());
    }
    strip_line_end(&mut line);
    if line.is_empty() {
        return Err(io::Error::other("nothing was typed"));
    }
    Ok(line)
}

/// A terminal that shows nothing of what is typed and sends no signals, until dropped. Without
/// signals, Ctrl-C cannot end the process and leave the terminal mute.
struct Quiet {
    tty: File,
    before: Termios,
}

impl Quiet {
    fn make(tty: File) -> io::Result<Self> {
        let before = tcgetattr(&tty)?;
        let mut quiet = before.clone();
        quiet.local_modes -= LocalModes::ECHO | LocalModes::ISIG;
        tcsetattr(&tty, OptionalActions::Flush, &quiet)?;
        Ok(Self { tty, before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.tty, OptionalActions::Now, &self.before);
    }
}

fn open_private(path: &Path) -> io::Result<File> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let file = File::open(path)?;
    if file.metadata()?.mode() & 0o077 != 0 {
        return Err(io::Error::other(
            "it is open to others; run `chmod 600` on it",
        ));
    }
    Ok(file)
}

fn read_all(from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut content = Zeroizing::new(Vec::with_capacity(MOST_BYTES + 1));
    from.take(MOST_BYTES as u64 + 1).read_to_end(&mut content)?;
    if content.len() > MOST_BYTES {
        return Err(io::Error::other("it is too long"));
    }
    Ok(content)
}

fn strip_line_end(line: &mut Vec<u8>) {
    for end in *b"\n\r" {
        if line.last() == Some(&end) {
            line.pop();
        }
    }
}

const TERMINAL: &str = "/dev/tty";
const INTERRUPT: u8 = 3;
const MOST_BYTES: usize = 4096;

#[cfg(test)]
mod tests;
