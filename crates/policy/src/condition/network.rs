//! Addresses and ranges of addresses.

use std::net::IpAddr;

use super::operand::Typed;

/// A range of addresses in CIDR form, or one address.
///
/// SECURITY: an IPv4 address within IPv6 (`::ffff:203.0.113.7`) is that IPv4 address, in requests
/// and in ranges. A server listening on both would otherwise let callers choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    first: u128,
    is_v4: bool,
    /// How many leading bits of the family's width are fixed.
    prefix: u32,
}

impl Typed for Network {
    type Value = IpAddr;
    const FORM: &'static str = "an IP address or a range in CIDR form such as `203.0.113.0/24`";

    fn operand(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            None => (text, None),
            Some((address, prefix)) => (address, Some(prefix_length(prefix)?)),
        };
        let address: IpAddr = address.parse().ok()?;
        let width = width(address);
        let prefix = prefix.unwrap_or(width);
        if prefix > width {
            return None;
        }
        let canonical = address.to_canonical();
        let mapped = width - self::width(canonical);
        // A range wider than all of IPv4 within IPv6 stays one of IPv6.
        let (address, prefix) = match prefix.checked_sub(mapped) {
            Some(prefix) => (canonical, prefix),
            None => (address, prefix),
        };
        Some(Self {
            first: masked(address, prefix),
            is_v4: address.is_ipv4(),
            prefix,
        })
    }

    fn value(text: &str) -> Option<IpAddr> {
        Some(text.parse::<IpAddr>().ok()?.to_canonical())
    }
}

impl Network {
    pub(crate) fn contains(self, address: IpAddr) -> bool {
        address.is_ipv4() == self.is_v4 && masked(address, self.prefix) == self.first
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address with all bits behind the prefix cleared.
fn masked(address: IpAddr, prefix: u32) -> u128 {
    let (bits, width) = match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    let host = 128_u32.min(width - prefix.min(width));
    bits.checked_shr(host)
        .and_then(|network| network.checked_shl(host))
        .unwrap_or(0)
}

fn prefix_length(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(network: &str, address: &str) -> bool {
        Network::operand(network)
            .unwrap()
            .contains(Network::value(address).unwrap())
    }

    #[test]
    fn a_range_holds_its_first_and_last_address_and_no_other() {
        for (network, inside, outside) in [
            (
                "203.0.113.0/24",
                ["203.0.113.0", "203.0.113.255"],
                ["203.0.112.255", "203.0.114.0"],
            ),
            (
                "203.0.113.99/24",
                ["203.0.113.0", "203.0.113.255"],
                ["203.0.112.255", "203.0.114.0"],
            ),
            (
                "203.0.113.7",
                ["203.0.113.7", "::ffff:203.0.113.7"],
                ["203.0.113.6", "203.0.113.8"],
            ),
            (
                "10.0.0.0/31",
                ["10.0.0.0", "10.0.0.1"],
                ["10.0.0.2", "9.255.255.255"],
            ),
            (
                "0.0.0.0/0",
                ["0.0.0.0", "255.255.255.255"],
                ["::", "2001:db8::1"],
            ),
            (
                "2001:db8::/32",
                ["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
                ["2001:db7:ffff::", "2001:db9::"],
            ),
            ("::/0", ["::1", "ffff::"], ["1.2.3.4", "::ffff:1.2.3.4"]),
            (
                "::ffff:10.0.0.0/104",
                ["10.0.0.1", "10.255.255.255"],
                ["11.0.0.0", "2001:db8::1"],
            ),
        ] {
            for address in inside {
                assert!(holds(network, address), "{network} {address}");
            }
            for address in outside {
                assert!(!holds(network, address), "{network} {address}");
            }
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            "203.0.113",
            "203.0.113.0/",
            "203.0.113.0/33",
            "203.0.113.0/-1",
            "203.0.113.0/+8",
            "203.0.113.0/24/24",
            "2001:db8::/129",
            "203.0.113.*",
            "010.0.0.1",
            "fe80::1%eth0",
            "10.0.0.0/255.0.0.0",
            "10.0.0.0/99999999999999999999",
        ] {
            assert_eq!(Network::operand(text), None, "{text}");
        }
    }
}
