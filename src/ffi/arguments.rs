//! Arguments, checked before C gets them: C checks some only when it was compiled with error checking, and some not at all.
//!
//! What C would refuse with error checking is refused here with the same status, in the name of the same function.

use core::net::IpAddr;

use netxduo_sys::{NX_CALLER_ERROR, NX_IP_ADDRESS_ERROR};
use threadx_sys::{TX_CALLER_ERROR, TX_MAX_PRIORITIES, TX_MINIMUM_STACK, ULONG, USHORT};

use super::kernel::in_initialization_or_thread;
use crate::error::{Api, Error, check};

/// A service that C has, in whose name something is refused.
#[derive(Clone, Copy)]
pub(super) struct Service(pub Api, pub &'static str);

impl Service {
    /// An error with this status, unless `right`.
    pub fn require(self, right: bool, status: u32) -> Result<(), Error> {
        let Self(of, call) = self;
        check(of, call, if right { 0 } else { status })
    }

    /// From initialization and threads only.
    pub fn require_context(self) -> Result<(), Error> {
        let error = match self.0 {
            Api::ThreadX => TX_CALLER_ERROR,
            Api::NetXDuo | Api::AzureIot => NX_CALLER_ERROR,
        };
        self.require(in_initialization_or_thread(), error)
    }

    /// What a thread gets: a priority, and bytes of stack.
    pub fn require_thread(
        self,
        priority: u32,
        priority_error: u32,
        stack: usize,
        size_error: u32,
    ) -> Result<ULONG, Error> {
        self.require(priority < TX_MAX_PRIORITIES, priority_error)?;
        self.require(stack >= TX_MINIMUM_STACK as usize, size_error)?;
        word("the stack", stack)
    }

    /// Somebody to send to. The address of nobody and, where `many` says so, those of groups are refused.
    pub fn require_peer(self, address: IpAddr, many: bool) -> Result<(), Error> {
        let group = match address {
            // Multicast and reserved addresses, as C has its classes.
            IpAddr::V4(address) => address.octets()[0] >= 0xE0,
            IpAddr::V6(address) => address.is_multicast(),
        };
        let right = !address.is_unspecified() && (many || !group);
        self.require(right, NX_IP_ADDRESS_ERROR)
    }
}

/// An error unless a number is within limits; `what` names it.
pub(super) fn within(
    what: &'static str,
    given: usize,
    min: usize,
    max: usize,
) -> Result<usize, Error> {
    if (min..=max).contains(&given) {
        Ok(given)
    } else {
        Err(Error::OutOfRange {
            what,
            given,
            min,
            max,
        })
    }
}

/// A number of bytes that C keeps in 32 bits.
pub(super) fn word(what: &'static str, bytes: usize) -> Result<ULONG, Error> {
    let max = usize::try_from(u32::MAX).unwrap_or(usize::MAX);
    within(what, bytes, 0, max).map(|bytes| bytes as ULONG)
}

/// The length of bytes of which C wants one at least, and keeps the number in 16 bits. `what` names them in the error.
pub(super) fn length(what: &'static str, bytes: &[u8]) -> Result<USHORT, Error> {
    let (length, max) = (bytes.len(), USHORT::MAX.into());
    match USHORT::try_from(length) {
        Ok(length @ 1..) => Ok(length),
        _ => Err(Error::TextLength {
            what,
            length,
            min: 1,
            max,
        }),
    }
}

/// The most data of a datagram or an echo request to an address: what is left of an IP packet with the 8 bytes of either's header.
pub(super) fn datagram(what: &'static str, to: IpAddr, data: &[u8]) -> Result<ULONG, Error> {
    let max = match to {
        IpAddr::V4(_) => 65_535 - 20 - 8,
        IpAddr::V6(_) => 65_535 - 8,
    };
    within(what, data.len(), 0, max).map(|bytes| bytes as ULONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_a_word_is_refused() {
        assert_eq!(word("it", 7), Ok(7));
        #[cfg(target_pointer_width = "64")]
        {
            assert_eq!(word("it", u32::MAX as usize), Ok(u32::MAX as ULONG));
            assert!(word("it", (1 << 32) + 5).is_err());
        }
    }

    #[test]
    fn datagrams_fit_an_ip_packet() {
        let (v4, v6) = ("10.0.0.1".parse().unwrap(), "fd00::1".parse().unwrap());
        let data = [0; 65_536];
        assert!(datagram("it", v4, &data[..65_507]).is_ok());
        assert!(datagram("it", v4, &data[..65_508]).is_err());
        assert!(datagram("it", v6, &data[..65_527]).is_ok());
        assert!(datagram("it", v6, &data[..65_528]).is_err());
    }

    #[test]
    fn nobody_can_be_sent_to() {
        let service = Service(Api::NetXDuo, "it");
        for (address, one, many) in [
            ("0.0.0.0", false, false),
            ("::", false, false),
            ("224.0.0.1", false, true),
            ("255.255.255.255", false, true),
            ("ff02::1", false, true),
            ("10.0.0.255", true, true),
            ("fd00::1", true, true),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(
                service.require_peer(address, false).is_ok(),
                one,
                "{address}"
            );
            assert_eq!(
                service.require_peer(address, true).is_ok(),
                many,
                "{address}"
            );
        }
    }
}
