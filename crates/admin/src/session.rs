//! Sessions of people who signed in with a browser: opened, found by their token, listed, ended.
//! May touch: clock and chance, as parameters.
//!
//! They are in memory alone: a restart signs everybody out. Of a token only its SHA-256 is kept. A session ends when
//! nobody used it for [`IDLE_MAX`], at [`LIFE_MAX`] in any case, and at once when the person's password changes or the
//! person may not sign in any more: it was opened for one password, which is looked at each time.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use directory::Snapshot;
use jiff::Timestamp;
use parking_lot::Mutex;
use uuid::Uuid;
use world::{Clock, World};

/// A session that was not used for so long has ended.
pub const IDLE_MAX: Duration = Duration::from_secs(30 * 60);
/// A session that began so long ago has ended.
pub const LIFE_MAX: Duration = Duration::from_secs(8 * 60 * 60);
/// Sessions at once; the one that was used longest ago makes room.
pub const SESSIONS_MAX: usize = 2_000;
/// Sessions of one person at once; the one that was used longest ago makes room.
pub const SESSIONS_OF_ONE_MAX: usize = 20;
/// Kept of the name a browser gives itself, in characters.
const USER_AGENT_LENGTH_MAX: usize = 200;
/// Random bytes of a token: 256 bits.
const TOKEN_BYTES: usize = 32;

type Digest = [u8; digest::SHA256_OUTPUT_LEN];

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminSession {
    /// Names it to people; says nothing of the token.
    pub id: Uuid,
    /// Whose it is.
    pub person: Uuid,
    /// Where the sign-in came from.
    pub address: IpAddr,
    /// What the browser called itself.
    pub user_agent: String,
    /// When it began.
    pub began: Timestamp,
    /// When it was last used.
    pub used: Timestamp,
    /// When it ends if nobody uses it.
    pub idle_end: Timestamp,
    /// When it ends in any case.
    pub end: Timestamp,
    password: Digest,
    /// The two in time that never goes back.
    began_at: Duration,
    used_at: Duration,
}

/// Where a sign-in came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The client's address.
    pub address: IpAddr,
    /// What the browser calls itself.
    pub user_agent: String,
}

/// Whether a look at a session is use of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Somebody did something: its idle time begins anew.
    Request,
    /// A page asked by itself.
    None,
}

/// The sessions of a server. Cheap to clone; clones are the same sessions.
#[derive(Clone, Default)]
pub struct AdminSessions(Arc<Mutex<HashMap<Digest, AdminSession>>>);

impl AdminSessions {
    /// Opens a session of somebody who may sign in, and gives its token; `None` for anybody else.
    pub fn open(
        &self,
        world: &World,
        snapshot: &Snapshot,
        person: Uuid,
        origin: Origin,
    ) -> Option<(String, AdminSession)> {
        let password = password_of(snapshot, person)?;
        let mut bytes = [0; TOKEN_BYTES];
        world.chance.fill(&mut bytes);
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        let (now, elapsed) = (world.clock.now(), world.clock.elapsed());
        let session = AdminSession {
            id: world.chance.uuid_v4(),
            person,
            address: origin.address,
            user_agent: origin.user_agent.chars().take(USER_AGENT_LENGTH_MAX).collect(),
            began: now,
            used: now,
            idle_end: after(now, IDLE_MAX),
            end: after(now, LIFE_MAX),
            password,
            began_at: elapsed,
            used_at: elapsed,
        };
        let mut sessions = self.0.lock();
        sessions.retain(|_, session| session.is_open(&world.clock, snapshot));
        let own = sessions.values().filter(|session| session.person == person).count();
        if own >= SESSIONS_OF_ONE_MAX {
            drop_longest_unused(&mut sessions, |session| session.person == person);
        } else if sessions.len() >= SESSIONS_MAX {
            drop_longest_unused(&mut sessions, |_| true);
        }
        sessions.insert(sha256(token.as_bytes()), session.clone());
        Some((token, session))
    }

    /// The open session of a token.
    pub fn find(
        &self,
        clock: &Clock,
        snapshot: &Snapshot,
        token: &str,
        activity: Activity,
    ) -> Option<AdminSession> {
        let key = sha256(token.as_bytes());
        let mut sessions = self.0.lock();
        let session = sessions.get_mut(&key)?;
        if !session.is_open(clock, snapshot) {
            sessions.remove(&key);
            return None;
        }
        if activity == Activity::Request {
            (session.used, session.used_at) = (clock.now(), clock.elapsed());
            session.idle_end = after(session.used, IDLE_MAX).min(session.end);
        }
        Some(session.clone())
    }

    /// Whether a session goes on.
    pub fn is_open(&self, clock: &Clock, snapshot: &Snapshot, id: Uuid) -> bool {
        self.0.lock().values().any(|session| session.id == id && session.is_open(clock, snapshot))
    }

    /// The open sessions, the last used first.
    pub fn list(&self, clock: &Clock, snapshot: &Snapshot) -> Vec<AdminSession> {
        let mut sessions = self.0.lock();
        sessions.retain(|_, session| session.is_open(clock, snapshot));
        let mut found: Vec<AdminSession> = sessions.values().cloned().collect();
        found.sort_unstable_by_key(|session| (std::cmp::Reverse(session.used_at), session.id));
        found
    }

    /// Ends a session; gives what it was.
    pub fn end(&self, id: Uuid) -> Option<AdminSession> {
        let mut sessions = self.0.lock();
        let key = sessions.iter().find(|(_, session)| session.id == id).map(|(key, _)| *key)?;
        sessions.remove(&key)
    }
}

impl AdminSession {
    fn is_open(&self, clock: &Clock, snapshot: &Snapshot) -> bool {
        let now = clock.elapsed();
        now.saturating_sub(self.used_at) < IDLE_MAX
            && now.saturating_sub(self.began_at) < LIFE_MAX
            && password_of(snapshot, self.person) == Some(self.password)
    }
}

impl fmt::Debug for AdminSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AdminSessions({})", self.0.lock().len())
    }
}

fn drop_longest_unused(sessions: &mut HashMap<Digest, AdminSession>, is_one: impl Fn(&AdminSession) -> bool) {
    let candidates = sessions.iter().filter(|(_, session)| is_one(session));
    if let Some(key) = candidates.min_by_key(|(_, session)| session.used_at).map(|(key, _)| *key) {
        sessions.remove(&key);
    }
}

fn password_of(snapshot: &Snapshot, person: Uuid) -> Option<Digest> {
    snapshot.password_hash(person).map(|hash| sha256(hash.as_phc().as_bytes()))
}

fn sha256(bytes: &[u8]) -> Digest {
    let mut digest = Digest::default();
    for (to, from) in digest.iter_mut().zip(digest::digest(&digest::SHA256, bytes).as_ref()) {
        *to = *from;
    }
    digest
}

fn after(time: Timestamp, span: Duration) -> Timestamp {
    time.saturating_add(span).unwrap_or(time)
}
