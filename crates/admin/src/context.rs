//! What a cmdlet may use: the directory, the world's handles, the parts of the server, and who asks.
//! May touch: nothing itself; it hands on what the server wired.

use std::sync::atomic::{AtomicI64, Ordering};

use directory::{CommandId, Credentials, Directory};
use world::World;

use crate::role::Actor;
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
}

impl Context {
    /// From now on changes belong to this recorded cmdlet.
    pub(crate) fn set_command(&self, id: CommandId) {
        self.command.store(id.0, Ordering::Relaxed);
    }

    /// The recorded cmdlet changes belong to.
    pub(crate) fn command(&self) -> Option<CommandId> {
        Some(self.command.load(Ordering::Relaxed)).filter(|id| *id != NO_COMMAND).map(CommandId)
    }
}
