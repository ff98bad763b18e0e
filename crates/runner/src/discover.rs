//! Which programs of this host run functions.

use crate::process::Process;
use crate::runtime::{Found, Runtime};
use crate::settings::User;
use serde::Deserialize;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe::Receiver;
use tokio::time::timeout;

/// Looks for interpreters in `directories` and asks each, as the functions' user, what it is. The
/// first of each version counts; the newest comes first.
pub(crate) async fn discover(directories: &[PathBuf], user: Option<User>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut seen = HashSet::new();
    for directory in directories {
        for (program, script) in candidates(directory) {
            // `python3` is a link to `python3.11`, but the one in a virtual environment is not.
            let target = fs::canonicalize(&program).unwrap_or_else(|_| program.clone());
            if !seen.insert((directory.clone(), target)) {
                continue;
            }
            let Some(one) = ask(&program, script, user).await else {
                continue;
            };
            if found.iter().all(|other| other.runtime != one.runtime) {
                found.push(one);
            }
        }
    }
    found
}

/// The program for `wanted`: of exactly this version, or the next newer one.
pub(crate) fn choose(found: &[Found], wanted: Runtime) -> Option<&Found> {
    let version = |found: &&Found| match found.runtime {
        Runtime::Python(version) | Runtime::NodeJs(version) => version,
        Runtime::Provided(_) => 0,
    };
    found
        .iter()
        .filter(|found| found.runtime.serves(wanted))
        .min_by_key(version)
}

fn candidates(directory: &Path) -> Vec<(PathBuf, [&'static str; 2])> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
        .into_iter()
        .filter_map(|name| {
            let script = if is_python(&name) {
                ASK_PYTHON
            } else if name == "node" || name == "nodejs" {
                ASK_NODE
            } else {
                return None;
            };
            Some((directory.join(name), script))
        })
        .collect()
}

fn is_python(name: &str) -> bool {
    match name.strip_prefix("python3") {
        Some("") => true,
        Some(rest) => rest
            .strip_prefix('.')
            .is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit())),
        None => false,
    }
}

/// What an interpreter says of itself.
#[derive(Deserialize)]
struct Answer {
    runtime: String,
    directories: Vec<PathBuf>,
    aws_client: Option<PathBuf>,
    #[serde(default)]
    boto3: bool,
}

async fn ask(program: &Path, [option, script]: [&str; 2], user: Option<User>) -> Option<Found> {
    let answered = timeout(MOST_ASKING, run(program, [option, script], user)).await;
    let answer = match answered {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            tracing::debug!(%error, program = %program.display(), "this interpreter does not run");
            return None;
        }
        Err(_) => return None,
    };
    let answer: Answer = serde_json::from_slice(&answer).ok()?;
    // SECURITY: an interpreter in an odd place must not open the whole of that place to functions.
    let directories = answer.directories.into_iter();
    let directories = directories.filter(|path| path.components().count() > 2 && path.exists());
    Some(Found {
        runtime: Runtime::parse(&answer.runtime)?,
        program: program.to_owned(),
        directories: directories.collect(),
        aws_client: answer.aws_client,
        boto3: answer.boto3,
    })
}

async fn run(program: &Path, arguments: [&str; 2], user: Option<User>) -> io::Result<Vec<u8>> {
    let (output, writer) = io::pipe()?;
    let process = {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", "/nonexistent")
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(Stdio::null())
            .process_group(0);
        if let Some(User { uid, gid }) = user {
            command.uid(uid).gid(gid);
        }
        Process::spawn(&mut command)?
    };
    let output = Receiver::from_owned_fd(OwnedFd::from(output))?;
    let mut answer = Vec::new();
    output.take(MOST_ANSWER).read_to_end(&mut answer).await?;
    process.end().await?;
    Ok(answer)
}

const MOST_ASKING: Duration = Duration::from_secs(20);
const MOST_ANSWER: u64 = 64 << 10;

const ASK_PYTHON: [&str; 2] = ["-c", include_str!("clients/ask.py")];
const ASK_NODE: [&str; 2] = ["-e", include_str!("clients/ask.js")];

#[cfg(test)]
mod tests {
    use super::*;

    fn python(minor: u32) -> Found {
        Found {
            runtime: Runtime::Python(minor),
            program: PathBuf::from(format!("/usr/bin/python3.{minor}")),
            directories: Vec::new(),
            aws_client: None,
            boto3: false,
        }
    }

    #[test]
    fn the_version_asked_for_is_chosen_or_else_the_next() {
        let found = [python(13), python(11), python(12)];

        let chosen = |minor| choose(&found, Runtime::Python(minor)).map(|found| found.runtime);

        assert_eq!(chosen(12), Some(Runtime::Python(12)));
        assert_eq!(chosen(9), Some(Runtime::Python(11)));
        assert_eq!(chosen(14), None);
        assert_eq!(choose(&found, Runtime::NodeJs(20)), None);
    }

    #[test]
    fn names_of_interpreters_are_known() {
        for name in ["python3", "python3.11"] {
            assert!(is_python(name), "{name}");
        }
        for name in [
            "python",
            "python2",
            "python3-config",
            "python3.",
            "python3.1a",
        ] {
            assert!(!is_python(name), "{name}");
        }
    }

    #[tokio::test]
    async fn what_is_no_interpreter_is_not_found() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("python3"), "no program").unwrap();

        assert_eq!(discover(&[directory.path().to_owned()], None).await, []);
    }
}
