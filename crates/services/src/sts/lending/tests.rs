use super::*;
use crate::document::TrustDocument;
use crate::identity::model::Grants;
use crate::tags::Tags;
use base::{AccountId, Timestamp};
use proptest::prelude::*;
use seal::KeyRing;
use std::sync::Arc;
use testkit::SeededEntropy;

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

fn noon() -> Timestamp {
    Timestamp::from_millis(1_768_478_400_000)
}

fn of_role() -> Session {
    let subject = SessionSubject::Role {
        name: "reader".to_owned(),
        id: "AROAEXAMPLE".to_owned(),
    };
    Session {
        name: Some("session".to_owned()),
        ..Session::of(&account(), subject, noon(), 900)
    }
}

fn lent(session: Session) -> Result<Loan, Error> {
    let entropy = Arc::new(SeededEntropy::new(1));
    let ring = KeyRing::generate(entropy.clone(), noon()).unwrap();
    lend(&Sessions::new(Arc::new(ring)), entropy.as_ref(), session)
}

fn role(max_session_seconds: u32) -> Role {
    Role {
        account: account(),
        name: "reader".to_owned(),
        path: "/".to_owned(),
        id: "AROAEXAMPLE".to_owned(),
        created: noon(),
        description: None,
        trust: TrustDocument::stored("{}"),
        max_session_seconds,
        tags: Tags::default(),
        boundary: None,
        grants: Grants::default(),
    }
}

#[test]
fn a_loan_has_an_access_key_of_its_own_and_ends() {
    let loan = lent(of_role()).unwrap();
    let other = lent(of_role()).unwrap();

    let key = &loan.session.access_key_id;
    assert!(key.starts_with("ASIA"), "{key}");
    assert_eq!(loan.session.expires, noon().plus_seconds(900));
    assert_eq!(loan.session.issued, noon());
    assert_eq!(loan.packed_percent, None);
    assert_eq!(*key, other.session.access_key_id, "chance is seeded");
    let expected = json!({
        "credentials": { "accessKeyId": key, "expiration": "Jan 15, 2026 12:15:00 PM" },
        "assumedRoleUser": {
            "assumedRoleId": "AROAEXAMPLE:session",
            "arn": "arn:aws:sts::123456789012:assumed-role/reader/session",
        },
    });
    assert_eq!(loan.shown(), expected);
}

#[test]
fn what_a_token_carries_is_measured_in_percent_rounded_up() {
    let with_arns = |count: usize, length: usize| Session {
        policy_arns: vec!["x".repeat(length); count],
        ..of_role()
    };
    let percent = |session| lent(session).map(|loan| loan.packed_percent);

    assert_eq!(percent(with_arns(1, 1)).unwrap(), Some(1));
    assert_eq!(percent(with_arns(1, MOST_BYTES / 2)).unwrap(), Some(50));
    assert_eq!(percent(with_arns(2, MOST_BYTES / 2)).unwrap(), Some(100));
    let refused = percent(with_arns(1, MOST_BYTES + 1)).unwrap_err();
    assert!(matches!(refused, Error::PackedPolicyTooLarge(101)));
}

#[test]
fn claims_take_room_and_are_no_part_of_the_percentage() {
    let with_claims = |length: usize| Session {
        claims: vec![("x:sub".to_owned(), "y".repeat(length))],
        ..of_role()
    };

    let fits = lent(with_claims(MOST_BYTES - 5)).unwrap();
    let refused = lent(with_claims(MOST_BYTES)).err();

    assert_eq!(fits.packed_percent, None);
    assert!(matches!(refused, Some(Error::PackedPolicyTooLarge(101))));
}

#[test]
fn the_largest_token_stays_under_twelve_kibibytes() {
    let session = Session {
        claims: vec![("x:sub".to_owned(), "y".repeat(MOST_BYTES - 5))],
        ..of_role()
    };

    let loan = lent(session).unwrap();

    assert!(loan.token.token.len() < 12 * 1024);
}

#[test]
fn roots_get_an_hour_at_most_and_users_a_day_and_a_half() {
    assert_eq!(seconds_of_holder(None, true), 3_600);
    assert_eq!(seconds_of_holder(Some(900), true), 900);
    assert_eq!(seconds_of_holder(Some(129_600), true), 3_600);
    assert_eq!(seconds_of_holder(None, false), 43_200);
    assert_eq!(seconds_of_holder(Some(129_600), false), 129_600);
}

proptest! {
    #[test]
    fn a_session_of_a_role_lasts_as_asked_or_is_refused(
        asked in prop::option::of(900_i64..=43_200),
        most in 3_600_u32..=43_200,
        is_chained: bool,
    ) {
        let wanted = asked.unwrap_or(3_600);
        let bound = if is_chained { 3_600 } else { i64::from(most) };

        match seconds_of_role(asked, &role(most), is_chained) {
            Ok(seconds) => prop_assert!(seconds == wanted && seconds <= bound),
            Err(Error::TooLong) => prop_assert!(wanted > i64::from(most)),
            Err(Error::TooLongForAChain) => prop_assert!(is_chained && wanted > 3_600),
            Err(other) => prop_assert!(false, "{other}"),
        }
        prop_assert_eq!(seconds_of_role(asked, &role(most), is_chained).is_ok(), wanted <= bound);
    }
}
