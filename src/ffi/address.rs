//! IP addresses as NetX Duo has them: words in host byte order.

use core::mem;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use netxduo_sys::{NX_IP_VERSION_V4, NX_IP_VERSION_V6, NXD_ADDRESS};
use threadx_sys::ULONG;

pub(super) fn to_c(address: IpAddr) -> NXD_ADDRESS {
    // SAFETY: all zero is a valid address.
    let mut raw: NXD_ADDRESS = unsafe { mem::zeroed() };
    match address {
        IpAddr::V4(address) => {
            raw.nxd_ip_version = NX_IP_VERSION_V4 as ULONG;
            raw.nxd_ip_address.v4 = address.to_bits() as ULONG;
        }
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            raw.nxd_ip_version = NX_IP_VERSION_V6 as ULONG;
            raw.nxd_ip_address.v6 =
                [96, 64, 32, 0].map(|shift| ULONG::from((bits >> shift) as u32));
        }
    }
    raw
}

/// A place that C writes an address to.
pub(super) fn blank() -> NXD_ADDRESS {
    to_c(Ipv4Addr::UNSPECIFIED.into())
}

pub(super) fn from_c(address: &NXD_ADDRESS) -> IpAddr {
    if address.nxd_ip_version == NX_IP_VERSION_V6 as ULONG {
        // SAFETY: the version says which member holds.
        let words = unsafe { address.nxd_ip_address.v6 };
        let bits = words
            .into_iter()
            .fold(0, |bits, word| bits << 32 | u128::from(word));
        Ipv6Addr::from_bits(bits).into()
    } else {
        // SAFETY: every member begins with a word, and it was written.
        Ipv4Addr::from_bits(unsafe { address.nxd_ip_address.v4 }).into()
    }
}

/// An address with a port, which C keeps in a word.
pub(super) fn with_port(address: &NXD_ADDRESS, port: u32) -> SocketAddr {
    SocketAddr::new(from_c(address), port as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_the_address_in_host_byte_order() {
        let raw = to_c(IpAddr::V4(Ipv4Addr::new(10, 90, 0, 2)));
        // SAFETY: the version says which member holds.
        assert_eq!(unsafe { raw.nxd_ip_address.v4 }, 0x0A5A_0002);
        let raw = to_c(IpAddr::V6(Ipv6Addr::new(0xFD90, 1, 2, 3, 4, 5, 6, 7)));
        // SAFETY: the version says which member holds.
        let words = unsafe { raw.nxd_ip_address.v6 };
        assert_eq!(words, [0xFD90_0001, 0x0002_0003, 0x0004_0005, 0x0006_0007]);
    }

    #[test]
    fn addresses_come_back_as_they_went() {
        let addresses = [
            IpAddr::V4(Ipv4Addr::new(192, 0, 2, 255)),
            IpAddr::V6(Ipv6Addr::new(0xFD90, 1, 2, 3, 4, 5, 6, 7)),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ];
        for address in addresses {
            assert_eq!(from_c(&to_c(address)), address);
        }
    }
}
