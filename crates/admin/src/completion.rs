//! Completion scripts for bash and zsh: names, parameters and fixed words, from the registry.
//! May touch: nothing (pure).

use std::fmt::Write as _;

use crate::parameter::Kind;
use crate::registry;

/// Words that stand in a cmdlet's place.
const SUBCOMMANDS: &str = "serve init check-config help completion";

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

/// The script to be sourced.
pub fn script(shell: Shell) -> String {
    let head = match shell {
        Shell::Bash => "# bash completion for postroom; source it\n",
        Shell::Zsh => "#compdef postroom\nautoload -U +X bashcompinit && bashcompinit\n",
    };
    let mut text = format!(
        "{head}{}",
        "_postroom() {\n  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} cmdlet= word words=\n"
    );
    text.push_str("  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n");
    text.push_str(
        "    case ${word,,} in *-*) [[ $word != -* ]] && { cmdlet=${word,,}; break; } ;; esac\n  done\n",
    );
    text.push_str("  case $cmdlet:${previous,,} in\n");
    for cmdlet in registry::all() {
        for parameter in cmdlet.all_parameters() {
            let words = match parameter.kind {
                Kind::Enum(words) => words.join(" "),
                Kind::List(Kind::Enum(words)) => words.join(" "),
                Kind::Bool => "true false".to_owned(),
                _ => continue,
            };
            let (name, parameter) = (cmdlet.name.to_ascii_lowercase(), parameter.name.to_ascii_lowercase());
            let _ = writeln!(text, "    {name}:-{parameter}) words='{words}' ;;");
        }
    }
    text.push_str("    *) case $cmdlet in\n");
    let names: Vec<_> = registry::all().map(|cmdlet| cmdlet.name).collect();
    let _ = writeln!(text, "      '') words='{} {SUBCOMMANDS} --data' ;;", names.join(" "));
    for cmdlet in registry::all() {
        let parameters: Vec<_> =
            cmdlet.all_parameters().map(|parameter| format!("-{}", parameter.name)).collect();
        let _ =
            writeln!(text, "      {}) words='{}' ;;", cmdlet.name.to_ascii_lowercase(), parameters.join(" "));
    }
    text.push_str("    esac ;;\n  esac\n");
    // Names are matched whatever their case, which compgen -W alone does not do.
    text.push_str("  COMPREPLY=()\n  for word in $words; do\n");
    text.push_str("    [[ ${word,,} == \"${current,,}\"* ]] && COMPREPLY+=(\"$word\")\n  done\n}\n");
    text.push_str("complete -o default -F _postroom postroom\n");
    if shell == Shell::Zsh {
        // zsh spells lower-casing and word splitting differently.
        text = text.replace(",,}", ":l}").replace("for word in $words", "for word in ${=words}");
    }
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
