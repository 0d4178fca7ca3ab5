//! Which of a device's hub clients get a message.

/// An IoT Hub client, as far as the agent cares.
pub trait HubClient {
    /// Whether it is connected to its hub.
    fn is_connected(&self) -> bool;

    /// Whether `other` is for the same hub host name and the same device id: a device identity and its module
    /// identities, say.
    fn same_device(&self, other: &Self) -> bool;
}

/// Clients that [`deliver`] tells apart; those behind are not asked.
pub const MAX_CLIENTS: usize = u64::BITS as usize;

/// Whether any of `clients` is connected.
pub fn any_connected<C: HubClient>(mut clients: impl Iterator<Item = C>) -> bool {
    clients.any(|client| client.is_connected())
}

/// Gives a message to every connected client, but once per device: of several clients of one device only the first
/// that takes it. Returns how many took it.
///
/// `send` says whether a client took it. At most `max_devices` devices get it.
pub fn deliver<C: HubClient>(
    clients: impl Iterator<Item = C> + Clone,
    max_devices: u8,
    mut send: impl FnMut(&C) -> bool,
) -> usize {
    // One bit a client that took the message.
    let (mut takers, mut bit) = (0_u64, 1_u64);
    let mut count = 0;
    for client in clients.clone() {
        if bit == 0 || count >= usize::from(max_devices) {
            break;
        }
        if client.is_connected() && !is_served(clients.clone(), takers, &client) && send(&client) {
            takers |= bit;
            count += 1;
        }
        bit <<= 1;
    }
    count
}

/// Whether one of the `takers` is for the same device.
fn is_served<C: HubClient>(clients: impl Iterator<Item = C>, mut takers: u64, client: &C) -> bool {
    for other in clients {
        if takers == 0 {
            break;
        }
        if takers & 1 == 1 && other.same_device(client) {
            return true;
        }
        takers >>= 1;
    }
    false
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::*;

    #[derive(Clone, Copy)]
    struct Client {
        name: &'static str,
        device: &'static str,
        connected: bool,
        takes: bool,
    }

    impl HubClient for &Client {
        fn is_connected(&self) -> bool {
            self.connected
        }

        fn same_device(&self, other: &Self) -> bool {
            self.device == other.device
        }
    }

    fn client(name: &'static str, device: &'static str) -> Client {
        Client {
            name,
            device,
            connected: true,
            takes: true,
        }
    }

    fn served(clients: &[Client], max_devices: u8) -> Vec<&'static str> {
        let mut served = Vec::new();
        let count = deliver(clients.iter(), max_devices, |client| {
            if client.takes {
                served.push(client.name);
            }
            client.takes
        });
        assert_eq!(count, served.len());
        served
    }

    #[test]
    fn one_client_a_device_gets_it() {
        let clients = [
            client("device", "a"),
            client("module", "a"),
            client("other", "b"),
        ];
        assert_eq!(served(&clients, 64), ["device", "other"]);
        assert_eq!(served(&clients, 1), ["device"]);
    }

    #[test]
    fn a_client_that_refuses_leaves_it_to_the_next_of_its_device() {
        let mut clients = [
            client("device", "a"),
            client("module", "a"),
            client("second module", "a"),
        ];
        clients[0].takes = false;
        assert_eq!(served(&clients, 64), ["module"]);
        clients[1].connected = false;
        assert_eq!(served(&clients, 64), ["second module"]);
    }

    #[test]
    fn nobody_connected_means_nobody_is_asked() {
        let mut lonely = client("device", "a");
        lonely.connected = false;
        assert!(!any_connected([lonely].iter()));
        assert_eq!(deliver([lonely].iter(), 64, |_| panic!("asked")), 0);
    }

    #[test]
    fn more_clients_than_can_be_told_apart_do_no_harm() {
        let clients = [client("same", "a"); 100];
        assert_eq!(served(&clients, 64), ["same"]);
    }
}
