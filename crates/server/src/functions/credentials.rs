//! Access keys for servers elsewhere, in files as the AWS CLI has them.

use crate::files::{self, FileError};
use base::Plaintext;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// An access key.
///
/// INVARIANT: no `Debug` and no `Clone`.
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) secret: Plaintext,
    /// Of a temporary key.
    pub(crate) session_token: Option<Plaintext>,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CredentialsError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("`{}` has no access key under `[{profile}]`", .path.display())]
    Missing { path: PathBuf, profile: String },
}

/// Reads the access key of `profile`.
///
/// SECURITY: a file that others may read is refused.
pub(crate) fn read(path: &Path, profile: &str) -> Result<AccessKey, CredentialsError> {
    files::refuse_exposed(path)?;
    let mut text = Zeroizing::new(Vec::with_capacity(MOST_BYTES));
    let file = File::open(path).map_err(FileError::io("read", path))?;
    file.take(MOST_BYTES as u64)
        .read_to_end(&mut text)
        .map_err(FileError::io("read", path))?;
    let missing = || CredentialsError::Missing {
        path: path.to_owned(),
        profile: profile.to_owned(),
    };
    let text = std::str::from_utf8(&text).map_err(|_| missing())?;
    parse(text, profile).ok_or_else(missing)
}

fn parse(text: &str, profile: &str) -> Option<AccessKey> {
    let header = format!("[{profile}]");
    let own = text
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != header)
        .skip(1)
        .take_while(|line| !line.starts_with('['));
    let value = |name: &str| {
        let of_name = |line: &'_ str| {
            let (key, value) = line.split_once('=')?;
            let (key, value) = (key.trim(), value.trim());
            (key == name && !value.is_empty()).then(|| value.to_owned())
        };
        own.clone().find_map(of_name)
    };
    Some(AccessKey {
        id: value("aws_access_key_id")?,
        secret: value("aws_secret_access_key")?.into(),
        session_token: value("aws_session_token").map(Plaintext::from),
    })
}

/// More is no file of credentials.
const MOST_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
        # ours\n[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n\n\
        [default]\n aws_access_key_id=AKIA1\naws_secret_access_key = a=b/+ \n\n\
        [temporary]\naws_access_key_id = ASIA1\naws_secret_access_key = c\naws_session_token = t\n\
        [half]\naws_access_key_id = AKIA2\naws_secret_access_key =\n";

    fn written(mode: u32) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        files::write(&path, mode, FILE.as_bytes()).unwrap();
        (dir, path)
    }

    #[test]
    fn a_profile_has_its_own_key() {
        let (_dir, path) = written(0o600);

        let key = read(&path, "default").ok().unwrap();
        let temporary = read(&path, "temporary").ok().unwrap();

        assert_eq!(
            (key.id.as_str(), key.secret.expose()),
            ("AKIA1", b"a=b/+".as_slice())
        );
        assert!(key.session_token.is_none());
        assert_eq!(temporary.session_token.unwrap().expose(), b"t");
    }

    #[test]
    fn what_is_no_whole_key_is_missing() {
        let (_dir, path) = written(0o600);

        for profile in ["half", "unknown", ""] {
            assert_eq!(
                read(&path, profile).err().unwrap().to_string(),
                format!("`{}` has no access key under `[{profile}]`", path.display())
            );
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let (_dir, path) = written(0o644);

        let refused = read(&path, "default").err().unwrap();

        assert!(matches!(
            refused,
            CredentialsError::File(FileError::Exposed { .. })
        ));
    }
}
