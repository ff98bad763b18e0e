use crate::quotas::Rate;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A token bucket, as the moment at which it will be full again.
///
/// Each token costs the time in which one comes, and puts that moment off by as much. There is one
/// as long as the moment stays within the time that fills an empty bucket.
pub(super) struct Bucket {
    /// In nanoseconds after 1970.
    full_at: AtomicU64,
    /// Nanoseconds in which a token comes. 0: there is no end of them.
    interval: u64,
    /// Nanoseconds that fill the empty bucket.
    depth: u64,
}

impl Bucket {
    /// A full one.
    pub(super) fn full(rate: Option<Rate>) -> Self {
        let (interval, burst) = match rate {
            Some(rate) => {
                let interval = SECOND / u64::from(rate.per_second.get());
                (interval.max(1), u64::from(rate.burst.get()))
            }
            None => (0, 0),
        };
        Self {
            full_at: AtomicU64::new(0),
            interval,
            depth: interval.saturating_mul(burst),
        }
    }

    /// Takes a token at `now`. Errors with the time after which there is one.
    pub(super) fn take(&self, now: u64) -> Result<(), Duration> {
        if self.interval == 0 {
            return Ok(());
        }
        let empty = now.saturating_add(self.depth);
        let mut seen = self.full_at.load(Ordering::Relaxed);
        loop {
            // No bucket is emptier than empty, so the clock was set back. Some calls are only a
            // little late on their way here, and must not give tokens back.
            let is_from_the_future = seen > empty.saturating_add(LATE);
            let from = if is_from_the_future { empty } else { seen };
            let next = from.max(now).saturating_add(self.interval);
            let missing = next.saturating_sub(empty);
            // A refusal writes nothing: a flood of them leaves the bucket to the others.
            if missing > 0 && !is_from_the_future {
                return Err(Duration::from_nanos(missing));
            }
            let next = if missing > 0 { from } else { next };
            let order = Ordering::Relaxed;
            match self.full_at.compare_exchange_weak(seen, next, order, order) {
                Ok(_) if missing > 0 => return Err(Duration::from_nanos(missing)),
                Ok(_) => return Ok(()),
                Err(other) => seen = other,
            }
        }
    }

    /// Whether it is as a new one would be.
    pub(super) fn is_full(&self, now: u64) -> bool {
        self.full_at.load(Ordering::Relaxed) <= now
    }
}

const SECOND: u64 = 1_000_000_000;
/// How much older than another's the moment of a call may be.
const LATE: u64 = SECOND;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::num::NonZeroU32;

    fn bucket(per_second: u32, burst: u32) -> Bucket {
        Bucket::full(Some(Rate {
            per_second: NonZeroU32::new(per_second).unwrap(),
            burst: NonZeroU32::new(burst).unwrap(),
        }))
    }

    fn taken(bucket: &Bucket, tries: u32, now: u64) -> u32 {
        (0..tries)
            .map(|_| u32::from(bucket.take(now).is_ok()))
            .sum()
    }

    #[test]
    fn a_full_bucket_gives_its_burst_and_then_its_rate() {
        let bucket = bucket(50, 80);

        assert_eq!(taken(&bucket, 200, NOW), 80);
        assert_eq!(bucket.take(NOW), Err(Duration::from_millis(20)));
        assert_eq!(taken(&bucket, 200, NOW + SECOND / 2), 25);
        assert_eq!(taken(&bucket, 200, NOW + 60 * SECOND), 80);
    }

    #[test]
    fn a_bucket_without_a_rate_never_ends() {
        let bucket = Bucket::full(None);

        assert_eq!(taken(&bucket, 10_000, NOW), 10_000);
        assert!(bucket.is_full(NOW));
    }

    #[test]
    fn it_is_full_again_once_every_token_came_back() {
        let bucket = bucket(10, 10);
        taken(&bucket, 10, NOW);

        assert!(!bucket.is_full(NOW + SECOND - 1));
        assert!(bucket.is_full(NOW + SECOND));
    }

    #[test]
    fn a_clock_that_was_set_back_refuses_no_longer_than_an_empty_bucket_does() {
        let bucket = bucket(10, 10);
        taken(&bucket, 10, NOW);
        let earlier = NOW - 3_600 * SECOND;

        assert_eq!(bucket.take(earlier), Err(Duration::from_millis(100)));
        assert_eq!(taken(&bucket, 20, earlier + SECOND), 10);
    }

    #[test]
    fn calls_that_are_late_give_no_tokens_back() {
        let bucket = bucket(10, 10);
        taken(&bucket, 10, NOW);

        assert_eq!(taken(&bucket, 10, NOW - SECOND / 2), 0);
        assert_eq!(taken(&bucket, 10, NOW), 0);
    }

    #[test]
    fn threads_together_take_no_more_than_one_would() {
        let bucket = bucket(1_000, 1_000);

        let taken: u32 = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| taken(&bucket, 600, NOW)))
                .collect();
            threads.into_iter().map(|one| one.join().unwrap()).sum()
        });

        assert_eq!(taken, 1_000);
    }

    proptest! {
        /// A counter of tokens in whole nanosecond-shares is the simpler twin.
        #[test]
        fn it_does_as_a_counter_of_tokens_would(
            per_second in 1_u32..500,
            burst in 1_u32..100,
            steps in prop::collection::vec(0_u64..200_000_000, 1..200),
        ) {
            let bucket = bucket(per_second, burst);
            let interval = SECOND / u64::from(per_second);
            let most = interval * u64::from(burst);
            let (mut shares, mut now) = (most, NOW);
            for step in steps {
                now += step;
                shares = (shares + step).min(most);
                let expected = shares >= interval;
                if expected {
                    shares -= interval;
                }
                prop_assert_eq!(bucket.take(now).is_ok(), expected);
            }
        }
    }

    const NOW: u64 = 1_768_478_400 * SECOND;
}
