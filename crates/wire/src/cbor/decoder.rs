use super::DEEPEST;

/// A place in a text of CBOR.
#[derive(Clone)]
pub(super) struct Decoder<'a> {
    rest: &'a [u8],
}

/// The head of an item, with its value where that is all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Head {
    /// With the number of items; `None` where a break ends it.
    Array(Option<u64>),
    Boolean(bool),
    Break,
    Bytes(Option<u64>),
    Double(f64),
    /// COMPAT: beyond 64 bits, the nearest that fits.
    Integer(i64),
    /// With the number of pairs.
    Map(Option<u64>),
    /// `null` or `undefined`.
    Null,
    Tag(u64),
    Text(Option<u64>),
}

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether one more item or pair follows in what has `left` of them.
    pub(super) fn goes_on(&mut self, left: &mut Option<u64>) -> Option<bool> {
        match left {
            Some(0) => Some(false),
            Some(some) => {
                *some -= 1;
                Some(true)
            }
            None => match self.rest.split_first() {
                Some((&BREAK, rest)) => {
                    self.rest = rest;
                    Some(false)
                }
                Some(_) => Some(true),
                None => None,
            },
        }
    }

    /// The head of the next item.
    pub(super) fn head(&mut self) -> Option<Head> {
        let first = self.byte()?;
        let (major, low) = (first >> 5, first & 0x1f);
        if major == 7 {
            return self.simple(low);
        }
        let length = match low {
            0..=23 => Some(u64::from(low)),
            24 => Some(u64::from(self.byte()?)),
            25 => Some(u64::from(u16::from_be_bytes(self.array()?))),
            26 => Some(u64::from(u32::from_be_bytes(self.array()?))),
            27 => Some(u64::from_be_bytes(self.array()?)),
            31 => None,
            _ => return None,
        };
        let saturated = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        match major {
            0 => Some(Head::Integer(saturated(length?))),
            1 => Some(Head::Integer(-1 - saturated(length?))),
            2 => Some(Head::Bytes(length)),
            3 => Some(Head::Text(length)),
            4 => Some(Head::Array(length)),
            5 => Some(Head::Map(length)),
            _ => Some(Head::Tag(length?)),
        }
    }

    fn simple(&mut self, low: u8) -> Option<Head> {
        match low {
            20 => Some(Head::Boolean(false)),
            21 => Some(Head::Boolean(true)),
            22 | 23 => Some(Head::Null),
            25 => Some(Head::Double(half(u16::from_be_bytes(self.array()?)))),
            26 => Some(Head::Double(f64::from(f32::from_be_bytes(self.array()?)))),
            27 => Some(Head::Double(f64::from_be_bytes(self.array()?))),
            31 => Some(Head::Break),
            _ => None,
        }
    }

    /// A whole text.
    pub(super) fn text(&mut self) -> Option<String> {
        match self.head()? {
            Head::Text(Some(length)) => String::from_utf8(self.take(length)?.to_vec()).ok(),
            Head::Text(None) => {
                let mut text = String::new();
                let mut left = None;
                while self.goes_on(&mut left)? {
                    let Head::Text(Some(length)) = self.head()? else {
                        return None;
                    };
                    text.push_str(std::str::from_utf8(self.take(length)?).ok()?);
                }
                Some(text)
            }
            _ => None,
        }
    }

    /// Whole bytes.
    pub(super) fn bytes(&mut self) -> Option<Vec<u8>> {
        match self.head()? {
            Head::Bytes(Some(length)) => Some(self.take(length)?.to_vec()),
            Head::Bytes(None) => {
                let mut bytes = Vec::new();
                let mut left = None;
                while self.goes_on(&mut left)? {
                    let Head::Bytes(Some(length)) = self.head()? else {
                        return None;
                    };
                    bytes.extend_from_slice(self.take(length)?);
                }
                Some(bytes)
            }
            _ => None,
        }
    }

    /// Goes past the next item, whatever it is.
    pub(super) fn skip(&mut self) -> Option<()> {
        // How many items are left on each level; `None` where a break ends it.
        let mut open = vec![Some(1_u64)];
        while let Some(left) = open.last_mut() {
            if !self.goes_on(left)? {
                open.pop();
                continue;
            }
            let begin = self.clone();
            match self.head()? {
                Head::Array(length) => open.push(length),
                // Of a map without an announced length the break comes after whole pairs in any text
                // that a client writes; one that does not is no harm here.
                Head::Map(length) => open.push(length.map(|pairs| pairs.saturating_mul(2))),
                Head::Tag(_) => open.push(Some(1)),
                Head::Bytes(_) => {
                    *self = begin;
                    self.bytes()?;
                }
                Head::Text(_) => {
                    *self = begin;
                    self.text()?;
                }
                Head::Boolean(_) | Head::Double(_) | Head::Integer(_) | Head::Null => {}
                Head::Break => return None,
            }
            if open.len() > DEEPEST {
                return None;
            }
        }
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*array)
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.rest = rest;
        Some(taken)
    }
}

/// A number of 16 bits: 1 for the sign, 5 for the exponent, 10 for the fraction.
fn half(bits: u16) -> f64 {
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f64::from(bits & 0x3ff);
    let size = match exponent {
        0 => fraction * (-24_f64).exp2(),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (fraction + 1_024.0) * f64::from(exponent - 25).exp2(),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}

const BREAK: u8 = 0xff;
