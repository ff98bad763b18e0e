//! The text of a mail.
//!
//! SECURITY: what users wrote stands in the body, as base64, and in the subject, where control characters
//! are gone: none of it can become a header.

use base::{Entropy, Timestamp, random_uuid};
use data_encoding::BASE64;
use services::ports::Mail;
use std::fmt::Write as _;
use time::format_description::well_known::Rfc2822;

/// Header and body, with CRLF at the end of each line.
pub(super) fn compose(from: &str, mail: &Mail<'_>, at: Timestamp, entropy: &dyn Entropy) -> String {
    let domain = from.rsplit('@').next().unwrap_or_default();
    let id = random_uuid(entropy);
    let date = at.to_calendar().format(&Rfc2822).unwrap_or_default();
    let mut text = String::new();
    for (name, value) in [
        ("From", from),
        ("To", mail.to),
        ("Subject", &subject(mail.subject)),
        ("Date", &date),
        ("Message-ID", &format!("<{id}@{domain}>")),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "base64"),
    ] {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        // Writing to a string cannot fail.
        let _ = write!(text, "{name}: {value}\r\n");
    }
    text.push_str("\r\n");
    let body = BASE64.encode(mail.body.as_bytes());
    for (position, letter) in body.chars().enumerate() {
        if position > 0 && position % LINE == 0 {
            text.push_str("\r\n");
        }
        text.push(letter);
    }
    text.push_str("\r\n");
    text
}

/// ASCII as it is; anything else as encoded words.
fn subject(subject: &str) -> String {
    let plain: String = subject.chars().filter(|c| !c.is_control()).collect();
    if plain.is_ascii() && !plain.contains("=?") {
        return plain;
    }
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for letter in plain.chars() {
        if word.len() + letter.len_utf8() > WORD {
            words.push(std::mem::take(&mut word));
        }
        word.push(letter);
    }
    words.push(word);
    let encoded = words.iter().map(|word| {
        let encoded = BASE64.encode(word.as_bytes());
        format!("=?utf-8?B?{encoded}?=")
    });
    encoded.collect::<Vec<_>>().join(" ")
}

const LINE: usize = 76;
/// Bytes of a word, which has 75 characters at most when it is encoded.
const WORD: usize = 45;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outside::SystemEntropy;

    fn composed(subject: &str, body: &str) -> String {
        let mail = Mail {
            to: "ops@corp.example",
            subject,
            body,
        };
        let at = Timestamp::from_millis(1_768_478_400_000);
        compose("sr@corp.example", &mail, at, &SystemEntropy)
    }

    #[test]
    fn a_mail_has_the_headers_that_mail_has() {
        let text = composed("Alarm", "something");

        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let names: Vec<&str> = head
            .split("\r\n")
            .map(|line| line.split(':').next().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "From",
                "To",
                "Subject",
                "Date",
                "Message-ID",
                "Auto-Submitted",
                "MIME-Version",
                "Content-Type",
                "Content-Transfer-Encoding"
            ]
        );
        assert!(
            head.contains("Date: Thu, 15 Jan 2026 12:00:00 +0000"),
            "{head}"
        );
        assert_eq!(body, "c29tZXRoaW5n\r\n");
    }

    #[test]
    fn nothing_that_users_write_becomes_a_header() {
        let text = composed(
            "x\r\nBcc: all@corp.example\r\n\r\nhello",
            "a\r\n.\r\nQUIT\r\n",
        );

        assert!(!text.contains("\r\nBcc"), "{text}");
        assert_eq!(text.matches("\r\n\r\n").count(), 1);
        assert!(!text.contains("\r\n."));
    }

    #[test]
    fn other_letters_are_encoded_in_words_that_are_short_enough() {
        let text = composed(&"Größe ".repeat(20), &"x".repeat(1_000));

        assert!(text.is_ascii());
        let subject = text
            .split("\r\n")
            .find(|line| line.starts_with("Subject"))
            .unwrap();
        assert!(
            subject.split(' ').skip(1).all(|word| word.len() <= 75),
            "{subject}"
        );
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(body.split("\r\n").all(|line| line.len() <= LINE));
    }
}
