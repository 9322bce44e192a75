//! What administration does beside answering: watches searches, and writes the reports that were started.
//! May touch: what the Instance holds, through the files it starts.

use crate::context::Instance;
use crate::trace_alerts;

/// Starts both. Call it once, when the services run.
pub fn start(instance: &Instance) {
    if let Some(reports) = &instance.services.historical_searches {
        reports.resume(instance);
    }
    instance.world.exec.spawn("trace alerts", trace_alerts::watch(instance.clone()));
}
