//! A file with passwords, in libpq's form: `host:port:database:user:password`, a line each, `*` for
//! anything, `\:` and `\\` for the characters themselves.

use super::Address;
use super::Endpoint;
use crate::engine::postgres::tls::private_file;
use std::path::Path;

/// The password of the first line that means this login; `None` when none does.
///
/// SECURITY: a file that everybody may read is refused.
pub(in crate::engine::postgres) fn password_for(
    file: &Path,
    endpoint: &Endpoint,
    database: &str,
    user: &str,
) -> Result<Option<String>, String> {
    let content = private_file(file)?;
    let content = String::from_utf8(content)
        .map_err(|_| format!("the password file `{}` is not text", file.display()))?;
    let host = match &endpoint.address {
        Address::Tcp(host) => host.clone(),
        Address::Unix(_) => String::from("localhost"),
    };
    let login = [
        host,
        endpoint.port.to_string(),
        database.to_owned(),
        user.to_owned(),
    ];
    Ok(find(&content, &login))
}

fn find(content: &str, login: &[String; 4]) -> Option<String> {
    content
        .lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| {
            let fields = fields(line);
            let (password, pattern) = fields.split_last()?;
            let means = pattern.len() == login.len()
                && pattern
                    .iter()
                    .zip(login)
                    .all(|(pattern, value)| pattern == "*" || pattern == value);
            means.then(|| password.clone())
        })
}

/// Up to five fields; what a password has of colons after the fourth is its own.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let count = fields.len();
        let Some(field) = fields.last_mut() else {
            break;
        };
        match character {
            '\\' => field.extend(characters.next()),
            ':' if count < FIELDS => fields.push(String::new()),
            other => field.push(other),
        }
    }
    fields
}

const FIELDS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn login(host: &str, database: &str) -> [String; 4] {
        [host, "5432", database, "strongroom"].map(str::to_owned)
    }

    #[test]
    fn the_first_line_that_means_the_login_wins() {
        let file = "# a comment:5432:*:*:no\n\
                    db1:5432:vault:strongroom:one\n\
                    *:5432:*:strongroom:t\\:w\\\\o:o\n\
                    *:*:*:*:three\n";

        assert_eq!(find(file, &login("db1", "vault")).as_deref(), Some("one"));
        assert_eq!(
            find(file, &login("db2", "vault")).as_deref(),
            Some("t:w\\o:o")
        );
        assert_eq!(find("db1:1:a:b:c", &login("db1", "vault")), None);
        assert_eq!(
            find("db1:5432:vault:strongroom", &login("db1", "vault")),
            None
        );
    }
}
