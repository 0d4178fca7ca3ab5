//! What groups have in common: learned from their devices, given, and decided by people.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Detector, HUB};
use crate::baseline::{Baselines, Class, Group, GroupBaseline, Lesson};
use crate::device::Device;
use crate::hash::{Seed, device_mark};
use crate::state;

/// The first character of the names under which the states of groups stand.
const OF_GROUP: char = '\0';

/// What groups have in common. None is forgotten, so that a group is found by its place.
#[derive(Debug, Default)]
pub(super) struct Groups {
    all: Vec<Common>,
    places: HashMap<Box<str>, usize, Seed>,
}

#[derive(Debug)]
struct Common {
    name: Box<str>,
    state: Group,
    is_touched: bool,
}

/// The group whose state stands under a name.
pub(super) fn name(name: &str) -> Option<&str> {
    name.strip_prefix(OF_GROUP)
}

impl Groups {
    /// The place of a group.
    pub fn place(&mut self, group: &str) -> usize {
        if let Some(place) = self.places.get(group) {
            return *place;
        }
        let place = self.all.len();
        self.places.insert(group.into(), place);
        self.all.push(Common {
            name: group.into(),
            state: Group::default(),
            is_touched: false,
        });
        place
    }

    /// The group at a place.
    pub fn at(&self, place: usize) -> &Group {
        &self.all[place].state
    }

    pub fn state(&self, group: &str) -> Option<Vec<u8>> {
        let place = self.places.get(group)?;
        Some(state::to_bytes(self.at(*place)))
    }

    pub fn take_over(&mut self, group: &str, state: Group) {
        let place = self.place(group);
        let common = &mut self.all[place];
        common.state = state;
        common.is_touched = false;
    }

    /// The state that stands under a name was taken note of.
    pub fn is_taken(&mut self, state: &str) {
        let place = name(state).and_then(|group| self.places.get(group));
        if let Some(place) = place {
            self.all[*place].is_touched = false;
        }
    }

    /// Does something with a group's state. Returns the name under which it stands, if it has changed, and was not touched before.
    fn change(&mut self, group: &str, act: impl FnOnce(&mut Group) -> bool) -> Option<Arc<str>> {
        let place = self.place(group);
        let common = &mut self.all[place];
        let has_changed = act(&mut common.state);
        let is_first = has_changed && !std::mem::replace(&mut common.is_touched, true);
        is_first.then(|| Detector::state_of_group(group).into())
    }
}

impl Detector {
    /// Whether a name is a device's. Other states stand under [`HUB`], and those of groups under names that begin with a NUL: no device has such
    /// a one, and input about it is left out.
    #[must_use]
    pub fn is_device(name: &str) -> bool {
        name != HUB && !name.starts_with(OF_GROUP)
    }

    /// The name under which a group's state stands.
    #[must_use]
    pub fn state_of_group(group: &str) -> String {
        format!("{OF_GROUP}{group}")
    }

    /// What is normal, as it was learned or given, by group.
    #[must_use]
    pub fn baselines(&self) -> Baselines {
        let names: HashMap<u32, &str> = self
            .devices
            .keys()
            .map(|name| (device_mark(name), &**name))
            .collect();
        let name_of = |mark: u32| names.get(&mark).map(|name| (*name).to_owned());
        let known = |common: &&Common| common.state != Group::default();
        let mut groups: Vec<_> = self.groups.all.iter().filter(known).collect();
        groups.sort_unstable_by_key(|common| &common.name);
        let mut baselines = Baselines::default();
        for Common { name, state, .. } in groups {
            let mut group = GroupBaseline::from_state(name, state, &name_of);
            let devices = self.devices.values().filter(|slot| slot.group == *name);
            group.add_learned(devices.map(|slot| slot.state.baseline()));
            baselines.groups.push(group);
        }
        baselines
    }

    /// Takes baselines for what is normal, in place of what is known of their groups.
    pub fn give(&mut self, baselines: &Baselines) {
        for group in &baselines.groups {
            let changed = self.groups.change(&group.name, |state| {
                *state = group.to_state();
                true
            });
            self.touched.extend(changed);
            self.of_group(&group.name, Device::look_anew);
        }
    }

    /// A person accepts a class of traffic for a group: it is known from now on, also if it raised an alert. Returns whether it was not accepted
    /// before.
    pub fn accept(&mut self, group: &str, class: Class) -> bool {
        let mut is_new = false;
        let changed = self.groups.change(group, |state| {
            is_new = state.accept(class);
            is_new
        });
        self.touched.extend(changed);
        is_new
    }

    /// A class of traffic is not known to a group any more, nor to any of its devices: it is new when it is seen again. Returns whether it was
    /// known.
    pub fn forget_class(&mut self, group: &str, class: Class) -> bool {
        let mut was_known = false;
        let changed = self.groups.change(group, |state| {
            was_known = state.forget(class);
            was_known
        });
        self.touched.extend(changed);
        self.of_group(group, |state| was_known |= state.forget_class(class));
        was_known
    }

    /// Does something with the states of a group's devices.
    fn of_group(&mut self, group: &str, mut act: impl FnMut(&mut Device)) {
        for (name, slot) in &mut self.devices {
            if *slot.group == *group {
                act(&mut slot.state);
                if slot.touch() {
                    self.touched.push(Arc::clone(name));
                }
            }
        }
    }

    /// The group of a device learns.
    pub(super) fn teach(&mut self, device: &str, lessons: &[Lesson]) {
        let Some(slot) = self.devices.get(device) else {
            return;
        };
        let baseline = &self.policy.config.baseline;
        if baseline.frozen {
            return;
        }
        let (mark, day) = (device_mark(device), slot.state.baseline().day());
        let decay = baseline.decay_days();
        let changed = self.groups.change(&slot.group, |state| {
            let mut has_changed = false;
            for lesson in lessons {
                has_changed |= state.learn(*lesson, mark, day, decay);
            }
            has_changed
        });
        self.touched.extend(changed);
    }
}
