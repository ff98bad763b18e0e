use base::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::time::Duration;

/// A moment as AWS's JSON has it: seconds since the beginning of 1970, with at most three decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl Moment {
    /// `2015-08-30T12:36:00Z`.
    pub fn to_iso(self) -> String {
        self.0.to_iso()
    }
}

impl Default for Moment {
    fn default() -> Self {
        Self(Timestamp::from_millis(0))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or_default();
        match millis % 1_000 {
            0 => serializer.serialize_u64(millis / 1_000),
            _ => serializer.serialize_f64(Duration::from_millis(millis).as_secs_f64()),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let since = Duration::try_from_secs_f64(f64::deserialize(deserializer)?);
        let since = since.map_err(D::Error::custom)?.saturating_add(HALF);
        let millis = i64::try_from(since.as_millis()).map_err(D::Error::custom)?;
        Ok(Self(Timestamp::from_millis(millis)))
    }
}

/// Of a millisecond: to the nearest one.
const HALF: Duration = Duration::from_micros(500);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moments_are_written_as_aws_does() {
        let written = |millis| {
            let moment = Moment(Timestamp::from_millis(millis));
            serde_json::to_string(&moment).unwrap()
        };

        assert_eq!(written(1_523_923_200_000), "1523923200");
        assert_eq!(written(1_523_477_145_713), "1523477145.713");
        assert_eq!(written(1_523_477_145_700), "1523477145.7");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in ["-1", "1e30", "\"now\"", "null"] {
            assert!(serde_json::from_str::<Moment>(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(millis in 0_i64..253_402_300_800_000) {
            let moment = Moment(Timestamp::from_millis(millis));

            let text = serde_json::to_string(&moment).unwrap();

            prop_assert_eq!(serde_json::from_str::<Moment>(&text).unwrap(), moment);
        }
    }
}
