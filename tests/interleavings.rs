//! Agents that begin and end while seconds pass and IP instances are in use, in every order (but for those that take more switches
//! between threads than the bound says): it ends once, its hooks are out, and nobody works with it afterwards.
#![cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]

// The decisions themselves; what they are about is a model.
#[path = "../src/defender/lifecycle.rs"]
mod lifecycle;

use lifecycle::{Life, Parts, claim, is_running, second, start, stop};
use loom::model::Builder;
use loom::sync::{Arc, Mutex, MutexGuard};
use loom::thread;

/// Switches that a thread does not ask for.
const SWITCHES: usize = 3;

/// What is behind the interrupt lockout.
#[derive(Default)]
struct Hooks {
    /// Packets go to the agent.
    open: bool,
    /// They are in the IP instance.
    placed: bool,
    /// Another thread is at work in the IP instance.
    in_use: bool,
}

#[derive(Default)]
struct Agent {
    /// On the cloud helper's list.
    registered: bool,
    ends: u32,
}

struct Model {
    life: Mutex<Life>,
    hooks: Mutex<Hooks>,
    /// Behind the middleware's mutex.
    agent: Mutex<Agent>,
}

impl Model {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            life: Mutex::new(Life::default()),
            hooks: Mutex::new(Hooks::default()),
            agent: Mutex::new(Agent::default()),
        })
    }

    fn enable(&self) {
        let started: Result<(), ()> = start(self, true, |agent| {
            agent.registered = true;
            self.hooks.lock().unwrap().open = true;
            Ok(())
        });
        started.unwrap();
    }

    fn second(&self) {
        // The cloud helper may have found the module on its list just before it was taken off.
        second(self, |agent| {
            assert!(agent.registered, "an agent that has ended does not run");
        });
    }

    fn use_instance(&self, in_use: bool) {
        self.hooks.lock().unwrap().in_use = in_use;
    }

    fn assert_is_gone(&self, ends: u32) {
        assert!(!is_running(self));
        assert!(claim(self), "another agent may be enabled");
        let hooks = self.hooks.lock().unwrap();
        assert!(!hooks.open && !hooks.placed, "no hook stays");
        let agent = self.agent.lock().unwrap();
        assert!(!agent.registered);
        assert_eq!(agent.ends, ends);
    }
}

impl Parts for Model {
    type Alone<'a> = MutexGuard<'a, Agent>;
    type Refusal = ();

    fn life<R>(&self, change: impl FnOnce(&mut Life) -> R) -> R {
        change(&mut self.life.lock().unwrap())
    }

    fn now(&self) -> Life {
        *self.life.lock().unwrap()
    }

    fn close(&self) {
        self.hooks.lock().unwrap().open = false;
    }

    fn place(&self) {
        let mut hooks = self.hooks.lock().unwrap();
        hooks.placed |= hooks.open;
    }

    fn take_out(&self) -> bool {
        let mut hooks = self.hooks.lock().unwrap();
        hooks.placed &= hooks.in_use;
        !hooks.placed
    }

    fn alone(&self, wait: bool) -> Result<MutexGuard<'_, Agent>, ()> {
        if wait {
            Ok(self.agent.lock().unwrap())
        } else {
            self.agent.try_lock().map_err(|_| ())
        }
    }

    fn finish(&self, agent: &mut MutexGuard<'_, Agent>) {
        assert!(agent.registered);
        agent.registered = false;
        agent.ends += 1;
    }

    fn release(&self) {}
}

/// Tries every order of `model`.
fn in_every_order(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(SWITCHES);
    builder.check(model);
}

/// An agent is disabled while seconds pass and its IP instance is in use: gone with the next second at the latest.
fn disabled(wait: Option<bool>) {
    in_every_order(move || {
        let model = Model::new();
        assert!(claim(&*model));
        model.enable();
        let helper = {
            let model = Arc::clone(&model);
            thread::spawn(move || model.second())
        };
        let sender = {
            let model = Arc::clone(&model);
            thread::spawn(move || {
                model.use_instance(true);
                model.use_instance(false);
            })
        };
        stop(&*model, wait);
        helper.join().unwrap();
        sender.join().unwrap();
        model.second();
        model.assert_is_gone(1);
    });
}

#[test]
fn disabled_by_a_thread() {
    disabled(Some(true));
}

#[test]
fn disabled_by_a_thread_that_may_not_wait() {
    disabled(Some(false));
}

#[test]
fn disabled_by_an_interrupt() {
    disabled(None);
}

/// One is disabled, and whoever finds its place free enables the next one and disables it, too.
fn one_after_the_other(first: Option<bool>) {
    in_every_order(move || {
        let model = Model::new();
        assert!(claim(&*model));
        model.enable();
        let next = {
            let model = Arc::clone(&model);
            thread::spawn(move || {
                let mut ends = 1;
                if claim(&*model) {
                    model.enable();
                    stop(&*model, Some(true));
                    ends = 2;
                }
                ends
            })
        };
        let helper = {
            let model = Arc::clone(&model);
            thread::spawn(move || model.second())
        };
        stop(&*model, first);
        helper.join().unwrap();
        let ends = next.join().unwrap();
        model.second();
        model.assert_is_gone(ends);
    });
}

#[test]
fn one_after_the_other_by_threads() {
    one_after_the_other(Some(true));
}

#[test]
fn one_after_the_other_the_first_by_an_interrupt() {
    one_after_the_other(None);
}
