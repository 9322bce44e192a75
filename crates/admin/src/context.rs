//! What a cmdlet may use: the directory, the world's handles, the parts of the server, and who asks.
//! May touch: nothing itself; it hands on what the server wired.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use directory::{CommandId, Credentials, Directory};
use world::World;

use crate::cmdlets::message_trace::saved::Part;
use crate::error::CmdletError;
pub use crate::http::{JustMade, Seats};
use crate::http::{Look, Progress};
use crate::role::{Actor, Granted, Via};
use crate::services::Services;

/// No recorded cmdlet; their numbers begin with 1.
const NO_COMMAND: i64 = 0;

/// A running server as cmdlets see it, without anyone asking yet. Cheap to clone.
#[derive(Clone)]
pub struct Instance {
    /// Recipients, domains, connectors, settings.
    pub directory: Directory,
    /// Hashes and checks passwords.
    pub credentials: Credentials,
    /// Clock, chance, disk, network.
    pub world: World,
    /// The parts of the server beyond the directory.
    pub services: Services,
    /// The seats of searches that stay open, of all ways in.
    pub seats: Seats,
    /// The look-ups just made, of all ways in.
    pub just_made: JustMade,
}

impl Instance {
    /// The context of one call.
    pub fn context(&self, actor: Actor) -> Context {
        Context {
            directory: self.directory.clone(),
            credentials: self.credentials.clone(),
            world: self.world.clone(),
            services: self.services.clone(),
            actor,
            command: AtomicI64::new(NO_COMMAND),
            granted: OnceLock::new(),
            progress: Progress::default(),
            is_from_here: false,
            part: None,
            look: None,
        }
    }
}

/// The context of one call.
pub struct Context {
    /// Recipients, domains, connectors, settings.
    pub directory: Directory,
    /// Hashes and checks passwords.
    pub credentials: Credentials,
    /// Clock, chance, disk, network.
    pub world: World,
    /// The parts of the server beyond the directory.
    pub services: Services,
    /// Who asks.
    pub actor: Actor,
    /// The number under which the audit log knows this call.
    command: AtomicI64,
    /// What the check of rights allowed.
    granted: OnceLock<Granted>,
    /// What a long cmdlet says of how far it is.
    pub(crate) progress: Progress,
    /// Whether the request came over HTTP from this machine itself, with no proxy between.
    pub(crate) is_from_here: bool,
    /// The part of a search that this call asks, where the admin center asks one as several.
    pub(crate) part: Option<Part>,
    /// The look of which this call asks for a further page.
    pub(crate) look: Option<Look>,
}

impl Context {
    /// Notes what the check of rights allowed. The first word counts.
    pub(crate) fn grant(&self, granted: Granted) {
        let _ = self.granted.set(granted);
    }

    /// What this call may see and change.
    ///
    /// # Errors
    /// `Internal` when nothing was checked: whoever was not allowed anything may do nothing.
    pub(crate) fn granted(&self) -> Result<&Granted, CmdletError> {
        self.granted
            .get()
            .ok_or_else(|| CmdletError::internal("the call was not allowed", "no check was made"))
    }

    /// Whether the caller may make this server talk to its own machine: who can do so without it.
    pub(crate) fn may_reach_this_machine(&self) -> bool {
        self.is_from_here || self.actor.via == Via::LocalSocket
    }

    /// From now on changes belong to this recorded cmdlet.
    pub(crate) fn set_command(&self, id: CommandId) {
        self.command.store(id.0, Ordering::Relaxed);
    }

    /// The recorded cmdlet changes belong to.
    pub(crate) fn command(&self) -> Option<CommandId> {
        Some(self.command.load(Ordering::Relaxed)).filter(|id| *id != NO_COMMAND).map(CommandId)
    }
}
