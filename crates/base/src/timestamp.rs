use serde::{Deserialize, Serialize};
use time::format_description::FormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// A moment in UTC, to the millisecond: AWS's JSON timestamps carry no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `millis` milliseconds after 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Reads `20150830T123600Z`, the basic ISO-8601 form of SigV4. `None` for anything else.
    pub fn parse_basic(text: &str) -> Option<Self> {
        if text.len() != 16 {
            return None;
        }
        let moment = PrimitiveDateTime::parse(text, BASIC).ok()?.assume_utc();
        Some(Self(moment.unix_timestamp().checked_mul(1_000)?))
    }

    /// Reads an ISO-8601 moment with its zone, such as `2015-08-30T12:36:00Z` or
    /// `2015-08-30T14:36:00.123+02:00`. `None` for anything else.
    pub fn parse_iso(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        let millis = moment.unix_timestamp().checked_mul(1_000)?;
        millis
            .checked_add(i64::from(moment.millisecond()))
            .map(Self)
    }

    /// Milliseconds after 1970-01-01T00:00:00Z.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This moment and `millis` milliseconds more (fewer, when negative).
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This moment and `seconds` seconds more.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1_000))
    }

    /// This moment and `days` days more.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_millis(days.saturating_mul(MILLIS_PER_DAY))
    }

    /// Midnight UTC of the same day.
    #[must_use]
    pub const fn start_of_day(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(MILLIS_PER_DAY)))
    }

    /// In the calendar, to the second; 1970 for what is outside of it.
    pub fn to_calendar(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1_000))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// `20150830T123600Z`: the date of a SigV4 request.
    pub fn to_basic(self) -> String {
        self.format(BASIC)
    }

    /// `20150830`: the date in a credential scope.
    pub fn to_basic_date(self) -> String {
        self.format(BASIC_DATE)
    }

    /// `2015-08-30T12:36:00Z`: the `eventTime` of CloudTrail.
    pub fn to_iso(self) -> String {
        // Every event has one, so it is written without the interpreter of formats.
        let moment = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1_000));
        let Ok(moment) = moment else {
            return self.format(ISO);
        };
        let (year, month, day) = moment.to_calendar_date();
        let (hour, minute, second) = moment.to_hms();
        let Ok(year @ 0..10_000) = u16::try_from(year) else {
            return self.format(ISO);
        };
        let mut text = String::with_capacity(20);
        for (number, digits, after) in [
            (year, 4, '-'),
            (u16::from(u8::from(month)), 2, '-'),
            (u16::from(day), 2, 'T'),
            (u16::from(hour), 2, ':'),
            (u16::from(minute), 2, ':'),
            (u16::from(second), 2, 'Z'),
        ] {
            push_digits(&mut text, number, digits);
            text.push(after);
        }
        text
    }

    /// `2015-08-30T12:36:00.123`, without the zone: Lambda writes `+0000` after it in answers and `Z`
    /// in logs.
    pub fn to_iso_millis(self) -> String {
        let iso = self.to_iso();
        let Some(seconds) = iso.strip_suffix('Z') else {
            return iso;
        };
        format!("{seconds}.{:03}", self.0.rem_euclid(1_000))
    }

    /// `Aug 30, 2015 12:36:00 PM`: dates inside CloudTrail's response elements.
    pub fn to_cloudtrail(self) -> String {
        self.format(CLOUDTRAIL)
    }

    fn format(self, description: &[FormatItem<'_>]) -> String {
        OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1_000))
            .ok()
            .and_then(|moment| moment.format(description).ok())
            .unwrap_or_else(|| String::from("out of range"))
    }
}

/// The last `digits` digits of `number`.
fn push_digits(text: &mut String, number: u16, digits: u32) {
    for place in (0..digits).rev() {
        let digit = number / 10_u16.pow(place) % 10;
        text.push(char::from_digit(u32::from(digit), 10).unwrap_or('0'));
    }
}

const MILLIS_PER_DAY: i64 = 86_400_000;
const BASIC: &[FormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");
const BASIC_DATE: &[FormatItem<'_>] = format_description!("[year][month][day]");
const ISO: &[FormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const CLOUDTRAIL: &[FormatItem<'_>] = format_description!(
    "[month repr:short] [day padding:none], [year] [hour repr:12 padding:none]:[minute]:[second] [period]"
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_iso_moment_is_read_with_its_zone_and_fraction() {
        for (text, millis) in [
            ("2015-08-30T12:36:00Z", Some(1_440_938_160_000)),
            ("2015-08-30T14:36:00.123456+02:00", Some(1_440_938_160_123)),
            ("1969-12-31T23:59:59.5Z", Some(-500)),
            ("2015-08-30T12:36:00", None),
            ("2015-08-30", None),
            ("1440938160", None),
            ("", None),
        ] {
            let expected = millis.map(Timestamp::from_millis);
            assert_eq!(Timestamp::parse_iso(text), expected, "{text}");
        }
    }

    #[test]
    fn formats_follow_aws() {
        let moment = Timestamp::from_millis(1_440_938_160_123);

        assert_eq!(moment.to_basic(), "20150830T123600Z");
        assert_eq!(moment.to_basic_date(), "20150830");
        assert_eq!(moment.to_iso(), "2015-08-30T12:36:00Z");
        assert_eq!(moment.to_iso_millis(), "2015-08-30T12:36:00.123");
        assert_eq!(moment.to_cloudtrail(), "Aug 30, 2015 12:36:00 PM");
        assert_eq!(moment.start_of_day().to_iso(), "2015-08-30T00:00:00Z");
    }

    #[test]
    fn milliseconds_count_from_the_second_before() {
        for (millis, text) in [
            (7, "1970-01-01T00:00:00.007"),
            (1_000, "1970-01-01T00:00:01.000"),
            (-1, "1969-12-31T23:59:59.999"),
        ] {
            assert_eq!(Timestamp::from_millis(millis).to_iso_millis(), text);
        }
    }

    #[test]
    fn a_malformed_date_is_refused() {
        for text in [
            "",
            "2015-08-30T12:36:00Z",
            "20150830T123600",
            "20151330T123600Z",
            "20150830T126000Z",
        ] {
            assert_eq!(Timestamp::parse_basic(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_outside_the_calendar_does_not_panic() {
        let last = Timestamp::from_millis(i64::MAX);
        assert_eq!(last.to_iso(), "out of range");
        assert_eq!(last.to_iso_millis(), "out of range");
        assert_eq!(
            Timestamp::from_millis(i64::MIN).start_of_day().to_basic(),
            "out of range"
        );
    }

    proptest! {
        #[test]
        fn the_forms_read_back(seconds in 0_i64..4_102_444_800) {
            let moment = Timestamp::from_millis(seconds * 1_000);
            prop_assert_eq!(Timestamp::parse_basic(&moment.to_basic()), Some(moment));
            prop_assert_eq!(Timestamp::parse_iso(&moment.to_iso()), Some(moment));
            prop_assert_eq!(Timestamp::parse_iso(&moment.to_basic()), None);
        }

        #[test]
        fn the_iso_form_is_that_of_the_library(millis in -99_999_999_999_999_i64..299_999_999_999_999) {
            let moment = Timestamp::from_millis(millis);
            prop_assert_eq!(moment.to_iso(), moment.format(ISO));
        }
    }
}
