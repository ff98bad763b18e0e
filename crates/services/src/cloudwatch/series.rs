//! What a metric is: a namespace, a name, and dimensions in any order.

use aws_lc_rs::digest::{SHA256, digest};
use base::{AccountId, RegionName};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

/// A metric of an account in a Region.
///
/// INVARIANT: the dimensions are in ascending order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Series {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) dimensions: Vec<(String, String)>,
}

impl Series {
    pub(crate) fn new(
        account: &AccountId,
        region: &RegionName,
        namespace: &str,
        name: &str,
        mut dimensions: Vec<(String, String)>,
    ) -> Self {
        dimensions.sort_unstable();
        Self {
            account: account.clone(),
            region: region.clone(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions,
        }
    }

    /// A short name for namespace, name and dimensions, which no two metrics share.
    pub(crate) fn id(&self) -> String {
        let mut text = Vec::new();
        let dimensions = self.dimensions.iter();
        let parts = dimensions.flat_map(|(name, value)| [name, value]);
        for part in [&self.namespace, &self.name].into_iter().chain(parts) {
            // Lengths, so that no part can be taken for two.
            text.extend_from_slice(&(part.len() as u64).to_be_bytes());
            text.extend_from_slice(part.as_bytes());
        }
        HEXLOWER.encode(digest(&SHA256, &text).as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Series {
        let account = AccountId::parse("123456789012").unwrap();
        let region = RegionName::parse("us-east-1").unwrap();
        let dimensions = dimensions.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        Series::new(&account, &region, namespace, name, dimensions.collect())
    }

    #[test]
    fn the_order_of_dimensions_does_not_count_and_all_else_does() {
        let one = series("N", "M", &[("a", "1"), ("b", "2")]);

        assert_eq!(one, series("N", "M", &[("b", "2"), ("a", "1")]));
        for other in [
            series("NM", "", &[("a", "1"), ("b", "2")]),
            series("N", "M", &[("a", "1")]),
            series("N", "M", &[("a", "1b"), ("", "2")]),
            series("N", "M", &[]),
        ] {
            assert_ne!(one.id(), other.id());
        }
    }
}
