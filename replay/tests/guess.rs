//! Whose packets these are, when nobody says so.

use std::{net::IpAddr, time::Duration};

use defender_replay::{
    Link, Packet, PacketSource,
    local::{Guess, Survey},
    scenario::{self, Options},
};

const DEVICE: [u8; 6] = [2, 0, 0, 0, 0, 2];
const PEER: [u8; 6] = [2, 0, 0, 0, 0, 1];
const ROUTER: [u8; 6] = [2, 0, 0, 0, 0, 254];

/// A UDP datagram.
fn datagram(from: &str, to: &str, ports: [u16; 2], hops: u8) -> Vec<u8> {
    let [from, to]: [IpAddr; 2] = [from, to].map(|text| text.parse().unwrap());
    let mut packet = match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let header = [0x45, 0, 0, 28, 0, 0, 0, 0, hops, 17, 0, 0];
            [&header[..], &from.octets(), &to.octets()].concat()
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            let header = [0x60, 0, 0, 0, 0, 8, 17, hops];
            [&header[..], &from.octets(), &to.octets()].concat()
        }
        _ => panic!("{from} and {to} are of different versions"),
    };
    for field in [ports[0], ports[1], 8, 0] {
        packet.extend(field.to_be_bytes());
    }
    packet
}

#[derive(Default)]
struct Seen(Survey);

impl Seen {
    fn packet(&mut self, ip: &[u8], cards: Option<[[u8; 6]; 2]>) {
        let [source, destination] = cards.map_or([None; 2], |cards| cards.map(Some));
        self.0.observe(&Packet {
            link: Link {
                source,
                destination,
                ..Link::UNKNOWN
            },
            ..Packet::new(Duration::ZERO, ip)
        });
    }

    /// A question and its answer, so many times, over as many routers.
    fn talk(
        &mut self,
        from: &str,
        to: &str,
        cards: Option<[[u8; 6]; 2]>,
        times: usize,
        routers: u8,
    ) {
        for _ in 0..times {
            self.packet(&datagram(from, to, [40_000, 9000], 64), cards);
            let back = cards.map(|[from, to]| [to, from]);
            self.packet(&datagram(to, from, [9000, 40_000], 64 - routers), back);
        }
    }

    #[track_caller]
    fn is(&self, expected: &[&str]) -> Vec<String> {
        let Guess { device, others, .. } = self.0.guess().unwrap();
        let own: Vec<_> = device.addresses().iter().map(ToString::to_string).collect();
        assert_eq!(own, expected, "others: {others:?}");
        others.iter().map(ToString::to_string).collect()
    }
}

/// Whoever is attacked, attacks or works: the device is who takes part in everything.
#[test]
fn the_device_of_every_scenario_is_found() {
    for scenario in scenario::all() {
        for seed in 1..=3 {
            let options = Options::new().seed(seed).duration(Duration::from_secs(300));
            let mut run = scenario.run(&options).unwrap();
            let mut survey = Survey::new();
            while let Some(packet) = run.next_packet().unwrap() {
                survey.observe(&packet);
            }
            let guess = survey.guess().unwrap();
            let first = guess.device.addresses()[0].address;
            let name = scenario.name();
            assert_eq!(first, run.device(), "{name} {seed}: {guess:?}");
            assert!(guess.others.is_empty(), "{name} {seed}: {guess:?}");
        }
    }
}

/// As in a plant: hosts that talk with each other are not one device, and cards of zeros tie nobody together.
#[test]
fn peers_of_each_other_are_no_device() {
    for cards in [None, Some([[0; 6]; 2])] {
        let mut seen = Seen::default();
        seen.talk("10.0.0.1", "10.0.0.2", cards, 80, 0);
        seen.talk("10.0.0.1", "10.0.0.3", cards, 15, 0);
        seen.talk("10.0.0.2", "10.0.0.3", cards, 4, 0);
        seen.talk("fd00::8", "fd00::9", cards, 4, 0);
        seen.talk("fd00::7", "fd00::5", cards, 4, 0);
        seen.is(&["10.0.0.1"]);
    }
}

#[test]
fn all_addresses_of_one_card_are_one_device() {
    let mut seen = Seen::default();
    let cards = Some([DEVICE, PEER]);
    seen.talk("10.0.0.2", "10.0.0.1", cards, 50, 0);
    seen.talk("fd00::2", "fd00::1", cards, 20, 0);
    seen.talk("fe80::2", "fe80::1", cards, 5, 0);
    // Before it had an address of the network.
    seen.talk("192.168.0.20", "192.168.0.1", cards, 3, 0);
    seen.talk("10.0.0.2", "10.0.0.9", Some([DEVICE, ROUTER]), 3, 0);
    seen.is(&["10.0.0.2", "192.168.0.20", "fd00::2", "fe80::2"]);
}

#[test]
fn a_router_is_not_the_device_and_what_it_passes_on_is_not_its_own() {
    let mut seen = Seen::default();
    let cards = Some([DEVICE, ROUTER]);
    seen.talk("192.0.2.7", "203.0.113.1", cards, 90, 5);
    for last in 2..30 {
        seen.talk("192.0.2.7", &format!("203.0.113.{last}"), cards, 1, 5);
    }
    seen.talk("192.0.2.7", "192.0.2.254", cards, 1, 0);
    seen.is(&["192.0.2.7"]);
    // With one peer only, it is where hops are missing that tells.
    let mut seen = Seen::default();
    seen.talk("192.0.2.7", "203.0.113.1", None, 50, 5);
    assert!(seen.is(&["192.0.2.7"]).is_empty());
}

#[test]
fn who_asked_for_an_address_has_it() {
    let mut seen = Seen::default();
    let cards = Some([PEER, DEVICE]);
    seen.talk("10.0.0.1", "10.0.0.2", cards, 50, 0);
    let discover = datagram("0.0.0.0", "255.255.255.255", [68, 67], 64);
    seen.packet(&discover, Some([DEVICE, [0xff; 6]]));
    assert!(seen.is(&["10.0.0.2"]).is_empty());
}

#[test]
fn when_two_are_alike_the_other_is_named() {
    let mut seen = Seen::default();
    seen.talk("10.0.0.1", "10.0.0.2", None, 50, 0);
    assert_eq!(seen.is(&["10.0.0.1"]), ["10.0.0.2"]);
}

#[test]
fn nobody_is_found_where_nobody_is() {
    let mut survey = Survey::new();
    let discover = datagram("0.0.0.0", "255.255.255.255", [68, 67], 64);
    survey.observe(&Packet::new(Duration::ZERO, &discover));
    assert_eq!(survey.guess(), None);
    assert_eq!(Survey::new().guess(), None);
}
