//! Which addresses are public: not those that IANA's special-purpose registries reserve (RFC 6890).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet.
#[must_use]
pub const fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

const fn v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let reserved = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        // Carrier-grade NAT, IETF protocol assignments, 6to4 relays, benchmarks.
        || (a == 100 && b & 0xC0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && b & 0xFE == 18);
    !reserved
}

const fn v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return v4(mapped);
    }
    let [a, b, ..] = address.segments();
    // Global unicast only, without documentation, Teredo, 6to4 and the other special blocks of 2001::/23.
    a & 0xE000 == 0x2000
        && a != 0x2002
        && a != 0x3FFF
        && !(a == 0x2001 && (b < 0x200 || b == 0xDB8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_is_not_public() {
        for (address, public) in [
            ("8.8.8.8", true),
            ("203.0.114.1", true),
            ("100.63.0.1", true),
            ("100.64.0.1", false),
            ("172.15.0.1", true),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("0.0.0.0", false),
            ("255.255.255.255", false),
            ("224.0.0.1", false),
            ("203.0.113.1", false),
            ("198.19.0.1", false),
            ("2606:4700::1111", true),
            ("2001:4860:4860::8888", true),
            ("2001:db8::1", false),
            ("2001::1", false),
            ("2002:7f00:1::", false),
            ("::1", false),
            ("::", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("ff02::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("64:ff9b::7f00:1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }
}
