//! The principals of AWS's services.
//!
//! COMPAT: AWS publishes no complete list. This is the one of this release, from the documentation
//! of the services; a service that is newer is refused until a release knows it.

use crate::regions;

/// Whether `name` is the principal of a service, such as `lambda.amazonaws.com`, or its form for one
/// Region, such as `logs.eu-west-1.amazonaws.com`.
pub(super) fn is_service(name: &str) -> bool {
    let Some(labels) = name.strip_suffix(".amazonaws.com") else {
        return false;
    };
    let is_known = |name: &str| NAMES.lines().any(|known| known == name);
    is_known(labels)
        || labels
            .rsplit_once('.')
            .is_some_and(|(name, region)| is_known(name) && regions::PUBLIC.contains(&region))
}

/// What stands before `.amazonaws.com`: one a line, sorted.
const NAMES: &str = include_str!("service_principals.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_named_under_amazonaws_com_alone_or_with_its_region() {
        for (name, expected) in [
            ("lambda.amazonaws.com", true),
            ("secretsmanager.amazonaws.com", true),
            ("replicator.lambda.amazonaws.com", true),
            ("logs.eu-west-1.amazonaws.com", true),
            ("delivery.logs.af-south-1.amazonaws.com", true),
            ("nope.amazonaws.com", false),
            ("nope.eu-west-1.amazonaws.com", false),
            ("logs.eu-west-9.amazonaws.com", false),
            ("logs.eu-west-1.eu-west-1.amazonaws.com", false),
            ("eu-west-1.amazonaws.com", false),
            ("amazonaws.com", false),
            (".amazonaws.com", false),
            ("a..b.amazonaws.com", false),
            ("Lambda.amazonaws.com", false),
            ("lambda.amazonaws.com.evil.example", false),
            ("lambda.evil-amazonaws.com", false),
            ("lambda.evil.example", false),
            ("lambda", false),
            ("", false),
        ] {
            assert_eq!(is_service(name), expected, "{name}");
        }
    }

    #[test]
    fn the_names_are_sorted_and_of_the_form_that_names_have() {
        let is_label = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };

        assert!(NAMES.lines().is_sorted_by(|one, next| one < next));
        assert!(NAMES.lines().all(|name| name.split('.').all(is_label)));
    }
}
