//! What may come next in a line: commands, parameters, words, names of objects the server knows, properties.
//! May touch: nothing (pure).

use jiff::tz::TimeZone;

use super::bind;
use super::command::{self, Builtin, Takes};
use super::expression::Operator;
use super::scanner::plain_quote;
use crate::arguments::{Arguments, is_flag};
use crate::cmdlet::Cmdlet;
use crate::command_line;
use crate::output::{OutputType, Row};
use crate::parameter::{Kind, Parameter};
use crate::registry;
use crate::value::{Limit, Value};

/// The most names asked of the server for one completion.
const NAMES_MAX: u64 = 200;
/// Where names of objects come from, by the noun of the cmdlet: noun, cmdlet, property.
const BY_NOUN: &[(&str, &str, &str)] = &[
    ("Mailbox", "Get-Mailbox", "PrimarySmtpAddress"),
    ("MailboxFolderStatistics", "Get-Mailbox", "PrimarySmtpAddress"),
    ("MailboxItem", "Get-Mailbox", "PrimarySmtpAddress"),
    ("MailboxPermission", "Get-Mailbox", "PrimarySmtpAddress"),
    ("Recipient", "Get-Recipient", "PrimarySmtpAddress"),
    ("RecipientPermission", "Get-Recipient", "PrimarySmtpAddress"),
    ("DistributionGroup", "Get-DistributionGroup", "PrimarySmtpAddress"),
    ("DistributionGroupMember", "Get-DistributionGroup", "PrimarySmtpAddress"),
    ("ExchangeCertificate", "Get-ExchangeCertificate", "Thumbprint"),
    ("Queue", "Get-Queue", "Identity"),
];
/// Parameters that name an object, whatever the cmdlet; with several lines the names come from all of them.
const BY_PARAMETER: &[(&str, &str, &str)] = &[
    ("Queue", "Get-Queue", "Identity"),
    ("Member", "Get-Recipient", "PrimarySmtpAddress"),
    ("Members", "Get-Recipient", "PrimarySmtpAddress"),
    ("User", "Get-Recipient", "PrimarySmtpAddress"),
    ("Trustee", "Get-Recipient", "PrimarySmtpAddress"),
    ("ForwardingAddress", "Get-Recipient", "PrimarySmtpAddress"),
    ("GrantSendOnBehalfTo", "Get-Recipient", "PrimarySmtpAddress"),
    ("ManagedBy", "Get-Recipient", "PrimarySmtpAddress"),
    ("RecipientAddress", "Get-Recipient", "PrimarySmtpAddress"),
    ("SenderAddress", "Get-Recipient", "PrimarySmtpAddress"),
    ("Recipients", "Get-Recipient", "PrimarySmtpAddress"),
    ("Sender", "Get-Recipient", "PrimarySmtpAddress"),
    ("Server", "Get-TransportService", "Identity"),
    ("Query", "Get-MessageTraceQuery", "Name"),
    ("ConnectorId", "Get-ReceiveConnector", "Name"),
    ("ConnectorId", "Get-SendConnector", "Name"),
    ("Place", "Get-MessageTraceImport", "Place"),
    ("Place", "Get-TraceSource", "Place"),
];

/// What may stand at the end of a line.
#[derive(Debug, Clone, Default)]
pub struct Completion {
    /// The byte at which the unfinished word begins; candidates replace the line from there.
    pub start: usize,
    /// What it may become, as it is typed, quotes included.
    pub candidates: Vec<String>,
    /// Names to ask the server for.
    pub live: Vec<Live>,
    /// Whether it is the name of a file.
    pub is_file: bool,
}

/// A question for names.
#[derive(Debug, Clone)]
pub struct Live {
    /// The call.
    pub(crate) arguments: Arguments,
    /// The property that holds the name.
    pub(crate) property: &'static str,
    /// What was typed of it.
    pub(crate) typed: String,
    /// Equal questions have equal keys.
    pub key: String,
}

struct Word {
    start: usize,
    text: String,
    /// Behind a comma: one more value of the same parameter.
    is_more: bool,
}

/// What may stand at the end of `line`, which ends at the cursor.
pub fn complete(line: &str) -> Completion {
    let (mut elements, is_block) = split(line);
    let Some(mut words) = elements.pop() else { return Completion::default() };
    let Some(last) = words.pop() else { return Completion::default() };
    let output = elements.iter().rev().find_map(|words| {
        let cmdlet = registry::find(&words.first()?.text).ok()?;
        Some(&cmdlet.output)
    });
    if let Some(name) = last.text.strip_prefix("$_.").filter(|_| is_block) {
        return of(last.start + 3, properties(output, name, ""));
    }
    if is_block {
        return of(last.start, Vec::new());
    }
    let Some(first) = words.first() else {
        return of(last.start, commands(&last.text, elements.is_empty()));
    };
    if let Some(builtin) = command::find(&first.text) {
        return of(last.start, for_builtin(builtin, &words, &last, output));
    }
    match registry::find(&first.text) {
        Ok(cmdlet) => for_cmdlet(cmdlet, &words, &last),
        Err(_) => of(last.start, Vec::new()),
    }
}

fn of(start: usize, candidates: Vec<String>) -> Completion {
    Completion { start, candidates, ..Completion::default() }
}

/// The words of each command of the last statement; the last word is the unfinished one, perhaps empty.
fn split(line: &str) -> (Vec<Vec<Word>>, bool) {
    let mut elements: Vec<Vec<Word>> = vec![Vec::new()];
    let mut word: Option<Word> = None;
    let (mut quote, mut depth, mut is_more) = (None, 0_usize, false);
    for (at, letter) in line.char_indices().map(|(at, letter)| (at, plain_quote(letter))) {
        let begun = |word: &mut Option<Word>, text: Option<char>| {
            let word = word.get_or_insert_with(|| Word { start: at, text: String::new(), is_more });
            word.text.extend(text);
        };
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => begun(&mut word, Some(letter)),
            (None, '\'' | '"') => {
                begun(&mut word, None);
                quote = Some(letter);
            }
            (None, '|' | ';' | '\n') if depth == 0 => {
                let finished = word.take();
                if let Some(words) = elements.last_mut() {
                    words.extend(finished);
                }
                if letter != '|' {
                    elements.clear();
                }
                elements.push(Vec::new());
                is_more = false;
            }
            (None, _) if "{}(),".contains(letter) || letter.is_whitespace() => {
                depth = match letter {
                    '{' => depth + 1,
                    '}' => depth.saturating_sub(1),
                    _ => depth,
                };
                let finished = word.take();
                if let Some(words) = elements.last_mut() {
                    is_more = letter == ',' || (is_more && finished.is_none());
                    words.extend(finished);
                }
            }
            (None, ':') if word.as_ref().is_some_and(|word| word.text.starts_with('-')) => {
                let finished = word.take();
                if let Some(words) = elements.last_mut() {
                    words.extend(finished);
                }
            }
            (None, _) => begun(&mut word, Some(letter)),
        }
    }
    let last = word.unwrap_or(Word { start: line.len(), text: String::new(), is_more });
    if let Some(words) = elements.last_mut() {
        words.push(last);
    }
    (elements, depth > 0)
}

fn starts_with(candidate: &str, typed: &str) -> bool {
    candidate.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed))
}

fn commands(typed: &str, is_first: bool) -> Vec<String> {
    let own = command::ALL.iter().filter(|builtin| builtin.is_first == is_first).map(|builtin| builtin.name);
    let mut names: Vec<String> = registry::all()
        .map(|cmdlet| cmdlet.name)
        .chain(own)
        .filter(|name| starts_with(name, typed))
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

fn for_builtin(
    builtin: &'static Builtin,
    words: &[Word],
    last: &Word,
    output: Option<&'static OutputType>,
) -> Vec<String> {
    if let Some(typed) = last.text.strip_prefix('-') {
        let names: Vec<&str> = if builtin.verb == command::Verb::Where {
            Operator::names().split(' ').filter_map(|name| name.strip_prefix('-')).collect()
        } else {
            builtin.parameters.iter().map(|own| own.name).collect()
        };
        return names
            .into_iter()
            .filter(|name| starts_with(name, typed))
            .map(|name| format!("-{name}"))
            .collect();
    }
    if builtin.verb == command::Verb::GetHelp || builtin.verb == command::Verb::GetCommand {
        return [true, false].into_iter().flat_map(|is_first| commands(&last.text, is_first)).fold(
            Vec::new(),
            |mut all, name| {
                if !all.contains(&name) {
                    all.push(name);
                }
                all
            },
        );
    }
    let before = words.iter().rev().find(|word| !word.is_more && word.text.starts_with('-'));
    let named = before.and_then(|word| command::parameter(builtin, word.text.trim_start_matches('-')).ok());
    let wants_name = match named {
        Some(own) => own.takes == Takes::Properties || own.name == "ExpandProperty",
        None => words.len() == 1 || last.is_more,
    };
    let has_names =
        builtin.parameters.iter().any(|own| matches!(own.takes, Takes::Properties | Takes::Condition));
    if wants_name && has_names { properties(output, &last.text, "") } else { Vec::new() }
}

fn properties(output: Option<&'static OutputType>, typed: &str, prefix: &str) -> Vec<String> {
    let all = output.into_iter().flat_map(OutputType::all);
    all.filter(|property| starts_with(property.name, typed))
        .map(|property| format!("{prefix}{}", property.name))
        .collect()
}

fn for_cmdlet(cmdlet: &'static Cmdlet, words: &[Word], last: &Word) -> Completion {
    if let Some(typed) = last.text.strip_prefix('-') {
        let given = |parameter: &Parameter| {
            words.iter().any(|word| {
                word.text.strip_prefix('-').is_some_and(|name| name.eq_ignore_ascii_case(parameter.name))
            })
        };
        let names = cmdlet
            .all_parameters()
            .filter(|parameter| starts_with(parameter.name, typed) && !given(parameter));
        return of(last.start, names.map(|parameter| format!("-{}", parameter.name)).collect());
    }
    let Some(parameter) = parameter_of(cmdlet, words, last) else { return of(last.start, Vec::new()) };
    let kind = match parameter.kind {
        Kind::List(one) | Kind::Change(one) => *one,
        kind => kind,
    };
    let candidates: Vec<String> = match kind {
        Kind::Enum(known) => {
            known.iter().filter(|word| starts_with(word, &last.text)).map(|word| quoted(word)).collect()
        }
        Kind::Bool => ["$true", "$false"]
            .iter()
            .filter(|word| starts_with(word, &last.text))
            .map(|word| (*word).to_owned())
            .collect(),
        _ => Vec::new(),
    };
    let is_file = matches!(kind, Kind::InputFile | Kind::OutputFile | Kind::ServerPath);
    let live =
        if candidates.is_empty() && !is_file { live(cmdlet, parameter, &last.text) } else { Vec::new() };
    Completion { start: last.start, candidates, live, is_file }
}

/// The parameter whose value the unfinished word is.
fn parameter_of(cmdlet: &'static Cmdlet, words: &[Word], last: &Word) -> Option<&'static Parameter> {
    let named = |word: &Word| {
        let name = word.text.strip_prefix('-').filter(|name| name.starts_with(char::is_alphabetic))?;
        command_line::find(cmdlet, name).ok()
    };
    let mut given: Vec<&'static str> = Vec::new();
    let mut open: Option<&'static Parameter> = None;
    let mut positional: Option<&'static Parameter> = None;
    let next_position = |given: &[&'static str]| {
        cmdlet.own_parameters().find(|parameter| parameter.is_positional && !given.contains(&parameter.name))
    };
    for word in words.iter().skip(1).filter(|word| !word.is_more) {
        if let Some(parameter) = named(word) {
            given.push(parameter.name);
            open = (!is_flag(&parameter.kind)).then_some(parameter);
            positional = None;
        } else if let Some(parameter) = open.take() {
            positional = Some(parameter);
        } else if let Some(parameter) = next_position(&given) {
            given.push(parameter.name);
            positional = Some(parameter);
        }
    }
    if last.is_more { positional.or(open) } else { open.or_else(|| next_position(&given)) }
}

fn live(cmdlet: &'static Cmdlet, parameter: &Parameter, typed: &str) -> Vec<Live> {
    let by = |table: &'static [(&'static str, &'static str, &'static str)], name: &str| {
        let named = table.iter().filter(|(key, ..)| *key == name);
        named.map(|(_, source, property)| (*source, *property)).collect::<Vec<_>>()
    };
    let own = || {
        let name = format!("Get-{}", cmdlet.noun());
        let source = registry::all().find(|one| one.name == name)?;
        source.output.property("Identity").map(|property| (source.name, property.name))
    };
    let is_made = matches!(cmdlet.verb(), "New" | "Import");
    let sources = match (parameter.name, by(BY_NOUN, cmdlet.noun())) {
        ("Identity", named) if named.is_empty() => own().into_iter().collect(),
        ("Identity", named) => named,
        _ if is_made && parameter.is_positional => Vec::new(),
        (name, _) => by(BY_PARAMETER, name),
    };
    sources.into_iter().filter_map(|(source, property)| question(source, property, typed)).collect()
}

/// Asks a cmdlet for the names that begin as typed, where it can be asked so.
fn question(source: &str, property: &'static str, typed: &str) -> Option<Live> {
    let source = bind::cmdlet(source).ok()?;
    let mut arguments = Arguments::new(source, TimeZone::UTC);
    if let Some(size) = source.parameter("ResultSize") {
        arguments.set(size, Value::Limit(Limit::Of(NAMES_MAX)));
    }
    let may_filter = !typed.is_empty() && !typed.contains(['\'', '"', '*', '(', ')']);
    let text = format!("{property} -like '{typed}*'");
    if let Some(filter) = source.parameter("Filter").filter(|_| may_filter)
        && let Ok(read) = crate::filter::Filter::read(&text)
    {
        arguments.set(filter, Value::Filter(read));
    }
    let key = format!("{} {}", source.name, serde_json::Value::Object(arguments.to_json()));
    Some(Live { arguments, property, typed: typed.to_owned(), key })
}

/// The names in an answer, as they are typed.
pub(crate) fn names_in(live: &Live, rows: &[Row]) -> Vec<String> {
    let names = rows.iter().filter_map(|row| row.get(live.property).and_then(serde_json::Value::as_str));
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort();
    names
}

/// The candidates among names the server gave.
pub fn live_names(live: &Live, names: &[String]) -> Vec<String> {
    names.iter().filter(|name| starts_with(name, &live.typed)).map(|name| quoted(name)).collect()
}

/// A value as it must be typed.
fn quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "@._-+*\\:/=~".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) && !text.starts_with(['-', '@']) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(line: &str) -> Vec<String> {
        complete(line).candidates
    }

    #[test]
    fn commands_parameters_words_and_properties() {
        let table: &[(&str, &str)] = &[
            ("get-mailb", "Get-Mailbox"),
            ("Get-Mailbox | sel", "Select-Object"),
            ("Get-Mailbox; Get-Q", "Get-Queue"),
            ("Get-MessageTrace -rec", "-RecipientAddress"),
            ("Get-MessageTrace -Status fa", "Failed"),
            ("Get-MessageTrace -Status Failed,pen", "Pending"),
            ("Get-MessageTrace -Status Failed, pen", "Pending"),
            ("Get-MessageTrace -Stat:fa", "Failed"),
            ("Get-Mailbox | ? { $_.Prim", "PrimarySmtpAddress"),
            ("Get-Mailbox | ? Prim", "PrimarySmtpAddress"),
            ("Get-Mailbox | ? PrimarySmtpAddress -li", "-like"),
            ("Get-Mailbox | sort DisplayName, prim", "PrimarySmtpAddress"),
            ("Get-Mailbox | select -Fir", "-First"),
            ("help get-que", "Get-Queue"),
            ("Set-Mailbox ann -HiddenFromAddressListsEnabled $t", "$true"),
        ];
        for (line, wanted) in table {
            assert!(candidates(line).contains(&(*wanted).to_owned()), "{line}: {:?}", candidates(line));
        }
        assert_eq!(complete("Get-Mailbox | ? { $_.Prim").start, "Get-Mailbox | ? { $_.".len());
        assert!(candidates("Get-MessageTrace -Subject x -Sub").iter().all(|name| name != "-Subject"));
        assert!(candidates("Frobnicate -x").is_empty());
    }

    #[test]
    fn names_of_objects_are_asked_for() {
        let sources = |line: &str| {
            let live = complete(line).live.into_iter();
            live.map(|live| (live.arguments.cmdlet().name, live.property)).collect::<Vec<_>>()
        };
        let source = |line: &str| {
            let found = sources(line);
            assert!(found.len() <= 1, "{line}: {found:?}");
            found.first().copied()
        };
        let mailbox = Some(("Get-Mailbox", "PrimarySmtpAddress"));
        assert_eq!(source("Get-Mailbox a"), mailbox);
        assert_eq!(source("Set-Mailbox -Identity "), mailbox);
        assert_eq!(source("Remove-Mailbox 'a"), mailbox);
        assert_eq!(source("Suspend-Queue "), Some(("Get-Queue", "Identity")));
        assert_eq!(source("Set-SendConnector "), Some(("Get-SendConnector", "Identity")));
        assert_eq!(
            source("Add-DistributionGroupMember x -Member k"),
            Some(("Get-Recipient", "PrimarySmtpAddress"))
        );
        assert_eq!(
            source("Get-MessageTrace -RecipientAddress k"),
            Some(("Get-Recipient", "PrimarySmtpAddress"))
        );
        assert_eq!(source("New-Mailbox k"), None);
        assert_eq!(source("Get-MessageTrace -Subject k"), None);
        assert_eq!(
            sources("Get-MessageTrace -ConnectorId To"),
            [("Get-ReceiveConnector", "Name"), ("Get-SendConnector", "Name")]
        );
        for line in
            ["Get-MessageTrace -Place g", "Get-GatewayTrace -Place ", "Remove-MessageTraceImport -Place g"]
        {
            assert_eq!(
                sources(line),
                [("Get-MessageTraceImport", "Place"), ("Get-TraceSource", "Place")],
                "{line}"
            );
        }
    }

    #[test]
    fn names_are_quoted_where_they_must_be() {
        for (name, typed) in [
            ("kim@contoso.example", "kim@contoso.example"),
            ("mx1\\3", "mx1\\3"),
            ("Kim O'Brien", "'Kim O''Brien'"),
            ("@x", "'@x'"),
        ] {
            assert_eq!(quoted(name), typed);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_line_panics(line in "\\PC{0,40}|(Get-[A-Z][a-z]{0,8}|[-|;,{}()'\"$_. :a-zA-Z]){0,20}") {
            let _ = complete(&line);
        }
    }
}
