//! Help for people: the list of cmdlets and the page of one, from the registry.
//! May touch: nothing (pure).

use std::fmt::Write as _;

use crate::cmdlet::{Cmdlet, Effect};
use crate::parameter::{Kind, Parameter};
use crate::registry;

/// The width help is wrapped to.
const WIDTH: usize = 100;

/// Every cmdlet with its synopsis, by noun.
pub fn overview() -> String {
    let mut cmdlets: Vec<_> = registry::all().collect();
    cmdlets.sort_by_key(|cmdlet| (cmdlet.noun(), cmdlet.verb()));
    let width = cmdlets.iter().map(|cmdlet| cmdlet.name.len()).max().unwrap_or(0);
    let mut text = String::from("Cmdlets (postroom help NAME explains one):\n");
    let mut noun = "";
    for cmdlet in cmdlets {
        if cmdlet.noun() != noun {
            noun = cmdlet.noun();
            text.push('\n');
        }
        let _ = writeln!(text, "  {:width$}  {}", cmdlet.name, cmdlet.synopsis);
    }
    text
}

/// The page of one cmdlet.
pub fn page(cmdlet: &Cmdlet) -> String {
    let mut text = format!("{}\n    {}\n\n", cmdlet.name, cmdlet.synopsis);
    let _ = writeln!(text, "SYNTAX\n{}\n", wrap(&syntax(cmdlet), 4));
    let _ = writeln!(text, "DESCRIPTION\n{}", wrap(cmdlet.description, 4));
    if let Effect::Destroys(_) = cmdlet.effect {
        let _ = writeln!(
            text,
            "{}",
            wrap("It says what would go and asks; without a terminal it needs -Confirm:false.", 4)
        );
    }
    text.push_str("\nPARAMETERS\n");
    for parameter in cmdlet.all_parameters() {
        let head = format!("-{} <{}>{}", parameter.name, parameter.kind.type_name(), marks(parameter));
        let _ = writeln!(text, "{}", wrap(&head, 4));
        let _ = writeln!(text, "{}", wrap(parameter.sentence, 8));
    }
    if cmdlet.output.all().next().is_some() {
        let names: Vec<_> = cmdlet.output.all().map(|property| property.name).collect();
        let _ = writeln!(text, "\nOUTPUT {}\n{}", cmdlet.output.name, wrap(&names.join(", "), 4));
    }
    text.push_str("\nEXAMPLES\n");
    for example in cmdlet.examples {
        let _ = writeln!(text, "    postroom {}\n{}", example.command, wrap(example.sentence, 8));
    }
    let roles: Vec<_> = cmdlet.roles.iter().map(|role| role.as_str()).collect();
    let _ = writeln!(text, "\nROLE\n    {}", roles.join(" or "));
    text
}

fn marks(parameter: &Parameter) -> &'static str {
    match (parameter.is_required, parameter.is_positional) {
        (true, true) => "  (required, may stand first without its name)",
        (true, false) => "  (required)",
        (false, true) => "  (may stand first without its name)",
        (false, false) => "",
    }
}

fn syntax(cmdlet: &Cmdlet) -> String {
    let mut text = cmdlet.name.to_owned();
    for parameter in cmdlet.own_parameters() {
        let name = if parameter.is_positional {
            format!("[-{}]", parameter.name)
        } else {
            format!("-{}", parameter.name)
        };
        let whole = match parameter.kind {
            Kind::Switch => name,
            kind => format!("{name} <{}>", kind.type_name()),
        };
        let _ = if parameter.is_required { write!(text, " {whole}") } else { write!(text, " [{whole}]") };
    }
    text
}

/// Words in lines of at most [`WIDTH`], each line indented; a list of values longer than a line breaks behind a `|`.
fn wrap(text: &str, indent: usize) -> String {
    let blank = " ".repeat(indent);
    let mut lines = vec![blank.clone()];
    for word in text.split_whitespace() {
        let mut gap = " ";
        for piece in pieces(word, WIDTH.saturating_sub(indent)) {
            let Some(last) = lines.last_mut() else { break };
            if last.len() == indent {
                last.push_str(piece);
            } else if last.len() + gap.len() + piece.len() > WIDTH {
                lines.push(format!("{blank}{piece}"));
            } else {
                last.push_str(gap);
                last.push_str(piece);
            }
            gap = "";
        }
    }
    lines.join("\n")
}

/// A word as a whole, or its values where it is longer than `most`.
fn pieces(word: &str, most: usize) -> Vec<&str> {
    if word.len() > most { word.split_inclusive('|').collect() } else { vec![word] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::SAMPLE;

    #[test]
    fn the_page_has_every_parameter() {
        let text = page(&SAMPLE);
        for parameter in SAMPLE.all_parameters() {
            assert!(text.contains(&format!("-{} <", parameter.name)), "{text}");
        }
        assert!(text.contains("needs -Confirm:false"));
        assert!(text.contains("postroom Remove-Sample kim"));
    }

    /// An example is one line, however long, so that it can be copied.
    #[test]
    fn every_page_stays_narrow() {
        for cmdlet in registry::all() {
            let text = page(cmdlet);
            let is_wide = |line: &&str| line.chars().count() > WIDTH && !line.starts_with("    postroom ");
            assert_eq!(text.lines().find(is_wide), None, "{}", cmdlet.name);
        }
    }
}
