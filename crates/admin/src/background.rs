//! What administration does beside answering: watches searches, and writes the reports that were started.
//! May touch: what the Instance holds, through the files it starts.

use crate::context::Instance;
use crate::http::imports;
use crate::trace_alerts;

/// Starts both, and removes what an earlier run left. Call it once, when the services run.
pub fn start(instance: &Instance) {
    if let Some(reports) = &instance.services.historical_searches {
        reports.resume(instance);
    }
    let own = instance.clone();
    instance.world.exec.spawn("uploads", async move { imports::forget_left(&own).await });
    instance.world.exec.spawn("trace alerts", trace_alerts::watch(instance.clone()));
}
