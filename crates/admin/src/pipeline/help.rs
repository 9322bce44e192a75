//! Help inside the shell: the cmdlets with the shell's own commands, and the page of one.
//! May touch: nothing (pure).

use std::fmt::Write as _;

use super::bind;
use super::command::{self, Builtin, Takes};
use crate::error::CmdletError;

/// The overview, or the page of a name.
///
/// # Errors
/// `Usage` where there is none of that name.
pub(crate) fn of(name: Option<&str>) -> Result<String, CmdletError> {
    let Some(name) = name else { return Ok(overview()) };
    match command::find(name) {
        Some(builtin) => Ok(page(builtin)),
        None => Ok(crate::help::page(bind::cmdlet(name)?)),
    }
}

fn overview() -> String {
    let mut text = crate::help::overview().replace("postroom help NAME", "help NAME");
    text.push_str("\nThe shell's own commands; objects pass through | from one to the next:\n\n");
    let shown = |builtin: &Builtin| match builtin.aliases {
        [] => builtin.name.to_owned(),
        aliases => format!("{} ({})", builtin.name, aliases.join(", ")),
    };
    let width = command::ALL.iter().map(|builtin| shown(builtin).len()).max().unwrap_or(0);
    for builtin in command::ALL {
        let _ = writeln!(text, "  {:width$}  {}", shown(builtin), builtin.synopsis);
    }
    text
}

/// The page of one of the shell's own commands.
pub(crate) fn page(builtin: &Builtin) -> String {
    let mut text = format!("{}\n    {}\n\n", builtin.name, builtin.synopsis);
    if !builtin.aliases.is_empty() {
        let _ = writeln!(text, "ALIASES\n    {}\n", builtin.aliases.join(", "));
    }
    if !builtin.parameters.is_empty() {
        text.push_str("PARAMETERS\n");
        for own in builtin.parameters {
            let takes = match own.takes {
                Takes::Switch => "SwitchParameter",
                Takes::One => "String",
                Takes::Properties => "String[]",
                Takes::Count => "Int32",
                Takes::Condition => "ScriptBlock",
            };
            let mark = if own.is_positional { "  (may stand first without its name)" } else { "" };
            let _ = writeln!(text, "    -{} <{takes}>{mark}\n        {}", own.name, own.sentence);
        }
        text.push('\n');
    }
    let _ = writeln!(text, "EXAMPLE\n    {}", builtin.example);
    text
}
