//! The Regions that exist.

use base::RegionName;

/// All of [`PUBLIC`].
pub(crate) fn public() -> Vec<RegionName> {
    let names = PUBLIC.iter();
    names
        .filter_map(|name| RegionName::parse(name).ok())
        .collect()
}

/// Every public AWS Region (commercial, China and GovCloud partitions): the default set of
/// Regions that a deployment serves. AWS General Reference, "Service endpoints".
pub const PUBLIC: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

#[cfg(test)]
mod tests {
    use super::*;
    use base::RegionName;

    #[test]
    fn every_name_is_a_region_name_and_stands_once() {
        let mut sorted = PUBLIC.to_vec();
        sorted.sort_unstable();
        sorted.dedup();

        assert_eq!(sorted, PUBLIC);
        assert!(PUBLIC.iter().all(|name| RegionName::parse(name).is_ok()));
    }
}
