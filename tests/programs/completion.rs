//! Completion in the shells people have: the scripts are run by bash and zsh, and what they offer is looked at.
//!
//! May touch: processes.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::house::binary;
use super::peers::program;

/// Bash calls the function with the words typed; what it offers is in COMPREPLY.
const BASH: &str = r#"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_postroom
printf '%s\n' "${COMPREPLY[@]}"
"#;
/// Outside of a completion zsh's `compadd` is ours to define: it keeps what begins with the word, whatever its case.
const ZSH: &str = r#"
words=("$@"); CURRENT=$#
compadd() {
  local -a all=("${@[$@[(i)--]+1,-1]}")
  print -l -- ${(M)all:#(#i)${words[CURRENT]}*}
}
_files() { print files }
setopt extendedglob
_postroom
"#;

fn offered(shell: &str, driver: &str, typed: &[&str]) -> Vec<String> {
    let made = Command::new(binary()).args(["completion", shell]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut words = vec!["-s"];
    words.extend(typed);
    let script = match shell {
        "zsh" => [b"compdef() { : }\n".as_slice(), &made.stdout, driver.as_bytes()].concat(),
        _ => [made.stdout.as_slice(), driver.as_bytes()].concat(),
    };
    let flags: &[&str] = if shell == "zsh" { &["-f"] } else { &["--norc"] };
    let mut child = program(shell)
        .args(flags)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect(shell);
    child.stdin.take().unwrap().write_all(&script).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.is_empty(), "{shell}: {said}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_and_zsh_offer_cmdlets_parameters_and_words() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["get-mailboxi"], &["Get-MailboxItem"]),
        (&["--data", "/srv/my-data", "Get-TransportC"], &["Get-TransportConfig"]),
        (&["check-c"], &["check-config"]),
        (&["completion", ""], &["bash", "zsh"]),
        (&["help", "New-MailC"], &["New-MailContact"]),
        (&["New-Mailbox", "-primarys"], &["-PrimarySmtpAddress"]),
        (&["Get-MessageTrace", "-Status", "Deli"], &["Delivered"]),
        (&["Set-Mailbox", "kim", "-HiddenFromAddressListsEnabled", ""], &["true", "false"]),
    ];
    for (shell, driver) in [("bash", BASH), ("zsh", ZSH)] {
        for (typed, expected) in cases {
            let words: Vec<&str> = std::iter::once("postroom").chain(typed.iter().copied()).collect();
            assert_eq!(offered(shell, driver, &words), *expected, "{shell}: {typed:?}");
        }
    }
}
