//! Connections over TLS 1.3, as one sees them from outside.

use std::{net::SocketAddr, time::Duration};

use super::{
    stage::Stage,
    tcp::{Side, Tcp},
};

const HANDSHAKE: u8 = 22;
const CHANGE_CIPHER_SPEC: u8 = 20;
const APPLICATION_DATA: u8 = 23;
/// What a record of 16 KiB at most has beside its content: inner type and authentication tag.
const SEALED: usize = 17;

/// Opens a connection and agrees on keys.
pub(super) fn open(
    stage: &mut Stage,
    at: Duration,
    client: SocketAddr,
    server: SocketAddr,
    name: &str,
) -> Tcp {
    let mut tcp = Tcp::open(stage, at, client, server);
    let hello = record(HANDSHAKE, &client_hello(stage, name));
    tcp.send(stage, Side::Client, &hello);
    let mut answer = record(HANDSHAKE, &server_hello(stage));
    answer.extend(record(CHANGE_CIPHER_SPEC, &[1]));
    let certificates = usize::try_from(stage.dice.number(1_900..=3_400)).unwrap_or(2_000);
    answer.extend(sealed(stage, certificates));
    tcp.send(stage, Side::Server, &answer);
    let mut finished = record(CHANGE_CIPHER_SPEC, &[1]);
    finished.extend(sealed(stage, 36));
    tcp.send(stage, Side::Client, &finished);
    tcp
}

/// Sends `length` bytes of content.
pub(super) fn send(stage: &mut Stage, tcp: &mut Tcp, from: Side, length: usize) {
    let mut left = length.max(1);
    while left > 0 {
        let part = left.min(MAX_CONTENT);
        let record = sealed(stage, part);
        tcp.send(stage, from, &record);
        left -= part;
    }
}

const MAX_CONTENT: usize = 16_000;

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    let mut record = vec![kind, 3, 3];
    record.extend(length.to_be_bytes());
    record.extend(content);
    record
}

/// A record of content that nobody can read.
fn sealed(stage: &mut Stage, length: usize) -> Vec<u8> {
    let content = stage.dice.bytes(length + SEALED);
    record(APPLICATION_DATA, &content)
}

const VERSION: [u8; 2] = [3, 3];
const AES_128_GCM_SHA256: [u8; 2] = [0x13, 0x01];

fn client_hello(stage: &mut Stage, name: &str) -> Vec<u8> {
    let mut hello = VERSION.to_vec();
    hello.extend(stage.dice.bytes(32));
    hello.push(32);
    hello.extend(stage.dice.bytes(32));
    hello.extend([0, 2]);
    hello.extend(AES_128_GCM_SHA256);
    hello.extend([1, 0]);
    let mut server_name = vec![0];
    server_name.extend(with_length(name.as_bytes()));
    let mut extensions = extension(0, &with_length(&server_name));
    // Groups: x25519. Signatures: ECDSA with P-256. Versions: TLS 1.3.
    extensions.extend(extension(10, &[0, 2, 0, 29]));
    extensions.extend(extension(13, &[0, 2, 4, 3]));
    extensions.extend(extension(43, &[2, 3, 4]));
    extensions.extend(extension(51, &with_length(&key_share(stage))));
    hello.extend(with_length(&extensions));
    handshake(1, &hello)
}

fn server_hello(stage: &mut Stage) -> Vec<u8> {
    let mut hello = VERSION.to_vec();
    hello.extend(stage.dice.bytes(32));
    hello.push(32);
    hello.extend(stage.dice.bytes(32));
    hello.extend(AES_128_GCM_SHA256);
    hello.push(0);
    let mut extensions = extension(43, &[3, 4]);
    extensions.extend(extension(51, &key_share(stage)));
    hello.extend(with_length(&extensions));
    handshake(2, &hello)
}

fn key_share(stage: &mut Stage) -> Vec<u8> {
    let mut share = vec![0, 29];
    share.extend(with_length(&stage.dice.bytes(32)));
    share
}

fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    let mut extension = kind.to_be_bytes().to_vec();
    extension.extend(with_length(content));
    extension
}

fn handshake(kind: u8, content: &[u8]) -> Vec<u8> {
    // Three bytes of length, the first of which is 0: hellos are short.
    let mut message = vec![kind, 0];
    message.extend(with_length(content));
    message
}

fn with_length(content: &[u8]) -> Vec<u8> {
    let mut bytes = u16::try_from(content.len())
        .unwrap_or(u16::MAX)
        .to_be_bytes()
        .to_vec();
    bytes.extend(content);
    bytes
}
