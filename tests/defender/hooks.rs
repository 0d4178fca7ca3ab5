//! What the agent puts into IP instances, and takes out again.

use std::sync::atomic::{AtomicU32, Ordering};

use netxduo_sys::{
    NX_IP, NX_IP_PACKET_IN, NX_IP_PACKET_OUT, NX_NOT_SUCCESSFUL, NX_PACKET, NX_SUCCESS,
};
use threadx_defender::agent::packet::Direction::{self, In, Out};
use threadx_defender::agent::{Protocol, State};
use threadx_defender::defender::{Defender, DefenderStorage};
use threadx_defender::net::Ip;
use threadx_defender::{Api, Error, Status};
use threadx_sys::UINT;

use crate::device::talk::{Talk, Tally, talk};
use crate::device::{Device, HUBS, create_ip, no_jitter};
use crate::kernel::in_kernel;
use crate::raw::{Filter, RawIp, Receive};

static AGENT: DefenderStorage = DefenderStorage::new();

fn enable(device: &Device) -> Defender {
    Defender::builder()
        .settings(no_jitter())
        .enable(&AGENT, &device.azure)
        .unwrap()
}

fn dns() -> Talk {
    talk(Protocol::Udp, "10.0.0.2:5000", "192.0.2.1:53")
}

/// Somebody's filter, numbered: counts what it sees, and lets it pass or not.
struct Somebody {
    incoming: AtomicU32,
    outgoing: AtomicU32,
    answer: AtomicU32,
}

static SOMEBODY: [Somebody; 2] = [const {
    Somebody {
        incoming: AtomicU32::new(0),
        outgoing: AtomicU32::new(0),
        answer: AtomicU32::new(NX_SUCCESS),
    }
}; 2];

impl Somebody {
    fn see(&self, direction: UINT) -> UINT {
        let count = match direction {
            NX_IP_PACKET_IN => &self.incoming,
            NX_IP_PACKET_OUT => &self.outgoing,
            _ => panic!("a direction that there is not"),
        };
        count.fetch_add(1, Ordering::Relaxed);
        self.answer.load(Ordering::Relaxed)
    }

    /// Packets in and out.
    fn seen(&self) -> (u32, u32) {
        let load = |count: &AtomicU32| count.load(Ordering::Relaxed);
        (load(&self.incoming), load(&self.outgoing))
    }

    fn drop_everything(&self, drop: bool) {
        let answer = if drop { NX_NOT_SUCCESSFUL } else { NX_SUCCESS };
        self.answer.store(answer, Ordering::Relaxed);
    }
}

unsafe extern "C" fn filter<const NUMBER: usize>(
    _: *mut NX_IP,
    _: *mut NX_PACKET,
    direction: UINT,
) -> UINT {
    SOMEBODY[NUMBER].see(direction)
}

/// Why an injected packet did not pass.
fn dropped(ip: &Ip, direction: Direction, talk: &Talk) -> u32 {
    match ip.inject(direction, &talk.packet(direction, 10)) {
        Err(Error::C {
            status: Status {
                code,
                of: Api::NetXDuo,
            },
            ..
        }) => code,
        other => panic!("{other:?} in place of a status"),
    }
}

#[test]
fn everything_is_as_it_was_when_the_guard_is_dropped() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let second = create_ip(kernel, 1, c"second", &device.pool);
        let ips = [RawIp::named(c"ip"), RawIp::named(c"second")];
        ips[0].set_filter(Some(filter::<0>));
        ips[1].set_filter(Some(filter::<1>));
        let before = ips.map(RawIp::fields);
        let agent = enable(&device);
        for (ip, before) in ips.iter().zip(before) {
            let hooked = ip.fields();
            assert_ne!(hooked.filter, before.filter);
            assert_ne!(hooked.tcp, before.tcp);
            assert_ne!(hooked.udp, before.udp);
            assert_ne!(hooked.icmp, before.icmp);
            assert_ne!(hooked.icmpv6, before.icmpv6);
        }
        drop(agent);
        assert_eq!(ips.map(RawIp::fields), before);
        // Nobody's filter means nobody's filter.
        ips[1].set_filter(None);
        let before = ips.map(RawIp::fields);
        drop(enable(&device));
        assert_eq!(ips.map(RawIp::fields), before);
        drop(second);
    });
}

#[test]
fn filters_of_others_see_every_packet_and_can_drop_it() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let second = create_ip(kernel, 1, c"second", &device.pool);
        RawIp::named(c"ip").set_filter(Some(filter::<0>));
        RawIp::named(c"second").set_filter(Some(filter::<1>));
        let agent = enable(&device);
        let mut injected = Tally::new();
        let first_talk = dns();
        let second_talk = talk(Protocol::Tcp, "10.0.1.2:6000", "192.0.2.1:80");
        device.pass(&mut injected, &first_talk, Out, 10);
        device.pass(&mut injected, &first_talk, In, 20);
        second.inject(Out, &second_talk.packet(Out, 30)).unwrap();
        assert_eq!(SOMEBODY[0].seen(), (1, 1));
        assert_eq!(SOMEBODY[1].seen(), (0, 1));
        assert_eq!(agent.statistics().unwrap().packets.packets_counted, 3);

        SOMEBODY[1].drop_everything(true);
        assert_eq!(dropped(&second, In, &second_talk), NX_NOT_SUCCESSFUL);
        assert_eq!(dropped(&second, Out, &second_talk), NX_NOT_SUCCESSFUL);
        assert_eq!(SOMEBODY[1].seen(), (1, 2));
        device.pass(&mut injected, &first_talk, Out, 10);
        // With group traffic the agent sits at the filter in both directions.
        agent.set_unicast_only(false).unwrap();
        assert_eq!(dropped(&second, In, &second_talk), NX_NOT_SUCCESSFUL);
        device.pass(&mut injected, &first_talk, In, 10);
        assert_eq!(SOMEBODY[0].seen(), (2, 2));
        assert_eq!(SOMEBODY[1].seen(), (2, 2));

        drop(agent);
        assert_eq!(dropped(&second, Out, &second_talk), NX_NOT_SUCCESSFUL);
        device.pass(&mut injected, &first_talk, Out, 10);
        assert_eq!((SOMEBODY[0].seen(), SOMEBODY[1].seen()), ((2, 3), (2, 3)));
    });
}

/// Somebody's filter that came after the agent's and calls it.
static BELOW: std::sync::Mutex<Option<Filter>> = std::sync::Mutex::new(None);
static ON_TOP: AtomicU32 = AtomicU32::new(0);

unsafe extern "C" fn on_top(ip: *mut NX_IP, packet: *mut NX_PACKET, direction: UINT) -> UINT {
    ON_TOP.fetch_add(1, Ordering::Relaxed);
    let below = *BELOW.lock().unwrap();
    // SAFETY: the filter below gets what NetX Duo gave this one.
    below.map_or(NX_SUCCESS, |below| unsafe { below(ip, packet, direction) })
}

#[test]
fn a_filter_on_top_of_ours_stays_and_works() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let ip = RawIp::named(c"ip");
        ip.set_filter(Some(filter::<0>));
        let before = ip.fields();
        let agent = enable(&device);
        let ours = ip.filter();
        *BELOW.lock().unwrap() = ours;
        ip.set_filter(Some(on_top));
        let mut injected = Tally::new();
        device.pass(&mut injected, &dns(), Out, 10);
        assert_eq!(agent.statistics().unwrap().packets.packets_counted, 1);
        assert_eq!(ON_TOP.load(Ordering::Relaxed), 1);

        // Disabled: what is on top stays, and reaches what was there before us.
        drop(agent);
        assert_eq!(ip.fields().filter, Some(on_top as Filter as usize));
        assert_eq!(ip.fields().udp, before.udp);
        device.pass(&mut injected, &dns(), Out, 10);
        assert_eq!(ON_TOP.load(Ordering::Relaxed), 2);
        assert_eq!(SOMEBODY[0].seen(), (0, 2));
        SOMEBODY[0].drop_everything(true);
        assert_eq!(dropped(&device.ip, Out, &dns()), NX_NOT_SUCCESSFUL);
        SOMEBODY[0].drop_everything(false);

        // Enabled again: the packets come by what is on top, once.
        let agent = enable(&device);
        device.seconds(2);
        assert_eq!(ip.fields().filter, Some(on_top as Filter as usize));
        device.pass(&mut injected, &dns(), Out, 10);
        device.pass(&mut injected, &dns(), In, 10);
        assert_eq!(agent.statistics().unwrap().packets.packets_counted, 2);
        assert_eq!(SOMEBODY[0].seen(), (1, 4));

        // When it goes, everything can be put back.
        ip.set_filter(ours);
        device.pass(&mut injected, &dns(), Out, 10);
        assert_eq!(agent.statistics().unwrap().packets.packets_counted, 3);
        drop(agent);
        assert_eq!(ip.fields(), before);
    });
}

static RECEIVED: AtomicU32 = AtomicU32::new(0);
static RECEIVE_BELOW: std::sync::Mutex<Option<Receive>> = std::sync::Mutex::new(None);

unsafe extern "C" fn receive_on_top(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    RECEIVED.fetch_add(1, Ordering::Relaxed);
    let below = RECEIVE_BELOW.lock().unwrap().expect("set before");
    // SAFETY: the function below gets what NetX Duo gave this one.
    unsafe { below(ip, packet) };
}

#[test]
fn a_receive_function_on_top_of_ours_stays_and_works() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let ip = RawIp::named(c"ip");
        let before = ip.fields();
        let free = device.pool.available();
        let agent = enable(&device);
        let ours = ip.udp_receive();
        *RECEIVE_BELOW.lock().unwrap() = ours;
        ip.set_udp_receive(Some(receive_on_top));
        let mut injected = Tally::new();
        device.pass(&mut injected, &dns(), In, 10);
        assert_eq!(agent.statistics().unwrap().packets.packets_counted, 1);
        drop(agent);
        let after = ip.fields();
        assert_eq!(after.udp, Some(receive_on_top as Receive as usize));
        assert_eq!((after.tcp, after.filter), (before.tcp, before.filter));
        device.pass(&mut injected, &dns(), In, 10);
        let agent = enable(&device);
        device.pass(&mut injected, &dns(), In, 10);
        assert_eq!(agent.statistics().unwrap().packets.packets_counted, 1);
        assert_eq!(RECEIVED.load(Ordering::Relaxed), 3);
        ip.set_udp_receive(ours);
        drop(agent);
        assert_eq!(ip.fields(), before);
        assert_eq!(device.pool.available(), free, "no packet is lost");
    });
}

#[test]
fn packets_on_their_way_through_a_hook_pass_when_it_is_taken_out() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let ip = RawIp::named(c"ip");
        *RECEIVE_BELOW.lock().unwrap() = ip.udp_receive();
        ip.set_udp_receive(Some(receive_on_top));
        ip.set_filter(Some(filter::<0>));
        let before = ip.fields();
        let agent = enable(&device);
        let ours = (ip.filter(), ip.udp_receive());
        drop(agent);
        assert_eq!(ip.fields(), before);
        // NetX Duo read the pointers before they were put back.
        ip.set_filter(ours.0);
        ip.set_udp_receive(ours.1);
        device.pass(&mut Tally::new(), &dns(), In, 10);
        device.pass(&mut Tally::new(), &dns(), Out, 10);
        assert_eq!(SOMEBODY[0].seen(), (1, 1));
        assert_eq!(RECEIVED.load(Ordering::Relaxed), 1);
        SOMEBODY[0].drop_everything(true);
        assert_eq!(dropped(&device.ip, Out, &dns()), NX_NOT_SUCCESSFUL);
        // Enabled again over what is left of us, it is put back as it was.
        drop(enable(&device));
        assert_eq!(ip.fields(), before);
    });
}

#[test]
fn a_filter_on_top_of_a_hook_that_was_left_behind_is_not_called_in_circles() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let ip = RawIp::named(c"ip");
        let agent = enable(&device);
        let ours = ip.filter();
        drop(agent);
        ip.set_filter(ours);
        let agent = enable(&device);
        *BELOW.lock().unwrap() = ours;
        ip.set_filter(Some(on_top));
        device.seconds(2);
        device.pass(&mut Tally::new(), &dns(), Out, 10);
        assert_eq!(ON_TOP.load(Ordering::Relaxed), 1);
        assert_eq!(agent.statistics().unwrap().packets.packets_counted, 1);
    });
}

#[test]
fn nothing_is_hooked_on_protocols_that_are_not_enabled() {
    in_kernel(|kernel| {
        let device = Device::without_agent(kernel);
        let bare = RawIp::bare(c"bare", RawIp::named(c"ip"));
        let before = bare.fields();
        let nothing = [before.tcp, before.udp, before.icmp, before.icmpv6];
        assert_eq!(nothing, [None; 4], "a bare instance has no protocols");
        let agent = enable(&device);
        device.seconds(2);
        let hooked = bare.fields();
        assert!(hooked.filter.is_some());
        assert_eq!(
            [hooked.tcp, hooked.udp, hooked.icmp, hooked.icmpv6],
            nothing
        );
        // Enabled later, a protocol is hooked within a second.
        // SAFETY: the instance exists.
        assert_eq!(unsafe { netxduo_sys::nx_udp_enable(bare.0) }, NX_SUCCESS);
        let enabled = bare.fields();
        device.seconds(1);
        assert_ne!(bare.fields().udp, enabled.udp);
        assert_eq!(bare.fields().tcp, None);
        drop(agent);
        assert_eq!(bare.fields(), enabled.with_filter(before.filter));
    });
}

#[test]
fn a_disabled_agent_neither_counts_nor_sends() {
    in_kernel(|kernel| {
        let mut device = Device::start(kernel);
        let agent = device.azure.take_defender().unwrap();
        let mut injected = Tally::new();
        device.pass(&mut injected, &dns(), Out, 10);
        device.seconds(30);
        assert_eq!(agent.state(), State::Active);
        let sent = HUBS[0].taken().len();
        drop(agent);
        device.pass(&mut injected, &dns(), Out, 10);
        device.seconds(200);
        assert_eq!(HUBS[0].published().len(), sent);
        // Nothing of before is left over.
        let agent = enable(&device);
        assert_eq!(agent.statistics().unwrap(), Default::default());
        device.seconds(100);
        assert_eq!(
            HUBS[0].tally().into_values().collect::<Vec<_>>(),
            [(0, 18)],
            "what passed while it was disabled is not reported"
        );
    });
}
