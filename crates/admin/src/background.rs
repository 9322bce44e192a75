//! What administration does beside answering: watches searches, writes the reports that were started, and
//! removes those that have expired.
//! May touch: what the Instance holds, through the files it starts.

use crate::context::Instance;
use crate::http::imports;
use crate::trace_alerts;

/// Starts all of it, and removes what an earlier run left. Call it once, when the services run.
pub fn start(instance: &Instance) {
    if let Some(reports) = &instance.services.historical_searches {
        reports.resume(instance);
        instance.world.exec.spawn("expired reports", reports.clone().keep_house(instance.clone()));
    }
    let own = instance.clone();
    instance.world.exec.spawn("uploads", async move { imports::forget_left(&own).await });
    instance.world.exec.spawn("trace alerts", trace_alerts::watch(instance.clone()));
}
