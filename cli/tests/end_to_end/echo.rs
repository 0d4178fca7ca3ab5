//! Services on the host side that a device can talk to.

use std::{
    io::{Read, Write},
    net::{IpAddr, TcpListener, UdpSocket},
    thread,
};

/// Sends back what it gets, over UDP and TCP.
pub const ECHO_PORT: u16 = 7;

/// Takes what it gets, over UDP.
pub const DISCARD_PORT: u16 = 9;

/// Serves at an address for as long as the test runs.
pub fn serve(address: impl Into<IpAddr>) {
    let address = address.into();
    let datagrams = UdpSocket::bind((address, ECHO_PORT)).unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = datagrams.recv_from(&mut buffer) {
            let _ = datagrams.send_to(&buffer[..length], from);
        }
    });
    let discarded = UdpSocket::bind((address, DISCARD_PORT)).unwrap();
    thread::spawn(move || while discarded.recv(&mut [0; 1500]).is_ok() {});
    let connections = TcpListener::bind((address, ECHO_PORT)).unwrap();
    thread::spawn(move || {
        for mut stream in connections.incoming().flatten() {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stream.read(&mut buffer) {
                if stream.write_all(&buffer[..length]).is_err() {
                    break;
                }
            }
        }
    });
}
