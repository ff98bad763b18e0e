//! The key with which a server wants a password to be encrypted.
//!
//! Rules kept here: the library panics over a key that it cannot read, or that is too short for the
//! password, and a key of any length keeps it at work; so only keys in the one form in which servers
//! send them are passed on, of lengths that are used.

use data_encoding::BASE64;

/// Whether a key in PEM can encrypt a password as long as that.
pub(super) fn has_room_for(pem: &[u8], password_length: usize) -> bool {
    modulus_length(pem).is_some_and(|length| {
        // Two hashes, two bytes of padding, the password and a zero; one more where the library
        // rounds down.
        let needed = password_length.saturating_add(2 * 20 + 2 + 1 + 1);
        MODULUS_LENGTHS.contains(&length) && length >= needed
    })
}

/// In bytes, of RSA in the form of X.509.
fn modulus_length(pem: &[u8]) -> Option<usize> {
    let base64 = pem
        .trim_ascii()
        .strip_prefix(b"-----BEGIN PUBLIC KEY-----")?
        .strip_suffix(b"-----END PUBLIC KEY-----")?;
    let base64: Vec<u8> = base64
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let der = BASE64.decode(&base64).ok()?;
    let info = whole(SEQUENCE, &der)?;
    let bits = whole(BIT_STRING, info.strip_prefix(RSA)?)?;
    let numbers = whole(SEQUENCE, bits.strip_prefix(&[0])?)?;
    let (modulus, rest) = element(INTEGER, numbers)?;
    let exponent = whole(INTEGER, rest)?;
    let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
    let is_usual =
        modulus.first() != Some(&0) && (1..=MOST_OF_AN_EXPONENT).contains(&exponent.len());
    is_usual.then_some(modulus.len())
}

/// What an element of DER contains, which is all there is.
fn whole(tag: u8, der: &[u8]) -> Option<&[u8]> {
    let (contents, rest) = element(tag, der)?;
    rest.is_empty().then_some(contents)
}

/// What an element of DER contains, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match der.strip_prefix(&[tag])? {
        [0x81, length, rest @ ..] => (usize::from(*length), rest),
        [0x82, high, low, rest @ ..] => (usize::from(*high) << 8 | usize::from(*low), rest),
        [length @ ..=0x7f, rest @ ..] => (usize::from(*length), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const INTEGER: u8 = 0x02;
/// The algorithm, `rsaEncryption` without parameters.
const RSA: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
/// Of 1024 to 8192 bits.
const MODULUS_LENGTHS: std::ops::RangeInclusive<usize> = 128..=1024;
const MOST_OF_AN_EXPONENT: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(tag: u8, contents: &[u8]) -> Vec<u8> {
        let [high, low] = u16::try_from(contents.len()).unwrap().to_be_bytes();
        [&[tag, 0x82, high, low], contents].concat()
    }

    fn der(modulus: usize, exponent: usize) -> Vec<u8> {
        let modulus = [vec![0], vec![0xc5; modulus]].concat();
        let numbers = [tagged(2, &modulus), tagged(2, &vec![3; exponent])].concat();
        let bits = [vec![0], tagged(0x30, &numbers)].concat();
        tagged(0x30, &[RSA, &tagged(3, &bits)].concat())
    }

    fn pem(der: &[u8]) -> Vec<u8> {
        let base64 = BASE64.encode(der);
        format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n").into()
    }

    #[test]
    fn a_password_has_room_in_a_key_of_usual_length() {
        for (modulus, password) in [(128, 84), (256, 212), (512, 256), (1024, 256)] {
            assert!(has_room_for(&pem(&der(modulus, 3)), password), "{modulus}");
        }
        for (modulus, password) in [(128, 85), (256, 213), (127, 1), (1025, 1), (0, 0)] {
            assert!(!has_room_for(&pem(&der(modulus, 3)), password), "{modulus}");
        }
        for exponent in [0, 9, 128] {
            assert!(!has_room_for(&pem(&der(256, exponent)), 8), "{exponent}");
        }
    }

    #[test]
    fn a_key_that_is_cut_or_changed_in_form_is_none() {
        let whole = der(256, 3);

        for cut in 0..whole.len() {
            assert!(!has_room_for(&pem(&whole[..cut]), 8), "{cut}");
        }
        let longer = [&*whole, &[0]].concat();
        assert!(!has_room_for(&pem(&longer), 8));
        let text = pem(&whole);
        for begin in 1..text.len() {
            assert!(!has_room_for(&text[begin..], 8), "{begin}");
        }
    }
}
