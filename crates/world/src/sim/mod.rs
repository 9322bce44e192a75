//! The simulated world: one thread, one seed, and time that passes only when everything waits.
//!
//! May touch: a temporary directory for SQLite files; nothing else of the machine.
//!
//! ```
//! let sim = world::sim::SimWorld::new(1);
//! let world = sim.world();
//! let waited = sim.run(async {
//!     let start = world.clock.elapsed();
//!     world.clock.sleep(std::time::Duration::from_secs(172_800)).await;
//!     world.clock.elapsed() - start
//! });
//! assert_eq!(waited.as_secs(), 172_800);
//! ```
//!
//! A task runs until it waits; when every task, writer and the future given to [`SimWorld::run`] wait, time jumps to
//! the earliest timer. What is simulated comes out the same for the same seed (the order of a `HashMap` does not).
//! The wrong use of a simulation (a deadlock, a loop without end) panics with the names of the tasks concerned.

mod dice;
mod disk;
mod dns;
mod net;
mod tasks;

pub use disk::{PowerCut, SimDisk};
pub use dns::SimDns;
pub use net::SimNet;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::{Chance, Clock, Executor, World};
use dice::Dice;
use tasks::{Core, SimClock};

/// What the wall clock of a simulation shows at its start: 2026-11-20 08:00:00 UTC.
pub const SIM_START: Timestamp = Timestamp::constant(1_795_161_600, 0);

/// A simulated machine and the network around it. Dropping it drops its tasks.
pub struct SimWorld {
    core: Arc<Core>,
    chance: Chance,
    disk: SimDisk,
    net: SimNet,
    dns: SimDns,
}

impl SimWorld {
    /// A machine with an empty disk, switched on at [`SIM_START`].
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::starting_at(seed, SIM_START)
    }

    /// The same, switched on at `start`.
    #[must_use]
    pub fn starting_at(seed: u64, start: Timestamp) -> Self {
        let core = Arc::new(Core::new(start, Dice::new(seed ^ 0x7461_736b)));
        let clock = Clock::from_source(Arc::new(SimClock(Arc::clone(&core))));
        let fate = Chance::from_source(Arc::new(Dice::new(seed ^ 0x6469_736b)));
        Self {
            chance: Chance::from_source(Arc::new(Dice::new(seed))),
            disk: SimDisk::new(clock, fate),
            net: SimNet::new(),
            dns: SimDns::new(),
            core,
        }
    }

    /// The machine's handles. After [`SimWorld::crash`] ask again: handles from before belong to the dead processes,
    /// their disk fails and their executor starts nothing.
    #[must_use]
    pub fn world(&self) -> World {
        World {
            clock: Clock::from_source(Arc::new(SimClock(Arc::clone(&self.core)))),
            chance: self.chance.clone(),
            exec: Executor::simulated(Arc::new(self.core.host())),
            disk: self.disk.disk(),
            net: self.net.net(),
            dns: self.dns.dns(),
            roots: crate::Roots::System,
        }
    }

    /// Faults and facts of the disk.
    #[must_use]
    pub fn disk(&self) -> &SimDisk {
        &self.disk
    }

    /// Faults and facts of the network.
    #[must_use]
    pub fn net(&self) -> &SimNet {
        &self.net
    }

    /// The DNS table.
    #[must_use]
    pub fn dns(&self) -> &SimDns {
        &self.dns
    }

    /// Time passed since the start of the simulation.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.core.elapsed()
    }

    /// Runs tasks and time until `future` is ready. Panics if nothing can ever wake it, if tasks never wait, or after
    /// the bound of [`SimWorld::set_time_max`].
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        self.core.run(future)
    }

    /// Runs tasks until all of them wait; time stands still.
    pub fn run_until_stalled(&self) {
        self.core.run_until_stalled();
    }

    /// Lets `duration` pass, running everything that falls due.
    pub fn advance(&self, duration: Duration) {
        self.core.advance(duration);
    }

    /// Polls ready tasks in a random order drawn from the seed instead of the order they became ready: run a test
    /// over many seeds to see many interleavings.
    pub fn set_shuffle(&self, shuffle: bool) {
        self.core.set_shuffle(shuffle);
    }

    /// How far simulated time may go before [`SimWorld::run`] gives up; 400 days unless set.
    pub fn set_time_max(&self, limit: Duration) {
        self.core.set_time_max(limit);
    }

    /// Cuts the power: all tasks and writers are dropped where they stand, connections break, the disk loses what
    /// `cut` says. Disk, DNS table and clock stay; start the program again with a fresh [`SimWorld::world`].
    pub fn crash(&self, cut: PowerCut) {
        self.disk.kill();
        self.core.drop_tasks();
        self.net.reset();
        self.disk.power_cut(cut);
    }

    /// Names of the tasks and writers that have not ended, in order of their start.
    #[must_use]
    pub fn tasks(&self) -> Vec<&'static str> {
        self.core.task_names()
    }
}

impl Drop for SimWorld {
    fn drop(&mut self) {
        // Tasks hold handles that hold the core that holds the tasks.
        self.core.drop_tasks();
    }
}

impl std::fmt::Debug for SimWorld {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SimWorld({:?}, tasks {:?})", self.elapsed(), self.tasks())
    }
}
