//! Moments, in the forms of ISO 8601 that the W3C recommends, or as seconds since 1970.

use super::operand::Typed;

/// A moment, to the nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    seconds: i64,
    nanos: u32,
}

impl Typed for Moment {
    type Value = Self;
    const FORM: &'static str =
        "a date such as `2026-01-31T23:59:59Z`, or seconds since 1970 such as `1769903999`";

    fn operand(text: &str) -> Option<Self> {
        match epoch(text) {
            Some(moment) => Some(moment),
            None => iso(text),
        }
    }

    fn value(text: &str) -> Option<Self> {
        Self::operand(text)
    }
}

fn epoch(text: &str) -> Option<Moment> {
    let (seconds, fraction) = match text.split_once('.') {
        Some((seconds, fraction)) => (seconds, nanos(fraction)?),
        None => (text, 0),
    };
    let digits = seconds.strip_prefix('-').unwrap_or(seconds);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if fraction > 0 && digits.len() < seconds.len() {
        return None;
    }
    Some(Moment {
        seconds: seconds.parse().ok()?,
        nanos: fraction,
    })
}

/// `2026-01-31`, or with `T23:59Z`, `T23:59:59Z`, `T23:59:59.999+02:00`.
fn iso(text: &str) -> Option<Moment> {
    let mut rest = Scanner(text);
    let year = rest.number(4)?;
    let month = rest.after('-')?.number(2)?;
    let day = rest.after('-')?.number(2)?;
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let midnight = days_since_1970(year, month, day) * 86_400;
    if rest.0.is_empty() {
        return Some(Moment {
            seconds: midnight,
            nanos: 0,
        });
    }
    let hour = rest.after('T')?.number(2)?;
    let minute = rest.after(':')?.number(2)?;
    let mut second = 0;
    let mut fraction = 0;
    if rest.after(':').is_some() {
        second = rest.number(2)?;
        if rest.after('.').is_some() {
            fraction = nanos(rest.digits())?;
        }
    }
    let offset = rest.offset()?;
    // A leap second counts as the last second of its minute.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(Moment {
        seconds: midnight + hour * 3_600 + minute * 60 + second.min(59) - offset,
        nanos: fraction,
    })
}

/// What is left of a date.
struct Scanner<'a>(&'a str);

impl<'a> Scanner<'a> {
    fn number(&mut self, length: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(length)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }

    fn after(&mut self, wanted: char) -> Option<&mut Self> {
        self.0 = self.0.strip_prefix(wanted)?;
        Some(self)
    }

    fn digits(&mut self) -> &'a str {
        let rest = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = self.0.strip_suffix(rest).unwrap_or_default();
        self.0 = rest;
        digits
    }

    /// `Z` or `+02:00`, and nothing after it, in seconds.
    fn offset(&mut self) -> Option<i64> {
        if self.0 == "Z" {
            return Some(0);
        }
        let sign = if self.after('+').is_some() {
            1
        } else {
            self.after('-')?;
            -1
        };
        let hours = self.number(2)?;
        let minutes = self.after(':')?.number(2)?;
        let valid = hours <= 23 && minutes <= 59 && self.0.is_empty();
        valid.then_some(sign * (hours * 3_600 + minutes * 60))
    }
}

/// The digits after a decimal point, as billionths. Those beyond the ninth are dropped.
fn nanos(digits: &str) -> Option<u32> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = digits.bytes().chain(std::iter::repeat(b'0')).take(9);
    Some(digits.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Years are counted from March, so that the leap day is a year's last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - MARCH_OF_YEAR_0_TO_1970
}

const MARCH_OF_YEAR_0_TO_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Option<(i64, u32)> {
        Moment::operand(text).map(|moment| (moment.seconds, moment.nanos))
    }

    #[test]
    fn all_forms_of_one_moment_are_equal() {
        for text in [
            "2015-08-30T12:36:00Z",
            "2015-08-30T12:36Z",
            "2015-08-30T12:36:00.000Z",
            "2015-08-30T14:36:00+02:00",
            "2015-08-30T07:06:00.0-05:30",
            "1440938160",
            "1440938160.000",
        ] {
            assert_eq!(moment(text), Some((1_440_938_160, 0)), "{text}");
        }
    }

    #[test]
    fn days_follow_the_calendar() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29", 951_782_400),
            ("2000-03-01", 951_868_800),
            ("0000-01-01", -62_167_219_200),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("2016-12-31T23:59:60Z", 1_483_228_799),
            ("-1", -1),
        ] {
            assert_eq!(moment(text), Some((seconds, 0)), "{text}");
        }
        assert_eq!(moment("1970-01-01T00:00:00.5Z"), Some((0, 500_000_000)));
        assert_eq!(moment("0.25"), Some((0, 250_000_000)));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "-",
            "now",
            "2015-8-30",
            "2015-13-01",
            "2015-00-01",
            "2015-02-29",
            "1900-02-29",
            "2015-08-30T",
            "2015-08-30T12Z",
            "2015-08-30T12:36",
            "2015-08-30T24:00Z",
            "2015-08-30T12:60Z",
            "2015-08-30T12:36:61Z",
            "2015-08-30T12:36:00.Z",
            "2015-08-30T12:36:00ZZ",
            "2015-08-30T12:36:00+0200",
            "2015-08-30T12:36:00+24:00",
            "2015-08-30 12:36:00Z",
            "2015-08-30t12:36:00z",
            "20150830T123600Z",
            "2015-08-3٣",
            "+2015-08-30",
            "99999999999999999999",
            "1.",
            "1.x",
            "-0.5",
            "é015-08-30",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
