use crate::{Key, Kind, Value};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

/// A row's address, hashed once for everything that looks it up.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) kind: &'static Kind,
    pub(crate) key: Key,
    hash: u64,
}

impl Place {
    /// The place of `key`. SECURITY: `seed` is random, so clients cannot choose collisions.
    pub(crate) fn new(seed: &RandomState, kind: &'static Kind, key: &Key) -> Self {
        let mut hasher = seed.build_hasher();
        hasher.write(kind.name.as_bytes());
        for value in key.values() {
            match value {
                Value::Null => hasher.write_u8(0),
                Value::Int(number) => hasher.write_i64(*number),
                Value::Text(text) => {
                    hasher.write_u8(0xff);
                    hasher.write(text.as_bytes());
                }
            }
        }
        Self {
            kind,
            key: key.clone(),
            hash: hasher.finish(),
        }
    }

    /// Which of `slots` the place falls in.
    pub(crate) fn slot(&self, slots: usize) -> usize {
        // The high bits; the cache's own table uses the low ones.
        usize::try_from(self.hash >> 32).unwrap_or(0) % slots.max(1)
    }

    /// About how many bytes the key takes.
    pub(crate) fn weight(&self) -> usize {
        let texts = self.key.values().iter().map(|value| match value {
            Value::Text(text) => text.len(),
            Value::Null | Value::Int(_) => 0,
        });
        size_of_val(self.key.values()).saturating_add(texts.sum())
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.kind.name == other.kind.name && self.key == other.key
    }
}

impl Eq for Place {}

impl Hash for Place {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, key};

    static KIND: Kind = Kind {
        name: "test_thing",
        service: "test",
        version: 1,
        key: &[Column::text("name")],
        columns: &[],
        indexes: &[],
        cached: true,
    };
    static OTHER: Kind = Kind {
        name: "test_other",
        ..KIND
    };

    #[test]
    fn places_are_equal_when_kind_and_key_are() {
        let seed = RandomState::new();
        let place = Place::new(&seed, &KIND, &key!["a"]);

        assert_eq!(place, Place::new(&seed, &KIND, &key!["a"]));
        assert_ne!(place, Place::new(&seed, &KIND, &key!["b"]));
        assert_ne!(place, Place::new(&seed, &OTHER, &key!["a"]));
        assert!(place.slot(7) < 7);
        assert!(place.weight() > 1);
    }
}
