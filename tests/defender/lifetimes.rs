//! Objects that are dropped before those that use them: what C still has a pointer to stays.

use std::thread;

use threadx_defender::agent::Protocol;
use threadx_defender::agent::packet::Direction::Out;
use threadx_defender::host::ManualClock;
use threadx_defender::kernel::Kernel;
use threadx_defender::net::PacketPoolStorage;
use threadx_defender::{Error, net::PacketPool};

use crate::device::talk::{Tally, talk};
use crate::device::{AZURE, Device, HUBS, POOL, azure, connect, create_ip, seconds_pass};
use crate::kernel::in_kernel;

static OTHER_POOL: PacketPoolStorage<65_536> = PacketPoolStorage::new();

#[track_caller]
fn stays(created: Result<PacketPool, Error>) {
    match created {
        Err(error) => assert_eq!(
            error,
            Error::StorageInUse {
                what: "packet pool"
            }
        ),
        Ok(_) => panic!("the pool is gone although it is used"),
    }
}

fn create_again(kernel: Kernel) -> Result<PacketPool, Error> {
    POOL.create(kernel, c"again", 1600)
}

#[test]
fn the_pool_of_an_instance_that_stays_stays() {
    in_kernel(|kernel| {
        ManualClock::stop(kernel);
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let other = OTHER_POOL.create(kernel, c"other", 1600).unwrap();
        let ip = create_ip(kernel, 0, c"ip", &pool);
        let azure = azure().create(kernel, &AZURE, &ip, &other).unwrap();
        drop(ip);
        drop(pool);
        stays(create_again(kernel));
        seconds_pass(kernel, 2);
        drop(azure);
    });
}

#[test]
fn everything_that_an_agent_needs_stays_with_it() {
    in_kernel(|kernel| {
        let Device {
            client,
            mut azure,
            ip,
            pool,
            ..
        } = Device::start(kernel);
        let agent = azure.take_defender().unwrap();
        drop(azure);
        drop(client);
        let mut injected = Tally::new();
        let web = talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443");
        crate::device::count_packet(&ip, &mut injected, &web, Out, 10);
        drop(ip);
        drop(pool);
        stays(create_again(kernel));
        seconds_pass(kernel, 100);
        assert_eq!(agent.statistics().unwrap().packets.packets_counted, 1);
        drop(agent);
    });
}

#[test]
fn a_client_that_stays_keeps_what_it_sends_with() {
    in_kernel(|kernel| {
        let Device {
            client,
            mut azure,
            ip,
            pool,
            ..
        } = Device::start(kernel);
        let agent = azure.take_defender().unwrap();
        let second = connect(1, "other", "", &azure);
        drop((azure, ip, pool, client));
        stays(create_again(kernel));
        seconds_pass(kernel, 30);
        assert_eq!(HUBS[1].taken().len(), 1);
        drop((agent, second));
    });
}

#[test]
fn an_instance_that_is_dropped_where_no_thread_is_stays_with_its_pool() {
    in_kernel(|kernel| {
        let pool = POOL.create(kernel, c"pool", 1600).unwrap();
        let ip = create_ip(kernel, 0, c"ip", &pool);
        thread::spawn(move || drop(ip)).join().unwrap();
        drop(pool);
        stays(create_again(kernel));
    });
}
