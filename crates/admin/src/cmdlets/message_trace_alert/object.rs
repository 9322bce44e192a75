//! The MessageTraceAlert object, and the parameters that make and change one.
//! May touch: nothing (pure).

use directory::MessageTraceAlert;
use mail::Address;
use serde_json::{Value, json};

use crate::alert_attempts::AlertAttempts;
use crate::arguments::{Arguments, usage};
use crate::cmdlets::message_trace::saved;
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};
use crate::trace_alerts;

pub(super) const IDENTITY: Parameter =
    Parameter::new("Identity", Kind::Identity, "The alert, by its name or GUID.").required().positional();

pub(super) const SETTINGS: &[Parameter] = &[
    Parameter::new("Notify", Kind::Change(&Kind::Address), "Addresses that get mail, once per crossing."),
    Parameter::new(
        "WebhookUrl",
        Kind::Text,
        "An address that the alert is posted to as JSON, once per crossing.",
    ),
    Parameter::new("Enabled", Kind::Bool, "Whether the search is watched; true unless said otherwise."),
];

/// What the cmdlets put out.
pub(super) const OUTPUT: OutputType = OutputType {
    name: "MessageTraceAlert",
    properties: &[
        Property::text("Identity"),
        Property::text("Guid"),
        Property::text("Name"),
        Property::text("Query"),
        Property::number("Threshold"),
        Property::text("Notify"),
        Property::text("WebhookUrl"),
        Property::text("Enabled"),
        Property::text("IsRaised"),
        Property::time("RaisedSince"),
        Property::time("LastAttempt"),
        Property::text("LastError"),
    ],
    settings: None,
    table: &["Name", "Query", "Threshold", "Enabled", "IsRaised", "RaisedSince", "LastError"],
};

/// One alert, with what became of the last look at it.
pub(super) fn row(alert: &MessageTraceAlert, attempts: &AlertAttempts) -> Row {
    let last = attempts.of(alert.guid);
    let notify: Value = alert.notify.iter().map(Address::as_str).collect();
    rows::row_of(json!({
        "Identity": alert.name,
        "Guid": alert.guid.to_string(),
        "Name": alert.name,
        "Query": alert.query,
        "Threshold": alert.threshold,
        "Notify": notify,
        "WebhookUrl": alert.webhook_url,
        "Enabled": alert.enabled,
        "IsRaised": alert.raised_since.is_some(),
        "RaisedSince": alert.raised_since.map(|at| at.to_string()),
        "LastAttempt": last.as_ref().map(|last| last.at.to_string()),
        "LastError": last.as_ref().and_then(|last| last.error.as_ref()),
    }))
}

/// Sets what was given.
pub(super) fn apply(alert: &mut MessageTraceAlert, arguments: &Arguments) -> Result<(), CmdletError> {
    let present: Vec<String> = alert.notify.iter().map(|address| address.as_str().to_owned()).collect();
    if let Some(notify) = arguments.changed("Notify", &present) {
        let read = notify.iter().map(|text| Address::parse(text));
        alert.notify = read
            .collect::<Result<_, _>>()
            .map_err(|error| usage(arguments.cmdlet(), "Notify", &format!("cannot be read: {error}")))?;
    }
    if let Some(url) = arguments.text_or_null("WebhookUrl") {
        alert.webhook_url = url.map(str::to_owned);
    }
    if let Some(enabled) = arguments.boolean("Enabled") {
        alert.enabled = enabled;
    }
    if let Some(threshold) = arguments.int("Threshold").and_then(|number| u64::try_from(number).ok()) {
        alert.threshold = threshold;
    }
    Ok(())
}

/// A webhook that could never be told is refused when it is given, not found out when it should be told.
pub(super) fn check_webhook(context: &Context, arguments: &Arguments) -> Result<(), CmdletError> {
    let Some(url) = arguments.text_or_null("WebhookUrl").flatten() else { return Ok(()) };
    match trace_alerts::never_told(&context.services, url) {
        Some(why) => Err(usage(arguments.cmdlet(), "WebhookUrl", &format!("cannot be told: {why}"))),
        None => Ok(()),
    }
}

/// A search that an alert can watch: it is there, runs without more, and counts rows.
pub(super) fn check_query(context: &Context, arguments: &Arguments) -> Result<(), CmdletError> {
    let Some(name) = arguments.text("Query") else { return Ok(()) };
    let (body, needs) = saved::body(context, name)?;
    if let Some(needed) = needs {
        let why = format!(
            "cannot be \"{name}\", which needs -{needed} each time; save one of your own with New-MessageTraceQuery"
        );
        return Err(usage(arguments.cmdlet(), "Query", &why));
    }
    if body.contains_key("Slowest") {
        let why = format!("cannot be \"{name}\", which always finds as many rows");
        return Err(usage(arguments.cmdlet(), "Query", &why));
    }
    Ok(())
}
