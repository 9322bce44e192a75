//! What a cmdlet may use: the directory, the world's handles, the parts of the server, and who asks.
//! May touch: nothing itself; it hands on what the server wired.

use directory::{Credentials, Directory};
use world::World;

use crate::role::Actor;
use crate::services::Services;

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
}
