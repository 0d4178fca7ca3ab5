//! Settings, before the agent is enabled and while it runs.

use std::time::Duration;

use defender_message::decode::Payload;
use threadx_defender::agent::packet::Direction::Out;
use threadx_defender::agent::{Collector, Priority, Protocol};
use threadx_defender::defender::Implementation;
use threadx_defender::kernel::Kernel;

use crate::both::{builder, enable, try_enable};
use crate::device::talk::{Talk, Tally, talk};
use crate::device::{Device, HUBS, no_jitter};

on_both_agents!(
    intervals_and_first_collection_are_set_before,
    the_jitter_puts_the_first_collection_off,
    collectors_are_set_before,
    intervals_change_while_it_runs,
    collectors_are_turned_off_and_on,
    the_name_changes_while_it_runs,
    retry_time_changes_while_it_runs,
    a_setting_outside_its_limits_is_refused_and_changes_nothing,
);

/// The seconds of uptime at which the hub took messages.
fn seconds() -> Vec<u64> {
    HUBS[0].taken().iter().map(|message| message.at).collect()
}

/// The kinds of events of each message: N, S, H.
fn kinds() -> Vec<String> {
    let kind = |payload: &Payload| match payload {
        Payload::NetworkActivity { .. } => 'N',
        Payload::SystemInformation { .. } => 'S',
        Payload::Heartbeat => 'H',
        other => panic!("{other:?}"),
    };
    let messages = HUBS[0].messages();
    let kinds = messages
        .iter()
        .map(|message| message.events.iter().map(|event| kind(&event.payload)));
    kinds.map(Iterator::collect).collect()
}

fn web() -> Talk {
    talk(Protocol::Tcp, "10.0.0.2:50000", "192.0.2.1:443")
}

/// Lets seconds pass with a packet in each.
fn busy_seconds(device: &Device, seconds: u64, injected: &mut Tally) {
    for _ in 0..seconds {
        device.pass(injected, &web(), Out, 10);
        device.seconds(1);
    }
}

fn intervals_and_first_collection_are_set_before(kernel: Kernel, agent: Implementation) {
    let mut settings = no_jitter();
    settings
        .set_interval(Priority::High, Duration::from_secs(7))
        .unwrap();
    settings
        .set_interval(Priority::Low, Duration::from_secs(21))
        .unwrap();
    settings
        .set_first_collection(Duration::from_secs(12))
        .unwrap();
    let device = Device::without_agent(kernel);
    let defender = try_enable(builder(agent).settings(settings), &device).unwrap();
    assert_eq!(defender.settings(), settings);
    let mut injected = Tally::new();
    busy_seconds(&device, 40, &mut injected);
    assert_eq!(seconds(), [12, 19, 26, 33, 40]);
    assert_eq!(kinds(), ["NSH", "N", "N", "NSH", "N"]);
    let messages = HUBS[0].messages();
    let intervals: Vec<_> = messages[3]
        .events
        .iter()
        .map(|event| event.collection_interval)
        .collect();
    assert_eq!(intervals, [7, 21, 21]);
    assert_eq!(HUBS[0].tally(), injected);
    // Disabled, nothing of it is left: the next one has the defaults.
    drop(defender);
    HUBS[0].clear();
    let _defender = enable(agent, &device);
    busy_seconds(&device, 50, &mut injected);
    assert_eq!(seconds(), [70, 80, 90]);
}

fn the_jitter_puts_the_first_collection_off(kernel: Kernel, agent: Implementation) {
    /// The most that there is.
    fn most(bytes: &mut [u8]) -> Result<(), threadx_defender::defender::EntropyUnavailable> {
        bytes.fill(0xFF);
        Ok(())
    }
    let mut settings = no_jitter();
    settings
        .set_first_collection_jitter(Duration::from_secs(200))
        .unwrap();
    let device = Device::without_agent(kernel);
    let builder = builder(agent).settings(settings).entropy(most);
    let _defender = try_enable(builder, &device).unwrap();
    busy_seconds(&device, 245, &mut Tally::new());
    assert_eq!(seconds(), [230, 240]);
}

fn collectors_are_set_before(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    for (off, expected) in [
        (Collector::NetworkActivity, "SH"),
        (Collector::SystemInformation, "NH"),
        (Collector::Heartbeat, "NS"),
    ] {
        HUBS[0].clear();
        let defender = try_enable(builder(agent).collector(off, false), &device).unwrap();
        let mut injected = Tally::new();
        busy_seconds(&device, 39, &mut injected);
        assert_eq!(kinds(), [expected]);
        drop(defender);
    }
}

fn intervals_change_while_it_runs(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let defender = enable(agent, &device);
    let mut injected = Tally::new();
    busy_seconds(&device, 41, &mut injected);
    assert_eq!(seconds(), [30, 40]);
    defender
        .set_interval(Priority::High, Duration::from_secs(3))
        .unwrap();
    // Both agents are at the new interval once they have collected with it.
    busy_seconds(&device, 19, &mut injected);
    let times = seconds();
    let (last, before) = (times[times.len() - 1], times[times.len() - 2]);
    assert_eq!(last - before, 3);
    assert_eq!(
        HUBS[0].messages().last().unwrap().events[0].collection_interval,
        3
    );
    defender
        .update(|settings| settings.set_interval(Priority::High, Duration::from_secs(25)))
        .unwrap();
    assert_eq!(
        defender.settings().interval(Priority::High),
        Duration::from_secs(25)
    );
    HUBS[0].clear();
    busy_seconds(&device, 120, &mut injected);
    let with_flows: Vec<_> = HUBS[0]
        .taken()
        .iter()
        .filter(|message| {
            let events = message.decoded().events;
            matches!(events[0].payload, Payload::NetworkActivity { .. })
        })
        .map(|message| message.at)
        .collect();
    let steps: Vec<_> = with_flows
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    assert!(
        steps.len() >= 3 && steps[1..].iter().all(|step| *step == 25),
        "{with_flows:?}"
    );
}

fn collectors_are_turned_off_and_on(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let defender = enable(agent, &device);
    let mut injected = Tally::new();
    defender
        .set_collector_enabled(Collector::SystemInformation, false)
        .unwrap();
    busy_seconds(&device, 30, &mut injected);
    assert_eq!(kinds(), ["NH"]);
    assert_eq!(HUBS[0].tally().len(), 1);
    defender
        .set_collector_enabled(Collector::NetworkActivity, false)
        .unwrap();
    assert!(
        !defender
            .settings()
            .collector_enabled(Collector::NetworkActivity)
    );
    // What passes while it is off is not reported.
    HUBS[0].clear();
    busy_seconds(&device, 60, &mut Tally::new());
    assert_eq!(kinds(), ["H"]);
    defender
        .set_collector_enabled(Collector::NetworkActivity, true)
        .unwrap();
    defender
        .set_collector_enabled(Collector::SystemInformation, true)
        .unwrap();
    device.seconds(1);
    HUBS[0].clear();
    let mut injected = Tally::new();
    busy_seconds(&device, 120, &mut injected);
    assert!(kinds().contains(&"NSH".to_owned()), "{:?}", kinds());
    device.seconds(70);
    assert_eq!(HUBS[0].tally(), injected);
}

fn the_name_changes_while_it_runs(kernel: Kernel, agent: Implementation) {
    let longest = "0123456789".repeat(7)[..64].to_owned();
    let longest: &'static str = Box::leak(longest.into_boxed_str());
    let mut settings = no_jitter();
    settings.set_security_module_id("gateway 7").unwrap();
    let device = Device::without_agent(kernel);
    let defender = try_enable(builder(agent).settings(settings), &device).unwrap();
    busy_seconds(&device, 30, &mut Tally::new());
    defender
        .update(|settings| settings.set_security_module_id(longest))
        .unwrap();
    busy_seconds(&device, 10, &mut Tally::new());
    let names: Vec<_> = HUBS[0]
        .messages()
        .iter()
        .map(|message| message.security_module_id.clone())
        .collect();
    assert_eq!(names, ["gateway 7", longest]);
}

fn retry_time_changes_while_it_runs(kernel: Kernel, agent: Implementation) {
    let device = Device::without_agent(kernel);
    let defender = enable(agent, &device);
    defender
        .update(|settings| settings.set_retry_time(Duration::from_secs(2)))
        .unwrap();
    device.seconds(25);
    HUBS[0].refuse(true);
    busy_seconds(&device, 14, &mut Tally::new());
    HUBS[0].refuse(false);
    let tries: Vec<_> = HUBS[0]
        .published()
        .iter()
        .map(|message| message.at)
        .collect();
    assert_eq!(tries, [30, 32, 34, 36, 38]);
}

fn a_setting_outside_its_limits_is_refused_and_changes_nothing(
    kernel: Kernel,
    agent: Implementation,
) {
    let device = Device::without_agent(kernel);
    let defender = enable(agent, &device);
    let refused = defender.set_interval(Priority::High, Duration::ZERO);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the interval of the high priority group is 0s, but must be 1s to 30 days"
    );
    assert_eq!(defender.settings(), no_jitter());
    assert!(defender.statistics().is_ok() == matches!(agent, Implementation::Rust));
}
