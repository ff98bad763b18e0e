//! What `ALTER ROLE … SET` says of a user, said of its clone.
//!
//! SECURITY: values are the user's own choice, so none is ever made the session's: statements of the
//! master would then be read, timed or resolved as the user likes. They are literals in
//! `ALTER ROLE … SET` and nothing else.

use crate::PostgresSession;
use crate::clone::CLONE;
use rotators::DatabaseError;
use rotators::quote::{Quoted, statement};

/// Gives the clone the settings of the original. One that the master may not make is left out.
pub(crate) async fn copy(
    session: &mut PostgresSession,
    original: &str,
    clone: &Quoted,
) -> Result<(), DatabaseError> {
    for setting in of(session, original).await? {
        let Some(alter) = setting.given_to(session, clone)? else {
            continue;
        };
        session.run(CLONE, "SAVEPOINT setting").await?;
        match session.run(CLONE, &alter).await {
            Ok(()) => session.run(CLONE, "RELEASE SAVEPOINT setting").await?,
            Err(DatabaseError::Refused { .. }) => {
                session.run(CLONE, "ROLLBACK TO SAVEPOINT setting").await?;
            }
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

/// In one database or in all.
struct Setting {
    database: Option<String>,
    name: String,
    value: String,
}

async fn of(session: &mut PostgresSession, original: &str) -> Result<Vec<Setting>, DatabaseError> {
    let name = session.literal(original)?;
    let rows = session.rows(CLONE, &statement(&[SETTINGS, &name])).await?;
    let settings = rows.iter().filter_map(|row| {
        Some(Setting {
            database: row.get(0).map(str::to_owned),
            name: row.get(1)?.to_owned(),
            value: row.get(2)?.to_owned(),
        })
    });
    Ok(settings.collect())
}

impl Setting {
    /// `None`: it is none that the server would have written.
    fn given_to(
        &self,
        session: &PostgresSession,
        clone: &Quoted,
    ) -> Result<Option<Quoted>, DatabaseError> {
        let (true, Some(elements)) = (is_a_name(&self.name), self.elements()) else {
            return Ok(None);
        };
        let place = match &self.database {
            Some(database) => statement(&[" IN DATABASE ", &session.identifier(database)?]),
            None => Quoted::default(),
        };
        let name = session.identifier(&self.name)?;
        let mut alter = statement(&["ALTER ROLE ", clone, &place, " SET ", &name, " TO "]);
        for (position, element) in elements.iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            alter = statement(&[&alter, comma, &session.literal(element)?]);
        }
        Ok(Some(alter))
    }

    /// What stands between the commas of `SET`.
    fn elements(&self) -> Option<Vec<String>> {
        match QUOTED_LISTS.iter().find(|(name, _)| *name == self.name) {
            Some((_, case)) => split(&self.value, *case),
            None => Some(vec![self.value.clone()]),
        }
    }
}

/// The server's rules for a parameter's name, without characters that are not ASCII.
fn is_a_name(name: &str) -> bool {
    name.split('.').all(|part| {
        let mut bytes = part.bytes();
        bytes
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
    })
}

/// What a list does with the letters of an element that is not between quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Kept,
    Folded,
}

/// The elements of `a, "b ""c"""`. Of an empty list one that is empty, as `SET … TO ''` has it.
fn split(list: &str, case: Case) -> Option<Vec<String>> {
    let mut elements = Vec::new();
    let mut rest = list.trim();
    if rest.is_empty() {
        return Some(vec![String::new()]);
    }
    loop {
        let (element, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let (bare, after) = rest.split_at_checked(rest.find(',').unwrap_or(rest.len()))?;
                (as_read(bare.trim(), case)?, after)
            }
        };
        elements.push(element);
        let after = after.trim_start();
        if after.is_empty() {
            return Some(elements);
        }
        rest = after.strip_prefix(',')?.trim_start();
    }
}

/// An element up to the quote that is not doubled, and what follows that.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut element = String::new();
    let mut rest = text;
    loop {
        let (inner, after) = rest.split_once('"')?;
        element.push_str(inner);
        match after.strip_prefix('"') {
            Some(more) => {
                element.push('"');
                rest = more;
            }
            None => return Some((element, after)),
        }
    }
}

fn as_read(bare: &str, case: Case) -> Option<String> {
    if bare.is_empty() || bare.contains('"') {
        return None;
    }
    Some(match case {
        Case::Folded => bare.to_ascii_lowercase(),
        Case::Kept => bare.to_owned(),
    })
}

const SETTINGS: &str = "SELECT d.datname, pg_catalog.split_part(one, '=', 1), \
    pg_catalog.substr(one, pg_catalog.strpos(one, '=') + 1) \
    FROM pg_catalog.pg_db_role_setting s \
    JOIN pg_catalog.pg_roles r ON r.oid = s.setrole \
    LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase \
    CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS one \
    WHERE r.rolname = ";
/// The parameters whose elements the server quotes, one by one, before it stores them; extensions can
/// have none. It stores every other value, other lists too, as the one text that was given.
const QUOTED_LISTS: [(&str, Case); 6] = [
    ("search_path", Case::Folded),
    ("temp_tablespaces", Case::Folded),
    ("local_preload_libraries", Case::Kept),
    ("session_preload_libraries", Case::Kept),
    ("shared_preload_libraries", Case::Kept),
    ("unix_socket_directories", Case::Kept),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_list_is_split_as_the_server_reads_it() {
        let cases: [(&str, &[&str]); 6] = [
            (r#""$user", public"#, &["$user", "public"]),
            (r#"Shop ,"a, ""b""""#, &["shop", r#"a, "b""#]),
            (r#""""#, &[""]),
            ("", &[""]),
            (r#""你\'""#, &[r"你\'"]),
            (r#"  a,b  "#, &["a", "b"]),
        ];

        for (list, elements) in cases {
            assert_eq!(split(list, Case::Folded).unwrap(), elements, "{list}");
        }
        assert_eq!(split("$libdir/A b", Case::Kept).unwrap(), ["$libdir/A b"]);
    }

    #[test]
    fn what_is_no_list_is_left_out() {
        for list in ["a,,b", "a,", ",", r#""a"#, r#""a"b"#, r#"a"b"#] {
            assert_eq!(split(list, Case::Folded), None, "{list}");
        }
    }

    #[test]
    fn only_names_that_a_server_takes_are_names() {
        for name in ["work_mem", "my.setting", "_a$1.B"] {
            assert!(is_a_name(name), "{name}");
        }
        for name in ["", "a.", ".a", "a b", "1a", "a;b", "a\"b", "ä", "a\\b"] {
            assert!(!is_a_name(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn elements_that_are_quoted_come_back(elements in prop::collection::vec(".*", 1..5)) {
            let quoted: Vec<String> = elements
                .iter()
                .map(|one| format!("\"{}\"", one.replace('"', "\"\"")))
                .collect();

            prop_assert_eq!(split(&quoted.join(", "), Case::Folded), Some(elements));
        }
    }
}
