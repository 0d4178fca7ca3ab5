//! What an agent puts into IP instances, and takes out again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use netxduo_sys::{NX_IP, NX_IP_PACKET_IN, NX_NOT_SUCCESSFUL, NX_PACKET, NX_SUCCESS};
use threadx_defender::agent::Protocol;
use threadx_defender::agent::packet::Direction::{In, Out};
use threadx_defender::defender::Implementation;
use threadx_defender::kernel::Kernel;
use threadx_sys::UINT;

use crate::both::enable;
use crate::device::talk::{Talk, Tally, count, talk};
use crate::device::{Device, HUBS, create_ip};
use crate::raw::{Filter, RawIp, Receive};

on_both_agents!(
    every_instance_is_as_it_was_afterwards,
    filters_of_others_see_every_packet_and_can_drop_it,
    functions_on_top_stay_and_work,
    each_instance_keeps_its_own_receive_functions,
    instances_come_and_go,
    nothing_is_hooked_on_protocols_that_are_not_enabled,
    packets_on_their_way_through_a_hook_pass_when_it_is_taken_out,
);

fn dns() -> Talk {
    talk(Protocol::Udp, "10.0.0.2:5000", "192.0.2.1:53")
}

/// Somebody's filters, numbered: what they saw going in and out, and what they answer.
static SEEN: [[AtomicU32; 2]; 2] = [const { [const { AtomicU32::new(0) }; 2] }; 2];
static ANSWER: AtomicU32 = AtomicU32::new(NX_SUCCESS);

unsafe extern "C" fn filter<const NUMBER: usize>(
    _: *mut NX_IP,
    _: *mut NX_PACKET,
    direction: UINT,
) -> UINT {
    let out = usize::from(direction != NX_IP_PACKET_IN);
    SEEN[NUMBER][out].fetch_add(1, Ordering::Relaxed);
    ANSWER.load(Ordering::Relaxed)
}

/// Packets that a filter saw, in and out.
fn seen(number: usize) -> [u32; 2] {
    SEEN[number]
        .each_ref()
        .map(|count| count.load(Ordering::Relaxed))
}

/// A filter on top of another one.
static BELOW: Mutex<Option<Filter>> = Mutex::new(None);
static ON_TOP: AtomicU32 = AtomicU32::new(0);

unsafe extern "C" fn on_top(ip: *mut NX_IP, packet: *mut NX_PACKET, direction: UINT) -> UINT {
    ON_TOP.fetch_add(1, Ordering::Relaxed);
    let below = *BELOW.lock().unwrap();
    // SAFETY: the filter below gets what NetX Duo gave this one.
    below.map_or(NX_SUCCESS, |below| unsafe { below(ip, packet, direction) })
}

/// Receive functions on top of others, numbered.
static RECEIVE_BELOW: [Mutex<Option<Receive>>; 2] = [const { Mutex::new(None) }; 2];
static RECEIVED: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];

unsafe extern "C" fn receive<const NUMBER: usize>(ip: *mut NX_IP, packet: *mut NX_PACKET) {
    RECEIVED[NUMBER].fetch_add(1, Ordering::Relaxed);
    let below = RECEIVE_BELOW[NUMBER].lock().unwrap().expect("set before");
    // SAFETY: the function below gets what NetX Duo gave this one.
    unsafe { below(ip, packet) };
}

fn received(number: usize) -> u32 {
    RECEIVED[number].load(Ordering::Relaxed)
}

/// Puts a receive function on top of the one for UDP.
fn put_on_top<const NUMBER: usize>(ip: RawIp) {
    *RECEIVE_BELOW[NUMBER].lock().unwrap() = ip.udp_receive();
    ip.set_udp_receive(Some(receive::<NUMBER>));
}

fn every_instance_is_as_it_was_afterwards(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let second = create_ip(kernel, 1, c"second", &device.pool);
    let third = create_ip(kernel, 2, c"third", &device.pool);
    let ips = [c"ip", c"second", c"third"].map(RawIp::named);
    // Each has something else in it.
    ips[0].set_filter(Some(filter::<0>));
    ips[1].set_filter(Some(filter::<1>));
    put_on_top::<0>(ips[0]);
    put_on_top::<1>(ips[1]);
    let before = ips.map(RawIp::fields);
    for _ in 0..3 {
        let defender = enable(agent, &device);
        for (ip, before) in ips.iter().zip(before) {
            let hooked = ip.fields();
            assert_ne!(hooked.filter, before.filter);
            assert_ne!(hooked.tcp, before.tcp);
            assert_ne!(hooked.udp, before.udp);
            assert_ne!(hooked.icmp, before.icmp);
            assert_ne!(hooked.icmpv6, before.icmpv6);
        }
        device.seconds(40);
        drop(defender);
        assert_eq!(ips.map(RawIp::fields), before);
    }
    drop((second, third));
}

fn filters_of_others_see_every_packet_and_can_drop_it(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    RawIp::named(c"ip").set_filter(Some(filter::<0>));
    let _defender = enable(agent, &device);
    let mut injected = Tally::new();
    device.pass(&mut injected, &dns(), Out, 10);
    device.pass(&mut injected, &dns(), In, 20);
    assert_eq!(seen(0), [1, 1]);
    ANSWER.store(NX_NOT_SUCCESSFUL, Ordering::Relaxed);
    assert!(device.ip.inject(Out, &dns().packet(Out, 10)).is_err());
    assert!(device.ip.inject(In, &dns().packet(In, 10)).is_err());
    assert_eq!(seen(0), [2, 2]);
    ANSWER.store(NX_SUCCESS, Ordering::Relaxed);
    // The agents sit before the filter on the way out, and behind it on the way in.
    count(&mut injected, &dns(), Out, 10);
    device.seconds(30);
    assert_eq!(HUBS[0].tally(), injected);
}

fn functions_on_top_stay_and_work(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let ip = RawIp::named(c"ip");
    ip.set_filter(Some(filter::<0>));
    let before = ip.fields();
    let free = device.pool.available();
    let defender = enable(agent, &device);
    let ours = (ip.filter(), ip.udp_receive());
    *BELOW.lock().unwrap() = ours.0;
    ip.set_filter(Some(on_top));
    put_on_top::<0>(ip);
    let mut injected = Tally::new();
    device.pass(&mut injected, &dns(), Out, 10);
    device.pass(&mut injected, &dns(), In, 10);
    device.seconds(30);
    assert_eq!(HUBS[0].tally(), injected);
    assert_eq!((ON_TOP.load(Ordering::Relaxed), received(0)), (2, 1));

    // Disabled: what is on top stays, and reaches what was there before us.
    drop(defender);
    assert_eq!(ip.fields().filter, Some(on_top as Filter as usize));
    assert_eq!(ip.fields().udp, Some(receive::<0> as Receive as usize));
    assert_eq!(ip.fields().tcp, before.tcp);
    device.pass(&mut injected, &dns(), Out, 10);
    device.pass(&mut injected, &dns(), In, 10);
    assert_eq!((ON_TOP.load(Ordering::Relaxed), received(0)), (4, 2));
    assert_eq!(seen(0), [2, 2]);

    // Enabled again: the packets come by what is on top, once.
    HUBS[0].clear();
    let defender = enable(agent, &device);
    let mut injected = Tally::new();
    device.pass(&mut injected, &dns(), Out, 10);
    device.pass(&mut injected, &dns(), In, 10);
    device.seconds(30);
    assert_eq!(HUBS[0].tally(), injected);
    assert_eq!(seen(0), [3, 3]);

    // When it goes, everything can be put back.
    ip.set_filter(ours.0);
    ip.set_udp_receive(ours.1);
    drop(defender);
    assert_eq!(ip.fields(), before);
    assert_eq!(device.pool.available(), free, "no packet is lost");
}

/// The original itself keeps one function a protocol for all instances.
fn each_instance_keeps_its_own_receive_functions(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let second = create_ip(kernel, 1, c"second", &device.pool);
    let there = talk(Protocol::Udp, "10.0.1.2:5000", "192.0.2.1:53");
    put_on_top::<0>(RawIp::named(c"ip"));
    put_on_top::<1>(RawIp::named(c"second"));
    let defender = enable(agent, &device);
    let mut injected = Tally::new();
    device.pass(&mut injected, &dns(), In, 10);
    for _ in 0..3 {
        second.inject(In, &there.packet(In, 20)).unwrap();
        count(&mut injected, &there, In, 20);
    }
    assert_eq!((received(0), received(1)), (1, 3));
    device.seconds(30);
    assert_eq!(HUBS[0].tally(), injected);
    drop(defender);
    device.pass(&mut injected, &dns(), In, 10);
    second.inject(In, &there.packet(In, 20)).unwrap();
    assert_eq!((received(0), received(1)), (2, 4));
}

fn instances_come_and_go(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let defender = enable(agent, &device);
    let there = talk(Protocol::Udp, "10.0.1.2:5000", "192.0.2.1:53");
    let mut injected = Tally::new();
    for pause in [3, 0, 1] {
        let ip = create_ip(kernel, 1, c"second", &device.pool);
        let fresh = RawIp::named(c"second").fields();
        device.seconds(1);
        let hooked = RawIp::named(c"second").fields();
        assert_ne!(hooked.udp, fresh.udp);
        assert_ne!(hooked.filter, fresh.filter);
        for direction in [In, Out] {
            ip.inject(direction, &there.packet(direction, 10)).unwrap();
            count(&mut injected, &there, direction, 10);
        }
        drop(ip);
        device.seconds(pause);
    }
    let last = create_ip(kernel, 1, c"second", &device.pool);
    let fresh = RawIp::named(c"second").fields();
    device.seconds(30);
    assert_eq!(HUBS[0].tally(), injected);
    drop(defender);
    assert_eq!(RawIp::named(c"second").fields(), fresh);
    drop(last);
}

fn nothing_is_hooked_on_protocols_that_are_not_enabled(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let bare = RawIp::bare(c"bare", RawIp::named(c"ip"));
    let before = bare.fields();
    let defender = enable(agent, &device);
    device.seconds(2);
    let hooked = bare.fields();
    assert!(hooked.filter.is_some());
    assert_eq!(hooked, before.with_filter(hooked.filter));
    drop(defender);
    assert_eq!(bare.fields(), before);
}

fn packets_on_their_way_through_a_hook_pass_when_it_is_taken_out(
    kernel: Kernel,
    agent: Implementation,
) {
    let device = Device::without_agent(kernel);
    let ip = RawIp::named(c"ip");
    put_on_top::<0>(ip);
    ip.set_filter(Some(filter::<0>));
    let before = ip.fields();
    let defender = enable(agent, &device);
    let ours = (ip.filter(), ip.udp_receive());
    drop(defender);
    assert_eq!(ip.fields(), before);
    // NetX Duo read the pointers before they were put back.
    ip.set_filter(ours.0);
    ip.set_udp_receive(ours.1);
    device.pass(&mut Tally::new(), &dns(), In, 10);
    device.pass(&mut Tally::new(), &dns(), Out, 10);
    assert_eq!(seen(0), [1, 1]);
    assert_eq!(received(0), 1);
    // Enabled again over what is left of us, it is put back as it was.
    drop(enable(agent, &device));
    assert_eq!(ip.fields(), before);
}
