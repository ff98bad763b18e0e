use std::fs::Permissions;
use std::io::Result;
use std::os::unix::fs::PermissionsExt as _;
use tempfile::TempDir;

/// A folder for a socket that a driver's library is to connect to. It goes when this is dropped.
///
/// SECURITY: nobody else connects to a socket in it, whatever the process's mask.
///
/// # Errors
/// When it cannot be made.
pub fn private_folder() -> Result<TempDir> {
    let mine = Permissions::from_mode(0o700);
    tempfile::Builder::new().permissions(mine).tempdir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_for_a_socket_is_nobody_elses() {
        let folder = private_folder().unwrap();

        let mode = folder.path().metadata().unwrap().permissions().mode();

        assert_eq!(mode & 0o777, 0o700);
    }
}
