//! The events of requests that a sealed server refused, on their way to the audit file.
//!
//! Rules kept here: whoever reaches a sealed server can have it refuse, unsigned and as often as
//! they like, so its events are bounded in number and in memory; what is left out is counted, and
//! the count is written. A refusal waits for nothing: the answer says nothing that would have to be
//! on file first.

use parking_lot::Mutex;

/// What a sealed server refused.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<State>);

/// What there is to write.
pub(crate) struct Batch {
    /// One JSON object each.
    pub(crate) events: Vec<Vec<u8>>,
    /// How many events were left out since the batch before.
    pub(crate) omitted: u64,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// How many requests were refused.
    pub(crate) requests: u64,
    /// How many of them have no event.
    pub(crate) omitted: u64,
}

struct State {
    waiting: Vec<Vec<u8>>,
    /// How many more events are taken before the next batch.
    room: usize,
    requests: u64,
    omitted: u64,
    /// Those that no batch has told of.
    untold: u64,
    is_over: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            waiting: Vec::new(),
            room: MOST_AT_ONCE,
            requests: 0,
            omitted: 0,
            untold: 0,
            is_over: false,
        }
    }
}

impl Refusals {
    /// Notes a refusal. `false` after [`Refusals::end`]: then the request is not to be refused.
    pub(crate) fn note(&self, event: Vec<u8>) -> bool {
        let mut state = self.0.lock();
        if state.is_over {
            return false;
        }
        state.requests += 1;
        if let Some(room) = state.room.checked_sub(1) {
            state.room = room;
            state.waiting.push(event);
        } else {
            state.leave_out(1);
        }
        true
    }

    /// The server is sealed no more.
    pub(crate) fn end(&self) {
        self.0.lock().is_over = true;
    }

    /// Takes what there is to write, once a second. Makes room for [`A_SECOND`] more events.
    pub(crate) fn take(&self) -> Option<Batch> {
        let mut state = self.0.lock();
        state.room = state.room.saturating_add(A_SECOND).min(MOST_AT_ONCE);
        let batch = Batch {
            events: std::mem::take(&mut state.waiting),
            omitted: std::mem::take(&mut state.untold),
        };
        (!batch.events.is_empty() || batch.omitted > 0).then_some(batch)
    }

    /// Says that a batch of `events` events could not be written, nor that `omitted` were left out.
    pub(crate) fn lost(&self, events: usize, omitted: u64) {
        let mut state = self.0.lock();
        state.leave_out(events as u64);
        state.untold += omitted;
    }

    /// How it stands.
    pub(crate) fn refused(&self) -> Refused {
        let state = self.0.lock();
        Refused {
            requests: state.requests,
            omitted: state.omitted,
        }
    }
}

impl State {
    fn leave_out(&mut self, count: u64) {
        self.omitted += count;
        self.untold += count;
    }
}

/// How many events the first moment may have. Room for the clients of a deployment that was
/// restarted; at most some MiB.
const MOST_AT_ONCE: usize = 1_000;
/// How many a second may have after that.
const A_SECOND: usize = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event() -> Vec<u8> {
        b"{}".to_vec()
    }

    fn taken(refusals: &Refusals) -> (usize, u64) {
        let batch = refusals.take();
        batch.map_or((0, 0), |batch| (batch.events.len(), batch.omitted))
    }

    #[test]
    fn what_is_refused_is_written_once() {
        let refusals = Refusals::default();

        assert!(refusals.note(event()) && refusals.note(event()));

        assert_eq!(taken(&refusals), (2, 0));
        assert!(refusals.take().is_none());
        let refused = Refused {
            requests: 2,
            omitted: 0,
        };
        assert_eq!(refusals.refused(), refused);
    }

    #[test]
    fn a_flood_is_counted_and_not_written() {
        let refusals = Refusals::default();
        let flood = || (0..MOST_AT_ONCE + 5).for_each(|_| assert!(refusals.note(event())));

        flood();
        assert_eq!(taken(&refusals), (MOST_AT_ONCE, 5));
        flood();
        assert_eq!(taken(&refusals), (A_SECOND, 1_004));

        let refused = Refused {
            requests: 2_010,
            omitted: 1_009,
        };
        assert_eq!(refusals.refused(), refused);
    }

    #[test]
    fn what_could_not_be_written_is_told_with_the_next_batch() {
        let refusals = Refusals::default();
        (0..MOST_AT_ONCE + 1).for_each(|_| assert!(refusals.note(event())));

        let batch = refusals.take().unwrap();
        refusals.lost(batch.events.len(), batch.omitted);

        assert_eq!(taken(&refusals), (0, 1_001));
        assert_eq!(refusals.refused().omitted, 1_001);
    }

    #[test]
    fn after_the_end_nothing_is_refused() {
        let refusals = Refusals::default();
        refusals.note(event());
        refusals.end();

        assert!(!refusals.note(event()));

        assert_eq!(taken(&refusals), (1, 0));
        assert_eq!(refusals.refused().requests, 1);
    }

    proptest! {
        /// Every request has an event or is among those that were left out, whatever fails.
        #[test]
        fn nothing_is_left_out_silently(steps in prop::collection::vec((0_usize..1_500, any::<bool>()), 1..8)) {
            let refusals = Refusals::default();
            let (mut written, mut told) = (0, 0);

            for (count, is_written) in steps {
                (0..count).for_each(|_| assert!(refusals.note(Vec::new())));
                match refusals.take() {
                    Some(batch) if is_written => {
                        written += batch.events.len() as u64;
                        told += batch.omitted;
                    }
                    Some(batch) => refusals.lost(batch.events.len(), batch.omitted),
                    None => {}
                }
            }
            let last = refusals.take();
            told += last.map_or(0, |batch| batch.omitted);

            let refused = refusals.refused();
            prop_assert_eq!(refused.requests, written + refused.omitted);
            prop_assert_eq!(told, refused.omitted);
        }
    }
}
