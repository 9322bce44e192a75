//! Verifies user names and passwords, with a bound on what that costs.
//!
//! May touch: clock, chance, executor (argon2 runs where blocking is allowed).
//! At most [`RUNS_AT_ONCE`] argon2 runs; a verified credential is remembered for five minutes under a keyed hash, so that
//! a client which signs in for every message does not cost a run each time.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OnceCell, Semaphore};
use uuid::Uuid;
use world::{Chance, Clock, Executor};

use crate::directory::Directory;
use crate::recipient::{PasswordHash, Recipient};
use crate::snapshot::Snapshot;
use crate::{Administrator, DirectoryError, password};

/// Argon2 runs at once: each takes 19 MiB and a core.
pub const RUNS_AT_ONCE: usize = 2;
/// Sign-ins that may wait for a run; a further one is told to come back.
pub const WAITING_MAX: usize = 200;
/// How long a verified credential is remembered.
pub const REMEMBERED_FOR: Duration = Duration::from_secs(5 * 60);
/// Verified credentials remembered; the one that ends first makes room.
pub const REMEMBERED_MAX: usize = 10_000;
/// Longest user name looked at, in bytes.
const USER_NAME_BYTES_MAX: usize = 1_024;

/// Why a sign-in failed. The client is told no more than [`SignInError::Busy`] or "Authentication unsuccessful".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Nobody has this user name.
    #[error("unknown user name")]
    UnknownUser,
    /// The password is wrong, or none was set.
    #[error("wrong password")]
    WrongPassword,
    /// Name and password are right, but the account is disabled.
    #[error("the account is disabled")]
    Disabled,
    /// Too many sign-ins wait: `454 4.7.0`, try again.
    #[error("too many sign-ins wait for verification")]
    Busy,
}

/// Who signed in.
#[derive(Debug, Clone)]
pub enum SignedIn {
    /// A user without a mailbox.
    User(Arc<Administrator>),
    /// A recipient with an account.
    Recipient(Arc<Recipient>),
}

/// Verifies credentials. Cheap to clone.
#[derive(Clone)]
pub struct Credentials(Arc<Inner>);

struct Inner {
    directory: Directory,
    clock: Clock,
    chance: Chance,
    executor: Executor,
    runs: Semaphore,
    waiting: AtomicUsize,
    key: [u8; 32],
    /// What an unknown user's password is compared with.
    dummy: OnceCell<Option<PasswordHash>>,
    remembered: Mutex<HashMap<[u8; 32], Remembered>>,
}

struct Remembered {
    guid: Uuid,
    /// The hash it was verified against: another password makes it worthless.
    hash: PasswordHash,
    until: Duration,
}

/// Which accounts a user name is looked up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Realm {
    Mailboxes,
    Administrators,
}

struct Candidate {
    guid: Uuid,
    hash: Option<PasswordHash>,
    enabled: bool,
}

impl Credentials {
    /// Makes a verifier; the key of what it remembers lives as long as the process.
    pub fn new(directory: &Directory, clock: &Clock, chance: &Chance, executor: &Executor) -> Credentials {
        let mut key = [0; 32];
        chance.fill(&mut key);
        Credentials(Arc::new(Inner {
            directory: directory.clone(),
            clock: clock.clone(),
            chance: chance.clone(),
            executor: executor.clone(),
            runs: Semaphore::new(RUNS_AT_ONCE),
            waiting: AtomicUsize::new(0),
            key,
            dummy: OnceCell::new(),
            remembered: Mutex::new(HashMap::new()),
        }))
    }

    /// The recipient who signs in: by user principal name, else by primary address.
    pub async fn verify(&self, user_name: &str, password: &[u8]) -> Result<Arc<Recipient>, SignInError> {
        let guid = self.verify_in(Realm::Mailboxes, user_name, password).await?;
        // Removed while the password was compared: as if never there.
        self.0.directory.snapshot().recipient(guid).cloned().ok_or(SignInError::UnknownUser)
    }

    /// The administrator who signs in.
    pub async fn verify_administrator(
        &self,
        user_name: &str,
        password: &[u8],
    ) -> Result<Arc<Administrator>, SignInError> {
        let guid = self.verify_in(Realm::Administrators, user_name, password).await?;
        let snapshot = self.0.directory.snapshot();
        snapshot.administrators().find(|found| found.guid == guid).cloned().ok_or(SignInError::UnknownUser)
    }

    /// Whoever signs in to administer or to trace their own mail: a user without a mailbox of this name, else the
    /// recipient. No name can be both.
    pub async fn verify_anyone(&self, user_name: &str, password: &[u8]) -> Result<SignedIn, SignInError> {
        if self.0.directory.snapshot().administrator(user_name).is_some() {
            return self.verify_administrator(user_name, password).await.map(SignedIn::User);
        }
        self.verify(user_name, password).await.map(SignedIn::Recipient)
    }

    /// Hashes a new password, within the same bound on runs.
    pub async fn hash(&self, new_password: String) -> Result<PasswordHash, DirectoryError> {
        let _run =
            self.0.runs.acquire().await.map_err(|error| DirectoryError::Password(error.to_string()))?;
        let chance = self.0.chance.clone();
        self.0.executor.blocking(move || password::hash(&chance, &new_password)).await
    }

    async fn verify_in(&self, realm: Realm, user_name: &str, password: &[u8]) -> Result<Uuid, SignInError> {
        let inner = &*self.0;
        let candidate = candidate(&inner.directory.snapshot(), realm, user_name);
        let key = self.memory_key(realm, user_name, password);
        if let Some(found) = &candidate
            && self.remembers(&key, found)
        {
            return if found.enabled { Ok(found.guid) } else { Err(SignInError::Disabled) };
        }
        let _place = Place::take(&inner.waiting).ok_or(SignInError::Busy)?;
        let known = candidate.as_ref().and_then(|found| found.hash.clone());
        let hash = match &known {
            Some(hash) => Some(hash.clone()),
            None => self.dummy().await,
        };
        let right = match hash {
            Some(hash) => self.run(hash, password.to_vec()).await?,
            None => false,
        };
        match (candidate, known) {
            (None, _) => Err(SignInError::UnknownUser),
            (Some(found), Some(hash)) if right => {
                self.remember(key, found.guid, hash);
                if found.enabled { Ok(found.guid) } else { Err(SignInError::Disabled) }
            }
            _ => Err(SignInError::WrongPassword),
        }
    }

    async fn run(&self, hash: PasswordHash, password: Vec<u8>) -> Result<bool, SignInError> {
        let inner = &*self.0;
        let _run = inner.runs.acquire().await.map_err(|_| SignInError::Busy)?;
        Ok(inner.executor.blocking(move || password::verify(&hash, &password)).await)
    }

    async fn dummy(&self) -> Option<PasswordHash> {
        let inner = &*self.0;
        let made = inner.dummy.get_or_init(|| async {
            let _run = inner.runs.acquire().await.ok()?;
            let chance = inner.chance.clone();
            inner.executor.blocking(move || password::dummy(&chance).ok()).await
        });
        made.await.clone()
    }

    /// A keyed hash of realm, name and password, each with its length so that they cannot be shifted.
    fn memory_key(&self, realm: Realm, user_name: &str, password: &[u8]) -> [u8; 32] {
        let name = crate::name::fold(user_name);
        let mut hasher = blake3::Hasher::new_keyed(&self.0.key);
        hasher.update(&[realm as u8]);
        for part in [name.as_bytes(), password] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.finalize().into()
    }

    fn remembers(&self, key: &[u8; 32], candidate: &Candidate) -> bool {
        let now = self.0.clock.elapsed();
        let remembered = self.0.remembered.lock();
        remembered.get(key).is_some_and(|entry| {
            entry.until > now && entry.guid == candidate.guid && candidate.hash.as_ref() == Some(&entry.hash)
        })
    }

    fn remember(&self, key: [u8; 32], guid: Uuid, hash: PasswordHash) {
        let now = self.0.clock.elapsed();
        let mut remembered = self.0.remembered.lock();
        if remembered.len() >= REMEMBERED_MAX {
            remembered.retain(|_, entry| entry.until > now);
        }
        if remembered.len() >= REMEMBERED_MAX {
            let first = remembered.iter().min_by_key(|(_, entry)| entry.until).map(|(key, _)| *key);
            if let Some(first) = first {
                remembered.remove(&first);
            }
        }
        remembered.insert(key, Remembered { guid, hash, until: now + REMEMBERED_FOR });
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("remembered", &self.0.remembered.lock().len())
            .finish_non_exhaustive()
    }
}

/// A place among those who wait, given back when dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Place<'a>> {
        let place = Place(waiting);
        // Counted first and given back by the drop, so that two cannot take the last place.
        (waiting.fetch_add(1, Ordering::Relaxed) < WAITING_MAX).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn candidate(snapshot: &Snapshot, realm: Realm, user_name: &str) -> Option<Candidate> {
    if user_name.len() > USER_NAME_BYTES_MAX {
        return None;
    }
    match realm {
        Realm::Administrators => snapshot.administrator(user_name).map(|found| Candidate {
            guid: found.guid,
            hash: Some(found.password_hash.clone()),
            enabled: found.enabled,
        }),
        Realm::Mailboxes => {
            let by_primary = || {
                let address = mail::Address::parse(user_name).ok()?;
                snapshot.recipient_by_address(&address).filter(|found| found.primary_smtp_address == address)
            };
            let found = snapshot.recipient_by_principal_name(user_name).or_else(by_primary)?;
            found.account.as_ref().map(|account| Candidate {
                guid: found.guid,
                hash: account.password_hash.clone(),
                enabled: account.enabled,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::House;

    #[test]
    fn only_so_many_wait() {
        let waiting = AtomicUsize::new(0);
        let mut places: Vec<_> = (0..WAITING_MAX).map(|_| Place::take(&waiting).unwrap()).collect();
        assert!(Place::take(&waiting).is_none());
        assert_eq!(waiting.load(Ordering::Relaxed), WAITING_MAX, "who was turned away does not count");
        places.pop();
        assert!(Place::take(&waiting).is_some());
    }

    #[test]
    fn whoever_finds_no_place_is_told_to_come_back() {
        let house = House::seeded();
        let world = &house.world;
        let credentials = Credentials::new(&house.directory, &world.clock, &world.chance, &world.exec);
        let _places: Vec<_> =
            (0..WAITING_MAX).map(|_| Place::take(&credentials.0.waiting).unwrap()).collect();
        let answer = house.sim.run(credentials.verify("administrator@contoso.example", b"x"));
        assert_eq!(answer.unwrap_err(), SignInError::Busy);
    }

    #[test]
    fn at_most_two_runs_at_once_and_an_unknown_user_needs_one() {
        let house = House::seeded();
        let world = &house.world;
        let credentials = Credentials::new(&house.directory, &world.clock, &world.chance, &world.exec);
        for user in ["administrator@contoso.example", "nobody@contoso.example"] {
            let runs: Vec<_> = (0..RUNS_AT_ONCE).map(|_| credentials.0.runs.try_acquire().unwrap()).collect();
            let mut sign_in = Box::pin(credentials.verify(user, b"x"));
            let waits = house.sim.run(async { futures::poll!(&mut sign_in).is_pending() });
            assert!(waits, "{user} waits for a run");
            drop(runs);
            assert!(house.sim.run(sign_in).is_err(), "{user}");
        }
    }

    #[test]
    fn the_first_to_end_makes_room() {
        let house = House::empty();
        let world = &house.world;
        let credentials = Credentials::new(&house.directory, &world.clock, &world.chance, &world.exec);
        let hash = PasswordHash::from_phc(String::new());
        let key = |number: usize| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_le_bytes());
            key
        };
        credentials.remember(key(0), Uuid::nil(), hash.clone());
        house.sim.advance(Duration::from_secs(1));
        for number in 1..=REMEMBERED_MAX {
            credentials.remember(key(number), Uuid::nil(), hash.clone());
        }
        let remembered = credentials.0.remembered.lock();
        assert_eq!(remembered.len(), REMEMBERED_MAX);
        assert!(!remembered.contains_key(&key(0)) && remembered.contains_key(&key(1)));
    }
}
