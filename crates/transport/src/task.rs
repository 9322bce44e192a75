//! Tasks the server cannot do without: one that panics stops the server, rather than leave mail lying in silence.
//!
//! May touch: executor.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;

use crate::Shared;

impl Shared {
    /// Starts a task whose panic stops the server. The panic goes on to the executor, which logs it under `name`.
    pub(crate) fn spawn_vital(
        self: &Arc<Self>,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let shared = Arc::clone(self);
        self.world.exec.spawn(name, async move {
            if let Err(panic) = AssertUnwindSafe(task).catch_unwind().await {
                shared.fail(&format!(
                    "the task \"{name}\" panicked, and mail would wait without it; start the server again and report \
                     the panic in the service log"
                ));
                std::panic::resume_unwind(panic);
            }
        });
    }
}
