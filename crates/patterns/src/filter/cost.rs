use std::iter::Sum;
use std::ops::Add;

/// What it takes to match an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// How often the event is gone through at most, or as much work as that.
    pub passes: usize,
    /// Regular expressions among that.
    pub expressions: usize,
}

impl Cost {
    /// Going through the event once.
    pub const PASS: Self = Self {
        passes: 1,
        expressions: 0,
    };
    /// One regular expression: it follows many paths at once.
    pub const EXPRESSION: Self = Self {
        passes: 50,
        expressions: 1,
    };
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passes: self.passes.saturating_add(other.passes),
            expressions: self.expressions.saturating_add(other.expressions),
        }
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), Add::add)
    }
}
