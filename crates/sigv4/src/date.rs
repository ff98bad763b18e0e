use base::Timestamp;

/// Reads the date of a request: `20150830T123600Z`, or `Sun, 30 Aug 2015 12:36:00 GMT` as a `Date`
/// header has it.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    Timestamp::parse_basic(text).or_else(|| Timestamp::parse_basic(&basic_of_http(text)?))
}

/// The basic form of an HTTP date. The name of the day is not compared with the date.
fn basic_of_http(text: &str) -> Option<String> {
    let (weekday, rest) = text.split_once(", ")?;
    let mut fields = rest.split(' ');
    let (day, month, year) = (fields.next()?, fields.next()?, fields.next()?);
    let (time, zone) = (fields.next()?, fields.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let time = digits_of_time(time)?;
    let fits = WEEKDAYS.contains(&weekday)
        && matches!(zone, "GMT" | "UTC")
        && fields.next().is_none()
        && is_digits(day, 2)
        && is_digits(year, 4);
    fits.then(|| format!("{year}{month:02}{day}T{time}Z"))
}

/// `123600` of `12:36:00`.
fn digits_of_time(time: &str) -> Option<String> {
    let mut parts = time.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = parts.next().is_none() && [hour, minute, second].iter().all(|p| is_digits(p, 2));
    fits.then(|| format!("{hour}{minute}{second}"))
}

fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_digit())
}

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_name_the_same_moment() {
        let moment = Timestamp::from_millis(1_440_938_160_000);

        assert_eq!(parse("20150830T123600Z"), Some(moment));
        assert_eq!(parse("Sun, 30 Aug 2015 12:36:00 GMT"), Some(moment));
    }

    #[test]
    fn anything_else_is_no_date() {
        for text in [
            "",
            "20150830",
            "2015-08-30T12:36:00Z",
            "Sun, 30 Aug 2015 12:36:00",
            "Sun, 30 Aug 2015 12:36:00 GMT ",
            "Sun, 30 Aug 2015 12:36:00 CET",
            "Sun, 30 Aug 2015 12:36 GMT",
            "Sun, 30 Aug 2015 12:36:00:00 GMT",
            "Sun, 31 Feb 2015 12:36:00 GMT",
            "Sun, 30 aug 2015 12:36:00 GMT",
            "Sunday, 30-Aug-15 12:36:00 GMT",
            "Xyz, 30 Aug 2015 12:36:00 GMT",
            "Sun, +3 Aug 2015 12:36:00 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
