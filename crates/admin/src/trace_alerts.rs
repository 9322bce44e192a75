//! Watches the searches that alerts name, and tells once when one finds as many rows as its threshold.
//! May touch: trace (read), directory, clock, executor, transport (mail), network (webhooks).

mod webhook;

use std::time::Duration;

use directory::MessageTraceAlert;
use jiff::Timestamp;
use serde_json::json;

use crate::arguments::Arguments;
use crate::cmdlets::message_trace::{find, get_message_trace, more, saved};
use crate::context::Instance;
use crate::error::CmdletError;
use crate::output::grouped;
use crate::role::Actor;

/// Time between two looks at every alert.
const INTERVAL: Duration = Duration::from_secs(60);
/// The name the audit log shows for what this file changes.
const ACTOR: &str = "trace alerts";

/// Looks at every alert, again and again.
pub(crate) async fn watch(instance: Instance) {
    loop {
        instance.world.clock.sleep(INTERVAL).await;
        look(&instance).await;
    }
}

/// Looks at every alert once.
pub(crate) async fn look(instance: &Instance) {
    let snapshot = instance.directory.snapshot();
    for alert in snapshot.message_trace_alerts().filter(|alert| alert.enabled) {
        if let Err(error) = look_at(instance, alert).await {
            tracing::warn!(alert = alert.name, %error, "a search that is watched could not be made, or told of");
        }
    }
}

async fn look_at(instance: &Instance, alert: &MessageTraceAlert) -> Result<(), CmdletError> {
    let found = count(instance, &alert.query).await?;
    let is_over = found >= alert.threshold;
    if is_over == alert.raised_since.is_some() {
        return Ok(());
    }
    let now = instance.world.clock.now();
    if is_over {
        tell(instance, alert, found, now).await?;
    }
    // Told first: a crash between the two tells twice, and never not at all.
    let (directory, guid) = (instance.directory.clone(), alert.guid);
    let change = move || {
        directory.change(ACTOR, |draft| {
            let current = draft.snapshot().resolve_message_trace_alert(&guid.to_string())?;
            let raised_since = is_over.then_some(now);
            draft.put_message_trace_alert(MessageTraceAlert {
                raised_since,
                ..MessageTraceAlert::clone(&current)
            })
        })
    };
    instance.world.exec.blocking(change).await?;
    Ok(())
}

/// The rows a saved search finds now.
async fn count(instance: &Instance, name: &str) -> Result<u64, CmdletError> {
    let context = instance.context(Actor::local_administrator());
    let (body, _) = saved::body(&context, name)?;
    let mut arguments = Arguments::from_json(&get_message_trace::CMDLET, &body)?;
    more::relative(&context, &mut arguments)?;
    let mut query = find::conditions_of(&arguments, &context.directory.snapshot())?;
    query.page_size = 1;
    Ok(context.services.trace()?.search(query).await?.total)
}

async fn tell(
    instance: &Instance,
    alert: &MessageTraceAlert,
    found: u64,
    now: Timestamp,
) -> Result<(), CmdletError> {
    let head =
        format!("Alert \"{}\": {} rows, threshold {}", alert.name, grouped(found), grouped(alert.threshold));
    if !alert.notify.is_empty() {
        let text = format!(
            "{head}\n\nThe search \"{}\" of the message trace found {} rows at {now:.0}; the alert's threshold is {}.\nYou are told again only after it has found fewer.\n\nTo see them: Get-MessageTrace -Query '{}'\nTo change the alert: Set-MessageTraceAlert '{}'\n",
            alert.query,
            grouped(found),
            grouped(alert.threshold),
            alert.query,
            alert.name
        );
        let sent = instance.services.transport()?.send_notice(&alert.notify, &head, &text).await;
        sent.map_err(|error| CmdletError::internal("the alert's mail could not be sent", error))?;
    }
    if let Some(url) = &alert.webhook_url {
        let body = json!({
            "alert": alert.name,
            "query": alert.query,
            "threshold": alert.threshold,
            "count": found,
            "raisedDateTime": now.to_string(),
            "server": instance.directory.snapshot().organization().server_fqdn,
        });
        webhook::post(&instance.world, url, &body, world::Roots::System).await.map_err(|why| {
            CmdletError::Unavailable(format!("the webhook of the alert was not told: {why}"))
        })?;
    }
    Ok(())
}
