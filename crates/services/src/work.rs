//! Long work gives way to others from time to time, and knows how much it was.
//!
//! A thread of this server has much to do at once, and nothing of it is interrupted: what takes long has
//! to stop by itself.

/// Work of which nobody knows before how much it will be.
#[derive(Default)]
pub(crate) struct Work {
    all: usize,
    /// Since the last break.
    at_a_stretch: usize,
}

impl Work {
    /// Notes as many steps, each about as much as comparing two values, and lets others have their turn
    /// when there were many.
    pub(crate) async fn add(&mut self, steps: usize) {
        self.all = self.all.saturating_add(steps);
        self.at_a_stretch = self.at_a_stretch.saturating_add(steps);
        if self.at_a_stretch >= AT_A_STRETCH {
            self.at_a_stretch = 0;
            tokio::task::yield_now().await;
        }
    }

    /// How many steps there were.
    pub(crate) fn all(&self) -> usize {
        self.all
    }
}

/// How many steps it takes at most to hold a pattern, of which this is the text, against a message of so
/// many bytes: a value has two bytes at least, and so has a condition.
pub(crate) fn steps_of_matching(bytes: usize, pattern: &str) -> usize {
    bytes.saturating_mul(1 + pattern.len() / 4)
}

/// Some milliseconds.
const AT_A_STRETCH: usize = 1 << 22;

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[tokio::test]
    async fn others_have_a_turn_after_so_much_work_and_not_after_less() {
        let turns = Cell::new(0);
        let is_done = Cell::new(false);
        let mut work = Work::default();

        let working = async {
            for _ in 0..100 {
                work.add(AT_A_STRETCH / 10).await;
            }
            is_done.set(true);
        };
        let others = async {
            while !is_done.get() {
                turns.set(turns.get() + 1);
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(working, others);

        assert_eq!(work.all(), 100 * (AT_A_STRETCH / 10));
        assert!((9..=11).contains(&turns.get()), "{}", turns.get());
    }
}
