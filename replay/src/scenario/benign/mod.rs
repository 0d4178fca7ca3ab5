//! Traffic of devices that nothing is wrong with, chosen to look like an attack from afar.

pub(super) mod busy_server;
pub(super) mod camera;
pub(super) mod firmware_update;
pub(super) mod office;
pub(super) mod plc_master;
pub(super) mod reconnect_storm;
pub(super) mod talker;
