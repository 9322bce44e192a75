//! A command line in PowerShell's manner, read into arguments: `-Name value`, `-Name:value`, switches,
//! lists, positions, unambiguous prefixes.
//! May touch: nothing (pure).
//!
//! The words come from a POSIX shell, which has taken quotes off and may have eaten `$false` and `{…}`;
//! what arrives damaged is refused, never read as a default.

use jiff::tz::TimeZone;

use crate::arguments::{Arguments, is_flag, unknown_parameter, usage};
use crate::cmdlet::Cmdlet;
use crate::error::CmdletError;
use crate::parameter::{Kind, Parameter};
use crate::pipeline::plain_dash;
use crate::value::{Change, Value, read_text, read_zone};

/// The most words in one command line.
const WORDS_MAX: usize = 10_000;

/// Reads a file of the caller: `path` to bytes, or one sentence on why not.
pub type ReadFile<'a> = dyn Fn(&str) -> Result<Vec<u8>, String> + 'a;

/// A command line that was read.
#[derive(Debug)]
pub enum CommandLine {
    /// Help for the cmdlet was asked for.
    Help,
    /// A call.
    Call {
        /// What the server gets.
        arguments: Arguments,
        /// The word after `-Format`.
        format: Option<String>,
        /// The zone named by `-TimeZone`, else the caller's.
        zone: TimeZone,
    },
}

/// One parameter as it was typed, before its value is read.
struct Typed {
    parameter: &'static Parameter,
    text: Option<String>,
}

/// Reads the words after the cmdlet's name.
///
/// # Errors
/// `Usage`, naming what cannot be read and what to write instead.
pub fn read(
    cmdlet: &'static Cmdlet,
    words: &[String],
    caller_zone: &TimeZone,
    read_file: &ReadFile<'_>,
) -> Result<CommandLine, CmdletError> {
    if words.len() > WORDS_MAX {
        return Err(CmdletError::Usage(format!("more than {WORDS_MAX} words; use HTTP for bulk work")));
    }
    if words.iter().any(|word| word == "-?" || word.eq_ignore_ascii_case("--help")) {
        return Ok(CommandLine::Help);
    }
    let typed = match_words(cmdlet, words)?;
    let zone = zone_of(cmdlet, &typed, caller_zone)?;
    let mut arguments = Arguments::new(cmdlet, zone.clone());
    let mut format = None;
    for Typed { parameter, text } in typed {
        let value = match text {
            None => Value::Bool(true),
            Some(path) if parameter.kind == Kind::InputFile => {
                let bytes = read_file(&path).map_err(|why| usage(cmdlet, parameter.name, &why))?;
                Value::Bytes(bytes.into())
            }
            Some(text) => {
                let reading = read_text(&parameter.kind, &text, &zone)
                    .map_err(|why| usage(cmdlet, parameter.name, &why))?
                    .given_to(parameter);
                arguments.notes.extend(reading.notes);
                reading.value
            }
        };
        if parameter.name == "Format" {
            format = if let Value::Text(word) = value { Some(word) } else { None };
            continue;
        }
        add(&mut arguments, parameter, value)?;
    }
    arguments.check_required()?;
    Ok(CommandLine::Call { arguments, format, zone })
}

/// Adds a value; a list given twice grows, anything else given twice is a mistake.
pub(crate) fn add(
    arguments: &mut Arguments,
    parameter: &'static Parameter,
    value: Value,
) -> Result<(), CmdletError> {
    let present = arguments.value(parameter.name).cloned();
    let value = match (present, value) {
        (None, value) => value,
        (Some(Value::List(mut all)), Value::List(more)) => {
            all.extend(more);
            Value::List(all)
        }
        (Some(Value::Change(Change::Replace(mut all))), Value::Change(Change::Replace(more))) => {
            all.extend(more);
            Value::Change(Change::Replace(all))
        }
        _ => return Err(usage(arguments.cmdlet(), parameter.name, "was given twice")),
    };
    arguments.set(parameter, value);
    Ok(())
}

fn zone_of(cmdlet: &Cmdlet, typed: &[Typed], caller: &TimeZone) -> Result<TimeZone, CmdletError> {
    let named =
        typed.iter().rfind(|one| one.parameter.name == "TimeZone").and_then(|one| one.text.as_deref());
    named.map_or(Ok(caller.clone()), |name| read_zone(name).map_err(|why| usage(cmdlet, "TimeZone", &why)))
}

fn match_words(cmdlet: &'static Cmdlet, words: &[String]) -> Result<Vec<Typed>, CmdletError> {
    let mut typed = Vec::new();
    let mut positions = cmdlet.own_parameters().filter(|parameter| parameter.is_positional);
    let mut words = words.iter().map(String::as_str).peekable();
    while let Some(word) = words.next() {
        let Some(name) = parameter_name(word) else {
            refuse_long_option(cmdlet, word)?;
            let parameter = positions
                .find(|parameter| !typed.iter().any(|one: &Typed| one.parameter.name == parameter.name))
                .ok_or_else(|| stray(cmdlet, word))?;
            typed.push(Typed { parameter, text: Some(join_list(parameter, word, &mut words)) });
            continue;
        };
        let (name, inline) = match name.split_once(':') {
            Some((name, value)) => (name, Some(value)),
            None => (name, None),
        };
        let parameter = find(cmdlet, name)?;
        let text = match inline {
            Some("") => return Err(empty_value(cmdlet, parameter)),
            Some(value) => Some(join_list(parameter, value, &mut words)),
            // PowerShell knows `-Switch:$true` only; people write it with a blank, too.
            None if is_flag(&parameter.kind) => words.next_if(|next| is_bool(next)).map(str::to_owned),
            None => {
                let value = words
                    .next_if(|next| parameter_name(next).is_none())
                    .ok_or_else(|| empty_value(cmdlet, parameter))?;
                Some(join_list(parameter, value, &mut words))
            }
        };
        typed.push(Typed { parameter, text });
    }
    Ok(typed)
}

/// `--name` is another tool's spelling; taken for a value it would look like something that does not exist.
fn refuse_long_option(cmdlet: &'static Cmdlet, word: &str) -> Result<(), CmdletError> {
    let name = word.strip_prefix("--").and_then(|rest| parameter_name(word.get(1..)?).map(|_| rest));
    let Some(name) = name else { return Ok(()) };
    let bare = name.split(['=', ':']).next().unwrap_or(name);
    if bare == "data" {
        let why = format!("--data stands before the cmdlet: postroom --data DIR {}", cmdlet.name);
        return Err(CmdletError::Usage(why));
    }
    match find(cmdlet, bare) {
        Ok(parameter) => {
            Err(CmdletError::Usage(format!("{}: write -{} with one dash", cmdlet.name, parameter.name)))
        }
        Err(error) => Err(error),
    }
}

/// `$true`, `$false`, or what is left of them when the shell has taken the dollar away.
fn is_bool(word: &str) -> bool {
    ["$true", "$false", "true", "false"].iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// The name in `-Name` or `-Name:value`. A dash before anything but a letter starts a value.
fn parameter_name(word: &str) -> Option<&str> {
    let dash = |letter: char| plain_dash(letter) == '-';
    word.strip_prefix(dash).filter(|rest| rest.starts_with(|first: char| first.is_ascii_alphabetic()))
}

/// `a, b` arrives as two words; they belong together.
fn join_list<'a>(
    parameter: &Parameter,
    first: &'a str,
    words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>,
) -> String {
    let mut text = first.to_owned();
    if !parameter.kind.is_many() {
        return text;
    }
    while let Some(more) = words.next_if(|next| text.ends_with(',') || next.starts_with(',')) {
        text.push_str(more);
    }
    text
}

/// The parameter of that name or unambiguous prefix.
pub(crate) fn find(cmdlet: &'static Cmdlet, name: &str) -> Result<&'static Parameter, CmdletError> {
    if let Some(exact) = cmdlet.parameter(name) {
        return Ok(exact);
    }
    let is_prefix = |parameter: &&'static Parameter| {
        parameter.name.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let matching: Vec<_> = cmdlet.all_parameters().filter(is_prefix).collect();
    match matching.as_slice() {
        [one] => Ok(one),
        [] => Err(unknown_parameter(cmdlet, name)),
        many => {
            let names: Vec<_> = many.iter().map(|parameter| format!("-{}", parameter.name)).collect();
            Err(CmdletError::Usage(format!("{} -{name} may be {}", cmdlet.name, names.join(" or "))))
        }
    }
}

fn stray(cmdlet: &Cmdlet, word: &str) -> CmdletError {
    let hint = if word.starts_with('@') || word.contains('}') {
        "; put @{…} in single quotes, so that your shell leaves it alone"
    } else {
        "; name its parameter, or put a value with blanks in quotes"
    };
    CmdletError::Usage(format!("{}: \"{word}\" belongs to no parameter{hint}", cmdlet.name))
}

fn empty_value(cmdlet: &Cmdlet, parameter: &Parameter) -> CmdletError {
    let why = match parameter.kind {
        Kind::Bool | Kind::Switch => {
            "has no value; your shell may have read $true or $false as its own: write true or false"
                .to_owned()
        }
        kind => format!("has no value; it takes {} (quote '$null' to clear it)", kind.type_name()),
    };
    usage(cmdlet, parameter.name, &why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::SAMPLE;

    fn arguments(line: &[&str]) -> Result<Arguments, String> {
        let words: Vec<String> = line.iter().map(|word| (*word).to_owned()).collect();
        let read_file = |path: &str| Ok(path.as_bytes().to_vec());
        match read(&SAMPLE, &words, &TimeZone::UTC, &read_file) {
            Ok(CommandLine::Call { arguments, .. }) => Ok(arguments),
            Ok(CommandLine::Help) => Err("help".into()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn names_prefixes_positions_and_colons() {
        let read =
            arguments(&["kim", "-displayNAME", "Kim Jones", "-MaxSend:10MB", "-Hidden", "$true"]).unwrap();
        assert_eq!(read.text("Identity"), Some("kim"));
        assert_eq!(read.text("DisplayName"), Some("Kim Jones"));
        assert_eq!(read.limit("MaxSendSize").unwrap().number(), Some(10_485_760));
        assert_eq!(read.boolean("HiddenFromAddressListsEnabled"), Some(true));
        let read = arguments(&["-Force", "-Identity", "kim", "-Offset", "-5"]).unwrap();
        assert!(read.is_on("Force"));
        assert_eq!(read.int("Offset"), Some(-5));
        assert!(!arguments(&["kim", "-Force:false"]).unwrap().is_on("Force"));
        assert!(arguments(&["-Force", "$true", "kim"]).unwrap().is_on("Force"));
        let read = arguments(&["-Force", "$false", "kim", "-DisplayName", "--dashes"]).unwrap();
        assert!(!read.is_on("Force"));
        assert_eq!((read.text("Identity"), read.text("DisplayName")), (Some("kim"), Some("--dashes")));
    }

    #[test]
    fn lists_in_every_spelling() {
        let addresses: &[&[&str]] = &[
            &["kim", "-EmailAddresses", "a@x.example,b@x.example"],
            &["kim", "-EmailAddresses", "a@x.example,", "b@x.example"],
            &["kim", "-EmailAddresses", "a@x.example", ",b@x.example"],
            &["kim", "-EmailAddresses", "a@x.example", "-EmailAddresses", "b@x.example"],
            &["kim", "-EmailAddresses:a@x.example,b@x.example"],
        ];
        for line in addresses {
            let read = arguments(line).unwrap();
            assert_eq!(
                read.changed("EmailAddresses", &[]).unwrap(),
                ["a@x.example", "b@x.example"],
                "{line:?}"
            );
        }
        let read =
            arguments(&["kim", "-EmailAddresses", "@{Add='c@x.example';Remove='A@x.example'}"]).unwrap();
        let present = ["a@x.example".to_owned(), "b@x.example".to_owned()];
        assert_eq!(read.changed("EmailAddresses", &present).unwrap(), ["b@x.example", "c@x.example"]);
    }

    #[test]
    fn what_the_shell_ate_is_refused() {
        let lines: &[(&[&str], &str)] = &[
            (&["kim", "-HiddenFromAddressListsEnabled"], "has no value"),
            (&["kim", "-HiddenFromAddressListsEnabled", "-Force"], "has no value"),
            (&["kim", "-HiddenFromAddressListsEnabled", ""], "empty value"),
            (&["kim", "-HiddenFromAddressListsEnabled:"], "has no value"),
            (&["kim", "-Force:"], "has no value"),
            (&["kim", "-EmailAddresses", "@Add=a@x.example", "@Remove=b@x.example"], "single quotes"),
            (&["kim", "-EmailAddresses", "@{Add=a@x.example"], "single quotes"),
        ];
        for (line, why) in lines {
            let error = arguments(line).unwrap_err();
            assert!(error.contains(why), "{line:?}: {error}");
        }
    }

    #[test]
    fn mistakes_name_the_way_out() {
        let lines: &[(&[&str], &str)] = &[
            (&[], "needs -Identity"),
            (&["kim", "jones"], "belongs to no parameter"),
            (&["kim", "-DisplayNme", "x"], "did you mean -DisplayName?"),
            (&["kim", "-Ma", "1"], "-MaxSendSize or -MaxReceiveSize"),
            (&["kim", "-DisplayName", "a", "-DisplayName", "b"], "given twice"),
            (&["kim", "--bogus"], "has no parameter -bogus"),
            (&["--bogus"], "has no parameter -bogus"),
            (&["kim", "--displayname=x"], "write -DisplayName with one dash"),
            (&["kim", "--data", "/x"], "--data stands before the cmdlet"),
            (&["kim", "-When", "13/13/2026"], "month first"),
            (&["kim", "-TimeZone", "Mars"], "takes a zone"),
        ];
        for (line, why) in lines {
            let error = arguments(line).unwrap_err();
            assert!(error.contains(why), "{line:?}: {error}");
        }
        assert_eq!(arguments(&["kim", "-?"]).unwrap_err(), "help");
    }

    #[test]
    fn times_wait_for_the_zone_wherever_it_stands() {
        let read = arguments(&["kim", "-When", "2026-11-20 12:00", "-TimeZone", "+02:00"]).unwrap();
        assert_eq!(read.time("When").unwrap().to_string(), "2026-11-20T10:00:00Z");
    }

    #[test]
    fn the_server_reads_what_the_shell_sends() {
        let read = arguments(&["kim", "-MaxS", "10MB", "-Force", "-EmailAddresses", "@{Add='c@x.example'}"])
            .unwrap();
        let again = Arguments::from_json(&SAMPLE, &read.to_json()).unwrap();
        assert_eq!(again.to_json(), read.to_json());
    }

    proptest::proptest! {
        #[test]
        fn no_line_panics(words in proptest::collection::vec("\\PC{0,12}|-[A-Za-z:@{}=,;'\"$]{0,16}", 0..8)) {
            let lines: Vec<&str> = words.iter().map(String::as_str).collect();
            let _ = arguments(&lines);
        }
    }
}
