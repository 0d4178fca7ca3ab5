//! Lengths as C takes them.

use threadx_sys::USHORT;

use crate::error::Error;

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
