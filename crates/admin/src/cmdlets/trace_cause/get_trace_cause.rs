//! Get-TraceCause: lists the causes the trace knows, or names the one a reply means.
//! May touch: nothing (pure).

use serde_json::{Value, json};
use trace::causes::{self, KnownCause, Side};

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect, Example, Parameters};
use crate::cmdlets::recipient::rows;
use crate::error::CmdletError;
use crate::output::{Output, OutputType, Property, Row};
use crate::parameter::{Kind, Parameter};
use crate::role::Role;

const SIDES: &[(&str, &str)] = &[("Ours", "This server"), ("Remote", "Another server")];

const OWN: &[Parameter] = &[
    Parameter::new("Identity", Kind::Text, "The name of a cause, or a part of it.").positional(),
    Parameter::new(
        "Reply",
        Kind::Text,
        "A reply, as a report or a log shows it: only the causes that it means are listed.",
    ),
];

pub(crate) static CMDLET: Cmdlet = Cmdlet {
    name: "Get-TraceCause",
    synopsis: "Lists the causes of failures and delays that the trace knows, or explains a reply.",
    description: "Each cause says how it is recognised, what it means, who must act and what to do. With -Reply the text is read once as a reply of this server and once as one of another server.",
    examples: &[
        Example { command: "Get-TraceCause", sentence: "Lists every cause." },
        Example {
            command: "Get-TraceCause -Reply '550 5.7.705 Access denied, tenant has exceeded threshold' -Format list",
            sentence: "Explains a reply that somebody sent.",
        },
        Example { command: "Get-TraceCause MailboxFull -Format list", sentence: "Shows one cause." },
    ],
    roles: &[Role::MessageTracking, Role::ViewOnlyRecipients, Role::ViewOnlyConfiguration],
    parameters: &[Parameters::Fixed(OWN)],
    output: OutputType {
        name: "TraceCause",
        properties: &[
            Property::text("Identity"),
            Property::words("FoundBy", SIDES),
            Property::text("Cause"),
            Property::text("ActionNeededBy"),
            Property::text("Fix"),
            Property::text("Reasons"),
            Property::text("RecognisedBy"),
        ],
        settings: None,
        table: &["Identity", "FoundBy", "Cause", "ActionNeededBy"],
    },
    effect: Effect::Reads,
    run: |_, arguments| Box::pin(async move { run(arguments) }),
};

fn run(arguments: &Arguments) -> Result<Output, CmdletError> {
    let named = arguments.text("Identity").map(str::to_lowercase);
    let found: Vec<&'static KnownCause> = match arguments.text("Reply") {
        Some(reply) => {
            [Side::Remote, Side::Ours].into_iter().filter_map(|side| causes::recognise(reply, side)).collect()
        }
        None => causes::all().collect(),
    };
    let wanted = found.into_iter().filter(|cause| {
        named.as_ref().is_none_or(|named| cause.name.to_lowercase().contains(named.as_str()))
    });
    let rows: Vec<Row> = wanted.map(row).collect();
    match arguments.text("Identity") {
        Some(text) if rows.is_empty() => unknown(text, arguments),
        _ => Ok(Output::list(rows)),
    }
}

/// A reply given without -Reply is one all the same; a name that no cause has is no empty list.
fn unknown(text: &str, arguments: &Arguments) -> Result<Output, CmdletError> {
    let is_reply = !arguments.is_given("Reply") && text.trim_start().starts_with(['2', '4', '5']);
    let meant = [Side::Remote, Side::Ours].into_iter().filter_map(|side| causes::recognise(text, side));
    let rows: Vec<Row> = meant.filter(|_| is_reply).map(row).collect();
    match rows.is_empty() {
        false => Ok(Output::list(rows).with_note("Read as a reply; -Reply says so".to_owned())),
        true if is_reply => Err(CmdletError::NotFound(format!(
            "\"{text}\" is the name of no cause, and as a reply it means none that is known"
        ))),
        true => Err(CmdletError::NotFound(format!(
            "no cause is named \"{text}\"; Get-TraceCause lists them, and -Reply explains a reply"
        ))),
    }
}

fn row(cause: &'static KnownCause) -> Row {
    let clues: Value = cause.clues.iter().map(trace::causes::Clue::in_words).collect();
    let reasons: Value = cause.reasons.iter().map(|reason| reason.as_str()).collect();
    rows::row_of(json!({
        "Identity": cause.name,
        "FoundBy": match cause.side { Side::Ours => "Ours", Side::Remote => "Remote" },
        "Cause": cause.meaning,
        "ActionNeededBy": cause.actor.as_str(),
        "Fix": cause.fix,
        "Reasons": reasons,
        "RecognisedBy": clues,
    }))
}

/// Nothing of a server is asked: the list is part of the program.
#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::value::Value as Given;

    fn listed(name: &str, text: &str) -> Vec<Row> {
        let mut arguments = Arguments::new(&CMDLET, TimeZone::UTC);
        let parameter = CMDLET.parameter(name).unwrap();
        arguments.set(parameter, Given::Text(text.to_owned()));
        run(&arguments).unwrap().rows
    }

    #[test]
    fn causes_are_listed_and_replies_explained() {
        let all = run(&Arguments::new(&CMDLET, TimeZone::UTC)).unwrap().rows;
        assert!(all.len() > 100);
        assert_eq!(listed("Identity", "remotemailboxfull")[0]["FoundBy"], "Remote");
        let told = listed("Reply", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup");
        let names: Vec<_> = told.iter().map(|row| row["Identity"].as_str().unwrap()).collect();
        assert_eq!(names, ["RemoteRestrictedRecipient", "AuthRequiredGroup"]);
        assert!(listed("Reply", "250 2.0.0 ok").is_empty());
        // A reply without the name of its parameter, and a name that nothing has, are answered too.
        let bare = listed("Identity", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup");
        assert_eq!(bare.iter().map(|row| row["Identity"].as_str().unwrap()).collect::<Vec<_>>(), names);
        for (name, told) in [("nothing", "-Reply explains"), ("299 odd", "it means none")] {
            let mut arguments = Arguments::new(&CMDLET, TimeZone::UTC);
            arguments.set(CMDLET.parameter("Identity").unwrap(), Given::Text(name.to_owned()));
            assert!(run(&arguments).unwrap_err().to_string().contains(told), "{name}");
        }
    }
}
