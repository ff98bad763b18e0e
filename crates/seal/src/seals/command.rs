use super::Seal;
use super::held::{Held, HeldKey};
use crate::failure::CommandFailure;
use crate::key_bytes::KeyBytes;
use crate::{Envelope, Parameters, RootBundle, SealFailure, SealKind};
use base::{Entropy, Plaintext, SealError};
use data_encoding::BASE64;
use rustix::io::retry_on_intr;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde::{Deserialize, Serialize};
use std::io::{self, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use zeroize::Zeroizing;

/// The root keys under a key that an operator's program prints, or wraps and opens.
///
/// The program is run directly, by its full path, without a shell, and with no environment but a
/// fixed `PATH`. Its standard error is the server's.
///
/// - `print`: it writes a key of 32 bytes in base64, the same one every time.
/// - `wrap`: it reads one JSON object, `{"version":1,"operation":"wrap","plaintext":"…"}` or
///   `{"version":1,"operation":"unwrap","ciphertext":"…"}`, and answers `{"ciphertext":"…"}` or
///   `{"plaintext":"…"}`, all in base64. What it wraps is a key that was drawn for this seal.
pub struct CommandSeal {
    argv: Vec<String>,
    mode: CommandMode,
    timeout: Duration,
    entropy: Arc<dyn Entropy>,
    held: Held,
}

/// What the program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommandMode {
    /// Prints a key.
    Print,
    /// Wraps and opens a key.
    Wrap,
}

#[derive(Serialize)]
#[serde(tag = "operation", rename_all = "lowercase")]
enum Question<'a> {
    Wrap { version: u8, plaintext: &'a str },
    Unwrap { version: u8, ciphertext: &'a str },
}

#[derive(Deserialize)]
struct Wrapped<'a> {
    ciphertext: &'a str,
}

#[derive(Deserialize)]
struct Opened<'a> {
    plaintext: &'a str,
}

impl CommandSeal {
    /// Runs `argv`, a program and its arguments, for at most `timeout`.
    pub fn new(
        argv: Vec<String>,
        mode: CommandMode,
        timeout: Duration,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            argv,
            mode,
            timeout,
            entropy,
            held: Held::default(),
        }
    }

    fn new_key(&self) -> Result<HeldKey, SealFailure> {
        match self.mode {
            CommandMode::Print => Ok(HeldKey {
                key: self.printed()?,
                parameters: Parameters::default().with_text(MODE, PRINT),
            }),
            CommandMode::Wrap => {
                let key = KeyBytes::generate(self.entropy.as_ref())?;
                let wrapped = self.wrapped(&key)?;
                Ok(HeldKey {
                    key,
                    parameters: Parameters::default()
                        .with_text(MODE, WRAP)
                        .with_bytes(WRAPPED_KEY, &wrapped),
                })
            }
        }
    }

    fn key_of(&self, envelope: &Envelope) -> Result<KeyBytes, SealFailure> {
        match (envelope.text(MODE)?, self.mode) {
            (PRINT, CommandMode::Print) => self.printed(),
            (WRAP, CommandMode::Wrap) => self.unwrapped(&envelope.bytes(WRAPPED_KEY)?),
            _ => Err(envelope.malformed(MODE)),
        }
    }

    fn printed(&self) -> Result<KeyBytes, SealFailure> {
        let printed = self.run(Zeroizing::default())?;
        self.key_in(printed.expose().trim_ascii(), A_KEY)
    }

    fn wrapped(&self, key: &KeyBytes) -> Result<Vec<u8>, SealFailure> {
        let plaintext = Zeroizing::new(BASE64.encode(key.expose()));
        let answer = self.ask(&Question::Wrap {
            version: 1,
            plaintext: &plaintext,
        })?;
        let wrapped: Option<Wrapped<'_>> = serde_json::from_slice(answer.expose()).ok();
        let wrapped = wrapped.and_then(|wrapped| BASE64.decode(wrapped.ciphertext.as_bytes()).ok());
        wrapped
            .filter(|wrapped| !wrapped.is_empty())
            .ok_or_else(|| self.failed(CommandFailure::Answer(A_CIPHERTEXT)))
    }

    fn unwrapped(&self, wrapped: &[u8]) -> Result<KeyBytes, SealFailure> {
        let answer = self.ask(&Question::Unwrap {
            version: 1,
            ciphertext: &BASE64.encode(wrapped),
        })?;
        let opened: Opened<'_> = serde_json::from_slice(answer.expose())
            .map_err(|_| self.failed(CommandFailure::Answer(A_PLAINTEXT)))?;
        self.key_in(opened.plaintext.as_bytes(), A_PLAINTEXT)
    }

    fn key_in(&self, base64: &[u8], wanted: &'static str) -> Result<KeyBytes, SealFailure> {
        KeyBytes::from_base64(base64).map_err(|_| self.failed(CommandFailure::Answer(wanted)))
    }

    fn ask(&self, question: &Question<'_>) -> Result<Plaintext, SealFailure> {
        let mut line = Zeroizing::new(Vec::with_capacity(MOST_ANSWER));
        serde_json::to_writer(&mut *line, question).map_err(|_| SealError::Cipher)?;
        line.push(b'\n');
        self.run(line)
    }

    /// Gives `input` to the program and returns what it writes.
    fn run(&self, input: Zeroizing<Vec<u8>>) -> Result<Plaintext, SealFailure> {
        let start = |error| self.failed(CommandFailure::Start(error));
        let mut child = self.start().map_err(start)?;
        let group = Pid::from_child(&child);
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (done, outcome) = mpsc::channel();
        thread::spawn(move || done.send(attend(group, stdin, stdout, &input)));
        let outcome = outcome.recv_timeout(self.timeout);
        // Also what the program may have left behind.
        //
        // INVARIANT: the program is not reaped yet, so its number is nobody else's.
        let _ = kill_process_group(group, Signal::KILL);
        let Ok(output) = outcome else {
            // What hangs in the system may take its time to die.
            thread::spawn(move || child.wait());
            return Err(self.failed(CommandFailure::Slow(self.timeout)));
        };
        let status = child.wait().map_err(start)?;
        let output = output.map_err(start)?;
        if output.len() > MOST_ANSWER {
            return Err(self.failed(CommandFailure::Answer("a short text")));
        }
        if !status.success() {
            return Err(self.failed(CommandFailure::Exit(status.to_string())));
        }
        Ok(output)
    }

    /// Starts the program as the first of a process group of its own.
    fn start(&self) -> io::Result<Child> {
        let (program, arguments) = self.argv.split_first().ok_or(io::ErrorKind::NotFound)?;
        Command::new(program)
            .args(arguments)
            .env_clear()
            .env("PATH", SAFE_PATH)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
    }

    fn failed(&self, failed: CommandFailure) -> SealFailure {
        SealFailure::Command {
            program: self.argv.first().cloned().unwrap_or_default(),
            failed,
        }
    }
}

impl Seal for CommandSeal {
    fn kind(&self) -> SealKind {
        SealKind::Command
    }

    fn wrap(&self, bundle: &RootBundle) -> Result<Envelope, SealFailure> {
        let entropy = self.entropy.as_ref();
        self.held
            .wrap(SealKind::Command, bundle, entropy, || self.new_key())
    }

    fn unwrap(&self, envelope: &Envelope) -> Result<RootBundle, SealFailure> {
        envelope.expect(SealKind::Command)?;
        let make = || self.key_of(envelope);
        self.held.unwrap(envelope, &self.entropy, make)
    }
}

/// Writes, reads and waits until the program `id` has ended, without reaping it. A program need not
/// read what it is given.
fn attend(
    id: Pid,
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    input: &[u8],
) -> io::Result<Plaintext> {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(input);
    }
    let mut output = Zeroizing::new(Vec::with_capacity(MOST_ANSWER + 1));
    if let Some(stdout) = stdout {
        let most = MOST_ANSWER as u64 + 1;
        stdout.take(most).read_to_end(&mut output)?;
    }
    let until_its_end = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    retry_on_intr(|| waitid(WaitId::Pid(id), until_its_end))?;
    Ok(Plaintext::new(std::mem::take(&mut *output)))
}

const MODE: &str = "mode";
const PRINT: &str = "print";
const WRAP: &str = "wrap";
const WRAPPED_KEY: &str = "wrapped_key";
const A_KEY: &str = "a key of 32 bytes in base64";
const A_CIPHERTEXT: &str = "`{\"ciphertext\":\"…\"}` with base64";
const A_PLAINTEXT: &str = "`{\"plaintext\":\"…\"}` with a key of 32 bytes in base64";
const SAFE_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const MOST_ANSWER: usize = 64 << 10;

#[cfg(test)]
mod tests;
