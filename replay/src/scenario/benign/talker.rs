//! A plug that finds others and is found: SSDP, mDNS, and descriptions fetched from odd ports of many hosts.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use super::office;
use crate::scenario::{
    background::{self, length, millis, seconds},
    dns,
    stage::Stage,
    tcp::{Side, Tcp, refused},
};

const SSDP: u16 = 1900;
const MDNS: u16 = 5353;
/// Where the plug and its like describe themselves: the first port that was free.
const DESCRIPTION: [u16; 4] = [49_152, 49_153, 49_154, 49_155];
const OTHERS: u8 = 14;

pub(in crate::scenario) fn set_up(stage: &mut Stage) {
    background::set_up(stage);
    searches(stage);
    announcements(stage);
    mdns(stage);
    is_searched(stage);
    is_fetched(stage);
}

fn ssdp_group(stage: &Stage) -> SocketAddr {
    let group: IpAddr = match stage.site.device {
        IpAddr::V4(_) => Ipv4Addr::new(239, 255, 255, 250).into(),
        IpAddr::V6(_) => Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xc).into(),
    };
    SocketAddr::new(group, SSDP)
}

fn mdns_group(stage: &Stage) -> SocketAddr {
    let group: IpAddr = match stage.site.device {
        IpAddr::V4(_) => Ipv4Addr::new(224, 0, 0, 251).into(),
        IpAddr::V6(_) => Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb).into(),
    };
    SocketAddr::new(group, MDNS)
}

const SEARCH: &[u8] = b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 2\r\nST: upnp:rootdevice\r\n\r\n";

fn found(host: IpAddr, port: u16) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=86400\r\nEXT:\r\nLOCATION: http://{}/setup.xml\r\nST: upnp:rootdevice\r\n\r\n",
        SocketAddr::new(host, port)
    )
    .into_bytes()
}

/// It searches every two minutes; the others answer to the port that asked, and it fetches what they are.
fn searches(stage: &mut Stage) {
    stage.begin(seconds(6), |stage| {
        let (own, group) = (stage.own(), ssdp_group(stage));
        for again in 0..3 {
            stage.udp(stage.now + millis(100 * again), own, group, SEARCH);
        }
        for other in 0..OTHERS {
            let host = stage.site.neighbour(60 + other);
            let port = DESCRIPTION[usize::from(other) % DESCRIPTION.len()];
            let at = stage.now + stage.dice.time(millis(300)..=seconds(2));
            stage.udp(at, SocketAddr::new(host, SSDP), own, &found(host, port));
            fetch(stage, at + millis(20), SocketAddr::new(host, port));
        }
        Some(stage.now + stage.dice.time(seconds(110)..=seconds(130)))
    });
}

/// Some have moved to another port since they were last heard of.
fn fetch(stage: &mut Stage, at: Duration, server: SocketAddr) {
    let own = stage.own();
    if stage.dice.once_in(6) {
        refused(stage, at, own, server);
        return;
    }
    let mut tcp = Tcp::open(stage, at, own, server);
    let size = length(stage, 900..=3_500);
    office::get(stage, &mut tcp, &server.to_string(), size);
    tcp.close(stage, Side::Server);
}

/// It says what it is, and hears what others are.
fn announcements(stage: &mut Stage) {
    stage.begin(seconds(2), |stage| {
        let group = ssdp_group(stage);
        let who = stage.dice.number(0..=OTHERS.into());
        let (host, from) = match u8::try_from(who) {
            Ok(other) if other < OTHERS => {
                let host = stage.site.neighbour(60 + other);
                (host, stage.foreign(host))
            }
            _ => (stage.site.device, stage.own()),
        };
        let notice = format!(
            "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nLOCATION: http://{}/setup.xml\r\n\r\n",
            SocketAddr::new(host, DESCRIPTION[1])
        );
        for again in 0..2 {
            stage.udp(stage.now + millis(50 * again), from, group, notice.as_bytes());
        }
        Some(stage.now + stage.dice.time(seconds(3)..=seconds(20)))
    });
}

fn mdns(stage: &mut Stage) {
    const SERVICE: &str = "_plug._tcp.local";
    stage.begin(seconds(1), |stage| {
        let (own, group) = (stage.own_port(MDNS), mdns_group(stage));
        let message = if stage.dice.once_in(2) {
            dns::question(0, SERVICE, simple_dns::TYPE::PTR)
        } else {
            dns::announcement(SERVICE, "kitchen._plug._tcp.local")
        };
        if let Some(message) = message {
            stage.udp(stage.now, own, group, &message);
        }
        Some(stage.now + stage.dice.time(seconds(5)..=seconds(30)))
    });
}

/// Telephones search, too. It answers each of them at the port that asked, and hears no more: UDP without an answer.
fn is_searched(stage: &mut Stage) {
    stage.begin(seconds(9), |stage| {
        let host = stage
            .site
            .neighbour(stage.dice.pick([160, 161, 162, 163, 164]));
        let (asker, group) = (stage.foreign(host), ssdp_group(stage));
        stage.udp(stage.now, asker, group, SEARCH);
        let own = stage.own_port(SSDP);
        let at = stage.now + stage.dice.time(millis(100)..=seconds(2));
        let answer = found(stage.site.device, DESCRIPTION[1]);
        stage.udp(at, own, asker, &answer);
        Some(stage.now + stage.dice.time(seconds(5)..=seconds(25)))
    });
}

/// They fetch what it is; those that remember another port are refused.
fn is_fetched(stage: &mut Stage) {
    stage.begin(seconds(12), |stage| {
        let host = stage
            .site
            .neighbour(stage.dice.pick([160, 161, 162, 163, 164]));
        for port in DESCRIPTION {
            let (client, own) = (stage.foreign(host), stage.own_port(port));
            if port != DESCRIPTION[1] {
                refused(stage, stage.now, client, own);
                continue;
            }
            let mut tcp = Tcp::open(stage, stage.now + millis(30), client, own);
            let size = length(stage, 900..=3_500);
            office::get(stage, &mut tcp, "plug.local", size);
            tcp.close(stage, Side::Server);
            break;
        }
        Some(stage.now + stage.dice.time(seconds(8)..=seconds(40)))
    });
}
