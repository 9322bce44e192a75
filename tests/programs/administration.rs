//! What an administrator types and reads at the real binary: audit, figures, files, reload, mistakes.
//!
//! May touch: processes, files, sockets on loopback.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use super::house::{House, address};
use super::message::plain;
use super::patience::until;
use super::peers::program;
use super::session::Session;

fn metric(house: &House, name: &str) -> Option<u64> {
    let mut stream = TcpStream::connect(("127.0.0.1", house.port("http"))).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

#[test]
fn mail_is_counted_and_whoever_looked_for_it_is_recorded() {
    let house = House::new();
    house.add_mailbox("ann");
    let (from, ann) = ("mimi@movetocloud.example", address("ann"));
    let mut session = Session::open(house.port("smtp")).unwrap();
    session.send(from, &ann, &plain(from, &ann, "counted")).unwrap();
    let (code, _) = session.say(&format!("MAIL FROM:<{from}>")).unwrap();
    assert_eq!(code, 250);
    let (code, _) = session.say(&format!("RCPT TO:<{}>", address("nobody"))).unwrap();
    assert_eq!(code, 550);
    house.traced(&["-RecipientAddress", &ann], &[(&ann, "Delivered")]);
    until("the counters", || {
        let seen = |name| metric(&house, name);
        let all = [
            seen("postroom_messages_received_total"),
            seen("postroom_recipients_delivered_total"),
            seen("postroom_recipients_failed_total"),
            seen("postroom_attempts_refused_total"),
        ];
        (all == [Some(1), Some(1), Some(0), Some(1)]).then_some(())
    });
    let looked = house.rows(&["Search-AdminAuditLog", "-Cmdlets", "Get-MessageTrace"]);
    assert_eq!(looked[0]["ResultRows"], 1, "{looked:?}");
    assert_eq!(looked[0]["CmdletParameters"]["RecipientAddress"], json!([ann]));
    let made = house.rows(&["Search-AdminAuditLog", "-Cmdlets", "New-Mailbox"]);
    assert_eq!(made[0]["CmdletParameters"]["Password"], "***");
    assert_eq!((&made[0]["Interface"], &made[0]["Succeeded"]), (&json!("LocalSocket"), &json!(true)));

    let file = house.folder().join("MSGTRK.LOG");
    let written = house.try_cmdlet(&[
        "Get-MessageTrackingLog",
        "-Recipients",
        &ann,
        "-Path",
        file.to_str().unwrap(),
        "-Format",
        "json",
    ]);
    let text = fs::read_to_string(&file).unwrap();
    let events = text.lines().filter(|line| !line.starts_with('#')).count();
    let said = String::from_utf8_lossy(&written.stderr).into_owned();
    assert!(events > 1 && said.contains(&format!("{events} events written to {}", file.display())), "{said}");
    let object: Value = serde_json::from_slice(&written.stdout).unwrap();
    assert_eq!((&object["Count"], &object["Size"]), (&json!(events), &json!(text.len())));

    for (words, code, part) in [
        (&["Get-Mailbox", "--bogus"][..], 2, "has no parameter -bogus"),
        (&["Export-MailboxItem", "ann", "-ItemId", "99", "-Path", "-"], 1, "Get-MailboxItem lists"),
        (&["New-Mailbox", "Kim", "-Password", "short"], 1, "at least 8 characters"),
    ] {
        let output = house.try_cmdlet(words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
        assert!(said.contains(part), "{words:?}: {said}");
    }
}

#[test]
fn a_reload_names_what_took_effect_and_what_waits() {
    let house = House::new();
    let config = house.folder().join("postroom.toml");
    let log = house.folder().join("service.log");
    let text = fs::read_to_string(&config).unwrap();
    let text = format!("{text}[trace]\nretention_days = 7\n[log]\nfile = \"{}\"\n", log.display());
    fs::write(&config, text).unwrap();
    kill(Pid::from_raw(i32::try_from(house.pid()).unwrap()), Signal::SIGHUP).unwrap();
    until("the reload", || {
        let said = fs::read_to_string(&log).ok()?;
        let line = |parameter: &str, end: &str| {
            said.lines().any(|line| line.contains(parameter) && line.contains(end))
        };
        (line("[log] file", "in effect now")
            && line("[trace] retention_days", "with the next start")
            && line("at_next_start=1", "was read again"))
        .then_some(())
    });
}

#[test]
fn a_client_is_shown_only_certificates_of_the_service_it_asks() {
    let house = House::new();
    let shown = |name: &str| {
        let connect = format!("127.0.0.1:{}", house.port("smtp"));
        let output = program("openssl")
            .args(["s_client", "-starttls", "smtp", "-connect", &connect, "-servername", name])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).lines().any(|line| {
            line.starts_with("subject=") && line.replace(' ', "").ends_with(&format!("CN={name}"))
        })
    };
    for (name, service) in [("web.contoso.example", "IIS"), ("mail.contoso.example", "SMTP")] {
        house.cmdlet(&["New-ExchangeCertificate", "-DomainName", name, "-Services", service]);
    }
    until("the certificate of SMTP", || shown("mail.contoso.example").then_some(()));
    assert!(!shown("web.contoso.example"), "a certificate that is enabled for IIS only");
}
