//! The parameter of a cmdlet: its name, its kind and the sentence that explains it.
//! May touch: nothing (pure).

/// What a parameter's value looks like, and so how it is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Any text; an empty one is allowed.
    Text,
    /// `$true` or `$false`; never without a value.
    Bool,
    /// Present or absent; `-Name:false` makes it absent again.
    Switch,
    /// A whole number within bounds, both included.
    Int {
        /// The smallest number taken.
        min: i64,
        /// The largest number taken.
        max: i64,
    },
    /// A size in bytes: `10MB`, `10 MB (10,485,760 bytes)`, `10485760` or `Unlimited`.
    Size,
    /// A whole number or `Unlimited`.
    Count,
    /// A span of time: `1.00:00:00` (a day), `00:05:00`.
    TimeSpan,
    /// A point in time; without an offset it is in the zone of `-TimeZone`.
    DateTime,
    /// Something that names an object: a name, alias, GUID, address.
    Identity,
    /// An SMTP address.
    Address,
    /// One of a fixed set of words.
    Enum(&'static [&'static str]),
    /// A secret, kept out of the audit log.
    Password,
    /// A file the caller has; its bytes are sent.
    InputFile,
    /// A file the caller wants written; `-` is standard output.
    OutputFile,
    /// A file or folder of the server; typed on the server's own machine it may be named from the folder one is in.
    ServerPath,
    /// `Property -op 'value'`, joined by `-and`.
    Filter,
    /// Several values of one kind, separated by commas.
    List(&'static Kind),
    /// Several values of one kind, replaced as a whole or changed by `@{Add=…; Remove=…}`.
    Change(&'static Kind),
}

impl Kind {
    /// The word help shows for the value, such as `SmtpAddress[]`.
    pub fn type_name(&self) -> String {
        match self {
            Kind::Text => "String".into(),
            Kind::Bool => "Boolean".into(),
            Kind::Switch => "SwitchParameter".into(),
            Kind::Int { .. } => "Int32".into(),
            Kind::Size => "Unlimited(ByteQuantifiedSize)".into(),
            Kind::Count => "Unlimited(Int32)".into(),
            Kind::TimeSpan => "TimeSpan".into(),
            Kind::DateTime => "DateTime".into(),
            Kind::Identity => "Identity".into(),
            Kind::Address => "SmtpAddress".into(),
            Kind::Enum(words) => words.join("|"),
            Kind::Password => "Password".into(),
            Kind::InputFile | Kind::OutputFile | Kind::ServerPath => "Path".into(),
            Kind::Filter => "Filter".into(),
            Kind::List(one) | Kind::Change(one) => format!("{}[]", one.type_name()),
        }
    }

    /// True where several values may be given.
    pub fn is_many(&self) -> bool {
        matches!(self, Kind::List(_) | Kind::Change(_))
    }

    /// True where `$null` makes sense, as "nothing" or "none".
    pub fn takes_null(&self) -> bool {
        match self {
            Kind::Text
            | Kind::Identity
            | Kind::Address
            | Kind::List(_)
            | Kind::Change(_)
            | Kind::TimeSpan => true,
            Kind::Enum(words) => words.contains(&NULL),
            _ => false,
        }
    }
}

/// Among the words of an enumeration: it may be cleared.
pub(crate) const NULL: &str = "$null";

/// One parameter of a cmdlet. Built as a constant: `Parameter::new(…).required()`.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// The name without the dash, in Microsoft's spelling.
    pub name: &'static str,
    /// What its value looks like.
    pub kind: Kind,
    /// One sentence that says what it does.
    pub sentence: &'static str,
    /// True when the cmdlet cannot run without it.
    pub is_required: bool,
    /// True when it takes the first value given without a name.
    pub is_positional: bool,
    /// True for a parameter that only the shell needs; it is not sent to the server.
    pub is_shell_only: bool,
}

impl Parameter {
    /// An optional, named parameter.
    pub const fn new(name: &'static str, kind: Kind, sentence: &'static str) -> Parameter {
        Parameter { name, kind, sentence, is_required: false, is_positional: false, is_shell_only: false }
    }

    /// The same, required.
    pub const fn required(mut self) -> Parameter {
        self.is_required = true;
        self
    }

    /// The same, taking the first value without a name.
    pub const fn positional(mut self) -> Parameter {
        self.is_positional = true;
        self
    }

    /// The same, for the shell alone.
    pub(crate) const fn shell_only(mut self) -> Parameter {
        self.is_shell_only = true;
        self
    }
}

/// The words `-Format` takes.
pub const FORMATS: &[&str] = &["table", "list", "json", "csv"];

/// Parameters of every cmdlet.
pub const COMMON: &[Parameter] = &[
    Parameter::new("Format", Kind::Enum(FORMATS), "How the result is printed: table, list, json or csv.")
        .shell_only(),
    Parameter::new(
        "TimeZone",
        Kind::Text,
        "The zone of times without an offset and of times in tables, such as Europe/Berlin, 'W. Europe Standard Time', UTC or +02:00.",
    ),
];

/// Parameters of every cmdlet that changes something.
pub const COMMON_CHANGE: &[Parameter] = &[
    Parameter::new("WhatIf", Kind::Switch, "Checks everything and says what would happen; changes nothing."),
    Parameter::new(
        "Confirm",
        Kind::Switch,
        "Asks before changing anything; -Confirm:false lets a cmdlet that destroys run without asking.",
    ),
];

/// `-ResultSize`, for cmdlets that list.
pub const RESULT_SIZE: Parameter = Parameter::new(
    "ResultSize",
    Kind::Count,
    "The most rows returned, 1,000 by default, or Unlimited; a warning says how many there are in all.",
);

/// Rows returned when `-ResultSize` is not given.
pub const RESULT_SIZE_DEFAULT: usize = 1_000;
