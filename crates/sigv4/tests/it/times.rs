//! When a signature is good, and what is said when it is not.

use crate::kit::{Owned, incomplete, invalid, now, refusal, reply};
use base::Timestamp;

fn request() -> Owned {
    Owned::get_secret_value()
}

#[test]
fn a_lifetime_is_between_a_second_and_a_week() {
    for lifetime in [
        "0",
        "-1",
        "+60",
        "604801",
        "99999999999999999999",
        "1.5",
        "",
        "soon",
    ] {
        let request = request().presigned_for(60).replacing(
            "Expires=60",
            &format!("Expires={}", lifetime.replace('+', "%2B")),
        );

        assert_eq!(
            refusal(&request),
            incomplete(&format!(
                "X-Amz-Expires must be a number of seconds between 1 and 604800. Got '{lifetime}'."
            ))
        );
    }
    assert_eq!(request().presigned_for(1).accepted(), Ok(()));
    assert_eq!(request().presigned_for(604_800).accepted(), Ok(()));
}

#[test]
fn what_is_no_date_is_quoted() {
    for date in ["201", "2015-08-30T12:36:00Z", "20151330T123600Z", ""] {
        assert_eq!(
            refusal(&request().signed().with("x-amz-date", date)),
            incomplete(&format!(
                "Date must be in ISO-8601 'basic format'. Got '{date}'. \
                 See http://en.wikipedia.org/wiki/ISO_8601"
            ))
        );
    }
}

#[test]
fn a_signature_is_good_for_fifteen_minutes() {
    let signed = request().signed();
    let at = |seconds: i64, millis: i64| {
        let now = now().plus_seconds(seconds).plus_millis(millis);
        signed.read_at(now).map(drop).map_err(|e| reply(&e))
    };

    assert_eq!(at(900, 0), Ok(()));
    assert_eq!(at(-900, 0), Ok(()));
    assert_eq!(
        at(900, 1),
        Err(invalid(
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123600Z \
             (20150830T125100Z - 15 min.)"
        ))
    );
    assert_eq!(
        at(960, 0),
        Err(invalid(
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z \
             (20150830T125200Z - 15 min.)"
        ))
    );
    assert_eq!(
        at(-960, 0),
        Err(invalid(
            "Signature not yet current: 20150830T123600Z is still later than 20150830T123500Z \
             (20150830T122000Z + 15 min.)"
        ))
    );
}

#[test]
fn a_presigned_url_is_good_for_as_long_as_it_says() {
    let at = |lifetime: u32, seconds: i64| {
        let request = request().presigned_for(lifetime);
        let read = request.read_at(now().plus_seconds(seconds));
        read.map(drop).map_err(|e| reply(&e))
    };

    assert_eq!(at(86_400, 86_400), Ok(()));
    assert_eq!(at(60, 60), Ok(()));
    assert_eq!(
        at(60, 61),
        Err(invalid(
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \
             (20150830T123701Z - 1 min.)"
        ))
    );
    assert_eq!(
        at(90, 91),
        Err(invalid(
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \
             (20150830T123731Z - 90 sec.)"
        ))
    );
    assert_eq!(
        at(60, -901),
        Err(invalid(
            "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z \
             (20150830T122059Z + 15 min.)"
        ))
    );
}

#[test]
fn a_presigned_url_without_a_lifetime_has_fifteen_minutes() {
    let mut request = request().presigned_for(60);
    request.query = request.query.replace("&X-Amz-Expires=60", "");

    assert!(request.read_at(now().plus_seconds(900)).is_ok());
    assert!(request.read_at(now().plus_seconds(901)).is_err());
}

#[test]
fn an_absurd_present_is_no_panic() {
    for millis in [i64::MIN, i64::MAX] {
        let moment = Timestamp::from_millis(millis);

        assert!(request().signed().read_at(moment).is_err());
    }
}
