//! The cmdlet: everything that the shell, HTTP, help and completion know of one, as a constant.
//! May touch: nothing (pure).

use futures::future::BoxFuture;

use crate::arguments::Arguments;
use crate::context::Context;
use crate::error::{CmdletError, Plan};
use crate::output::{Output, OutputType};
use crate::parameter::{COMMON, COMMON_CHANGE, Parameter};
use crate::role::Role;
use crate::settings::Settings;

/// Cmdlets whose verb promises a list and whose result is one object: a whole message cannot be a row.
const ONE_OBJECT: &[&str] = &["Get-MessageTraceTree", "Get-MailFlowStatus"];

/// Cmdlets whose verb promises one object and whose result is a list: a file holds several logs.
const LISTS: &[&str] = &["Import-MessageTrace"];

/// Cmdlets that may take minutes: the shell shows how far they are.
const LONG: &[&str] = &["Import-MessageTrace", "Remove-MessageTraceImport"];

/// What a cmdlet does when it runs.
pub type Run = for<'a> fn(&'a Context, &'a Arguments) -> BoxFuture<'a, Result<Output, CmdletError>>;

/// What a destructive cmdlet says before it runs; it must change nothing.
pub type Foresee = for<'a> fn(&'a Context, &'a Arguments) -> BoxFuture<'a, Result<Plan, CmdletError>>;

/// Whether a cmdlet changes anything.
#[derive(Debug, Clone, Copy)]
pub enum Effect {
    /// Only reads.
    Reads,
    /// Changes, in a way that another cmdlet can change back.
    Changes,
    /// Destroys; runs only when confirmed, and says first what would go.
    Destroys(Foresee),
}

/// A command line with the sentence that says what it does.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What is typed after `postroom`.
    pub command: &'static str,
    /// What it does.
    pub sentence: &'static str,
}

/// A group of parameters.
#[derive(Debug, Clone, Copy)]
pub enum Parameters {
    /// Written down here.
    Fixed(&'static [Parameter]),
    /// One for each setting of a group that the directory defines.
    Settings(fn() -> &'static Settings),
}

impl Parameters {
    /// The parameters in it.
    pub fn list(&self) -> &'static [Parameter] {
        match self {
            Parameters::Fixed(parameters) => parameters,
            Parameters::Settings(settings) => &settings().parameters,
        }
    }
}

/// One cmdlet.
#[derive(Debug)]
pub struct Cmdlet {
    /// `Verb-Noun` in Microsoft's spelling.
    pub name: &'static str,
    /// One line.
    pub synopsis: &'static str,
    /// A few sentences.
    pub description: &'static str,
    /// At least one.
    pub examples: &'static [Example],
    /// Any one of these roles allows it.
    pub roles: &'static [Role],
    /// Its parameters in groups; the common ones are added to them.
    pub parameters: &'static [Parameters],
    /// What it puts out.
    pub output: OutputType,
    /// Whether it changes or destroys.
    pub effect: Effect,
    /// The work itself.
    pub run: Run,
}

impl Cmdlet {
    /// All parameters, the common ones last.
    pub fn all_parameters(&self) -> impl Iterator<Item = &'static Parameter> {
        let change: &'static [Parameter] =
            if matches!(self.effect, Effect::Reads) { &[] } else { COMMON_CHANGE };
        self.own_parameters().chain(COMMON.iter()).chain(change.iter())
    }

    /// The parameters without the common ones.
    pub fn own_parameters(&self) -> impl Iterator<Item = &'static Parameter> {
        self.parameters.iter().flat_map(|group| group.list().iter())
    }

    /// The parameter of exactly that name, whatever its case.
    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.all_parameters().find(|parameter| parameter.name.eq_ignore_ascii_case(name))
    }

    /// True for cmdlets whose result is a list.
    pub fn is_list(&self) -> bool {
        LISTS.contains(&self.name)
            || (["Get", "Search", "Test"].contains(&self.verb()) && !ONE_OBJECT.contains(&self.name))
    }

    /// True for cmdlets that say how far they are.
    pub fn is_long(&self) -> bool {
        LONG.contains(&self.name)
    }

    /// The part before the dash.
    pub fn verb(&self) -> &'static str {
        self.name.split_once('-').map_or(self.name, |(verb, _)| verb)
    }

    /// The part after the dash.
    pub fn noun(&self) -> &'static str {
        self.name.split_once('-').map_or("", |(_, noun)| noun)
    }
}
