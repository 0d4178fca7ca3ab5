//! How many messages of QoS 1 the endpoint takes in a second, over the loopback interface, with a journal that keeps at once.
//!
//! `cargo bench -p defender-hub --bench endpoint`. The clients are as simple as can be: what they take is beside the point, but
//! they share the processors. The pace of each connection is not limited here.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use defender_hub::{
    endpoint::{Limits, Server, Unenrolled},
    identity::{MemoryDirectory, SealingKey},
    intake::Intake,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const CLIENTS: usize = 50;
/// Messages that a client has on their way.
const WINDOW: usize = 50;
const PAYLOAD: usize = 500;
const DURATION: Duration = Duration::from_secs(5);
/// Messages a second.
const GOAL: f64 = 30_000.0;

#[tokio::main]
async fn main() {
    let (intake, mut deliveries) = Intake::new(4096);
    tokio::spawn(async move {
        while let Some(delivery) = deliveries.recv().await {
            if let Some(kept) = delivery.kept {
                let _ = kept.send(());
            }
        }
    });
    let mut limits = Limits::default();
    limits.messages_per_second = u32::MAX;
    limits.burst = u32::MAX;
    let sealing = SealingKey::unkept().expect("random numbers");
    let mut server = Server::new(
        Arc::new(MemoryDirectory::default()),
        sealing,
        intake,
        limits,
    );
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listening = server.listen(any, Unenrolled::Admitted).await;
    let address = listening.expect("the loopback interface");
    let begun = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(client(address, number, begun + DURATION)))
        .collect();
    let mut acknowledged = 0;
    for client in clients {
        acknowledged += client.await.expect("a client").expect("a connection");
    }
    let seconds = begun.elapsed().as_secs_f64();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let rate = acknowledged as f64 / seconds;
    println!(
        "{rate:.0} messages/s of {PAYLOAD} bytes, QoS 1, {CLIENTS} connections, {acknowledged} in {seconds:.1} s; \
         goal {GOAL:.0}; load {}",
        load.split(' ').next().unwrap_or("unknown")
    );
    assert_eq!(server.control().statistics().messages, acknowledged);
    server.stop().await;
}

/// Sends window after window; how many messages were acknowledged.
async fn client(address: SocketAddr, number: usize, end: Instant) -> std::io::Result<u64> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let id = format!("{number:04}");
    let mut connect = b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04".to_vec();
    connect.extend(id.bytes());
    stream.write_all(&connect).await?;
    stream.read_exact(&mut [0; 4]).await?;
    let topic = format!("devices/{id}/messages/events/mti=2.3-1-0-0");
    let mut window = Vec::new();
    for id in 1..=WINDOW as u16 {
        let length = 2 + topic.len() + 2 + PAYLOAD;
        window.extend([0x32, (length % 0x80) as u8 | 0x80, (length / 0x80) as u8]);
        window.extend((topic.len() as u16).to_be_bytes());
        window.extend(topic.bytes());
        window.extend(id.to_be_bytes());
        window.extend([0; PAYLOAD]);
    }
    let mut answers = [0; 4 * WINDOW];
    let mut acknowledged = 0;
    while Instant::now() < end {
        stream.write_all(&window).await?;
        stream.read_exact(&mut answers).await?;
        acknowledged += WINDOW as u64;
    }
    Ok(acknowledged)
}
