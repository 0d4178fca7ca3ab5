//! Who is logged in: kept here, by what a token hashes to, and gone with the process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::identity::{IdentityError, password::Hashed, random};

/// How long a session lasts without a request, and at most.
pub(super) const IDLE: Duration = Duration::from_secs(60 * 60);
pub(super) const LASTS: Duration = Duration::from_secs(12 * 60 * 60);

/// Sessions at a time. The one that was used longest ago gives way.
const MOST: usize = 1024;

/// Somebody who is logged in.
pub(super) struct Session {
    /// The user.
    pub name: String,
    /// The password with which they logged in: with another one, they have to log in again.
    pub password: Hashed,
    /// What their forms show.
    pub csrf: String,
    begun: Instant,
}

/// All who are logged in.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<[u8; 32], Used>>);

/// A session, and when it was used last.
type Used = (Instant, Arc<Session>);

impl Sessions {
    /// Begins one, and returns its token, which is nowhere else.
    pub fn begin(
        &self,
        name: &str,
        password: Hashed,
        now: Instant,
    ) -> Result<String, IdentityError> {
        let token = secret()?;
        let session = Session {
            name: name.to_owned(),
            password,
            csrf: secret()?,
            begun: now,
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, (used, session)| lives(session, *used, now));
        }
        if all.len() >= MOST {
            let oldest = all.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(key) = oldest.map(|(key, _)| *key) {
                all.remove(&key);
            }
        }
        all.insert(key(&token), (now, Arc::new(session)));
        Ok(token)
    }

    /// The session of a token, which is used now.
    pub fn find(&self, token: &str, now: Instant) -> Option<Arc<Session>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(token);
        let (used, session) = all.get_mut(&key)?;
        if !lives(session, *used, now) {
            all.remove(&key);
            return None;
        }
        *used = now;
        Some(Arc::clone(session))
    }

    /// Ends one.
    pub fn end(&self, token: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&key(token));
    }
}

fn lives(session: &Session, used: Instant, now: Instant) -> bool {
    now.saturating_duration_since(used) < IDLE
        && now.saturating_duration_since(session.begun) < LASTS
}

/// Tokens are looked up by this, so that the time that takes says nothing of them.
fn key(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// What nobody guesses.
pub(super) fn secret() -> Result<String, IdentityError> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions() -> (Sessions, Hashed, Instant) {
        let password = Hashed::new(b"a password").unwrap();
        (Sessions::default(), password, Instant::now())
    }

    #[test]
    fn a_session_ends_when_it_is_idle_and_when_it_is_old_and_when_it_is_ended() {
        let (sessions, password, begun) = sessions();
        let token = sessions.begin("ann", password.clone(), begun).unwrap();
        let just = Duration::from_secs(1);
        let mut now = begun;
        // As long as it is used, it lasts.
        while now + IDLE - just < begun + LASTS {
            now += IDLE - just;
            assert_eq!(sessions.find(&token, now).unwrap().name, "ann");
        }
        assert!(sessions.find(&token, begun + LASTS).is_none());
        let token = sessions.begin("ann", password.clone(), begun).unwrap();
        assert!(sessions.find(&token, begun + IDLE).is_none());
        assert!(sessions.find(&token, begun).is_none());
        let token = sessions.begin("ann", password, begun).unwrap();
        assert!(sessions.find("", begun).is_none());
        sessions.end(&token);
        assert!(sessions.find(&token, begun).is_none());
    }

    #[test]
    fn there_are_so_many_and_the_one_unused_longest_gives_way() {
        let (sessions, password, begun) = sessions();
        let begin = |number| {
            let now = begun + Duration::from_millis(number);
            sessions.begin("ann", password.clone(), now).unwrap()
        };
        let (first, second) = (begin(0), begin(1));
        let now = begun + Duration::from_secs(5);
        assert!(sessions.find(&first, now).is_some());
        for number in 0..MOST as u64 - 1 {
            begin(2 + number);
        }
        assert!(sessions.find(&second, now).is_none());
        assert!(sessions.find(&first, now).is_some());
        assert_eq!(sessions.0.lock().unwrap().len(), MOST);
    }
}
