use crate::buffer::Buffer;
use base::Timestamp;

/// Writes items.
pub(crate) struct Encoder<'a> {
    out: &'a mut Buffer,
}

impl<'a> Encoder<'a> {
    pub(crate) fn new(out: &'a mut Buffer) -> Self {
        Self { out }
    }

    /// The head of a map; as many pairs have to follow.
    pub(crate) fn map(&mut self, pairs: usize) {
        self.head(5, pairs as u64);
    }

    /// The head of an array; as many items have to follow.
    pub(crate) fn array(&mut self, items: usize) {
        self.head(4, items as u64);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.out.push(text.as_bytes());
    }

    pub(crate) fn integer(&mut self, number: i64) {
        let major = u8::from(number < 0);
        // -1 is written as 0, -2 as 1, and so on.
        let size = if number < 0 { !number } else { number };
        self.head(major, size.unsigned_abs());
    }

    pub(crate) fn double(&mut self, number: f64) {
        self.out.push_byte(0xfb);
        self.out.push(&number.to_be_bytes());
    }

    pub(crate) fn boolean(&mut self, truth: bool) {
        self.out.push_byte(if truth { 0xf5 } else { 0xf4 });
    }

    /// Seconds after 1970, whole if they are.
    pub(crate) fn timestamp(&mut self, moment: Timestamp) {
        self.head(6, 1);
        let millis = moment.as_millis();
        if millis % 1_000 == 0 {
            self.integer(millis / 1_000);
        } else {
            self.double(crate::parse::float_of(millis) / 1_000.0);
        }
    }

    fn head(&mut self, major: u8, size: u64) {
        let major = major << 5;
        if let Ok(size) = u8::try_from(size) {
            if size >= 24 {
                self.out.push_byte(major | 24);
                self.out.push_byte(size);
            } else {
                self.out.push_byte(major | size);
            }
        } else if let Ok(size) = u16::try_from(size) {
            self.out.push_byte(major | 25);
            self.out.push(&size.to_be_bytes());
        } else if let Ok(size) = u32::try_from(size) {
            self.out.push_byte(major | 26);
            self.out.push(&size.to_be_bytes());
        } else {
            self.out.push_byte(major | 27);
            self.out.push(&size.to_be_bytes());
        }
    }
}
