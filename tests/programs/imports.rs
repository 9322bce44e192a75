//! A long import that somebody stops: what the answer says, and that importing again completes it.
//!
//! May touch: processes, files.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

use jiff::{SignedDuration, Timestamp};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::house::{House, binary};
use super::patience::until;

/// Messages of the log, with two events each: several batches, of which the first is there long before the last.
const MESSAGES: i64 = 15_000;

/// A gateway's log of the last hour.
fn log() -> String {
    let start = Timestamp::now() - SignedDuration::from_hours(1);
    let mut text = String::new();
    for number in 0..MESSAGES {
        let at = start + SignedDuration::from_millis(number * 100);
        let id = format!("4{number:011X}");
        for (daemon, said) in [
            ("smtpd", "client=mail.fabrikam.example[192.0.2.9]".to_owned()),
            ("cleanup", format!("message-id=<{number}@fabrikam.example>")),
            ("qmgr", "from=<mimi@fabrikam.example>, size=500, nrcpt=1 (queue active)".to_owned()),
            (
                "virtual",
                "to=<kim@contoso.example>, relay=virtual, dsn=2.0.0, status=sent (delivered)".to_owned(),
            ),
            ("qmgr", "removed".to_owned()),
        ] {
            writeln!(text, "{at:.6} gw postfix/{daemon}[7]: {id}: {said}").unwrap();
        }
    }
    text
}

/// The number before a word of a sentence.
fn before(text: &str, word: &str) -> i64 {
    let (head, _) = text.split_once(&format!(" {word}")).unwrap_or_else(|| panic!("no {word} in {text}"));
    head.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{word}: {text}"))
}

#[test]
fn an_import_that_is_stopped_says_how_far_it_came_and_a_repeat_completes_it_without_doubles() {
    let house = House::new();
    let logs = house.folder().join("gateway");
    fs::create_dir(&logs).unwrap();
    let path = logs.join("mail.log");
    fs::write(&path, log()).unwrap();
    let path = path.to_str().unwrap();
    let mut child = Command::new(binary())
        .arg("--data")
        .arg(house.data())
        .args(["Import-MessageTrace", path, "-Place", "gateway"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("the first records to be there", || {
        assert!(child.try_wait().unwrap().is_none(), "the import ended before it was stopped");
        let found =
            house.rows(&["Get-MessageTrace", "-RecipientAddress", "kim@contoso.example", "-ResultSize", "1"]);
        (!found.is_empty()).then_some(())
    });
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    let stopped = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&stopped.stderr).into_owned();
    assert_eq!(stopped.status.code(), Some(1), "{said}");
    assert!(
        said.contains("stopped in mail.log after ") && said.contains("Importing the same again"),
        "{said}"
    );
    let (lines, events, new) =
        (before(&said, "lines;"), before(&said, "events were"), before(&said, "of them new"));
    assert!(lines > 0 && lines < MESSAGES * 5, "{said}");
    assert!(new > 0 && events == new && events < MESSAGES * 2, "{said}");
    let import = || {
        let rows = house.rows(&["Import-MessageTrace", path, "-Place", "gateway"]);
        (rows[0]["Events"].as_i64().unwrap(), rows[0]["New"].as_i64().unwrap())
    };
    assert_eq!(import(), (MESSAGES * 2, MESSAGES * 2 - new));
    assert_eq!(import(), (MESSAGES * 2, 0));
}
