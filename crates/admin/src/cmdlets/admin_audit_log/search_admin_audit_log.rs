//! Search-AdminAuditLog: shows who changed what.
//! May touch: directory (read), executor.

use directory::{AuditAction, AuditQuery, AuditRow};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::rows;
use crate::context::Context;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row};
use crate::parameter::{Kind, Parameter, RESULT_SIZE};
use crate::role::Role;

const OWN: &[Parameter] = &[
    Parameter::new("StartDate", Kind::DateTime, "Only changes from this time on."),
    Parameter::new("EndDate", Kind::DateTime, "Only changes before this time."),
    Parameter::new(
        "ObjectIds",
        Kind::List(&Kind::Identity),
        "Only changes of these objects, by name or GUID.",
    ),
    Parameter::new("UserIds", Kind::List(&Kind::Text), "Only changes by these administrators."),
    Parameter::new("Cmdlets", Kind::List(&Kind::Text), "Only changes by these cmdlets, such as Set-Mailbox."),
    RESULT_SIZE,
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Search-AdminAuditLog",
    synopsis: "Shows who changed what.",
    description: "One row per object changed, newest first, with the object before and after. Secrets are left out.",
    examples: &[Example {
        command: "Search-AdminAuditLog -StartDate 2026-11-20 -UserIds Administrator",
        sentence: "Shows what one administrator changed since a day.",
    }],
    roles: &[Role::AuditLogs],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType {
        name: "AdminAuditLogEvent",
        properties: &[
            Property::time("RunDate"),
            Property::text("Caller"),
            Property::text("CmdletName"),
            Property::text("ObjectModified"),
            Property::text("ObjectGuid"),
            Property::text("Succeeded"),
            Property::text("Before"),
            Property::text("After"),
            Property::text("Identity"),
        ],
        settings: None,
        table: &["RunDate", "Caller", "CmdletName", "ObjectModified"],
    },
    effect: Effect::Reads,
    run: |context, arguments| Box::pin(run(context, arguments)),
};

async fn run(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let directory = context.directory.clone();
    let arguments = arguments.clone();
    context.world.exec.blocking(move || search(&directory, &arguments)).await
}

fn search(directory: &directory::Directory, arguments: &Arguments) -> Result<Output, CmdletError> {
    let mut rows = Vec::new();
    let mut total = 0u64;
    let mut before_id = None;
    loop {
        let query = AuditQuery {
            from: arguments.time("StartDate"),
            until: arguments.time("EndDate"),
            object: None,
            before_id,
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
            Some(last) if portion.len() == directory::AUDIT_ROWS_MAX => before_id = Some(last.id),
            _ => return Ok(Output::part_of(rows, total)),
        }
    }
}

fn is_wanted(found: &AuditRow, arguments: &Arguments) -> bool {
    let holds = |name: &str, values: &[&str]| {
        arguments.texts(name).is_none_or(|wanted| {
            wanted.iter().any(|one| values.iter().any(|value| value.eq_ignore_ascii_case(one)))
        })
    };
    holds("ObjectIds", &[&found.name, &found.guid.to_string()])
        && holds("UserIds", &[&found.actor])
        && holds("Cmdlets", &[&cmdlet_name(found)])
}

fn cmdlet_name(found: &AuditRow) -> String {
    let verb = match found.action {
        AuditAction::Created => "New",
        AuditAction::Changed => "Set",
        AuditAction::Removed => "Remove",
    };
    format!("{verb}-{}", found.kind.noun())
}

fn row(found: &AuditRow) -> Row {
    let parsed = |text: &Option<String>| -> Value {
        text.as_deref().map_or(Value::Null, |text| serde_json::from_str(text).unwrap_or_else(|_| text.into()))
    };
    rows::row_of(json!({
        "RunDate": found.at.to_string(),
        "Caller": found.actor,
        "CmdletName": cmdlet_name(found),
        "ObjectModified": found.name,
        "ObjectGuid": found.guid.to_string(),
        "Succeeded": true,
        "Before": parsed(&found.before),
        "After": parsed(&found.after),
        "Identity": found.id,
    }))
}
