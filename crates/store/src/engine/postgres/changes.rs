//! What a row of the change log says: the places that a transaction wrote.

use crate::engine::Write;
use crate::{Key, Value};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A value of a key, as it is written down. Keys have no `Null`.
#[derive(Serialize, Deserialize)]
enum Part {
    Int(i64),
    Text(String),
}

/// The places of `writes`.
pub(super) fn encoded(writes: &[Write]) -> Vec<u8> {
    if writes.is_empty() {
        return Vec::new();
    }
    let places: Vec<(&str, Vec<Part>)> = writes
        .iter()
        .map(|write| {
            let parts = write.key.values().iter().map(|value| match value {
                Value::Int(number) => Part::Int(*number),
                Value::Text(text) => Part::Text(text.to_string()),
                Value::Null => Part::Text(String::new()),
            });
            (write.kind.name, parts.collect())
        })
        .collect();
    // Numbers and texts always have an encoded form.
    postcard::to_allocvec(&places).unwrap_or_default()
}

/// Kind and key of each place; `None`: no program of ours wrote this.
pub(super) fn decoded(changes: &[u8]) -> Option<Vec<(SmolStr, Key)>> {
    if changes.is_empty() {
        return Some(Vec::new());
    }
    let places: Vec<(String, Vec<Part>)> = postcard::from_bytes(changes).ok()?;
    let place = |(kind, parts): (String, Vec<Part>)| {
        let values = parts.into_iter().map(|part| match part {
            Part::Int(number) => Value::Int(number),
            Part::Text(text) => Value::from(text),
        });
        (SmolStr::from(kind), Key::from(values.collect::<Vec<_>>()))
    };
    Some(places.into_iter().map(place).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Change;
    use crate::{Column, Kind, Rev, key};

    static KIND: Kind = Kind {
        name: "test_thing",
        service: "test",
        version: 1,
        key: &[Column::text("name"), Column::int("id")],
        columns: &[],
        indexes: &[],
        cached: true,
    };

    #[test]
    fn places_read_back() {
        let keys = [key!["a\0b", 7_i64], key!["", -1_i64]];
        let writes = keys.clone().map(|key| Write {
            kind: &KIND,
            key,
            change: Change::Delete { was: Rev(1) },
        });

        let read = decoded(&encoded(&writes)).unwrap();

        assert_eq!(read, keys.map(|key| (SmolStr::from("test_thing"), key)));
        assert_eq!(decoded(&encoded(&[])), Some(Vec::new()));
        assert_eq!(decoded(&[0xff, 0xff]), None);
    }
}
