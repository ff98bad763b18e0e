//! Values put together, and what is told of them.

pub(crate) use crate::ports::Aggregate;
use serde::{Deserialize, Serialize};

/// What is told of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Statistic {
    Average,
    Maximum,
    Minimum,
    SampleCount,
    Sum,
}

impl Statistic {
    /// As CloudWatch names it.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let all = [
            Self::Average,
            Self::Maximum,
            Self::Minimum,
            Self::SampleCount,
            Self::Sum,
        ];
        all.into_iter().find(|one| one.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Average => "Average",
            Self::Maximum => "Maximum",
            Self::Minimum => "Minimum",
            Self::SampleCount => "SampleCount",
            Self::Sum => "Sum",
        }
    }

    pub(crate) fn of(self, values: &Aggregate) -> f64 {
        match self {
            Self::Average if values.count > 0.0 => values.sum / values.count,
            Self::Average => 0.0,
            Self::Maximum => values.max,
            Self::Minimum => values.min,
            Self::SampleCount => values.count,
            Self::Sum => values.sum,
        }
    }
}

/// The units, as CloudWatch names them. INVARIANT: the place of a unit is stored; new ones go to the end.
pub(crate) const UNITS: [&str; 27] = [
    "None",
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
];

/// The place of a unit among [`UNITS`]; without one, and for one that there is not, that of `None`.
pub(crate) fn unit_code(name: Option<&str>) -> u8 {
    let found = UNITS.iter().position(|unit| Some(*unit) == name);
    found
        .and_then(|place| u8::try_from(place).ok())
        .unwrap_or(0)
}

/// The unit at a place.
pub(crate) fn unit_name(code: u8) -> &'static str {
    UNITS.get(usize::from(code)).copied().unwrap_or("None")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn units_have_places_of_their_own() {
        for (place, unit) in (0..).zip(UNITS) {
            assert_eq!((unit_code(Some(unit)), unit_name(place)), (place, unit));
        }
        assert_eq!((unit_code(None), unit_code(Some("Miles"))), (0, 0));
        assert_eq!(unit_name(200), "None");
    }

    proptest! {
        #[test]
        fn statistics_agree_with_the_values(values in prop::collection::vec(-1_000_i32..1_000, 1..20)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let all = values.iter().map(|value| Aggregate::of(*value, 1.0));

            let all = all.reduce(Aggregate::with).unwrap();

            let count = values.iter().map(|_| 1.0).sum::<f64>();
            let sum: f64 = values.iter().sum();
            prop_assert_eq!(Statistic::SampleCount.of(&all), count);
            prop_assert_eq!(Statistic::Sum.of(&all), sum);
            prop_assert_eq!(Statistic::Average.of(&all), sum / count);
            prop_assert_eq!(Statistic::Minimum.of(&all), values.iter().copied().fold(f64::MAX, f64::min));
            prop_assert_eq!(Statistic::Maximum.of(&all), values.iter().copied().fold(f64::MIN, f64::max));
        }
    }
}
