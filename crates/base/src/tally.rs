use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// A count that many threads add to at once without waiting for one another.
#[derive(Debug, Default)]
pub struct Tally([Stripe; STRIPES]);

/// On a cache line of its own, which no other thread's count shares.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Stripe(AtomicU64);

impl Tally {
    /// Adds `number`.
    pub fn add(&self, number: u64) {
        if let Some(stripe) = self.0.get(stripe()) {
            stripe.0.fetch_add(number, Ordering::Relaxed);
        }
    }

    /// All that was added.
    pub fn sum(&self) -> u64 {
        self.0
            .iter()
            .map(|stripe| stripe.0.load(Ordering::Relaxed))
            .fold(0, u64::wrapping_add)
    }
}

/// Which of [`STRIPES`] this thread counts in. Threads share one only when there are more of them.
pub fn stripe() -> usize {
    STRIPE.with(|stripe| *stripe)
}

/// How many threads count without meeting.
pub const STRIPES: usize = 8;

static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static STRIPE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_threads_add_is_all_there() {
        let tally = Tally::default();

        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| (0..1_000).for_each(|_| tally.add(2)));
            }
        });

        assert_eq!(tally.sum(), 40_000);
    }

    #[test]
    fn a_thread_keeps_its_stripe() {
        assert_eq!(stripe(), stripe());
        assert!(stripe() < STRIPES);
    }
}
