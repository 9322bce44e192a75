//! The one registry of cmdlets, and the one way to run one: find, check the role, foresee, confirm, record, run.
//! May touch: what the Context holds, through the cmdlets.

use crate::arguments::Arguments;
use crate::cmdlet::{Cmdlet, Effect};
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::nearest::nearest;
use crate::output::Output;
use crate::value::Value;
use crate::{audit, cmdlets, privacy, role, role_scope};

/// Every cmdlet, in the order of the noun files.
pub fn all() -> impl Iterator<Item = &'static Cmdlet> {
    cmdlets::NOUNS.iter().flat_map(|noun| noun.iter().copied())
}

/// The cmdlet of that name, whatever its case.
///
/// # Errors
/// `Usage`, with the nearest name that exists.
pub fn find(name: &str) -> Result<&'static Cmdlet, CmdletError> {
    if let Some(cmdlet) = all().find(|cmdlet| cmdlet.name.eq_ignore_ascii_case(name)) {
        return Ok(cmdlet);
    }
    let hint = nearest(name, all().map(|cmdlet| cmdlet.name))
        .map(|one| format!("did you mean {one}?"))
        .unwrap_or_else(|| "`postroom help` lists them".into());
    Err(CmdletError::Usage(format!("there is no cmdlet {name}; {hint}")))
}

/// Runs a cmdlet for the actor of the context, and records it in the audit log.
///
/// # Errors
/// Whatever the cmdlet reports; `Forbidden` when the actor lacks the role; `ConfirmationRequired` when it
/// destroys and `-Confirm:false` was not given.
pub async fn invoke(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let cmdlet = arguments.cmdlet();
    let mut allowed = allow(context, arguments);
    if allowed.is_ok() {
        match foresee(context, arguments).await {
            Ok(Some(foreseen)) => return Ok(foreseen),
            Ok(None) => {}
            Err(error @ CmdletError::Forbidden(_)) => allowed = Err(error),
            Err(error) => return Err(error),
        }
    }
    // Who tried what they may not do is worth a record too.
    let recording = audit::begin(context, arguments).await?;
    let result = match allowed {
        Ok(()) => answer(context, arguments).await,
        Err(error) => Err(error),
    };
    let mut output = recording.end(context, result).await?;
    if arguments.is_what_if() && output.notes.is_empty() {
        output.notes.push(format!("What if: {} would have succeeded; nothing was changed", cmdlet.name));
    }
    output.notes.splice(0..0, arguments.notes.iter().cloned());
    // The document that programs are written by must not lie.
    #[cfg(test)]
    crate::http::openapi::check::hold(cmdlet, &output);
    Ok(output)
}

/// Runs a look-up that the caller records itself, such as a search that stays open; one that fails is recorded here.
///
/// # Errors
/// As [`invoke`] has them.
pub(crate) async fn look_up(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let result = match allow(context, arguments) {
        Ok(()) => answer(context, arguments).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(output) => Ok(output),
        Err(error) => audit::begin(context, arguments).await?.end(context, Err(error)).await,
    }
}

/// Whether the actor may run this, with these arguments.
pub(crate) fn allow(context: &Context, arguments: &Arguments) -> Result<(), CmdletError> {
    let granted = role::check(&context.actor, arguments.cmdlet())?;
    let snapshot = context.directory.snapshot();
    role_scope::admit(&context.actor, &granted, arguments, &snapshot)?;
    privacy::admit(&granted, arguments, &snapshot)?;
    context.grant(granted);
    Ok(())
}

/// Runs the cmdlet, and leaves out of its answer what the actor may not see of other people's mail.
async fn answer(context: &Context, arguments: &Arguments) -> Result<Output, CmdletError> {
    let granted = context.granted()?;
    let output = match cmdlets::own_trace::run(context, arguments).await? {
        Some(output) => output,
        None => (arguments.cmdlet().run)(context, arguments).await?,
    };
    Ok(privacy::shown(granted, arguments.cmdlet(), &context.directory.snapshot(), output))
}

/// What a cmdlet that would destroy something says instead of running, where it was not confirmed.
async fn foresee(context: &Context, arguments: &Arguments) -> Result<Option<Output>, CmdletError> {
    let cmdlet = arguments.cmdlet();
    if let Effect::Destroys(foresee) = cmdlet.effect {
        if arguments.is_what_if() {
            let plan = foresee(context, arguments).await?;
            try_out(context, arguments).await?;
            let note = format!("What if: this would {} ({})", plan.what, plan.count);
            return Ok(Some(Output::nothing().with_note(note)));
        }
        if arguments.confirm() != Some(false) {
            let plan = foresee(context, arguments).await?;
            try_out(context, arguments).await?;
            return Err(CmdletError::ConfirmationRequired(plan));
        }
    } else if arguments.confirm() == Some(true) && !arguments.is_what_if() {
        let what = format!("run {}", cmdlet.name);
        return Err(CmdletError::ConfirmationRequired(Plan { count: 1, what }));
    }
    Ok(None)
}

/// Objects that one change to the directory removes, and nothing else goes with: it can be tried without being made.
const TRIED: &[&str] = &[
    "AcceptedDomain",
    "RemoteDomain",
    "SendConnector",
    "ReceiveConnector",
    "RoleGroup",
    "RoleGroupMember",
    "User",
    "Mailbox",
    "MailUser",
    "MailContact",
    "DistributionGroup",
    "DistributionGroupMember",
    "MailboxPermission",
    "RecipientPermission",
];

/// Refuses beforehand what would be refused: nobody is asked about, or promised, what cannot be done.
async fn try_out(context: &Context, arguments: &Arguments) -> Result<(), CmdletError> {
    let cmdlet = arguments.cmdlet();
    if TRIED.contains(&cmdlet.noun())
        && let Some(what_if) = cmdlet.parameter("WhatIf")
    {
        let mut tried = arguments.clone();
        tried.set(what_if, Value::Bool(true));
        (cmdlet.run)(context, &tried).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::command_line::{self, CommandLine};
    use crate::parameter::Kind;

    #[test]
    fn names_are_unique_and_spelled_verb_noun() {
        let mut names = BTreeSet::new();
        for cmdlet in all() {
            assert!(names.insert(cmdlet.name.to_ascii_lowercase()), "{} twice", cmdlet.name);
            assert!(!cmdlet.verb().is_empty() && !cmdlet.noun().is_empty(), "{}", cmdlet.name);
        }
    }

    #[test]
    fn every_cmdlet_is_documented() {
        for cmdlet in all() {
            assert!(cmdlet.synopsis.ends_with('.') && cmdlet.description.ends_with('.'), "{}", cmdlet.name);
            assert!(!cmdlet.examples.is_empty() && !cmdlet.roles.is_empty(), "{}", cmdlet.name);
            let mut names = BTreeSet::new();
            for parameter in cmdlet.all_parameters() {
                assert!(
                    names.insert(parameter.name.to_ascii_lowercase()),
                    "{} {}",
                    cmdlet.name,
                    parameter.name
                );
                assert!(parameter.sentence.ends_with('.'), "{} -{}", cmdlet.name, parameter.name);
            }
        }
    }

    #[test]
    fn every_table_column_is_a_property() {
        for cmdlet in all() {
            for column in cmdlet.output.table {
                assert!(cmdlet.output.property(column).is_some(), "{} {column}", cmdlet.name);
            }
            let mut names = BTreeSet::new();
            for property in cmdlet.output.all() {
                assert!(names.insert(property.name), "{} {} twice", cmdlet.name, property.name);
            }
        }
    }

    #[test]
    fn every_example_can_be_typed() {
        for cmdlet in all() {
            for example in cmdlet.examples {
                let words = shell_words(example.command);
                assert_eq!(words.first().map(String::as_str), Some(cmdlet.name), "{}", example.command);
                let read_file = |_: &str| Ok(Vec::new());
                let line = command_line::read(cmdlet, &words[1..], &TimeZone::UTC, &read_file);
                assert!(matches!(line, Ok(CommandLine::Call { .. })), "{}: {line:?}", example.command);
            }
        }
    }

    #[test]
    fn positions_take_one_value_each() {
        for cmdlet in all() {
            for parameter in cmdlet.own_parameters().filter(|parameter| parameter.is_positional) {
                assert!(
                    !matches!(parameter.kind, Kind::Switch | Kind::Bool),
                    "{} {}",
                    cmdlet.name,
                    parameter.name
                );
            }
        }
    }

    /// Splits as a POSIX shell does, so far as the examples go: blanks and quotes.
    fn shell_words(line: &str) -> Vec<String> {
        let mut words = vec![];
        let mut word: Option<String> = None;
        let mut quote = None;
        for letter in line.chars() {
            match quote {
                Some(open) if letter == open => quote = None,
                None if letter == '"' || letter == '\'' => {
                    quote = Some(letter);
                    word.get_or_insert_default();
                }
                None if letter == ' ' => words.extend(word.take()),
                _ => word.get_or_insert_default().push(letter),
            }
        }
        words.extend(word);
        words
    }
}
