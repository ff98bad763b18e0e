//! A list of rows in the order they came, each found by its place however many there are.

use crate::place::Place;
use std::collections::HashMap;

/// What stands at a place.
pub(super) trait Placed {
    /// Where.
    fn place(&self) -> &Place;
}

/// Rows by their places. Of two at one place the first is found.
///
/// INVARIANT: the index has all of them, or none as long as there are no more than [`FEW`]: most
/// transactions touch a handful of rows, and to compare hashes is cheaper for them than a table.
pub(super) struct ByPlace<T> {
    list: Vec<T>,
    index: HashMap<Place, usize>,
}

impl<T: Placed> ByPlace<T> {
    /// An empty one with room for `rows`.
    pub(super) fn with_capacity(rows: usize) -> Self {
        Self {
            list: Vec::with_capacity(rows),
            index: HashMap::new(),
        }
    }

    /// What stands at `place`.
    pub(super) fn get(&self, place: &Place) -> Option<&T> {
        self.list.get(self.position(place)?)
    }

    /// The same, to change it. Its place must stay.
    pub(super) fn get_mut(&mut self, place: &Place) -> Option<&mut T> {
        let position = self.position(place)?;
        self.list.get_mut(position)
    }

    /// Adds one behind all others.
    pub(super) fn push(&mut self, one: T) {
        let position = self.list.len();
        if position == FEW {
            for (position, one) in self.list.iter().enumerate() {
                self.index.entry(one.place().clone()).or_insert(position);
            }
        }
        if position >= FEW {
            self.index.entry(one.place().clone()).or_insert(position);
        }
        self.list.push(one);
    }

    /// All of them, in the order they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.list.iter()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn position(&self, place: &Place) -> Option<usize> {
        match self.index.is_empty() {
            true => self.list.iter().position(|one| one.place() == place),
            false => self.index.get(place).copied(),
        }
    }
}

impl<T: Placed> Default for ByPlace<T> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl<T> IntoIterator for ByPlace<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

/// So many are looked through one by one.
const FEW: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, Kind, key};
    use proptest::prelude::*;
    use std::hash::RandomState;

    static KIND: Kind = Kind {
        name: "test_thing",
        service: "test",
        version: 1,
        key: &[Column::int("number")],
        columns: &[],
        indexes: &[],
        cached: false,
    };

    #[derive(Clone, Debug, PartialEq)]
    struct Row {
        place: Place,
        nth: usize,
    }

    impl Placed for Row {
        fn place(&self) -> &Place {
            &self.place
        }
    }

    #[test]
    fn beyond_a_few_no_row_is_looked_through() {
        let seed = RandomState::new();
        let place = |number: usize| Place::new(&seed, &KIND, &key![i64::try_from(number).unwrap()]);
        let mut rows = ByPlace::default();

        let mut indexed = Vec::new();
        for nth in 0..FEW + 2 {
            let place = place(nth);
            rows.push(Row { place, nth });
            indexed.push(rows.index.len());
        }

        assert!(indexed[..FEW].iter().all(|rows| *rows == 0));
        assert_eq!(indexed[FEW..], [FEW + 1, FEW + 2]);
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_looking_through_all_finds(numbers in prop::collection::vec(0_i64..90, 0..120)) {
            let seed = RandomState::new();
            let place = |number: i64| Place::new(&seed, &KIND, &key![number]);
            let list: Vec<Row> = numbers
                .iter()
                .enumerate()
                .map(|(nth, number)| Row { place: place(*number), nth })
                .collect();

            let mut rows = ByPlace::with_capacity(4);
            list.iter().cloned().for_each(|row| rows.push(row));

            for number in 0..90 {
                let place = place(number);
                let expected = list.iter().find(|row| row.place == place);
                prop_assert_eq!(rows.get(&place), expected);
                let to_change = rows.get_mut(&place).cloned();
                prop_assert_eq!(to_change.as_ref(), expected);
            }
            prop_assert_eq!(rows.is_empty(), list.is_empty());
            prop_assert!(rows.iter().eq(list.iter()));
            prop_assert!(rows.into_iter().eq(list));
        }
    }
}
