//! Renewal of a key's material: automatic ones by their schedule, others on demand.
//!
//! What older material encrypted it still decrypts: nothing is encrypted anew.

use super::error::Error;
use super::model::{Cause, KmsKey, Rotation};
use base::{Entropy, Timestamp};
use serde_json::json;

/// The schedule of a key that is renewed every `period_days` days from `now` on.
pub(crate) fn schedule(period_days: i64, now: Timestamp) -> Rotation {
    Rotation {
        period_days,
        next: now.plus_days(period_days),
    }
}

/// The schedule after a renewal at `now`: one period after it was due, or, when whole periods were
/// missed, one period from `now` on.
pub(crate) fn renewed(rotation: Rotation, now: Timestamp) -> Rotation {
    let next = rotation.next.plus_days(rotation.period_days);
    if next > now {
        Rotation { next, ..rotation }
    } else {
        schedule(rotation.period_days, now)
    }
}

/// Refuses a key whose material was renewed on demand as often as it can be.
///
/// # Errors
/// [`Error::RotationsExhausted`].
pub(crate) fn check_demand(key: &KmsKey) -> Result<(), Error> {
    if key.rotations_on_demand() < MOST_ON_DEMAND {
        Ok(())
    } else {
        Err(Error::RotationsExhausted(key.arn()))
    }
}

/// CloudTrail's event of a renewal of `key`.
pub(crate) fn event(entropy: &dyn Entropy, key: &KmsKey, cause: Cause, now: Timestamp) -> Vec<u8> {
    let mut additional = json!({ "keyId": key.arn() });
    if let (Some(name), Some(members)) = (name_of(cause), additional.as_object_mut()) {
        members.insert(String::from("rotationType"), name.into());
    }
    key.service_event("RotateKey", entropy, now, additional)
}

/// What AWS calls a renewal; the first material is none.
pub(crate) fn name_of(cause: Cause) -> Option<&'static str> {
    match cause {
        Cause::Creation => None,
        Cause::Schedule => Some("AUTOMATIC"),
        Cause::Demand => Some("ON_DEMAND"),
    }
}

/// AWS's period when none is given.
pub(crate) const USUAL_PERIOD_DAYS: i64 = 365;
/// AWS's quota for a key.
const MOST_ON_DEMAND: usize = 25;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: i64 = 86_400_000;

    proptest! {
        #[test]
        fn a_renewed_key_is_next_due_within_a_period_to_come(
            period_days in 90_i64..=2_560, late_millis in 0_i64..(10_000 * DAY),
        ) {
            let rotation = schedule(period_days, Timestamp::from_millis(0));
            let now = rotation.next.plus_millis(late_millis);

            let next = renewed(rotation, now).next;

            prop_assert!(next > now);
            prop_assert!(next <= now.plus_days(period_days));
        }
    }

    #[test]
    fn what_is_renewed_in_time_keeps_its_rhythm() {
        let rotation = schedule(90, Timestamp::from_millis(0));

        let next = renewed(rotation, rotation.next.plus_millis(61_000));

        assert_eq!(
            next,
            schedule(180, Timestamp::from_millis(0)).with_period(90)
        );
    }

    impl Rotation {
        fn with_period(self, period_days: i64) -> Self {
            Self {
                period_days,
                ..self
            }
        }
    }
}
