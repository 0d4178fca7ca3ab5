//! What NetX Duo leaves behind at the end of a connection.

use core::ptr;

use threadx_sys::{TX_SUCCESS, TX_WAIT_FOREVER, UINT, tx_mutex_get, tx_mutex_put};

use crate::bindings::{self, NX_AZURE_IOT_HUB_CLIENT, NX_AZURE_IOT_SUCCESS};
use crate::nx_packet_release;

/// Disconnects a client, and releases the hub's last record. From threads other than the cloud helper's. Errors: those of the function of
/// this name in C.
///
/// While a device ends TLS, the hub's last record may come, on the cloud helper's thread. NetX Duo (6.3.0, 6.4.2) has emptied the session's
/// queue by then, and forgets that record and what it decrypted of it: two packets for good.
///
/// # Safety
/// The client is initialized.
pub unsafe fn nx_azure_iot_hub_client_disconnect(
    hub_client_ptr: *mut NX_AZURE_IOT_HUB_CLIENT,
) -> UINT {
    // SAFETY: the caller says so.
    let status = unsafe { bindings::nx_azure_iot_hub_client_disconnect(hub_client_ptr) };
    if status == NX_AZURE_IOT_SUCCESS {
        // SAFETY: the client is there, and the session of one that is disconnected is nobody's: whoever else looks at it, the cloud helper,
        // does so with the mutex.
        unsafe {
            let mqtt = &raw mut (*hub_client_ptr)
                .nx_azure_iot_hub_client_resource
                .resource_mqtt;
            let mutex = (*mqtt).nxd_mqtt_client_mutex_ptr;
            if tx_mutex_get(mutex, TX_WAIT_FOREVER) == TX_SUCCESS {
                let session = &raw mut (*mqtt).nxd_mqtt_tls_session;
                for packet in [
                    &raw mut (*session).nx_secure_record_queue_header,
                    &raw mut (*session).nx_secure_record_decrypted_packet,
                ] {
                    let forgotten = packet.replace(ptr::null_mut());
                    if !forgotten.is_null() {
                        nx_packet_release(forgotten);
                    }
                }
                tx_mutex_put(mutex);
            }
        }
    }
    status
}
