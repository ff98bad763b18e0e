//! What `SHOW GRANTS` says of one account, said of another.
//!
//! Rules kept here: names are copied as the server quoted them; nothing else is copied but words,
//! since a text that ended early would be a statement of whoever chose the name; a line that is not
//! understood is an error, since a grant that is left out is missed by an application.

use rotators::DatabaseError;
use rotators::quote::Quoted;

/// The statement that gives the account `to` what `line` gives an account of `original`. `None` for
/// what is copied otherwise: default roles.
pub(crate) fn rewritten(
    line: &str,
    original: &str,
    to: &str,
) -> Result<Option<Quoted>, DatabaseError> {
    let tokens = tokens(line);
    let preposition = match tokens.first().map(|token| token.text) {
        Some("GRANT") => "TO",
        // Partial revokes of MySQL.
        Some("REVOKE") => "FROM",
        Some("SET") => return Ok(None),
        _ => return Err(not_understood()),
    };
    let place = tokens
        .windows(4)
        .position(|four| is_preposition_of(four, preposition, original))
        .ok_or_else(not_understood)?;
    let copied = tokens.get(..place).unwrap_or_default();
    let rest = tokens.get(place.saturating_add(4)..).unwrap_or_default();
    let is_proxy = tokens.get(1).is_some_and(|token| token.text == "PROXY");
    if !copied.iter().all(Token::is_harmless) || is_proxy && !is_whole_proxy(copied, rest) {
        return Err(not_understood());
    }
    let until = tokens
        .get(place.saturating_add(1))
        .map_or(0, |account| account.start);
    let kept = line.get(..until).unwrap_or_default();
    let mut statement = Quoted::new(String::with_capacity(line.len() + to.len()));
    statement.push_str(kept);
    statement.push_str(to);
    for option in ["GRANT", "ADMIN"] {
        let is_given = rest
            .windows(2)
            .any(|two| matches!(two, [one, next] if one.text == option && next.text == "OPTION"));
        if is_given {
            statement.push_str(&format!(" WITH {option} OPTION"));
        }
    }
    Ok(Some(statement))
}

/// SECURITY: MySQL and MariaDB write the names of this one grant between `'` and double none that the
/// names have; everybody may grant themselves to others. So nothing may stand behind what was read.
fn is_whole_proxy(copied: &[Token<'_>], rest: &[Token<'_>]) -> bool {
    let is_plain = |token: &Token<'_>| {
        token
            .name()
            .is_some_and(|name| !name.contains(|one| is_quote(one) || one == '\\'))
    };
    let is_whole = match rest {
        [] => true,
        [with, grant, option] => {
            [with.text, grant.text, option.text] == ["WITH", "GRANT", "OPTION"]
        }
        _ => false,
    };
    is_whole
        && matches!(copied, [_, _, on, user, at, host]
            if on.text == "ON" && at.text == "@" && is_plain(user) && is_plain(host))
}

/// `TO`, user, `@`, host.
fn is_preposition_of(four: &[Token<'_>], preposition: &str, original: &str) -> bool {
    matches!(four, [word, user, at, host]
        if word.text == preposition && at.text == "@"
            && user.name().as_deref() == Some(original) && host.name().is_some())
}

/// A word, a sign, or something between quotes.
#[derive(Clone, Copy)]
struct Token<'a> {
    text: &'a str,
    start: usize,
}

impl Token<'_> {
    /// Words and what stands between them, or a name that ends.
    fn is_harmless(&self) -> bool {
        self.name().is_some()
            || self
                .text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_,().*@".contains(&byte))
    }

    /// What stands between the quotes.
    fn name(&self) -> Option<String> {
        let quote = self.text.chars().next().filter(|one| is_quote(*one))?;
        let inner = self.text.strip_prefix(quote)?.strip_suffix(quote)?;
        if inner
            .replace(&format!("{quote}{quote}"), "")
            .contains(quote)
        {
            return None;
        }
        Some(inner.replace(&format!("{quote}{quote}"), &quote.to_string()))
    }
}

fn tokens(line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else {
            return tokens;
        };
        let length = if is_quote(first) {
            quoted_length(rest, first)
        } else {
            rest.find(|one: char| one.is_whitespace() || is_quote(one) || one == '@')
                .unwrap_or(rest.len())
                .max(first.len_utf8())
        };
        let (text, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        tokens.push(Token {
            text,
            start: line.len().saturating_sub(rest.len()),
        });
        rest = after;
    }
}

/// Up to and with the quote that is not doubled.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((place, one)) = characters.next() {
        if one == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return place.saturating_add(one.len_utf8());
        }
    }
    text.len()
}

fn is_quote(one: char) -> bool {
    matches!(one, '\'' | '"' | '`')
}

fn not_understood() -> DatabaseError {
    DatabaseError::Refused {
        action: "clone a user",
        reason: "its grants are not understood".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rotators::quote;

    fn to_clone(line: &str) -> String {
        let statement = rewritten(line, "app", "'app_clone'@'%'").unwrap().unwrap();
        statement.to_string()
    }

    #[test]
    fn every_kind_of_grant_is_said_of_the_clone() {
        let cases = [
            (
                "GRANT USAGE ON *.* TO `app`@`%`",
                "GRANT USAGE ON *.* TO 'app_clone'@'%'",
            ),
            (
                "GRANT SELECT, INSERT (`to`) ON `shop TO ``x```.`o` TO `app`@`%` WITH GRANT OPTION",
                "GRANT SELECT, INSERT (`to`) ON `shop TO ``x```.`o` TO 'app_clone'@'%' WITH GRANT OPTION",
            ),
            (
                "GRANT `reader`@`%` TO `app`@`%` WITH ADMIN OPTION",
                "GRANT `reader`@`%` TO 'app_clone'@'%' WITH ADMIN OPTION",
            ),
            (
                "GRANT `reader` TO `app`@`10.%`",
                "GRANT `reader` TO 'app_clone'@'%'",
            ),
            (
                "GRANT ALL PRIVILEGES ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*5FE' REQUIRE SSL WITH GRANT OPTION MAX_QUERIES_PER_HOUR 5",
                "GRANT ALL PRIVILEGES ON *.* TO 'app_clone'@'%' WITH GRANT OPTION",
            ),
            (
                "REVOKE INSERT ON `mysql`.* FROM `app`@`%`",
                "REVOKE INSERT ON `mysql`.* FROM 'app_clone'@'%'",
            ),
            (
                "GRANT PROXY ON ''@'' TO 'app'@'localhost'",
                "GRANT PROXY ON ''@'' TO 'app_clone'@'%'",
            ),
        ];

        for (line, expected) in cases {
            assert_eq!(to_clone(line), expected);
        }
    }

    #[test]
    fn what_is_not_about_the_user_is_not_understood() {
        for line in ["", "CREATE USER x", "GRANT SELECT ON *.* TO `other`@`%`"] {
            assert!(rewritten(line, "app", "x").is_err(), "{line}");
        }
        let default_role = "SET DEFAULT ROLE `r` FOR `app`@`%`";
        assert!(rewritten(default_role, "app", "x").unwrap().is_none());
    }

    /// The servers double no quote in the names of `PROXY`.
    #[test]
    fn a_name_that_ends_early_is_not_understood() {
        for line in [
            "GRANT PROXY ON 'x'; GRANT ALL ON *.* TO 'app'@'%' -- '@'%' TO 'app'@'%'",
            "GRANT PROXY ON 'x'@'%' TO 'app'@'%' WITH GRANT OPTION; -- '@'%' TO 'app'@'%'",
            "GRANT PROXY ON 'x'@'' , 'app'@'%' TO 'app'@'%'",
            "GRANT PROXY ON 'a'b'@'%' TO 'app'@'%'",
            "GRANT PROXY ON 'a''b'@'%' TO 'app'@'%'",
            r"GRANT PROXY ON 'a\'@'%' TO 'app'@'%'",
            "GRANT SELECT ON shop; DROP DATABASE shop.* TO `app`@`%`",
            "GRANT SELECT ON shop/*.* TO `app`@`%`",
            "GRANT SELECT ON shop#.* TO `app`@`%`",
            "GRANT SELECT ON `shop TO `app`@`%`",
        ] {
            assert!(rewritten(line, "app", "'x'@'%'").is_err(), "{line}");
        }
        let with_option = "GRANT PROXY ON 'x'@'%' TO 'app'@'%' WITH GRANT OPTION";
        assert_eq!(
            to_clone(with_option),
            "GRANT PROXY ON 'x'@'%' TO 'app_clone'@'%' WITH GRANT OPTION"
        );
    }

    proptest! {
        /// Whatever the names: the privileges stay, and the account is the other.
        #[test]
        fn only_the_account_changes(schema in "[a-zA-Z`'\" @]{1,9}", user in "[a-zA-Z`'\" @]{1,9}") {
            let quoted = quote::backticked(&schema).unwrap();
            let account = quote::backticked(&user).unwrap();
            let start = format!("GRANT SELECT ON {}.* TO ", *quoted);
            let line = format!("{start}{}@`%`", *account);

            let statement = rewritten(&line, &user, "'x'@'%'").unwrap().unwrap();

            prop_assert_eq!(statement.as_str(), format!("{start}'x'@'%'"));
        }
    }
}
