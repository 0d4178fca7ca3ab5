//! How often somebody may try a password: by address and by name, in memory that does not grow.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Places for addresses, and for names. Which ones share a place is known to nobody outside.
const PLACES: usize = 4096;

/// Tries that an address, or a name, has at once, and the time after which there is one more.
const AT_ONCE: u32 = 10;
const EACH_OF_ADDRESS: Duration = Duration::from_secs(30);
const EACH_OF_NAME: Duration = Duration::from_secs(60);

/// Tries that were made.
pub(super) struct Guesses {
    hashing: RandomState,
    /// When all tries of a place would have been made, had they come one after the other.
    places: Mutex<Vec<Option<Instant>>>,
}

impl Default for Guesses {
    fn default() -> Self {
        Self {
            hashing: RandomState::new(),
            places: Mutex::new(vec![None; 2 * PLACES]),
        }
    }
}

impl Guesses {
    /// Takes one try of an address and of a name; else how long it takes until there is one.
    pub fn take(&self, address: IpAddr, name: &str, now: Instant) -> Result<(), Duration> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let both = self.both(address, name);
        for (place, each) in both {
            let next = places[place].map_or(now, |next| next.max(now));
            let wait = (next + each).saturating_duration_since(now + each * AT_ONCE);
            if !wait.is_zero() {
                return Err(wait);
            }
        }
        for (place, each) in both {
            let next = places[place].map_or(now, |next| next.max(now));
            places[place] = Some(next + each);
        }
        Ok(())
    }

    /// Gives a try back, which was no guess.
    pub fn give_back(&self, address: IpAddr, name: &str) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        for (place, each) in self.both(address, name) {
            places[place] = places[place].and_then(|next| next.checked_sub(each));
        }
    }

    fn both(&self, address: IpAddr, name: &str) -> [(usize, Duration); 2] {
        let name = PLACES + self.place(name);
        [
            (self.place(whole(address)), EACH_OF_ADDRESS),
            (name, EACH_OF_NAME),
        ]
    }

    fn place(&self, of: impl Hash) -> usize {
        self.hashing.hash_one(of) as usize % PLACES
    }
}

/// Of IPv6, whoever has an address has all of its /64.
fn whole(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            IpAddr::V6(network.into())
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_ten_tries_and_one_more_each_half_minute() {
        let (guesses, begun) = (Guesses::default(), Instant::now());
        let tries = |from: &str, now| {
            let tried = (0..100).filter(|number| {
                let name = format!("name-{number}-{now:?}");
                guesses.take(address(from), &name, now).is_ok()
            });
            tried.count()
        };
        assert_eq!(tries("192.0.2.7", begun), 10);
        assert_eq!(tries("192.0.2.7", begun + EACH_OF_ADDRESS), 1);
        // A network of IPv6 is one.
        assert_eq!(tries("2001:db8::1", begun), 10);
        assert_eq!(tries("2001:db8::ffff:2", begun), 0);
        assert_eq!(tries("192.0.2.7", begun + Duration::from_secs(3600)), 10);
    }

    #[test]
    fn a_name_has_ten_tries_from_wherever_and_who_knows_the_password_loses_none() {
        let (guesses, begun) = (Guesses::default(), Instant::now());
        let from = |number: u32| IpAddr::from((0xC000_0200 + number).to_be_bytes());
        for number in 0..10 {
            assert!(guesses.take(from(number), "ann", begun).is_ok());
        }
        let wait = guesses.take(from(11), "ann", begun).unwrap_err();
        assert_eq!(wait, EACH_OF_NAME);
        assert!(guesses.take(from(11), "ann", begun + wait).is_ok());
        let guesses = Guesses::default();
        for _ in 0..100 {
            assert!(guesses.take(from(1), "ben", begun).is_ok());
            guesses.give_back(from(1), "ben");
        }
    }
}
