//! Completion scripts for bash and zsh: names, parameters and fixed words, from the registry.
//! May touch: nothing (pure).

use std::fmt::Write as _;

use crate::parameter::{Kind, NULL};
use crate::registry;

/// Words that stand in a cmdlet's place.
const SUBCOMMANDS: &str = "serve init check-config shell help completion";

/// A shell we write completion for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// GNU bash 4 or later.
    Bash,
    /// zsh with compinit.
    Zsh,
}

impl Shell {
    /// The shell of that name.
    pub fn read(name: &str) -> Option<Shell> {
        match name {
            "bash" => Some(Shell::Bash),
            "zsh" => Some(Shell::Zsh),
            _ => None,
        }
    }
}

/// What stands before the cases in bash. The cmdlet is the first word like `Verb-Noun`; a path may hold a dash, too.
const BASH_HEAD: &str = "# bash completion for postroom; source it
_postroom() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} cmdlet= word words=
  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do
    case ${word,,} in */*|-*) ;; *-*) cmdlet=${word,,}; break ;; esac
  done
  case $cmdlet:${previous,,} in
";
/// What stands behind them. Names are matched whatever their case, which compgen -W alone does not do.
const BASH_TAIL: &str = "    esac ;;
  esac
  COMPREPLY=()
  for word in $words; do
    [[ ${word,,} == \"${current,,}\"* ]] && COMPREPLY+=(\"$word\")
  done
}
complete -o default -F _postroom postroom
";
/// The same in zsh's own manner: its emulation of bash's completion does not understand `${word,,}`.
const ZSH_HEAD: &str = "#compdef postroom
# zsh completion for postroom; source it after compinit, or put it into $fpath as _postroom
_postroom() {
  local previous=${words[CURRENT-1]:l} cmdlet= word found=
  for word in ${words[2,CURRENT-1]}; do
    case ${word:l} in */*|-*) ;; *-*) cmdlet=${word:l}; break ;; esac
  done
  case $cmdlet:$previous in
";
/// zsh runs a file of `$fpath` as the function itself, the first time.
const ZSH_TAIL: &str = "    esac ;;
  esac
  compadd -M 'm:{a-zA-Z}={A-Za-z}' -- ${=found} || _files
}
if [[ ${funcstack[1]} == _postroom ]]; then _postroom \"$@\"; else compdef _postroom postroom; fi
";

/// The words of an enumeration; `$null` would be a variable to a shell.
fn joined(words: &[&str]) -> String {
    words.iter().copied().filter(|word| *word != NULL).collect::<Vec<_>>().join(" ")
}

/// The script to be sourced.
pub fn script(shell: Shell) -> String {
    let (head, variable, tail) = match shell {
        Shell::Bash => (BASH_HEAD, "words", BASH_TAIL),
        Shell::Zsh => (ZSH_HEAD, "found", ZSH_TAIL),
    };
    let mut text = head.to_owned();
    for cmdlet in registry::all() {
        for parameter in cmdlet.all_parameters() {
            let words = match parameter.kind {
                Kind::Enum(words) => joined(words),
                Kind::List(Kind::Enum(words)) => joined(words),
                Kind::Bool => "true false".to_owned(),
                _ => continue,
            };
            let (name, parameter) = (cmdlet.name.to_ascii_lowercase(), parameter.name.to_ascii_lowercase());
            let _ = writeln!(text, "    {name}:-{parameter}) {variable}='{words}' ;;");
        }
    }
    let _ = writeln!(text, "    :completion) {variable}='bash zsh' ;;");
    let names: Vec<_> = registry::all().map(|cmdlet| cmdlet.name).collect();
    let _ = writeln!(text, "    :help) {variable}='{}' ;;", names.join(" "));
    text.push_str("    *) case $cmdlet in\n");
    let _ = writeln!(text, "      '') {variable}='{} {SUBCOMMANDS} --data' ;;", names.join(" "));
    for cmdlet in registry::all() {
        let parameters: Vec<_> =
            cmdlet.all_parameters().map(|parameter| format!("-{}", parameter.name)).collect();
        let name = cmdlet.name.to_ascii_lowercase();
        let _ = writeln!(text, "      {name}) {variable}='{}' ;;", parameters.join(" "));
    }
    text.push_str(tail);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cmdlet_is_completed() {
        let text = script(Shell::Bash);
        for cmdlet in registry::all() {
            assert!(text.contains(cmdlet.name), "{}", cmdlet.name);
        }
        assert!(text.contains("complete -o default -F _postroom postroom"));
        assert!(!script(Shell::Zsh).contains(",,}"));
    }
}
