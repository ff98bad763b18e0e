//! Where readers of the log were, so that they go on without a search.

use std::collections::VecDeque;

/// A place in a segment, between two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The number of the segment's first line.
    pub(super) segment: u64,
    /// How many of its bytes are before the place.
    pub(super) offset: u64,
}

impl Place {
    /// The beginning of `segment`.
    pub(super) const fn beginning_of(segment: u64) -> Self {
        Self { segment, offset: 0 }
    }
}

/// The places of the last readers, the latest at the end.
#[derive(Default)]
pub(super) struct Places(VecDeque<(u64, Place)>);

impl Places {
    /// The place behind line `last`, if a reader was there lately.
    pub(super) fn behind(&mut self, last: u64) -> Option<Place> {
        let at = self.0.iter().position(|(known, _)| *known == last)?;
        let found = self.0.remove(at)?;
        self.0.push_back(found);
        Some(found.1)
    }

    /// A reader has line `last`, and `place` is behind it.
    pub(super) fn remember(&mut self, last: u64, place: Place) {
        self.0.retain(|(known, _)| *known != last);
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back((last, place));
    }
}

/// Several times the readers that there are.
const MOST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn place(offset: u64) -> Place {
        Place { segment: 1, offset }
    }

    #[test]
    fn who_was_here_lately_is_remembered_and_who_was_not_is_forgotten() {
        let mut places = Places::default();
        places.remember(0, place(0));
        for last in 1..=MOST as u64 {
            places.behind(0);
            places.remember(last, place(last));
        }

        let found = [0, 1, 2, MOST as u64].map(|last| places.behind(last));

        assert_eq!(
            found,
            [
                Some(place(0)),
                None,
                Some(place(2)),
                Some(place(MOST as u64))
            ]
        );
    }

    #[test]
    fn a_line_has_one_place() {
        let mut places = Places::default();

        places.remember(7, place(1));
        places.remember(7, place(2));

        assert_eq!(places.behind(7), Some(place(2)));
        assert_eq!(places.0.len(), 1);
    }
}
