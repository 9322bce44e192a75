//! The commands of the shell itself: their names, parameters and help.
//! May touch: nothing (pure).

use super::step::refused;
use super::syntax::{Argument, Command, Value};
use crate::error::CmdletError;
use crate::nearest::nearest;

/// What a parameter of the shell's own commands takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Nothing.
    Switch,
    /// One word or text.
    One,
    /// Names of properties.
    Properties,
    /// A whole number.
    Count,
    /// The rest of the line, read by the command itself.
    Condition,
}

/// A parameter of the shell's own commands.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) name: &'static str,
    pub(crate) takes: Takes,
    pub(crate) is_positional: bool,
    pub(crate) sentence: &'static str,
}

const fn switch(name: &'static str, sentence: &'static str) -> Own {
    Own { name, takes: Takes::Switch, is_positional: false, sentence }
}

const fn count(name: &'static str, sentence: &'static str) -> Own {
    Own { name, takes: Takes::Count, is_positional: false, sentence }
}

const fn one(name: &'static str, sentence: &'static str) -> Own {
    Own { name, takes: Takes::One, is_positional: true, sentence }
}

const fn properties(name: &'static str, sentence: &'static str) -> Own {
    Own { name, takes: Takes::Properties, is_positional: true, sentence }
}

/// Which command it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Where,
    ForEach,
    Select,
    Sort,
    Group,
    Measure,
    FormatTable,
    FormatList,
    ConvertToCsv,
    ConvertToJson,
    ExportCsv,
    OutFile,
    OutNull,
    GetHelp,
    GetCommand,
    GetHistory,
    GetDate,
    Clear,
    Exit,
}

/// A command of the shell itself.
#[derive(Debug)]
pub(crate) struct Builtin {
    pub(crate) verb: Verb,
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) synopsis: &'static str,
    pub(crate) example: &'static str,
    /// True when it stands at the beginning of a line, false when behind a pipe.
    pub(crate) is_first: bool,
    pub(crate) parameters: &'static [Own],
}

/// What stands between the fields of a line.
const DELIMITER: Own = Own {
    name: "Delimiter",
    takes: Takes::One,
    is_positional: false,
    sentence: "The character between fields: a comma unless said otherwise, ';' or `t for a tab.",
};

/// All of them.
pub(crate) static ALL: &[Builtin] = &[
    Builtin {
        verb: Verb::Where,
        name: "Where-Object",
        aliases: &["where", "?"],
        synopsis: "Passes on the objects for which a condition holds.",
        example: "Get-MessageTrace | ? { $_.Status -eq 'Failed' -and $_.Size -gt 1MB }",
        is_first: false,
        parameters: &[Own {
            name: "FilterScript",
            takes: Takes::Condition,
            is_positional: true,
            sentence: "A block such as { $_.Size -gt 1MB }, or a property, an operator and a value: Size -gt 1MB.",
        }],
    },
    Builtin {
        verb: Verb::ForEach,
        name: "ForEach-Object",
        aliases: &["foreach", "%"],
        synopsis: "Passes on one property of each object.",
        example: "Get-Mailbox | % { $_.PrimarySmtpAddress }",
        is_first: false,
        parameters: &[Own {
            name: "Process",
            takes: Takes::Condition,
            is_positional: true,
            sentence: "A block such as { $_.PrimarySmtpAddress }, or the name of a property.",
        }],
    },
    Builtin {
        verb: Verb::Select,
        name: "Select-Object",
        aliases: &["select"],
        synopsis: "Passes on some of the objects, or some of their properties.",
        example: "Get-MessageTrace | select Received, SenderAddress, Subject -First 10",
        is_first: false,
        parameters: &[
            properties("Property", "The properties to keep, with * for any letters."),
            Own {
                name: "ExcludeProperty",
                takes: Takes::Properties,
                is_positional: false,
                sentence: "Properties to leave out, with * for any letters.",
            },
            Own {
                name: "ExpandProperty",
                takes: Takes::One,
                is_positional: false,
                sentence: "The one property whose values are passed on bare, the values of a list one by one.",
            },
            count("First", "So many from the beginning; nothing more is fetched then."),
            count("Last", "So many from the end."),
            count("Skip", "So many are left out at the beginning."),
            switch("Unique", "Each object once."),
        ],
    },
    Builtin {
        verb: Verb::Sort,
        name: "Sort-Object",
        aliases: &["sort"],
        synopsis: "Sorts objects by one or more properties.",
        example: "Get-Queue | sort MessageCount -Descending",
        is_first: false,
        parameters: &[
            properties("Property", "The properties, the most important first."),
            switch("Descending", "The largest first."),
            switch("Unique", "Of equal ones only the first."),
        ],
    },
    Builtin {
        verb: Verb::Group,
        name: "Group-Object",
        aliases: &["group"],
        synopsis: "Counts objects by one or more properties.",
        example: "Get-MessageTrace -ResultSize Unlimited | group Status",
        is_first: false,
        parameters: &[
            properties("Property", "The properties that make a group."),
            switch("NoElement", "Counts only, without the objects themselves."),
        ],
    },
    Builtin {
        verb: Verb::Measure,
        name: "Measure-Object",
        aliases: &["measure"],
        synopsis: "Counts objects, and adds up their numbers.",
        example: "Get-MessageTrace | measure Size -Sum -Average",
        is_first: false,
        parameters: &[
            properties("Property", "The properties that are added up."),
            switch("Sum", "Their sum."),
            switch("Average", "Their mean."),
            switch("Maximum", "The largest, or latest."),
            switch("Minimum", "The smallest, or earliest."),
        ],
    },
    Builtin {
        verb: Verb::FormatTable,
        name: "Format-Table",
        aliases: &["ft"],
        synopsis: "Shows objects in columns.",
        example: "Get-Mailbox | ft DisplayName, PrimarySmtpAddress",
        is_first: false,
        parameters: &[
            properties("Property", "The columns."),
            switch("AutoSize", "Columns as wide as they need to be, which they are anyway."),
        ],
    },
    Builtin {
        verb: Verb::FormatList,
        name: "Format-List",
        aliases: &["fl"],
        synopsis: "Shows objects with one property a line.",
        example: "Get-Mailbox ann | fl *Quota*",
        is_first: false,
        parameters: &[properties("Property", "The properties, with * for any letters.")],
    },
    Builtin {
        verb: Verb::ConvertToCsv,
        name: "ConvertTo-Csv",
        aliases: &[],
        synopsis: "Makes a CSV line of each object, times in UTC.",
        example: "Get-Recipient | ConvertTo-Csv",
        is_first: false,
        parameters: &[
            switch("NoTypeInformation", "No first line with a type, which is never written anyway."),
            DELIMITER,
        ],
    },
    Builtin {
        verb: Verb::ConvertToJson,
        name: "ConvertTo-Json",
        aliases: &[],
        synopsis: "Makes a JSON text of the objects, times in UTC.",
        example: "Get-Queue | ConvertTo-Json",
        is_first: false,
        parameters: &[
            switch("Compress", "Without blanks and line ends."),
            count("Depth", "Understood; every depth is written."),
        ],
    },
    Builtin {
        verb: Verb::ExportCsv,
        name: "Export-Csv",
        aliases: &["epcsv"],
        synopsis: "Writes objects to a CSV file, times in UTC.",
        example: "Get-MessageTrace -ResultSize Unlimited | Export-Csv -Path trace.csv -NoTypeInformation",
        is_first: false,
        parameters: &[
            one("Path", "The file; one that exists is replaced."),
            switch("NoTypeInformation", "No first line with a type, which is never written anyway."),
            Own {
                name: "Encoding",
                takes: Takes::One,
                is_positional: false,
                sentence: "UTF8, or UTF8BOM for spreadsheets that need the mark.",
            },
            DELIMITER,
        ],
    },
    Builtin {
        verb: Verb::OutFile,
        name: "Out-File",
        aliases: &[],
        synopsis: "Writes to a file what would be shown.",
        example: "Get-Mailbox | ft DisplayName | Out-File mailboxes.txt",
        is_first: false,
        parameters: &[
            Own {
                name: "FilePath",
                takes: Takes::One,
                is_positional: true,
                sentence: "The file; one that exists is replaced unless -Append is given.",
            },
            switch("Append", "Adds to the file."),
        ],
    },
    Builtin {
        verb: Verb::OutNull,
        name: "Out-Null",
        aliases: &[],
        synopsis: "Shows nothing.",
        example: "New-MailContact Anna -ExternalEmailAddress anna@fabrikam.example | Out-Null",
        is_first: false,
        parameters: &[],
    },
    Builtin {
        verb: Verb::GetHelp,
        name: "Get-Help",
        aliases: &["help", "man"],
        synopsis: "Lists the cmdlets, or explains one.",
        example: "help Get-MessageTrace",
        is_first: true,
        parameters: &[one("Name", "The cmdlet or command.")],
    },
    Builtin {
        verb: Verb::GetCommand,
        name: "Get-Command",
        aliases: &["gcm"],
        synopsis: "Lists cmdlets and commands by name.",
        example: "Get-Command *Queue*",
        is_first: true,
        parameters: &[one("Name", "The name, with * for any letters.")],
    },
    Builtin {
        verb: Verb::GetHistory,
        name: "Get-History",
        aliases: &["history", "h"],
        synopsis: "Lists the lines typed before.",
        example: "Get-History -Count 20",
        is_first: true,
        parameters: &[count("Count", "The last so many.")],
    },
    Builtin {
        verb: Verb::GetDate,
        name: "Get-Date",
        aliases: &[],
        synopsis: "Gives the present time; in parentheses as a value, with .AddDays(-1) and the like behind it.",
        example: "Get-MessageTrace -StartDate (Get-Date).AddDays(-7)",
        is_first: true,
        parameters: &[one("Date", "A time instead of the present.")],
    },
    Builtin {
        verb: Verb::Clear,
        name: "Clear-Host",
        aliases: &["clear", "cls"],
        synopsis: "Clears the screen.",
        example: "clear",
        is_first: true,
        parameters: &[],
    },
    Builtin {
        verb: Verb::Exit,
        name: "exit",
        aliases: &["quit"],
        synopsis: "Leaves the shell.",
        example: "exit",
        is_first: true,
        parameters: &[Own {
            name: "Code",
            takes: Takes::Count,
            is_positional: true,
            sentence: "The exit code.",
        }],
    },
];

/// The command of that name or alias, whatever its case.
pub(crate) fn find(name: &str) -> Option<&'static Builtin> {
    ALL.iter().find(|builtin| {
        std::iter::once(&builtin.name).chain(builtin.aliases).any(|known| known.eq_ignore_ascii_case(name))
    })
}

/// The arguments of one of the shell's own commands.
#[derive(Debug, Default)]
pub(crate) struct Given {
    values: Vec<(&'static str, Value)>,
}

impl Given {
    /// Reads the arguments of a command.
    ///
    /// # Errors
    /// `Usage`, naming what there is.
    pub(crate) fn read(builtin: &'static Builtin, command: &Command) -> Result<Given, CmdletError> {
        let mut given = Given::default();
        let mut arguments = command.arguments.iter().peekable();
        while let Some(argument) = arguments.next() {
            let (own, value) = match argument {
                Argument::Value(value) => {
                    let open =
                        builtin.parameters.iter().find(|own| own.is_positional && !given.has(own.name));
                    (open.ok_or_else(|| stray(builtin, value))?, Some(value))
                }
                Argument::Name { name, has_colon } => {
                    let own = parameter(builtin, name)?;
                    let follows = own.takes != Takes::Switch || *has_colon;
                    let value = arguments.next_if(|next| follows && matches!(next, Argument::Value(_)));
                    (
                        own,
                        value.and_then(
                            |next| if let Argument::Value(value) = next { Some(value) } else { None },
                        ),
                    )
                }
            };
            if given.has(own.name) {
                return Err(CmdletError::Usage(format!("{} -{} was given twice", builtin.name, own.name)));
            }
            given.values.push((own.name, checked(builtin, own, value)?));
        }
        Ok(given)
    }

    fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    pub(crate) fn is_on(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::Bool(true)))
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.value(name).and_then(Value::text).map(str::to_owned)
    }

    pub(crate) fn names(&self, name: &str) -> Vec<String> {
        self.value(name).and_then(Value::texts).unwrap_or_default()
    }

    pub(crate) fn count(&self, name: &str) -> Option<usize> {
        self.value(name)
            .and_then(|value| value.to_json().as_u64())
            .and_then(|count| usize::try_from(count).ok())
    }
}

fn stray(builtin: &Builtin, value: &Value) -> CmdletError {
    let names: Vec<String> = builtin.parameters.iter().map(|own| format!("-{}", own.name)).collect();
    let takes = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    let shown = super::compare::text(&value.to_json());
    CmdletError::Usage(format!("{}: \"{shown}\" belongs to no parameter; it takes {takes}", builtin.name))
}

/// The parameter of that name or unambiguous prefix.
pub(crate) fn parameter(builtin: &'static Builtin, name: &str) -> Result<&'static Own, CmdletError> {
    let is_prefix =
        |own: &&Own| own.name.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    if let Some(exact) = builtin.parameters.iter().find(|own| own.name.eq_ignore_ascii_case(name)) {
        return Ok(exact);
    }
    let matching: Vec<&'static Own> = builtin.parameters.iter().filter(is_prefix).collect();
    match matching.as_slice() {
        [one] => Ok(one),
        [] => {
            let hint = nearest(name, builtin.parameters.iter().map(|own| own.name))
                .map(|near| format!("did you mean -{near}?"))
                .unwrap_or_else(|| format!("see `help {}`", builtin.name));
            Err(CmdletError::Usage(format!("{} has no parameter -{name}; {hint}", builtin.name)))
        }
        many => {
            let names: Vec<String> = many.iter().map(|own| format!("-{}", own.name)).collect();
            Err(CmdletError::Usage(format!("{} -{name} may be {}", builtin.name, names.join(" or "))))
        }
    }
}

fn checked(builtin: &Builtin, own: &Own, value: Option<&Value>) -> Result<Value, CmdletError> {
    let wrong = |what: &str| CmdletError::Usage(format!("{} -{} takes {what}", builtin.name, own.name));
    match (own.takes, value) {
        (Takes::Switch, None) => Ok(Value::Bool(true)),
        (Takes::Switch, Some(Value::Bool(is_on))) => Ok(Value::Bool(*is_on)),
        (Takes::Switch, Some(_)) => Err(wrong("$true or $false, or no value")),
        (Takes::One, Some(value)) if value.text().is_some() => Ok(value.clone()),
        (Takes::One, _) => Err(wrong("one value")),
        (Takes::Count, Some(value)) if value.to_json().as_u64().is_some() => Ok(value.clone()),
        (Takes::Count, _) => Err(wrong("a whole number")),
        (Takes::Properties, Some(value)) if value.texts().is_some() => Ok(value.clone()),
        (Takes::Properties, Some(_)) => Err(refused(format!(
            "{} -{} takes names of properties, no @{{…}} and no block: a property cannot be calculated here; there are * in names, -ExcludeProperty and -ExpandProperty of Select-Object, and % {{ $_.Property }} for one value",
            builtin.name, own.name
        ))),
        (Takes::Properties, None) => Err(wrong("names of properties")),
        (Takes::Condition, _) => Err(wrong("a block")),
    }
}
