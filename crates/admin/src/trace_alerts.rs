//! Watches the searches that alerts name, and tells once when one finds as many rows as its threshold.
//! May touch: trace (read), directory, clock, executor, transport (mail), network (webhooks).

mod webhook;

use std::time::Duration;

use directory::MessageTraceAlert;
use jiff::Timestamp;
use serde_json::json;

use crate::alert_attempts::AlertAttempt;
use crate::arguments::Arguments;
use crate::cmdlets::message_trace::{find, get_message_trace, more, saved};
use crate::context::Instance;
use crate::error::CmdletError;
use crate::output::grouped;
use crate::role::Actor;
use crate::services::Services;

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
    let attempts = &instance.services.alert_attempts;
    for alert in snapshot.message_trace_alerts().filter(|alert| alert.enabled) {
        let looked = look_at(instance, alert).await;
        if let Err(error) = &looked {
            tracing::warn!(alert = alert.name, %error, "a search that is watched could not be made, or told of");
        }
        let error = looked.err().map(|error| error.to_string());
        attempts.keep(alert.guid, AlertAttempt { at: instance.world.clock.now(), error });
    }
    let watched = snapshot.message_trace_alerts().filter(|alert| alert.enabled);
    attempts.retain(&watched.map(|alert| alert.guid).collect());
}

/// Why a webhook could never be told, where that is known beforehand.
pub(crate) fn never_told(services: &Services, url: &str) -> Option<String> {
    webhook::refusal(url, services.allowed.private_webhooks)
}

/// Since when the search has found as many, and when each channel was told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Told {
    raised_since: Option<Timestamp>,
    mailed: Option<Timestamp>,
    posted: Option<Timestamp>,
}

async fn look_at(instance: &Instance, alert: &MessageTraceAlert) -> Result<(), CmdletError> {
    let found = count(instance, &alert.query).await?;
    let before = Told { raised_since: alert.raised_since, mailed: alert.mailed, posted: alert.posted };
    let (now, mut told, mut failed) = (instance.world.clock.now(), Told::default(), None);
    if found >= alert.threshold {
        told = Told { raised_since: before.raised_since.or(Some(now)), ..before };
        // One that cannot be told now must not keep the others from it, nor make them hear it every minute.
        if told.mailed.is_none() && !alert.notify.is_empty() {
            match mail(instance, alert, found, now).await {
                Ok(()) => told.mailed = Some(now),
                Err(error) => failed = Some(error),
            }
        }
        if told.posted.is_none()
            && let Some(url) = &alert.webhook_url
        {
            match post(instance, alert, url, found, now).await {
                Ok(()) => told.posted = Some(now),
                Err(error) => failed = Some(error),
            }
        }
    }
    // Told first: a crash between the two tells twice, and never not at all.
    if told != before {
        remember(instance, alert, told).await?;
    }
    failed.map_or(Ok(()), Err)
}

async fn remember(instance: &Instance, alert: &MessageTraceAlert, told: Told) -> Result<(), CmdletError> {
    let (directory, guid) = (instance.directory.clone(), alert.guid);
    let change = move || {
        directory.change(ACTOR, |draft| {
            let current = draft.snapshot().resolve_message_trace_alert(&guid.to_string())?;
            let Told { raised_since, mailed, posted } = told;
            draft.put_message_trace_alert(MessageTraceAlert {
                raised_since,
                mailed,
                posted,
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

async fn mail(
    instance: &Instance,
    alert: &MessageTraceAlert,
    found: u64,
    now: Timestamp,
) -> Result<(), CmdletError> {
    let head =
        format!("Alert \"{}\": {} rows, threshold {}", alert.name, grouped(found), grouped(alert.threshold));
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
    Ok(())
}

async fn post(
    instance: &Instance,
    alert: &MessageTraceAlert,
    url: &str,
    found: u64,
    now: Timestamp,
) -> Result<(), CmdletError> {
    let body = json!({
        "alert": alert.name,
        "query": alert.query,
        "threshold": alert.threshold,
        "count": found,
        "raisedDateTime": now.to_string(),
        "server": instance.directory.snapshot().organization().server_fqdn,
    });
    let may_be_private = instance.services.allowed.private_webhooks;
    let posted = webhook::post(&instance.world, url, &body, may_be_private).await;
    posted.map_err(|why| CmdletError::Unavailable(format!("the webhook of the alert was not told: {why}")))
}
