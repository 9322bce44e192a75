//! The privacy of the trace: who asks decides what an answer shows. Pure functions over answers.
//! May touch: nothing (pure).
//!
//! What a reader of their own mail sees is a list of what is shown; everything else, and whatever is added to the trace
//! later, is not. Readers with roles lose what is listed here by name.

use directory::{Snapshot, TraceSubjectVisibility};
use mail::Address;
use serde_json::Value;
use trace::reports::ReportType;
use trace::{Cut, Query};

use crate::arguments::Arguments;
use crate::cmdlet::Cmdlet;
use crate::error::CmdletError;
use crate::historical::Job;
use crate::output::{Output, Row};
use crate::role::{Actor, Granted, Scope, Sight};

pub(crate) use trees::{own_tree, tree_of_domains};

mod trees;

/// Nouns whose answers are about messages begin so.
const OF_MESSAGES: &str = "MessageTrac";
/// Other nouns whose answers are.
const OF_MESSAGES_TOO: &[&str] = &["GatewayTrace", "HistoricalSearch"];
/// Nouns of the detail begin so.
const DETAIL: &str = "MessageTraceDetail";
/// Properties, at any depth, that only Organization Management sees: rules of other people, and what became of a
/// message after its delivery.
const RULES_AND_MOVES: &[&str] =
    &["RulesMatched", "RulesEvaluated", "FolderNow", "Final_Rule", "Rule_ID", "Quarantine_Rule"];
/// Properties, at any depth, that are subjects.
const SUBJECTS: &[&str] = &["Subject", "MessageSubject", "NotSubject"];
/// What stands for a subject in a note.
const HIDDEN: &str = "(subject hidden)";
/// A shorter subject is looked for at the beginning of a note only.
const SUBJECT_LENGTH_MIN: usize = 4;
/// Parameters by which people may search their own mail: none that asks for what is not shown.
const OWN_PARAMETERS: &[&str] = &[
    "StartDate",
    "EndDate",
    "SenderAddress",
    "RecipientAddress",
    "MessageId",
    "MessageTraceId",
    "NetworkMessageId",
    "Subject",
    "SubjectFilterType",
    "Status",
    "Last",
    "ResultSize",
    "TimeZone",
];
/// Parameters beside these by which administrators of some domains may search.
const OF_PARTS: &[&str] = &[
    "InternalMessageId",
    "FromAddress",
    "ReturnPath",
    "NotSenderAddress",
    "NotRecipientAddress",
    "NotSubject",
    "Server",
    "Place",
    "ConnectorId",
    "EventId",
    "MinimumSize",
    "MaximumSize",
    "Tls",
    "Spf",
    "Dkim",
    "Dmarc",
    "FinalAction",
    "FromIP",
    "ToIP",
    "Direction",
    "IncludeRefused",
    "RefusedOnly",
    "StillExpected",
    "StartingRecipientAddress",
    "Cursor",
    "Slowest",
    "Query",
    "Page",
    "PageSize",
    "ProbeTag",
    "ReportType",
    "ReportFormat",
    "Path",
    "Event",
    "Action",
    "Paste",
    "PasteFile",
];
/// Nouns whose own parameters administrators of some domains may all use: what is shown is confined.
const OF_PARTS_WHOLE: &[&str] =
    &["MessageTrackingLog", "GatewayTrace", "HistoricalSearch", "MessageTraceQuery"];
/// Parameters that ask for what [`RULES_AND_MOVES`] hides.
const BY_RULE: &[&str] = &["TransportRule"];
/// Parameters that may bring subjects in a file. What a saved search asks for is looked at when it runs.
const BY_SUBJECT: &[&str] = &["ReportType", "Path"];
/// Properties of a row or event that people see of their own mail. `Folder` is for recipients only.
const OWN_PROPERTIES: &[&str] = &[
    "Date",
    "Event",
    "Detail",
    "MessageTraceId",
    "NetworkMessageId",
    "MessageId",
    "Received",
    "SenderAddress",
    "FromAddress",
    "RecipientAddress",
    "Subject",
    "Status",
    "Size",
    "Direction",
    "Headline",
];
/// What people see beside these where their own mail failed: why, and what to do.
const OWN_FAILURE: &[&str] =
    &["Detail", "Headline", "Cause", "ActionNeededBy", "Fix", "RemoteReply", "CauseId"];
/// Events of a message that people see of their own mail.
const OWN_EVENTS: &[&str] = &["Receive", "Send", "Send external", "Deliver", "Fail", "Defer"];

/// Whether the arguments ask for what may not be shown: what is hidden cannot be searched for either.
///
/// # Errors
/// `Forbidden`, naming the parameter.
pub(crate) fn admit(
    granted: &Granted,
    arguments: &Arguments,
    snapshot: &Snapshot,
) -> Result<(), CmdletError> {
    let cmdlet = arguments.cmdlet();
    if !is_of_messages(cmdlet) {
        return Ok(());
    }
    let hides = hides_subjects(granted, snapshot);
    for parameter in cmdlet.all_parameters().filter(|parameter| arguments.is_given(parameter.name)) {
        let name = parameter.name;
        if hides && (name.contains("Subject") || BY_SUBJECT.contains(&name)) {
            return Err(subjects_are_hidden(&format!("-{name}")));
        }
        if granted.sight != Sight::Whole && BY_RULE.contains(&name) {
            return Err(rules_are_hidden(&format!("-{name}")));
        }
        let is_part = matches!(granted.scope, Scope::Domains(_)) && !OF_PARTS_WHOLE.contains(&cmdlet.noun());
        if is_part && !OWN_PARAMETERS.contains(&name) && !OF_PARTS.contains(&name) {
            return Err(CmdletError::Forbidden(format!(
                "-{name} needs rights for the whole organization; yours are for some domains"
            )));
        }
        if granted.sight == Sight::Own && !OWN_PARAMETERS.contains(&parameter.name) {
            return Err(CmdletError::Forbidden(format!(
                "-{} needs the role Message Tracking; without it you see your own mail only",
                parameter.name
            )));
        }
    }
    Ok(())
}

/// The answer to whoever asks by a subject and may not see subjects.
pub(crate) fn subjects_are_hidden(what: &str) -> CmdletError {
    CmdletError::Forbidden(format!(
        "subjects are hidden from whoever traces by the role View-Only Recipients alone, so {what} cannot be used"
    ))
}

fn is_of_messages(cmdlet: &Cmdlet) -> bool {
    cmdlet.noun().starts_with(OF_MESSAGES) || OF_MESSAGES_TOO.contains(&cmdlet.noun())
}

/// Confines a search to what the reader may see of the organization.
pub(crate) fn confine(granted: &Granted, query: &mut Query) {
    if let Scope::Domains(domains) = &granted.scope {
        query.within.clone_from(domains);
    }
}

/// Whether the reader may see the conditions of a saved search: with rights for some domains none that name people of
/// others of ours.
pub(crate) fn shows_conditions(
    scope: &Scope,
    snapshot: &Snapshot,
    conditions: &serde_json::Map<String, Value>,
) -> bool {
    let Scope::Domains(domains) = scope else { return true };
    let is_beyond = |text: &str| {
        text.rsplit_once('@').is_some_and(|(_, domain)| {
            let domain = domain.trim_end_matches(['>', '*', ' ']).to_lowercase();
            let may_be_ours = domain.contains('*') || snapshot.accepted_domain(&domain).is_some();
            !domains.contains(&domain) && may_be_ours
        })
    };
    let texts = conditions.values().flat_map(|value| match value {
        Value::Array(several) => several.iter().collect(),
        one => Vec::from([one]),
    });
    !texts.filter_map(Value::as_str).any(is_beyond)
}

/// Whether the reader may have a report of this kind: only a report with a line per recipient can be confined.
///
/// # Errors
/// `Forbidden`.
pub(crate) fn admit_report(granted: &Granted, kind: ReportType) -> Result<(), CmdletError> {
    match &granted.scope {
        Scope::Domains(domains) if kind != ReportType::Summary => Err(CmdletError::Forbidden(format!(
            "a report of type {} has whole messages, and needs rights for the whole organization; with rights for {} there is Summary",
            kind.as_str(),
            domains.join(", ")
        ))),
        _ => Ok(()),
    }
}

/// Whether the reader sees a report in the background: with rights for some domains only their own ones, and none that
/// has more than they may see now.
pub(crate) fn sees_report(granted: &Granted, actor: &Actor, job: &Job) -> bool {
    match &granted.scope {
        Scope::Organization => true,
        Scope::Domains(domains) => {
            job.submitted_by == actor.name
                && !job.within.is_empty()
                && job.within.iter().all(|domain| domains.contains(domain))
        }
        Scope::Own(_) | Scope::ManagedBy(_) | Scope::Sessions(_) => false,
    }
}

/// Whether the lines of a report may be given to the reader.
///
/// # Errors
/// `Forbidden`: it names rules, which only Organization Management sees.
pub(crate) fn admit_lines(granted: &Granted, job: &Job) -> Result<(), CmdletError> {
    if granted.sight == Sight::Whole || job.kind != ReportType::Extended || job.hides_rules {
        return Ok(());
    }
    Err(rules_are_hidden("this report, which has the rules that acted,"))
}

/// What is cut out of events before they are shown to the reader, in whatever form.
pub(crate) fn cut(granted: &Granted) -> Cut {
    let domains = match &granted.scope {
        Scope::Domains(domains) => domains.clone(),
        Scope::Organization | Scope::Own(_) | Scope::ManagedBy(_) | Scope::Sessions(_) => Vec::new(),
    };
    Cut { rules: granted.sight != Sight::Whole, domains }
}

/// The answer to whoever asks by a rule and may not see rules.
pub(crate) fn rules_are_hidden(what: &str) -> CmdletError {
    CmdletError::Forbidden(format!(
        "{what} needs the role group Organization Management, which alone sees the rules that acted"
    ))
}

/// Whether subjects are kept from the reader.
pub(crate) fn hides_subjects(granted: &Granted, snapshot: &Snapshot) -> bool {
    granted.sight == Sight::HelpDesk
        && snapshot.transport_config().trace_subject_visibility == TraceSubjectVisibility::HiddenFromHelpDesk
}

/// An answer without what the reader may not see.
pub(crate) fn shown(granted: &Granted, cmdlet: &Cmdlet, snapshot: &Snapshot, mut output: Output) -> Output {
    if granted.sight == Sight::Whole || !is_of_messages(cmdlet) {
        return output;
    }
    let hides = hides_subjects(granted, snapshot);
    let mut subjects = Vec::new();
    for row in &mut output.rows {
        cut_row(row, hides, &mut subjects);
    }
    if hides && cmdlet.noun().starts_with(DETAIL) {
        // Its first note is the subject, which the rows do not have; they say the rest of the notes themselves.
        let headline = output.rows.first().and_then(|row| row.get("Headline")).and_then(Value::as_str);
        // Where there is no row the last note says why.
        let why = output.notes.pop().filter(|_| output.rows.is_empty());
        output.notes = headline.map(str::to_owned).or(why).into_iter().collect();
    }
    for subject in &subjects {
        for note in output.notes.iter_mut().chain(&mut output.warnings) {
            if let Some(rest) = note.strip_prefix(subject.as_str()) {
                *note = format!("{HIDDEN}{rest}");
            } else if subject.chars().count() >= SUBJECT_LENGTH_MIN {
                *note = note.replace(subject.as_str(), HIDDEN);
            }
        }
    }
    output
}

fn cut_row(row: &mut Row, hides_subjects: bool, subjects: &mut Vec<String>) {
    for (name, value) in row.iter_mut() {
        if RULES_AND_MOVES.contains(&name.as_str()) {
            *value = Value::Null;
        } else if hides_subjects && SUBJECTS.contains(&name.as_str()) {
            if let Some(text) = value.as_str().filter(|text| !text.trim().is_empty()) {
                // Notes have it on one line.
                let line: String =
                    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
                subjects.push(line);
            }
            *value = Value::Null;
        } else {
            cut_value(value, hides_subjects, subjects);
        }
    }
}

fn cut_value(value: &mut Value, hides_subjects: bool, subjects: &mut Vec<String>) {
    match value {
        Value::Object(row) => cut_row(row, hides_subjects, subjects),
        Value::Array(values) => {
            values.iter_mut().for_each(|value| cut_value(value, hides_subjects, subjects))
        }
        _ => {}
    }
}

/// Who looks at messages that are not all theirs to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Somebody with rights for these domains.
    Domains(Vec<String>),
    /// Somebody with these addresses, as keys.
    Own(Vec<String>),
}

/// Why somebody sees a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It is within their rights.
    Whole,
    /// They sent it.
    AsSender,
    /// It came to them.
    AsRecipient,
}

/// What of a row decides whose it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parties<'a> {
    /// MAIL FROM.
    pub(crate) sender: &'a str,
    /// The row's address.
    pub(crate) recipient: &'a str,
    /// Whether it was sent from inside: a sender's name on mail from outside says nothing of who sent it.
    pub(crate) is_originating: bool,
}

impl Reader {
    /// The reader of a scope; `None` where everything may be seen.
    pub(crate) fn of(scope: &Scope, snapshot: &Snapshot) -> Option<Reader> {
        match scope {
            Scope::Organization => None,
            Scope::Domains(domains) => Some(Reader::Domains(domains.clone())),
            Scope::Own(mailbox) => {
                let found = snapshot.recipient(*mailbox);
                let keys = found.iter().flat_map(|found| found.addresses()).map(|own| own.key().to_owned());
                Some(Reader::Own(keys.collect()))
            }
            Scope::ManagedBy(_) | Scope::Sessions(_) => Some(Reader::Own(Vec::new())),
        }
    }

    /// Whether an address is one of the reader's.
    pub(crate) fn has(&self, address: &str) -> bool {
        let Ok(address) = Address::parse(address) else { return false };
        match self {
            Reader::Domains(domains) => domains.iter().any(|domain| domain == address.domain_key()),
            Reader::Own(keys) => keys.iter().any(|key| key == address.key()),
        }
    }

    /// Why the reader sees a row; `None` if they do not.
    pub(crate) fn sees(&self, parties: Parties<'_>) -> Option<Seen> {
        let is_sender = parties.is_originating && self.has(parties.sender);
        match (self, self.has(parties.recipient), is_sender) {
            (_, false, false) => None,
            (Reader::Domains(_), _, _) => Some(Seen::Whole),
            (Reader::Own(_), true, _) => Some(Seen::AsRecipient),
            (Reader::Own(_), false, true) => Some(Seen::AsSender),
        }
    }
}

/// A row or event of somebody's own mail: only what is listed, with `status` for the status that may be known.
pub(crate) fn own_row(row: &Row, seen: Seen, status: &str, below: &[(String, u64)]) -> Row {
    let mut own: Row = row.keys().map(|name| (name.clone(), Value::Null)).collect();
    for (name, value) in row {
        let is_shown =
            OWN_PROPERTIES.contains(&name.as_str()) || (name == "Folder" && seen == Seen::AsRecipient);
        if is_shown {
            own.insert(name.clone(), value.clone());
        }
    }
    let counts: Vec<String> = below.iter().map(|(status, count)| format!("{count} {status}")).collect();
    let words =
        if counts.is_empty() { status.to_owned() } else { format!("{status}: {}", counts.join(", ")) };
    for (name, value) in [("Status", status), ("Detail", words.as_str()), ("Headline", words.as_str())] {
        if own.contains_key(name) {
            own.insert(name.to_owned(), value.into());
        }
    }
    own
}

/// Puts back why it failed into what [`own_row`] left: for a recipient the reader typed or is, never one below.
pub(crate) fn explain(own: &mut Row, whole: &Row) {
    for name in OWN_FAILURE {
        if let Some(value) = whole.get(*name).filter(|_| own.contains_key(*name)) {
            own.insert((*name).to_owned(), for_people(name, value));
        }
    }
}

/// What people are told whose mailbox sent a message on to where it was not delivered. Where that is they are not shown.
const LOST_BY_FORWARD: &[(&str, &str)] = &[
    ("Detail", "Failed: your mailbox forwards its mail, and what it sent on was not delivered"),
    ("Headline", "We found an issue. Your mailbox sent the message on, and it was not delivered."),
    (
        "Cause",
        "Your mailbox forwards its mail and keeps no copy; what it sent on was not delivered, so you have this message nowhere.",
    ),
    ("ActionNeededBy", "you, with your administrator"),
    (
        "Fix",
        "Ask your administrator to have your mailbox keep a copy of what it forwards, or to correct or end the forwarding; the sender has to send this message again.",
    ),
];

/// Puts into what [`own_row`] left that the reader's own mailbox lost the message by its forwarding.
pub(crate) fn explain_forward(own: &mut Row) {
    for (name, text) in LOST_BY_FORWARD.iter().filter(|(name, _)| own.contains_key(*name)).collect::<Vec<_>>()
    {
        own.insert((*name).to_owned(), (*text).into());
    }
}

/// What people can do with what an administrator is told: cmdlets are not theirs, and "you" is not them.
fn for_people(name: &str, value: &Value) -> Value {
    let Some(text) = value.as_str() else { return value.clone() };
    match name {
        "ActionNeededBy" if text == trace::causes::Actor::Administrator.as_str() => {
            "your administrator".into()
        }
        "Fix" => {
            let sentences = text.split_inclusive(". ").filter(|sentence| !names_cmdlet(sentence));
            let kept: String = sentences.collect();
            match kept.trim() {
                "" => "Ask your administrator; the MessageTraceId of the message helps to find it.".into(),
                kept => kept.into(),
            }
        }
        _ => value.clone(),
    }
}

/// Whether a text names a cmdlet or one of its parameters: `Set-Mailbox`, `-EmailAddresses`.
fn names_cmdlet(text: &str) -> bool {
    let is_upper = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_uppercase());
    text.split(|letter: char| letter.is_whitespace() || matches!(letter, '(' | ')')).any(|word| {
        let Some((verb, noun)) = word.split_once('-') else { return false };
        (verb.is_empty()
            || is_upper(verb.chars().next()) && verb.chars().all(|one| one.is_ascii_alphabetic()))
            && is_upper(noun.chars().next())
    })
}

/// Whether people see an event of their own mail.
pub(crate) fn is_own_event(row: &Row) -> bool {
    row.get("Event").and_then(Value::as_str).is_some_and(|event| OWN_EVENTS.contains(&event))
}

#[cfg(test)]
mod tests;
