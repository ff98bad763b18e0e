use crate::key_bytes::{KEY_SIZE, KeyBytes};
use aws_lc_rs::digest::{self, SHA256};
use base::{Plaintext, SealError};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use zeroize::Zeroizing;

/// One share of a key.
///
/// Written `srs1-<set>-<threshold>-<number>-<body>-<checksum>`, the body in small letters of base32.
///
/// INVARIANT: no `Debug`, `Clone` or `Serialize`.
pub struct Share {
    set: Set,
    threshold: u8,
    number: u8,
    body: KeyBytes,
}

/// Why a share is refused. Says nothing of its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// The cipher failed.
    #[error(transparent)]
    Cipher(SealError),
    /// The numbers make no sense.
    #[error(
        "{threshold} of {shares} shares is not possible: it takes at least 2, and no more than \
         there are"
    )]
    Count {
        /// How many there should be.
        shares: u8,
        /// How many should be needed.
        threshold: u8,
    },
    /// Something was mistyped.
    #[error("the share has a typing error: its checksum does not fit; copy it again")]
    Damaged,
    /// The shares do not give the key of their set.
    #[error("the shares do not fit together; one of them is not genuine")]
    DoNotFit,
    /// The share is of this set by its own words only.
    #[error("share {number} is not one of those that were handed out")]
    Forged {
        /// Which one it says it is.
        number: u8,
    },
    /// It is no share.
    #[error("this is not a share: one looks like `srs1-…`")]
    NotAShare,
    /// It belongs to something else.
    #[error(
        "share {number} belongs to the set `{set}`, and shares of the set `{wanted}` are needed"
    )]
    OtherSet {
        /// Which one it is.
        number: u8,
        /// Of which set.
        set: String,
        /// Which set is needed.
        wanted: String,
    },
}

impl Share {
    pub(super) fn of(set: Set, threshold: u8, number: u8, body: KeyBytes) -> Self {
        Self {
            set,
            threshold,
            number,
            body,
        }
    }

    /// Reads what [`Share::to_text`] wrote, in capitals or not, with blanks around it.
    pub fn parse(text: &[u8]) -> Result<Self, ShareError> {
        let text = text.trim_ascii();
        let is_short = text.len() <= LONGEST_TEXT;
        let text = Zeroizing::new(
            text.get(..LONGEST_TEXT)
                .unwrap_or(text)
                .to_ascii_lowercase(),
        );
        let mut fields = text.split(|byte| *byte == b'-');
        let mut field = || fields.next().ok_or(ShareError::NotAShare);
        if field()? != PREFIX || !is_short {
            return Err(ShareError::NotAShare);
        }
        let (set, threshold, number) = (field()?, field()?, field()?);
        let (body, sum) = (field()?, field()?);
        if fields.next().is_some() || !sum.eq(checksum(&text).as_bytes()) {
            return Err(ShareError::Damaged);
        }
        let set = HEXLOWER
            .decode(set)
            .ok()
            .and_then(|set| set.try_into().ok());
        Ok(Self {
            set: set.ok_or(ShareError::NotAShare)?,
            threshold: small_number(threshold)?,
            number: small_number(number)?,
            body: body_in(body)?,
        })
    }

    /// The share as it is handed out.
    pub fn to_text(&self) -> Plaintext {
        let mut text = Zeroizing::new(String::with_capacity(LONGEST_TEXT));
        text.push_str("srs1-");
        text.push_str(&self.set());
        for number in [self.threshold, self.number] {
            text.push('-');
            text.push_str(&number.to_string());
        }
        text.push('-');
        let mut body = Zeroizing::new([0; BODY_LENGTH]);
        BASE32_NOPAD.encode_mut(self.body.expose(), body.as_mut_slice());
        text.extend(
            body.iter()
                .map(|byte| char::from(byte.to_ascii_lowercase())),
        );
        text.push('-');
        let sum = checksum(text.as_bytes());
        text.push_str(&sum);
        Plaintext::from(std::mem::take(&mut *text))
    }

    /// Which key it is a share of: 16 hexadecimal digits.
    pub fn set(&self) -> String {
        HEXLOWER.encode(&self.set)
    }

    /// How many shares give the key.
    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    /// Which one it is, from 1.
    pub fn number(&self) -> u8 {
        self.number
    }

    /// A name for the whole share, to know it again: 32 hexadecimal digits.
    pub(crate) fn digest(&self) -> String {
        let numbers = [self.threshold, self.number];
        let mut digest = digested(&[b"share", &self.set, &numbers, self.body.expose()]);
        digest.truncate(DIGEST_LENGTH);
        digest
    }

    pub(super) fn body(&self) -> &[u8] {
        self.body.expose()
    }

    pub(super) fn set_bytes(&self) -> Set {
        self.set
    }
}

/// The name of the shares of `key`.
pub(super) fn set_of(key: &KeyBytes) -> Result<Set, SealError> {
    let mut context = digest::Context::new(&SHA256);
    context.update(b"share set");
    context.update(key.expose());
    let digest = context.finish();
    digest
        .as_ref()
        .first_chunk()
        .copied()
        .ok_or(SealError::Cipher)
}

fn body_in(text: &[u8]) -> Result<KeyBytes, ShareError> {
    if text.len() != BODY_LENGTH {
        return Err(ShareError::NotAShare);
    }
    let capitals = Zeroizing::new(text.to_ascii_uppercase());
    let mut refused = false;
    let body = KeyBytes::made_by(|body| {
        refused = BASE32_NOPAD.decode_mut(&capitals, body).is_err();
        Ok(())
    })?;
    if refused {
        return Err(ShareError::NotAShare);
    }
    Ok(body)
}

fn small_number(text: &[u8]) -> Result<u8, ShareError> {
    let text = std::str::from_utf8(text).ok();
    let number = text.and_then(|text| text.parse().ok());
    number
        .filter(|number| *number > 0)
        .ok_or(ShareError::NotAShare)
}

/// Eight hexadecimal digits over everything before the last hyphen, and that hyphen.
fn checksum(text: &[u8]) -> String {
    let end = text.iter().rposition(|byte| *byte == b'-').unwrap_or(0);
    let mut sum = digested(&[b"checksum", text.get(..=end).unwrap_or_default()]);
    sum.truncate(CHECKSUM_LENGTH);
    sum
}

fn digested(parts: &[&[u8]]) -> String {
    let mut context = digest::Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    HEXLOWER.encode(context.finish().as_ref())
}

/// The first bytes of a digest of the key.
pub(super) type Set = [u8; 8];

const PREFIX: &[u8] = b"srs1";
const BODY_LENGTH: usize = (KEY_SIZE * 8).div_ceil(5);
const CHECKSUM_LENGTH: usize = 8;
const DIGEST_LENGTH: usize = 32;
const LONGEST_TEXT: usize = 128;
