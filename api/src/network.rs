//! Networks of addresses: those that keys are limited to, that sign-in counts together, that proxies stand in. Pure; it
//! resolves no names.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// The addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u32,
}

impl Network {
    /// `203.0.113.0/24`, `2001:db8::/48`, or a single address.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let bits = match bits {
            None => width(address),
            Some(bits) if bits.bytes().all(|b| b.is_ascii_digit()) => bits.parse().ok()?,
            Some(_) => return None,
        };
        (bits <= width(address)).then(|| Self { first: masked(address, bits), bits })
    }

    /// What usually belongs to one household or office: a /24, or a /64 of IPv6.
    pub fn around(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let bits = if address.is_ipv4() { 24 } else { 64 };
        Self { first: masked(address, bits), bits }
    }

    pub fn holds(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        width(address) == width(self.first) && masked(address, self.bits) == self.first
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn masked(address: IpAddr, bits: u32) -> IpAddr {
    match address {
        IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() & u32::MAX.checked_shl(32 - bits).unwrap_or(0)).into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & u128::MAX.checked_shl(128 - bits).unwrap_or(0)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_holds_what_begins_like_it() {
        let office = Network::parse("203.0.113.77/24").unwrap();
        assert_eq!(office.to_string(), "203.0.113.0/24");
        assert!(office.holds(ip("203.0.113.255")) && office.holds(ip("::ffff:203.0.113.9")));
        assert!(!office.holds(ip("203.0.114.0")) && !office.holds(ip("2001:db8::1")));
        let six = Network::parse("2001:db8::/33").unwrap();
        assert!(six.holds(ip("2001:db8:7fff::1")) && !six.holds(ip("2001:db8:8000::1")));
        assert!(Network::parse("0.0.0.0/0").unwrap().holds(ip("9.9.9.9")));
        assert!(Network::parse("10.0.0.1").unwrap().holds(ip("10.0.0.1")));
        assert!(!Network::parse("10.0.0.1").unwrap().holds(ip("10.0.0.2")));
    }

    #[test]
    fn neighbours_share_one() {
        assert_eq!(Network::around(ip("::ffff:10.1.2.3")), Network::around(ip("10.1.2.200")));
        assert_eq!(Network::around(ip("2001:db8:1:2:3::4")).to_string(), "2001:db8:1:2::/64");
    }

    #[test]
    fn what_is_no_network() {
        for bad in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "2001:db8::/129",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "example.com",
            "10.0.0.0/ 8",
        ] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
