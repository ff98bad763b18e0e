//! Every operation has a number, so that what is kept for each of them is an array.
//!
//! INVARIANT: numbers follow the tables of the services and are the same throughout a process. Each
//! service has one number more than it has operations, for requests that name none of them.

use crate::operation::Entry;
use crate::service::{SERVICES, Service};

/// The number of `entry`, an operation of `service`; without an entry, that of no operation.
pub(crate) fn number_of(service: &Service, entry: Option<&Entry>) -> usize {
    let mut first = 0_usize;
    for known in SERVICES {
        if std::ptr::eq(known, service) {
            break;
        }
        first = first
            .saturating_add(known.operations.len())
            .saturating_add(1);
    }
    let place = entry.and_then(|entry| {
        let by_name = |known: &Entry| known.info.name.cmp(entry.info.name);
        service.operations.binary_search_by(by_name).ok()
    });
    first.saturating_add(place.unwrap_or(service.operations.len()))
}

/// Every number, in order: its service, and its operation unless it is that of no operation.
pub(crate) fn numbered() -> impl Iterator<Item = (&'static Service, Option<&'static Entry>)> {
    SERVICES.iter().flat_map(|service| {
        let operations = service.operations.iter().map(Some);
        operations
            .chain(std::iter::once(None))
            .map(move |entry| (*service, entry))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_up_through_all_tables() {
        let numbers: Vec<usize> = numbered()
            .map(|(service, entry)| number_of(service, entry))
            .collect();

        let all: Vec<usize> = (0..numbers.len()).collect();
        assert_eq!(numbers, all);
        assert!(numbers.len() > SERVICES.len());
    }
}
