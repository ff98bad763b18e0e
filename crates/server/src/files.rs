//! Files that only we may read, written so that a crash leaves the old or the new one whole.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

/// A file or directory could not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// The system refused.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Others can read a private key.
    #[error("others may read the key `{0}`: run `chmod 600 {0}`, and replace it if they did", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// A directory, a pipe, a device.
    #[error("`{}` is not a file", path.display())]
    NotAFile {
        /// What is there.
        path: PathBuf,
    },
    /// More than is taken.
    #[error("`{}` is larger than {most} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How much is taken.
        most: usize,
    },
    /// Others could replace what we keep in it.
    #[error(
        "others own `{0}` or may write to it: run `chmod 700 {0}`, as the user that the server runs as",
        path.display()
    )]
    Shared {
        /// The directory.
        path: PathBuf,
    },
}

impl FileError {
    /// A refusal of the system, for use with `map_err`.
    pub(crate) fn io<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// Makes `path` and what is missing above it, mode 0700.
///
/// SECURITY: a directory that was there already is used only when nobody else may write to it,
/// since who may write to it may put another file in the place of one of ours.
pub(crate) fn private_dir(path: &Path) -> Result<(), FileError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(FileError::io("create the directory", path))?;
    let metadata = fs::metadata(path).map_err(FileError::io("read", path))?;
    let own = rustix::process::geteuid().as_raw();
    if metadata.mode() & 0o022 != 0 || !is_trusted(metadata.uid(), own) {
        return Err(FileError::Shared {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// Whether what the user `owner` may change can be relied upon by a process of the user `own`.
fn is_trusted(owner: u32, own: u32) -> bool {
    owner == own || owner == 0
}

/// Refuses a private key that others may read, as it was if it was made by us.
pub(crate) fn refuse_exposed(path: &Path) -> Result<(), FileError> {
    let metadata = fs::metadata(path).map_err(FileError::io("read", path))?;
    if metadata.mode() & 0o077 != 0 {
        return Err(FileError::Exposed {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// Puts `content` in the place of the file at `path`, with permission bits `mode`.
///
/// INVARIANT: after a crash the file holds all of the old content or all of the new, and once this
/// has returned the new content survives a loss of power.
pub(crate) fn write(path: &Path, mode: u32, content: &[u8]) -> Result<(), FileError> {
    let staged = staged_beside(path);
    remove_if_there(&staged)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&staged)
        .map_err(FileError::io("create", &staged))?;
    file.write_all(content)
        .and_then(|()| file.set_permissions(fs::Permissions::from_mode(mode)))
        .and_then(|()| file.sync_all())
        .map_err(FileError::io("write", &staged))?;
    rename(&staged, path)
}

/// Renames `from` to `to` in the same directory, durably.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), FileError> {
    fs::rename(from, to).map_err(FileError::io("put in place", to))?;
    sync_parent(to)
}

/// Removes the file at `path`. Not an error when there is none.
pub(crate) fn remove_if_there(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FileError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// The file's content, or `None` when there is no such file.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::io("read", path)(error)),
    }
}

/// What is at `path`, if it is a file of at most `most` bytes.
pub(crate) fn read_bounded(path: &Path, most: usize) -> Result<Vec<u8>, FileError> {
    let metadata = fs::metadata(path).map_err(FileError::io("read", path))?;
    // Opening a pipe would wait for somebody to write.
    if !metadata.is_file() {
        return Err(FileError::NotAFile {
            path: path.to_owned(),
        });
    }
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    // SECURITY: room for all of it at once, so that growth leaves no secret behind in memory.
    let room = metadata.len().min(limit).saturating_add(1);
    let mut content = Vec::with_capacity(usize::try_from(room).unwrap_or_default());
    let file = File::open(path).map_err(FileError::io("read", path))?;
    file.take(limit)
        .read_to_end(&mut content)
        .map_err(FileError::io("read", path))?;
    if content.len() > most {
        return Err(FileError::TooLarge {
            path: path.to_owned(),
            most,
        });
    }
    Ok(content)
}

/// Whether there is something at `path`. A directory that may not be read is an error, not a no.
pub(crate) fn is_there(path: &Path) -> Result<bool, FileError> {
    path.try_exists().map_err(FileError::io("look for", path))
}

/// Makes the names in the directory that holds `path` survive a loss of power.
pub(crate) fn sync_parent(path: &Path) -> Result<(), FileError> {
    let parent = path.parent().unwrap_or(Path::new("."));
    File::open(parent)
        .and_then(|directory| directory.sync_all())
        .map_err(FileError::io("write", parent))
}

fn staged_beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn a_written_file_has_the_mode_and_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");

        write(&path, 0o600, b"first").unwrap();
        write(&path, 0o600, b"second").unwrap();

        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(mode_of(&path), 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_crash_left_beside_a_file_is_no_obstacle() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        fs::write(staged_beside(&path), b"half").unwrap();

        write(&path, 0o644, b"whole").unwrap();

        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(mode_of(&path), 0o644);
        assert!(!staged_beside(&path).exists());
    }

    #[test]
    fn a_new_directory_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");

        private_dir(&path).unwrap();

        assert_eq!(mode_of(&path), 0o700);
    }

    #[test]
    fn a_directory_that_others_write_to_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("shared");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();

        let refused = private_dir(&path).unwrap_err();

        assert_eq!(
            refused.to_string(),
            format!(
                "others own `{0}` or may write to it: run `chmod 700 {0}`, as the user that the server runs as",
                path.display()
            )
        );
    }

    #[test]
    fn a_missing_file_reads_as_none_and_removes_as_done() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("missing");

        assert_eq!(read_if_there(&path).unwrap(), None);
        assert!(!is_there(&path).unwrap());
        remove_if_there(&path).unwrap();
    }

    #[test]
    fn a_file_of_a_fair_size_is_read_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("four");
        fs::write(&path, b"four").unwrap();

        let read = read_bounded(&path, 4).unwrap();
        let too_large = read_bounded(&path, 3).unwrap_err();
        let endless = read_bounded(Path::new("/dev/zero"), 3).unwrap_err();

        assert_eq!(read, b"four");
        assert_eq!(
            too_large.to_string(),
            format!("`{}` is larger than 3 bytes", path.display())
        );
        assert_eq!(endless.to_string(), "`/dev/zero` is not a file");
    }

    #[test]
    fn an_error_names_the_file() {
        let refused = read_if_there(Path::new("/proc/self/mem/x")).unwrap_err();

        assert_eq!(refused.to_string(), "cannot read `/proc/self/mem/x`");
    }

    #[test]
    fn a_directory_of_somebody_else_is_not_relied_upon() {
        for (owner, own, trusted) in [(7, 7, true), (0, 7, true), (8, 7, false), (8, 0, false)] {
            assert_eq!(is_trusted(owner, own), trusted, "{owner} {own}");
        }
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");

        write(&path, 0o600, b"key").unwrap();
        refuse_exposed(&path).unwrap();
        write(&path, 0o640, b"key").unwrap();

        assert!(matches!(
            refuse_exposed(&path),
            Err(FileError::Exposed { .. })
        ));
    }
}
