//! The agent sees what is on the cable, no more and no less.

use std::net::SocketAddr;
use std::time::Duration;

use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use threadx_defender::agent::{Protocol, Settings};
use threadx_defender::azure::{AzureIot, HubClient};
use threadx_defender::defender::Defender;
use threadx_defender::net::{TcpSocketStorage, UdpSocketStorage};

use crate::device::talk::{Talk, Tally};
use crate::device::{AZURE, CLIENTS, HUBS, unix_time};
use crate::kernel::in_kernel;
use crate::sockets::{Other, in_thread, pattern, result_of};
use crate::two::{RECORDERS, RIGHT_BOTH, WAIT, stations_with_ipv6};

static UDP: UdpSocketStorage = UdpSocketStorage::new();
static TCP: [TcpSocketStorage; 2] = [const { TcpSocketStorage::new() }; 2];
static THREAD: Other = Other::new();

/// The type of ICMPv6 messages that ask for a station's address.
const NEIGHBOUR_SOLICITATION: u8 = 135;

/// What the device on the left has to report: everything that it sends, and what is sent to it alone.
fn on_the_cable() -> Tally {
    let [left, right] = [0, 1].map(|end| RECORDERS[end].frames());
    let mut tally = Tally::new();
    let sent = left.iter().map(|frame| (true, frame));
    for (out, frame) in sent.chain(right.iter().map(|frame| (false, frame))) {
        let packet = SlicedPacket::from_ethernet(frame).expect("a frame");
        let is_for_a_group = frame[0] & 1 != 0;
        if is_for_a_group && !out {
            continue;
        }
        let (addresses, payload) = match &packet.net {
            Some(NetSlice::Ipv4(ip)) => {
                let header = ip.header();
                let addresses = [
                    header.source_addr().into(),
                    header.destination_addr().into(),
                ];
                (addresses, ip.payload().payload)
            }
            Some(NetSlice::Ipv6(ip)) => {
                let header = ip.header();
                let addresses = [
                    header.source_addr().into(),
                    header.destination_addr().into(),
                ];
                (addresses, ip.payload().payload)
            }
            _ => continue,
        };
        let (protocol, ports) = match &packet.transport {
            Some(TransportSlice::Tcp(tcp)) => {
                (Protocol::Tcp, [tcp.source_port(), tcp.destination_port()])
            }
            Some(TransportSlice::Udp(udp)) => {
                (Protocol::Udp, [udp.source_port(), udp.destination_port()])
            }
            // NetX Duo hands these to the driver past its packet filter: nobody can see them.
            Some(TransportSlice::Icmpv6(icmp))
                if out && icmp.type_u8() == NEIGHBOUR_SOLICITATION =>
            {
                continue;
            }
            Some(TransportSlice::Icmpv4(_) | TransportSlice::Icmpv6(_)) => (Protocol::Icmp, [0; 2]),
            _ => continue,
        };
        let [source, destination] = [0, 1].map(|end| SocketAddr::new(addresses[end], ports[end]));
        let talk = match out {
            true => Talk {
                protocol,
                local: source,
                remote: destination,
            },
            false => Talk {
                protocol,
                local: destination,
                remote: source,
            },
        };
        let bytes = tally.entry(talk).or_default();
        match out {
            true => bytes.1 += payload.len() as u64,
            false => bytes.0 += payload.len() as u64,
        }
    }
    tally
}

#[test]
fn the_agent_reports_what_was_on_the_cable() {
    in_kernel(|kernel| {
        // The agent comes before the devices talk, on an instance of its own: it watches all of them. So both ends of
        // the cable report, each seen from its own side.
        let [left, right] = stations_with_ipv6(kernel);
        let before = on_the_cable();
        let mut settings = Settings::new();
        settings
            .set_first_collection_jitter(Duration::ZERO)
            .unwrap();
        settings
            .set_first_collection(Duration::from_secs(4))
            .unwrap();
        let azure = AzureIot::builder(c"azure", unix_time)
            .defender(Defender::builder().settings(settings))
            .create(kernel, &AZURE, &left.ip, &left.pool)
            .unwrap();
        let hub = HubClient::builder("hub.example", "device")
            .transport(&HUBS[0])
            .create(&CLIENTS[0], &azure)
            .unwrap();
        hub.connect(true, Duration::ZERO).unwrap();

        let client = left.ip.bind_udp(&UDP, 5000).unwrap();
        for address in RIGHT_BOTH {
            left.ip.ping(address, &pattern(100), WAIT).unwrap();
            client
                .send_to(&pattern(333), SocketAddr::new(address, 9))
                .unwrap();
        }
        let server = in_thread(kernel, &THREAD, move || {
            let mut server = right.ip.tcp_socket(&TCP[1]).unwrap();
            server.listen(8883).unwrap();
            server.accept(WAIT).unwrap();
            let mut buffer = [0; 500];
            while server.receive(&mut buffer, WAIT).unwrap() > 0 {}
            server.disconnect(WAIT).unwrap();
            drop(server);
            right
        });
        kernel.sleep(Duration::from_millis(50)).unwrap();
        let mut connection = left.ip.tcp_socket(&TCP[0]).unwrap();
        connection
            .connect(SocketAddr::new(RIGHT_BOTH[1], 8883), WAIT)
            .unwrap();
        connection.send(&pattern(20_000), WAIT).unwrap();
        connection.disconnect(WAIT).unwrap();
        let right = result_of(kernel, &server);

        for _ in 0..80 {
            if !HUBS[0].messages().is_empty() {
                break;
            }
            kernel.sleep(Duration::from_millis(100)).unwrap();
        }
        let mut on_the_cable = on_the_cable();
        for (talk, (bytes_in, bytes_out)) in before {
            let bytes = on_the_cable.get_mut(&talk).unwrap();
            bytes.0 -= bytes_in;
            bytes.1 -= bytes_out;
        }
        on_the_cable.retain(|_, bytes| *bytes != (0, 0));
        assert!(on_the_cable.len() >= 5, "{on_the_cable:?}");
        let mut reported = HUBS[0].tally();
        // The other device is watched, too.
        reported.retain(|talk, _| talk.local.ip().to_string().ends_with('1'));
        assert_eq!(reported, on_the_cable);
        drop((client, connection, right));
    });
}
