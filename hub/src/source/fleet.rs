//! Devices that play scenarios, as a source: for demonstrations and tests of what a fleet does.
//!
//! It runs in the fleet's time. What a device has to say is received in the second in which it says it, whenever whoever has the fleet puts
//! it into an intake: at its time, sooner, or all at once.

use std::{cmp::Reverse, collections::BinaryHeap};

use defender_detect::SignalKind;
use defender_replay::{
    Plan, Replay,
    local::{Identity, LocalAddress},
    scenario::Run,
};

use crate::intake::{Delivery, What};

/// Devices that play scenarios: an iterator of what they deliver, in the order of its times. Of equal times those come first that joined
/// first.
///
/// ```
/// use defender_hub::source::fleet::Fleet;
/// use defender_replay::scenario::{self, Options};
///
/// let office = scenario::find("office").unwrap();
/// let mut fleet = Fleet::default();
/// fleet.join("sensor-1", office.run(&Options::new().seed(1))?);
/// fleet.join("sensor-2", office.run(&Options::new().seed(2))?);
/// let received: Vec<_> = fleet.map(|delivery| delivery.received).collect();
/// assert!(received.is_sorted());
/// # Ok::<(), scenario::ScenarioError>(())
/// ```
#[derive(Default)]
pub struct Fleet {
    players: Vec<Player>,
    /// Whose turn it is, by the time of what it has to say.
    turns: BinaryHeap<Reverse<(u32, usize)>>,
}

/// A device on its way through a scenario.
struct Player {
    name: String,
    replay: Replay<Run>,
    next: Option<What>,
}

impl Fleet {
    /// A device of this name plays a scenario, from the connection to its hub on.
    pub fn join(&mut self, name: &str, run: Run) {
        let begins = second(run.start().as_secs());
        let identity = Identity::new(vec![LocalAddress::from(run.device())], Vec::new());
        let connected = What::Signal {
            device: name.to_owned(),
            what: SignalKind::Connected { source: None },
        };
        self.turns.push(Reverse((begins, self.players.len())));
        self.players.push(Player {
            name: name.to_owned(),
            replay: Replay::new(run, Plan::new(name, identity)),
            next: Some(connected),
        });
    }
}

impl Iterator for Fleet {
    type Item = Delivery;

    fn next(&mut self) -> Option<Delivery> {
        let Reverse((received, number)) = self.turns.pop()?;
        let player = self.players.get_mut(number)?;
        let what = player.next.take()?;
        // Scenarios have no faults.
        let Ok(message) = player.replay.next_message();
        if let Some(message) = message {
            self.turns.push(Reverse((second(message.time), number)));
            player.next = Some(What::Report {
                device: player.name.clone(),
                payload: message.bytes.into(),
            });
        }
        Some(Delivery {
            received,
            what,
            kept: None,
        })
    }
}

/// Unix time as deliveries have it.
fn second(time: u64) -> u32 {
    u32::try_from(time).unwrap_or(u32::MAX)
}
