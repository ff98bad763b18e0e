use base::{Entropy, random_below};

/// How long to wait before trying again: longer each time, and never as long as the neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first failure, in milliseconds.
    pub first_millis: u32,
    /// The longest wait of all, in milliseconds.
    pub most_millis: u32,
}

impl Backoff {
    /// The wait after `failures` failures in a row: between half of the longest for that number, and
    /// all of it. The longest doubles with every failure.
    pub fn after(&self, failures: u32, entropy: &dyn Entropy) -> i64 {
        let doublings = failures.saturating_sub(1).min(31);
        let longest = u64::from(self.first_millis) << doublings;
        let longest = longest.min(u64::from(self.most_millis));
        let half = u32::try_from(longest / 2).unwrap_or(u32::MAX);
        let rest = u32::try_from(longest)
            .unwrap_or(u32::MAX)
            .saturating_sub(half);
        i64::from(half).saturating_add(i64::from(random_below(entropy, rest.saturating_add(1))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Always the same bytes.
    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&self, buf: &mut [u8]) {
            buf.fill(self.0);
        }
    }

    #[test]
    fn the_wait_doubles_up_to_the_longest() {
        let backoff = Backoff {
            first_millis: 1_000,
            most_millis: 5_000,
        };

        let waits = [0, 1, 2, 3, 4, 90].map(|failures| backoff.after(failures, &Fixed(0)));

        assert_eq!(waits, [500, 500, 1_000, 2_000, 2_500, 2_500]);
    }

    proptest! {
        #[test]
        fn no_wait_is_shorter_than_half_or_longer_than_all(
            first in 1_u32..100_000,
            more in 0_u32..1_000_000,
            failures: u32,
            chance in 0_u8..=254,
        ) {
            let backoff = Backoff { first_millis: first, most_millis: first.saturating_add(more) };

            let wait = backoff.after(failures, &Fixed(chance));

            let longest = (u64::from(first) << failures.saturating_sub(1).min(31))
                .min(u64::from(backoff.most_millis));
            prop_assert!(u64::try_from(wait).unwrap() <= longest);
            prop_assert!(u64::try_from(wait).unwrap() >= longest / 2);
        }
    }
}
