//! How far a follower is, as it is stored.

use super::*;
use crate::fixtures;
use proptest::prelude::*;
use store::Record as _;

fn cursor() -> Cursor {
    Cursor {
        follower: String::from("secretsmanager.access"),
        after: 4_711,
    }
}

#[test]
fn what_was_stored_is_read() {
    fixtures::assert_reads(1, &cursor());
}

#[test]
fn a_cursor_is_filed_under_its_follower() {
    assert_eq!(cursor().key(), Cursor::key_of("secretsmanager.access"));
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&cursor());
}

proptest! {
    #[test]
    fn a_cursor_survives_being_stored(follower in ".{0,40}", after: u64) {
        fixtures::assert_survives(&Cursor { follower, after });
    }
}
