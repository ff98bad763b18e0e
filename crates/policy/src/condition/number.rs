//! Decimal numbers of any length, compared without rounding.

use std::cmp::Ordering;

use super::operand::Typed;

/// A number as its digits: no zeros before the whole part, none after the fraction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    negative: bool,
    whole: Box<str>,
    fraction: Box<str>,
}

impl Typed for Number {
    type Value = Self;
    const FORM: &'static str = "a decimal number such as `7` or `-0.5`";

    fn operand(text: &str) -> Option<Self> {
        let (signed, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        Some(Self {
            negative: signed && !(whole.is_empty() && fraction.is_empty()),
            whole: whole.into(),
            fraction: fraction.into(),
        })
    }

    fn value(text: &str) -> Option<Self> {
        Self::operand(text)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = || {
            let length = self.whole.len().cmp(&other.whole.len());
            length
                .then_with(|| self.whole.cmp(&other.whole))
                .then_with(|| self.fraction.cmp(&other.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => size(),
            (true, true) => size().reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Number {
        Number::operand(text).unwrap()
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        for (left, right) in [
            ("7", "007"),
            ("7", "7.0"),
            ("7", "+7"),
            ("0", "-0"),
            ("0.0", "0"),
            ("-1.50", "-01.5"),
        ] {
            assert_eq!(number(left), number(right), "{left} {right}");
        }
    }

    #[test]
    fn large_numbers_are_not_rounded() {
        assert!(number("9007199254740993") > number("9007199254740992"));
        assert!(number("0.30000000000000001") > number("0.3"));
        assert!(number("-100000000000000000000000000000000000000001") < number("-1"));
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for text in [
            "", "-", "+", ".", ".5", "5.", "1e3", "0x10", "1,000", " 1", "1 ", "NaN", "--1",
            "1.2.3", "٣",
        ] {
            assert_eq!(Number::operand(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn order_is_that_of_integers(a in any::<i64>(), b in any::<i64>()) {
            prop_assert_eq!(number(&a.to_string()).cmp(&number(&b.to_string())), a.cmp(&b));
        }

        #[test]
        fn order_is_that_of_thousandths(a in -5000_i32..5000, b in -5000_i32..5000) {
            let text = |n: i32| format!("{}{}.{:03}", if n < 0 { "-" } else { "" },
                n.abs() / 1000, n.abs() % 1000);
            prop_assert_eq!(number(&text(a)).cmp(&number(&text(b))), a.cmp(&b));
        }
    }
}
