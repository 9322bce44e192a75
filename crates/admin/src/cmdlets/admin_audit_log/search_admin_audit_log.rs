//! Search-AdminAuditLog: shows who ran what and changed what.
//! May touch: directory (read), executor.

use directory::{AuditOutcome, AuditQuery, AuditRow};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::audit::{self, Audited};
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::registry;
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("StartDate", Kind::DateTime, "Only changes from this time on."),
    Parameter::new("EndDate", Kind::DateTime, "Only changes before this time."),
    Parameter::new(
        "ObjectIds",
        Kind::List(&Kind::Identity),
        "Only what concerned these objects, by name or GUID, and look-ups that showed mail of these addresses; `*` for any text.",
    ),
    Parameter::new(
        "UserIds",
        Kind::List(&Kind::Text),
        "Only what these administrators ran; `*` for any text.",
    ),
    Parameter::new(
        "Cmdlets",
        Kind::List(&Kind::Text),
        "Only these cmdlets, such as Set-Mailbox or *-Mailbox; look-ups such as Get-MessageTrace, and Sign-In and Sign-Out, are shown when they are named.",
    ),
    Parameter::new(
        "Parameters",
        Kind::List(&Kind::Text),
        "Only cmdlets that were given one of these parameters, such as RecipientAddress.",
    ),
    Parameter::new(
        "IncludeLookUps",
        Kind::Switch,
        "Shows look-ups of the trace and of mailboxes, and sign-ins to the admin center, too.",
    ),
    RESULT_SIZE,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Search-AdminAuditLog",
    synopsis: "Shows who ran which cmdlet, and what it changed.",
    description: "One row per cmdlet, newest first; a cmdlet that changed several objects has a row for each, with the object before and after. Every cmdlet that changes something is recorded, and every look-up with its filter and number of rows. Secrets are left out.",
    examples: &[
        Example {
            command: "Search-AdminAuditLog -StartDate 2026-11-20 -UserIds Administrator",
            sentence: "Shows what one administrator changed since a day.",
        },
        Example {
            command: "Search-AdminAuditLog -IncludeLookUps -ObjectIds kim@contoso.example",
            sentence: "Shows who looked up somebody's mail.",
        },
        Example {
            command: "Search-AdminAuditLog -Cmdlets Get-MessageTrace,Get-MessageTrackingLog",
            sentence: "Shows who searched for mail, with which filter.",
        },
        Example {
            command: "Search-AdminAuditLog -Cmdlets Sign-In,Sign-Out",
            sentence: "Shows who signed in to the admin center, and who could not.",
        },
    ],
    roles: &[Role::AuditLogs],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType {
        name: "AdminAuditLogEvent",
        properties: &[
            Property::time("RunDate"),
            Property::text("Caller"),
            Property::text("Interface"),
            Property::text("CmdletName"),
            Property::text("CmdletParameters"),
            Property::text("ObjectModified"),
            Property::text("ObjectGuid"),
            Property::text("Succeeded"),
            Property::text("Error"),
            Property::number("ResultRows"),
            Property::text("LookedUp"),
            Property::text("Before"),
            Property::text("After"),
            Property::text("Identity"),
        ],
        settings: None,
        table: &["RunDate", "Caller", "CmdletName", "ObjectModified", "Succeeded"],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let named = arguments.texts("Cmdlets").unwrap_or_default();
    let mut with_look_ups = arguments.is_on("IncludeLookUps");
    let is_named = !named.is_empty();
    for name in named {
        with_look_ups |= are_look_ups(name)?;
    }
    let directory = context.directory.clone();
    let arguments = arguments.clone();
    let output = context.world.exec.blocking(move || search(&directory, &arguments, with_look_ups)).await?;
    // Who names cmdlets knows what is asked for.
    Ok(match with_look_ups || is_named {
        true => output,
        false => output.with_note("Look-ups and sign-ins are left out; -IncludeLookUps shows them too"),
    })
}

/// Whether only look-ups are asked for: a pattern names them where it finds nothing else.
fn are_look_ups(name: &str) -> Result<bool, CmdletError> {
    let is_sign_in = [audit::SIGN_IN, audit::SIGN_OUT].iter().any(|known| fits(name, known));
    if !name.contains('*') {
        return Ok(is_sign_in || audit::audited(registry::find(name)?) == Audited::LookUp);
    }
    let mut kinds = registry::all()
        .filter(|cmdlet| fits(name, cmdlet.name))
        .map(audit::audited)
        .filter(|kind| *kind != Audited::Not)
        .peekable();
    Ok((is_sign_in || kinds.peek().is_some()) && kinds.all(|kind| kind == Audited::LookUp))
}

/// Without regard to case; `*` stands for any text.
fn fits(wanted: &str, value: &str) -> bool {
    match wanted.contains('*') {
        true => trace::search::is_wild_match(&wanted.to_lowercase(), &value.to_lowercase()),
        false => value.eq_ignore_ascii_case(wanted),
    }
}

fn search(
    directory: &directory::Directory,
    arguments: &Arguments,
    with_look_ups: bool,
) -> Result<Output, CmdletError> {
    let mut rows = Vec::new();
    let mut total = 0u64;
    let mut before = None;
    loop {
        let query = AuditQuery {
            from: arguments.time("StartDate"),
            until: arguments.time("EndDate"),
            object: None,
            with_look_ups,
            before,
            limit: directory::AUDIT_ROWS_MAX,
        };
        let portion = directory.audit(&query)?;
        for found in portion.iter().filter(|found| is_wanted(found, arguments)) {
            total += 1;
            if rows.len() < arguments.result_size() {
                rows.push(row(found));
            }
        }
        match portion.last() {
            Some(last) if portion.len() == directory::AUDIT_ROWS_MAX => before = Some(last.cursor()),
            _ => return Ok(Output::part_of(rows, total)),
        }
    }
}

fn is_wanted(found: &AuditRow, arguments: &Arguments) -> bool {
    let holds = |name: &str, values: &[&str]| {
        arguments
            .texts(name)
            .is_none_or(|wanted| wanted.iter().any(|one| values.iter().any(|value| fits(one, value))))
    };
    let guid = found.object.as_ref().map(|object| object.guid.to_string()).unwrap_or_default();
    let parameters = parsed(found.command.parameters.as_deref());
    let about = found.about.as_deref().unwrap_or_default();
    let mut objects = vec![object_name(found, &parameters).unwrap_or_default(), &guid];
    objects.extend(about.split(' '));
    let given: Vec<&str> =
        parameters.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    holds("ObjectIds", &objects)
        && holds("Parameters", &given)
        && holds("UserIds", &[&found.command.actor])
        && holds("Cmdlets", &[&cmdlet_name(found)])
}

/// The cmdlet, or in brackets what changed something without one: the server itself, or `postroom init`.
fn cmdlet_name(found: &AuditRow) -> String {
    found.command.cmdlet.clone().unwrap_or_else(|| format!("({})", found.command.actor))
}

/// The object's name, else what was named as one: a queue or message is no object of the directory.
fn object_name<'a>(found: &'a AuditRow, parameters: &'a Value) -> Option<&'a str> {
    match &found.object {
        Some(object) => Some(&object.name),
        // What an import writes is the place.
        None if found.command.cmdlet.as_deref() == Some("Import-MessageTrace") => {
            parameters.get("Place").and_then(Value::as_str)
        }
        None => parameters.get("Identity").or_else(|| parameters.get("Name")).and_then(Value::as_str),
    }
}

fn parsed(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| serde_json::from_str(text).unwrap_or_else(|_| text.into()))
}

fn row(found: &AuditRow) -> Row {
    let parameters = parsed(found.command.parameters.as_deref());
    let object = found.object.as_ref();
    rows::row_of(json!({
        "RunDate": found.at.to_string(),
        "Caller": found.command.actor,
        "Interface": found.command.via.as_str(),
        "CmdletName": cmdlet_name(found),
        "CmdletParameters": parameters,
        "ObjectModified": object_name(found, &parameters),
        "ObjectGuid": object.map(|object| object.guid.to_string()),
        // Null where the server ended while the cmdlet ran.
        "Succeeded": found.outcome.map(|outcome| outcome == AuditOutcome::Succeeded),
        "Error": found.error,
        "LookedUp": found.about,
        // Of a change of objects its objects say more.
        "ResultRows": found.rows.filter(|_| found.command.is_look_up || found.object.is_none()),
        "Before": parsed(object.and_then(|object| object.before.as_deref())),
        "After": parsed(object.and_then(|object| object.after.as_deref())),
        "Identity": found.id.0,
    }))
}
