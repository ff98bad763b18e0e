//! What a server may answer while somebody logs in.
//!
//! Rules kept here: only what the library is sure to take for what it is, since it panics over some
//! answers, and others end the login for it alone; so a login ends here when it ends there.

use super::{TOO_MUCH, public_key};
use std::io::{Error, Result};

/// What a server has answered so far.
pub(super) struct Answers {
    stage: Stage,
    is_plain: bool,
    password_length: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Greeting,
    /// The one in which the server may ask for another plugin.
    First,
    Next,
    PublicKey,
    Last,
    Over,
}

impl Answers {
    /// From the greeting on, on a connection in the clear.
    pub(super) fn in_the_clear(password_length: usize) -> Self {
        Self {
            stage: Stage::Greeting,
            is_plain: true,
            password_length,
        }
    }

    /// From the greeting's answer on, on a connection that is encrypted.
    pub(super) fn encrypted() -> Self {
        Self {
            stage: Stage::First,
            is_plain: false,
            password_length: 0,
        }
    }

    pub(super) fn are_a_login(&self) -> bool {
        self.stage != Stage::Over
    }

    /// Refuses what the library must not hear now.
    ///
    /// SECURITY: whatever stage is believed in, an announcement is passed on only where it can be
    /// nothing but a request for another plugin.
    pub(super) fn hear(&mut self, payload: &[u8]) -> Result<()> {
        if self.stage != Stage::First && announces_too_much(payload) {
            return Err(Error::other(TOO_MUCH));
        }
        if self.are_a_login() {
            let odd = || Error::other(ODD_LOGIN);
            self.stage = self.after(payload).ok_or_else(odd)?;
        } else if payload.is_empty() {
            return Err(Error::other(EMPTY));
        }
        Ok(())
    }

    fn after(&self, payload: &[u8]) -> Option<Stage> {
        let after = match (self.stage, payload) {
            (Stage::Greeting, [0x0a | 0xff, ..]) => Stage::First,
            (Stage::PublicKey, [0xff, _, _, b'#', _, _, _, _, _, ..]) => Stage::Over,
            (Stage::PublicKey, [1, key @ ..])
                if public_key::has_room_for(key, self.password_length) =>
            {
                Stage::Last
            }
            (Stage::First | Stage::Next | Stage::Last, [0 | 0xff, ..]) => Stage::Over,
            (Stage::First, [0xfe, switch @ ..]) if is_possible(switch) => Stage::Next,
            (Stage::First | Stage::Next, [1, 3]) => Stage::Last,
            (Stage::First | Stage::Next, [1, 4]) if self.is_plain => Stage::PublicKey,
            (Stage::First | Stage::Next, [1, 4]) => Stage::Last,
            _ => return None,
        };
        Some(after)
    }
}

/// SECURITY: the library takes memory for as many columns as a packet announces, before they come.
/// Numbers of more than 16 bits begin with these bytes; nothing else does outside a login but the
/// short packet behind the last row.
fn announces_too_much(payload: &[u8]) -> bool {
    match payload.first() {
        Some(0xfd) => true,
        Some(0xfe) => payload.len() > 8,
        _ => false,
    }
}

/// Of a request for another plugin: whether the library refuses the plugin or knows what to do.
fn is_possible(switch: &[u8]) -> bool {
    let mut parts = switch.splitn(2, |byte| *byte == 0);
    let plugin = parts.next().unwrap_or_default();
    let challenge = parts.next().unwrap_or_default();
    match plugin {
        // It knows them, but panics when it comes to a signature.
        b"client_ed25519" | b"parsec" => false,
        // It divides by the length of the challenge, from which it takes the last zero.
        b"caching_sha2_password" => !matches!(challenge, [] | [0]),
        _ => true,
    }
}

/// More than a greeting and a public key need.
pub(super) const MOST_OF_A_LOGIN: usize = 2048;
const ODD_LOGIN: &str = "its login is none that is known";
const EMPTY: &str = "it sent an empty packet";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_announcements_are_passed_on() {
        let passes = |payload: &[u8]| {
            let mut answers = Answers::encrypted();
            answers.hear(&[0]).unwrap();
            answers.hear(payload).is_ok()
        };

        for short in [
            &[1][..],
            &[0xfc, 0xff, 0xff],
            &[0xfe, 0, 0, 2, 0],
            &[0xfe; 8],
        ] {
            assert!(passes(short), "{short:?}");
        }
        for long in [
            &[0xfd, 0, 0, 1][..],
            &[0xfe; 9],
            &[0xfe, 1, 0, 0, 0, 0, 0, 0, 0, 9],
        ] {
            assert!(!passes(long), "{long:?}");
        }
    }

    #[test]
    fn a_plugin_is_asked_for_once_and_first() {
        let switch = b"\xfemysql_native_password\0abcdefghijklmnopqrst\0";

        for before in [vec![&switch[..]], vec![&[1, 3]], vec![&[1, 4]], vec![&[0]]] {
            let mut answers = Answers::encrypted();
            for one in &before {
                answers.hear(one).unwrap();
            }
            assert!(answers.hear(switch).is_err(), "{before:x?}");
        }
        let mut answers = Answers::in_the_clear(8);
        assert!(answers.hear(switch).is_err());
    }

    #[test]
    fn an_encrypted_login_needs_no_public_key() {
        let mut answers = Answers::encrypted();

        for one in [
            &b"\xfecaching_sha2_password\0abc\0"[..],
            &[1, 4],
            &[0, 0, 0],
        ] {
            assert!(answers.are_a_login());
            answers.hear(one).unwrap();
        }

        assert!(!answers.are_a_login());
    }
}
