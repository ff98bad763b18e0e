//! Whom functions run as.
//!
//! - SECURITY: a server that is root never runs a function as root, nor in its group.
//! - Of one that is root the operator may name the user; else it is the system user
//!   `strongroom-functions` if there is one, and `nobody` if not.
//! - SECURITY: `nobody` may be the user of other services too, which could then read the credentials of
//!   a function or end it. That is a weakness, and told.

use crate::error::RunError;
use crate::settings::{Settings, User};
use rustix::process::geteuid;
use std::path::Path;

/// Whom functions run as, when it is not the server's own user.
///
/// # Errors
/// For root, for another user than a server's that is not root, and where the users of the system
/// cannot be read.
pub(crate) fn user_for(settings: &Settings) -> Result<Option<User>, RunError> {
    let own = geteuid();
    match settings.user {
        Some(user) if is_of_root(user) => refuse(ROOT),
        Some(user) if own.is_root() => Ok(Some(user)),
        None if own.is_root() => usual(Path::new(USERS)).map(Some),
        Some(user) if user.uid != own.as_raw() => {
            refuse("only root can run functions as another user")
        }
        _ => Ok(None),
    }
}

/// What is weak about the user that functions run as, if anything is.
pub(crate) fn weakness(user: Option<User>) -> Option<String> {
    let own = geteuid().as_raw();
    shared(user.map_or(own, |user| user.uid), user.is_none())
}

fn shared(uid: u32, is_servers: bool) -> Option<String> {
    let what_to_do = match is_servers {
        true => String::from("run the server as a user of its own"),
        false => format!("make a system user `{OWN}`, or name one in `functions.user`"),
    };
    (uid == NOBODY.uid).then(|| {
        format!(
            "functions run as the user `nobody` ({uid}), as other services of this host may, which \
             can read the credentials of a function while it runs, and end it: {what_to_do}"
        )
    })
}

/// The system user for functions, as the file of users `users` has it; `nobody` where it has none.
fn usual(users: &Path) -> Result<User, RunError> {
    let read = std::fs::read_to_string(users);
    let users = match read {
        Ok(users) => users,
        // A container may have no users.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(NOBODY),
        Err(error) => return Err(RunError::system("read the users of the system")(error)),
    };
    let mut lines = users.lines();
    let Some(line) = lines.find(|line| line.split(':').next() == Some(OWN)) else {
        return Ok(NOBODY);
    };
    let mut numbers = line.split(':').skip(2).map(|field| field.parse().ok());
    let numbers = numbers.next().flatten().zip(numbers.next().flatten());
    match numbers.map(|(uid, gid)| User { uid, gid }) {
        Some(user) if is_of_root(user) => refuse(ROOT),
        Some(user) => Ok(user),
        None => refuse("the system user of functions has no numbers"),
    }
}

fn is_of_root(user: User) -> bool {
    user.uid == 0 || user.gid == 0
}

fn refuse<T>(why: &str) -> Result<T, RunError> {
    Err(RunError::Isolation(String::from(why)))
}

/// The user that functions have for themselves where the operator made it.
const OWN: &str = "strongroom-functions";
const USERS: &str = "/etc/passwd";
const ROOT: &str = "functions cannot run as root or in its group";
/// Whom every system has.
pub(crate) const NOBODY: User = User {
    uid: 65_534,
    gid: 65_534,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Launcher;
    use std::path::PathBuf;

    fn of_users(users: &str) -> Result<User, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), users).unwrap();
        usual(file.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn nobody_chooses_root() {
        let launcher = Launcher {
            program: PathBuf::from("/launcher"),
            arguments: Vec::new(),
        };
        let mut settings = Settings::new(PathBuf::from("/scratch"), launcher);
        for (uid, gid) in [(0, 1), (1, 0)] {
            settings.user = Some(User { uid, gid });

            assert!(user_for(&settings).is_err());
        }
    }

    #[test]
    fn the_system_user_for_functions_is_taken_where_there_is_one() {
        let others = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n";
        let own = "strongroom-functions:x:990:991::/nonexistent:/usr/sbin/nologin\n";
        let longer = "strongroom-functions2:x:992:992::/:/bin/false\n";

        let found = of_users(&format!("{others}{longer}{own}"));

        assert_eq!(found, Ok(User { uid: 990, gid: 991 }));
        assert_eq!(of_users(&format!("{others}{longer}")), Ok(NOBODY));
        assert_eq!(of_users(""), Ok(NOBODY));
        let missing = usual(Path::new("/nonexistent/users"));
        assert_eq!(missing.ok(), Some(NOBODY));
    }

    #[test]
    fn a_system_user_that_is_root_or_has_no_numbers_is_refused() {
        for line in [
            "strongroom-functions:x:0:991::/:/bin/false",
            "strongroom-functions:x:990:0::/:/bin/false",
            "strongroom-functions:x:many:991::/:/bin/false",
            "strongroom-functions:x",
        ] {
            assert!(of_users(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_user_that_others_share_is_a_weakness() {
        let of_root = shared(65_534, false).unwrap();
        let of_nobody = shared(65_534, true).unwrap();

        assert!(of_root.contains("`nobody` (65534)") && of_root.contains("`functions.user`"));
        assert!(of_nobody.ends_with("run the server as a user of its own"));
        assert_eq!(shared(990, false), None);
        assert_eq!(shared(990, true), None);
    }
}
