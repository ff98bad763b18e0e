//! The languages that functions ask for.

use std::fmt;
use std::path::PathBuf;

/// What a function is written for, as in Lambda's `Runtime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// `python3.12`: the minor version.
    Python(u32),
    /// `nodejs22.x`: the major version.
    NodeJs(u32),
    /// `provided`, `provided.al2`, `provided.al2023`: the zip brings the program `bootstrap`.
    Provided(&'static str),
}

impl Runtime {
    /// Reads Lambda's name of a runtime. `None` for one that this host could never run.
    pub fn parse(name: &str) -> Option<Self> {
        if let Some(minor) = name.strip_prefix("python3.") {
            return number(minor).map(Self::Python);
        }
        if let Some(version) = name.strip_prefix("nodejs") {
            return number(version.strip_suffix(".x")?).map(Self::NodeJs);
        }
        PROVIDED
            .into_iter()
            .find(|provided| *provided == name)
            .map(Self::Provided)
    }

    /// Lambda's name of it.
    pub fn name(self) -> String {
        match self {
            Self::Python(minor) => format!("python3.{minor}"),
            Self::NodeJs(major) => format!("nodejs{major}.x"),
            Self::Provided(name) => String::from(name),
        }
    }

    /// Whether a program for `self` runs functions that ask for `wanted`, which newer ones of the
    /// same language do.
    pub(crate) fn serves(self, wanted: Self) -> bool {
        match (self, wanted) {
            (Self::Python(has), Self::Python(asks)) | (Self::NodeJs(has), Self::NodeJs(asks)) => {
                has >= asks
            }
            _ => false,
        }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// A program of this host that runs functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub runtime: Runtime,
    /// Where it is.
    pub program: PathBuf,
    /// Directories that belong to it, which functions may read.
    pub directories: Vec<PathBuf>,
    /// Where AWS's own runtime client for it is, if it is installed: a module of Python or a
    /// script of Node.
    pub aws_client: Option<PathBuf>,
    /// Whether AWS's SDK for Python, `boto3`, is installed.
    pub boto3: bool,
}

/// At most three digits, so that it always fits.
fn number(text: &str) -> Option<u32> {
    let canonical = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if canonical && text.len() <= 3 {
        text.parse().ok()
    } else {
        None
    }
}

const PROVIDED: [&str; 3] = ["provided", "provided.al2", "provided.al2023"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambdas_names_are_read_and_written_back() {
        for name in [
            "python3.9",
            "python3.13",
            "nodejs20.x",
            "provided",
            "provided.al2023",
        ] {
            assert_eq!(Runtime::parse(name).unwrap().to_string(), name);
        }
    }

    #[test]
    fn other_names_are_no_runtime() {
        for name in [
            "",
            "python2.7",
            "python3",
            "python3.",
            "python3.09",
            "python3.1234",
            "python3.x",
            "nodejs",
            "nodejs20",
            "nodejs.x",
            "nodejs-1.x",
            "java21",
            "provided.al3",
        ] {
            assert_eq!(Runtime::parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_newer_program_of_the_same_language_serves() {
        assert!(Runtime::Python(11).serves(Runtime::Python(9)));
        assert!(!Runtime::Python(11).serves(Runtime::Python(12)));
        assert!(Runtime::NodeJs(20).serves(Runtime::NodeJs(20)));
        assert!(!Runtime::NodeJs(20).serves(Runtime::Python(9)));
        assert!(!Runtime::Provided("provided").serves(Runtime::Provided("provided")));
    }
}
