//! `postroom shell` at the real server: lines given, a script, and somebody who types.
//!
//! May touch: processes, files.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::house::{DOMAIN, House, PASSWORD, address, binary};

/// Runs `postroom shell -c`.
fn lines(house: &House, text: &str) -> Output {
    house.try_cmdlet(&["shell", "-c", text])
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What the lines print; they must succeed.
fn shown(house: &House, lines: &str) -> String {
    let output = self::lines(house, lines);
    assert!(output.status.success(), "{lines}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn objects_pass_from_cmdlet_to_cmdlet() {
    let house = House::new();
    let made = format!(
        "New-Mailbox Ann -PrimarySmtpAddress ann@{DOMAIN} -Password {PASSWORD} | Out-Null
         New-Mailbox \"Kim O'Brien\" -PrimarySmtpAddress kim@{DOMAIN} -Shared | Out-Null # with a quote in the name
         New-DistributionGroup team -PrimarySmtpAddress team@{DOMAIN} | Out-Null
         Get-Mailbox | ? PrimarySmtpAddress -notlike admin* | Add-DistributionGroupMember team | % {{ $_.Name }}"
    );
    assert_eq!(shown(&house, &made), "Ann\nKim O'Brien\n");
    let team = address("team");
    shown(&house, "Set-DistributionGroup team -RequireSenderAuthenticationEnabled $false | Out-Null");
    let mut session = super::session::Session::open(house.port("smtp")).unwrap();
    session.send("mimi@movetocloud.example", &team, b"Subject: One, two\r\n\r\nHi\r\n").unwrap();
    house.delivered("ann", 1);
    house.delivered("kim", 1);
    house.traced(
        &["-SenderAddress", "mimi@movetocloud.example"],
        &[(&team, "Expanded"), (&address("ann"), "Delivered"), (&address("kim"), "Delivered")],
    );
    let table = [
        ("Get-MessageTrace | group Status | sort Count -Descending | % { \"x\" } | measure | % Count", "2\n"),
        ("Get-MessageTrace | sort Status | select -First 1 -ExpandProperty Status", "Delivered\n"),
        (
            "Get-MessageTrace | ? { $_.Status -eq 'delivered' -and $_.Received -gt (Get-Date).AddDays(-1) } | sort RecipientAddress | select RecipientAddress, Subject | ConvertTo-Csv",
            "RecipientAddress,Subject\nann@contoso.example,\"One, two\"\nkim@contoso.example,\"One, two\"\n",
        ),
        (
            "Get-MessageTrace -RecipientAddress kim@contoso.example | Get-MessageTraceDetail | select -Last 1 | % Event",
            "Deliver\n",
        ),
        ("Get-Mailbox kim | Get-MailboxFolderStatistics | ? ItemsInFolder -eq 1 | % Name", "Inbox\n"),
        ("'ann', 'kim' | Get-Mailbox | % Alias", "ann\nkim\n"),
        (
            "Get-MessageTrackingLog -ser mx1 -star '07/13/2023 12:00:00 PM' -Recipient kim@contoso.example -ResultSize unlimited | % EventId | ? { $_ -eq 'DELIVER' }",
            "DELIVER\n",
        ),
    ];
    for (line, expected) in table {
        assert_eq!(shown(&house, line), expected, "{line}");
    }
    let path = house.folder().join("trace.csv");
    let line = format!(
        "Get-MessageTrace -ResultSize Unlimited | select RecipientAddress | Export-Csv -Path '{}' -NoTypeInformation",
        path.display()
    );
    assert_eq!(shown(&house, &line), "");
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 4);
}

#[test]
fn a_script_goes_on_after_a_mistake_and_ends_with_the_last_failure() {
    let house = House::new();
    let mut child = Command::new(binary())
        .arg("--data")
        .arg(house.data())
        .arg("shell")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let script = "Get-AcceptedDomain | % DomainName\n\nFrobnicate\nGet-Mailbox |\n  measure | % Count\nGet-Mailbox nobody\n'the end'\n";
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout), "contoso.example\n1\nthe end\n");
    let errors = text(&output.stderr);
    let errors: Vec<&str> = errors.lines().collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors[0].starts_with("line 3: there is no command Frobnicate"), "{errors:?}");
    assert!(errors[1].starts_with("line 6: "), "{errors:?}");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(lines(&house, "Get-Mailbox nobody; Frobnicate").status.code(), Some(2));
    assert_eq!(lines(&house, "Get-Mailbox nobody; exit 0").status.code(), Some(0));
}

#[test]
fn what_destroys_is_not_done_without_a_yes() {
    let house = House::new();
    house.add_mailbox("ann");
    let refused = lines(&house, "Get-Mailbox ann | Remove-Mailbox");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("-Confirm:false"), "{}", text(&refused.stderr));
    assert_eq!(shown(&house, "Get-Mailbox ann | % Alias"), "ann\n");
    shown(&house, "Get-Mailbox ann | Remove-Mailbox -Confirm:$false");
    assert_eq!(lines(&house, "Get-Mailbox ann").status.code(), Some(1));
}

#[test]
fn the_line_as_exchange_administrators_type_it() {
    let house = House::new();
    let line = "Get-MessageTrackingLog -server rcit-16exch02 -start \"07/13/2023 12:00:00 PM\" -Recipient someone@rivco.example -ResultSize unlimited";
    let typed = lines(&house, line);
    let called = house.try_cmdlet(&[
        "Get-MessageTrackingLog",
        "-server",
        "rcit-16exch02",
        "-start",
        "07/13/2023 12:00:00 PM",
        "-Recipient",
        "someone@rivco.example",
        "-ResultSize",
        "unlimited",
    ]);
    for output in [&typed, &called] {
        assert_eq!(output.status.code(), Some(1));
        let why = text(&output.stderr);
        assert!(why.contains("there is no server \"rcit-16exch02\"; the known ones are: mx1"), "{why}");
    }
    let known = line.replace("rcit-16exch02", "mx1");
    assert_eq!(shown(&house, &known), "");
}

/// What the line editor writes when it begins to read keys; before that a typed Ctrl-C would be the driver's.
const PROMPT: &str = "\u{1b}[?2004h";

/// Somebody who types: what to wait for, what to type then. What was seen, and the exit code.
fn typed(house: &House, steps: &Value) -> (String, i64) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/programs/type.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(steps.to_string())
        .arg(binary())
        .arg("--data")
        .arg(house.data())
        .arg("shell")
        .env("XDG_STATE_HOME", house.folder().join("state"))
        .output()
        .expect("python3");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    (seen["seen"].as_str().unwrap().to_owned(), seen["code"].as_i64().unwrap())
}

#[test]
fn typing_completes_asks_and_remembers() {
    let house = House::new();
    house.add_mailbox("ann");
    house.add_mailbox("bob");
    let (seen, code) = typed(
        &house,
        &json!([
            // A cmdlet, a parameter and a mailbox, each completed.
            [PROMPT, "get-mailb\t -ident\t an\t"],
            ["ann@contoso.example", " | % { \"found\" }\r"],
            ["found\r\n", ""],
            [PROMPT, "'ann', 'bob' | Remove-Mailbox\r"],
            ["[y/N/a] ", "n\r"],
            ["nothing was changed", ""],
            ["[y/N/a] ", "y\r"],
            [PROMPT, "New-Mailbox x -Password secret -Bogus 1\r"],
            ["has no parameter -Bogus", ""],
            [PROMPT, "Get-Mailbox |\r"],
            ["Get-Mailbox |", "% Alias\r"],
            ["ann\r\n", ""],
            // Ctrl-C empties the line and leaves nothing else; Ctrl-D leaves.
            [PROMPT, "Get-Queue\u{3}"],
            [PROMPT, "\u{4}"],
        ]),
    );
    assert_eq!(code, 0, "{seen}");
    assert!(!seen.contains("bob\r\n"), "{seen}");
    let history = fs::read_to_string(house.folder().join("state/postroom/history")).unwrap();
    let kept: Vec<String> = history.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        kept,
        [
            "Get-Mailbox -Identity ann@contoso.example | % { \"found\" }",
            "'ann', 'bob' | Remove-Mailbox",
            "Get-Mailbox |\n% Alias",
        ]
    );
}
