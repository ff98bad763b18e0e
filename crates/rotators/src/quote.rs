//! Literals and identifiers in statements, where an engine takes no bound parameter: the password in
//! `ALTER USER`, the user's name in `GRANT`.
//!
//! Rules kept here: this is the only place where a value becomes part of a statement; every form
//! needs no more than one doubled delimiter, and what no form can hold is refused, never dropped.

use base::Plaintext;
use zeroize::Zeroizing;

/// A text between `'`, each `'` of its own doubled: standard SQL.
///
/// SECURITY: right only where a backslash is an ordinary character. PostgreSQL: use
/// [`postgres_literal`]. Redshift: [`redshift_literal`]. MySQL and MariaDB: the session's
/// `sql_mode` has `NO_BACKSLASH_ESCAPES`, and its character set is one in which no character has a
/// byte of ASCII, `utf8mb4`; the driver sets both when it connects. SQL Server: always (with `N`
/// before it).
///
/// # Errors
/// [`Unquotable`] for a text with a NUL.
pub fn literal(text: &str) -> Result<Quoted, Unquotable> {
    doubled(text, '\'', '\'')
}

/// A literal for PostgreSQL that is ASCII: `'…'`, or ` U&'…'` with code points in place of
/// backslashes and of what is not ASCII.
///
/// SECURITY: so it means the same in every encoding of the client. In GBK, SJIS and the like a
/// backslash may be the second half of a character.
///
/// # Errors
/// [`Unquotable`] for a text with a NUL.
pub fn postgres_literal(text: &str) -> Result<Quoted, Unquotable> {
    in_ascii(text, '\'')
}

/// An identifier for PostgreSQL that is ASCII: `"…"`, or ` U&"…"`, as [`postgres_literal`].
///
/// # Errors
/// [`Unquotable`] for an empty name and one with a NUL.
pub fn postgres_identifier(name: &str) -> Result<Quoted, Unquotable> {
    not_empty(name)?;
    in_ascii(name, '"')
}

/// A literal for Redshift, which knows no `U&`: `E'…'` with `'` and `\` doubled where there is a
/// backslash, else `'…'`. Its clients have one encoding, UTF-8.
///
/// # Errors
/// [`Unquotable`] for a text with a NUL.
pub fn redshift_literal(text: &str) -> Result<Quoted, Unquotable> {
    if !text.contains('\\') {
        return literal(text);
    }
    let mut escaped = Zeroizing::new(String::with_capacity(text.len() * 2));
    for one in text.chars() {
        if one == '\\' {
            escaped.push('\\');
        }
        escaped.push(one);
    }
    let quoted = literal(&escaped)?;
    let mut prefixed = Zeroizing::new(String::with_capacity(quoted.len() + 2));
    // A space, so that a name or keyword before it does not take the letter.
    prefixed.push_str(" E");
    prefixed.push_str(&quoted);
    Ok(prefixed)
}

/// An identifier between `"`: Redshift. PostgreSQL: [`postgres_identifier`].
///
/// # Errors
/// [`Unquotable`] for an empty name and one with a NUL.
pub fn identifier(name: &str) -> Result<Quoted, Unquotable> {
    not_empty(name)?;
    doubled(name, '"', '"')
}

/// An identifier between backticks: MySQL, MariaDB.
///
/// # Errors
/// [`Unquotable`] for an empty name and one with a NUL.
pub fn backticked(name: &str) -> Result<Quoted, Unquotable> {
    not_empty(name)?;
    doubled(name, '`', '`')
}

/// An identifier between brackets, of which only the closing one is doubled: SQL Server.
///
/// # Errors
/// [`Unquotable`] for an empty name and one with a NUL.
pub fn bracketed(name: &str) -> Result<Quoted, Unquotable> {
    not_empty(name)?;
    doubled(name, '[', ']')
}

/// A name or password between `"` for Oracle, which has no way to write a `"` in one.
///
/// # Errors
/// [`Unquotable`] for an empty text and one with a `"` or a NUL.
pub fn oracle(text: &str) -> Result<Quoted, Unquotable> {
    not_empty(text)?;
    if text.contains('"') {
        return Err(Unquotable("a double quote"));
    }
    doubled(text, '"', '"')
}

/// The text of a password.
///
/// # Errors
/// [`Unquotable`] for bytes that are not UTF-8.
pub fn text(password: &Plaintext) -> Result<&str, Unquotable> {
    std::str::from_utf8(password.expose()).map_err(|_| Unquotable("bytes that are not UTF-8"))
}

/// Puts a statement together from keywords and what the other functions here made.
pub fn statement(parts: &[&str]) -> Quoted {
    // SECURITY: large enough from the start, so that no copy is left where it grew.
    let mut text = Zeroizing::new(String::with_capacity(
        parts.iter().map(|one| one.len()).sum(),
    ));
    for part in parts {
        text.push_str(part);
    }
    text
}

/// A part of a statement that may hold a password.
pub type Quoted = Zeroizing<String>;

/// A text that no literal of the engine can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name or password with {0} cannot be written in a statement")]
pub struct Unquotable(&'static str);

fn doubled(text: &str, open: char, close: char) -> Result<Quoted, Unquotable> {
    if text.contains('\0') {
        return Err(Unquotable("a NUL"));
    }
    // SECURITY: large enough from the start, so that no copy is left where it grew.
    let mut quoted = Zeroizing::new(String::with_capacity(text.len() * 2 + 2));
    quoted.push(open);
    for one in text.chars() {
        if one == close {
            quoted.push(close);
        }
        quoted.push(one);
    }
    quoted.push(close);
    Ok(quoted)
}

fn in_ascii(text: &str, delimiter: char) -> Result<Quoted, Unquotable> {
    if text.is_ascii() && !text.contains('\\') {
        return doubled(text, delimiter, delimiter);
    }
    if text.contains('\0') {
        return Err(Unquotable("a NUL"));
    }
    // SECURITY: large enough from the start, so that no copy is left where it grew. At most eight
    // characters stand for one.
    let mut quoted = Zeroizing::new(String::with_capacity(text.len() * 8 + 5));
    quoted.push_str(" U&");
    quoted.push(delimiter);
    for one in text.chars() {
        if one == delimiter {
            quoted.push(delimiter);
        }
        if one.is_ascii() && one != '\\' {
            quoted.push(one);
        } else {
            push_code_point(&mut quoted, one);
        }
    }
    quoted.push(delimiter);
    Ok(quoted)
}

/// `\+01F600`, without a copy of its own.
fn push_code_point(quoted: &mut Quoted, one: char) {
    quoted.push_str("\\+");
    for place in (0..6).rev() {
        let digit = (u32::from(one) >> (place * 4)) & 0xf;
        quoted.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
}

fn not_empty(name: &str) -> Result<(), Unquotable> {
    if name.is_empty() {
        return Err(Unquotable("no character"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hostile() -> impl Strategy<Value = String> {
        prop::collection::vec(
            prop_oneof![
                Just('\''),
                Just('"'),
                Just('`'),
                Just('\\'),
                Just('['),
                Just(']'),
                Just(';'),
                Just('-'),
                Just('\n'),
                Just('縗'),
                any::<char>().prop_filter("no NUL", |one| *one != '\0'),
            ],
            1..30,
        )
        .prop_map(String::from_iter)
    }

    /// Reads a literal as the standard says it: a doubled delimiter is one, a single one ends it.
    /// Returns the text and what comes after.
    fn read(quoted: &str, close: char) -> (String, String) {
        let mut rest = quoted.chars().skip(1).peekable();
        let mut text = String::new();
        while let Some(one) = rest.next() {
            if one == close && rest.next_if_eq(&close).is_none() {
                return (text, rest.collect());
            }
            text.push(one);
        }
        panic!("no end: {quoted}");
    }

    /// Reads an `E'…'` literal, where a backslash takes the next character as it is.
    fn read_escaped(quoted: &str) -> (String, String) {
        let mut rest = quoted.chars().peekable();
        assert_eq!(
            (rest.next(), rest.next(), rest.next()),
            (Some(' '), Some('E'), Some('\''))
        );
        let mut text = String::new();
        while let Some(one) = rest.next() {
            match one {
                '\\' => text.extend(rest.next()),
                '\'' if rest.next_if_eq(&'\'').is_none() => return (text, rest.collect()),
                _ => text.push(one),
            }
        }
        panic!("no end: {quoted}");
    }

    type Quote = fn(&str) -> Result<Quoted, Unquotable>;
    const QUOTES_IN_ASCII: [(Quote, char); 2] =
        [(postgres_literal, '\''), (postgres_identifier, '"')];

    /// Reads `'…'` or ` U&'…'`, where a backslash is a plus and six digits.
    fn read_in_ascii(quoted: &str, delimiter: char) -> (String, String) {
        let Some(escaped) = quoted.strip_prefix(" U&") else {
            return read(quoted, delimiter);
        };
        let (inner, rest) = read(escaped, delimiter);
        let mut parts = inner.split('\\');
        let mut text = parts.next().unwrap().to_owned();
        for part in parts {
            let (digits, after) = part.strip_prefix('+').unwrap().split_at_checked(6).unwrap();
            let point = u32::from_str_radix(digits, 16).unwrap();
            text.push(char::from_u32(point).unwrap());
            text.push_str(after);
        }
        (text, rest)
    }

    proptest! {
        #[test]
        fn a_naive_reader_reads_back_what_was_quoted(text in hostile()) {
            let whole = (text.clone(), String::new());

            prop_assert_eq!(read(&literal(&text).unwrap(), '\''), whole.clone());
            prop_assert_eq!(read(&identifier(&text).unwrap(), '"'), whole.clone());
            prop_assert_eq!(read(&backticked(&text).unwrap(), '`'), whole.clone());
            prop_assert_eq!(read(&bracketed(&text).unwrap(), ']'), whole);
        }

        #[test]
        fn what_is_written_for_postgres_is_ascii_without_a_backslash_of_its_own(text in hostile()) {
            for (quote, delimiter) in QUOTES_IN_ASCII {
                let quoted = quote(&text).unwrap();

                prop_assert!(quoted.is_ascii());
                prop_assert_eq!(read_in_ascii(&quoted, delimiter), (text.clone(), String::new()));
            }
        }

        /// With the setting on and off.
        #[test]
        fn a_redshift_literal_means_the_same_under_any_setting(text in hostile()) {
            let quoted = redshift_literal(&text).unwrap();

            let read_back = if text.contains('\\') {
                read_escaped(&quoted)
            } else {
                read(&quoted, '\'')
            };
            prop_assert_eq!(read_back, (text, String::new()));
        }

        #[test]
        fn oracle_holds_what_it_can_and_refuses_the_rest(text in hostile()) {
            match oracle(&text) {
                Ok(quoted) => {
                    prop_assert!(!text.contains('"'));
                    prop_assert_eq!(quoted.as_str(), format!("\"{text}\""));
                }
                Err(_) => prop_assert!(text.contains('"')),
            }
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let nul = Err(Unquotable("a NUL"));
        let empty = Err(Unquotable("no character"));

        for quote in [
            literal,
            postgres_literal,
            postgres_identifier,
            redshift_literal,
            identifier,
            backticked,
            bracketed,
            oracle,
        ] {
            assert_eq!(quote("a\0b"), nul);
            assert_eq!(quote("ä\0\\"), nul);
        }
        for quote in [
            postgres_identifier,
            identifier,
            backticked,
            bracketed,
            oracle,
        ] {
            assert_eq!(quote(""), empty);
        }
        assert_eq!(
            text(&Plaintext::new(vec![0xff])),
            Err(Unquotable("bytes that are not UTF-8"))
        );
    }
}
