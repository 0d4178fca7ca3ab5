//! The versions of the C side, as its headers state them: major, minor, patch.

use netxduo_sys::{NETXDUO_MAJOR_VERSION, NETXDUO_MINOR_VERSION, NETXDUO_PATCH_VERSION};
use threadx_sys::{THREADX_MAJOR_VERSION, THREADX_MINOR_VERSION, THREADX_PATCH_VERSION};

pub(crate) const THREADX: [u32; 3] = [
    THREADX_MAJOR_VERSION,
    THREADX_MINOR_VERSION,
    THREADX_PATCH_VERSION,
];

pub(crate) const NETX_DUO: [u32; 3] = [
    NETXDUO_MAJOR_VERSION,
    NETXDUO_MINOR_VERSION,
    NETXDUO_PATCH_VERSION,
];
