//! A search that stays open, at the real binary: over HTTP with a sign-in, and `-Follow` in the shell.
//!
//! May touch: processes, sockets on loopback.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

use base64::Engine as _;
use serde_json::Value;

use super::house::{House, address, binary};
use super::message::plain;
use super::patience::until;
use super::session::Session;

fn request(house: &House, user: Option<&str>, query: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", house.port("http"))).unwrap();
    let basic = user.map(|user| base64::engine::general_purpose::STANDARD.encode(user));
    let authorization = basic.map(|basic| format!("Authorization: Basic {basic}\r\n")).unwrap_or_default();
    write!(stream, "GET /api/v1/traces/stream?{query} HTTP/1.1\r\nHost: localhost\r\n{authorization}\r\n")
        .unwrap();
    stream
}

fn send(house: &House, to: &str, subject: &str) {
    let from = "mimi@movetocloud.example";
    let mut session = Session::open(house.port("smtp")).unwrap();
    session.send(from, to, &plain(from, to, subject)).unwrap();
}

/// The lines a reader gets, as they come.
fn lines(from: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (line_out, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines() {
            let Ok(line) = line else { return };
            if line_out.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// The rows for a recipient, until one has a status.
fn row_with(lines: &mpsc::Receiver<String>, recipient: &str, status: &str) -> Value {
    until(&format!("{recipient} {status}"), || {
        lines.try_iter().find_map(|line| {
            let row: Value = serde_json::from_str(line.trim_start_matches("data: ")).ok()?;
            (row["RecipientAddress"] == recipient && row["Status"] == status).then_some(row)
        })
    })
}

#[test]
fn rows_appear_while_the_search_is_open() {
    let house = House::new();
    house.add_mailbox("ann");
    house.add_mailbox("bob");
    let (ann, bob) = (address("ann"), address("bob"));
    house.cmdlet(&["New-User", "helper", "-Password", "right-horse"]);
    let mut refused = String::new();
    let mut nobody = request(&house, None, "");
    nobody.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
    BufReader::new(&mut nobody).read_line(&mut refused).unwrap();
    assert!(refused.contains("401"), "{refused}");
    let mut answer = [0; 12];
    request(&house, Some("helper:right-horse"), "").read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 403", "no role group");
    house.cmdlet(&["Add-RoleGroupMember", "Help Desk", "-Member", "helper"]);

    let stream = lines(request(
        &house,
        Some("helper:right-horse"),
        &format!("RecipientAddress={}", ann.replace('@', "%40")),
    ));
    until("the search to be open", || stream.try_iter().any(|line| line == "event: ready").then_some(()));
    let mut shell = Command::new(binary());
    shell.arg("--data").arg(house.data()).args(["Get-MessageTrace", "-Follow", "-Format", "json"]);
    let mut shell = shell.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let printed = lines(shell.stdout.take().unwrap());
    send(&house, &bob, "not asked for");
    send(&house, &ann, "live");
    let row = row_with(&stream, &ann, "Delivered");
    assert_eq!(row["Subject"], "Message live");
    row_with(&printed, &bob, "Delivered");
    let attempts = lines(request(&house, Some("helper:right-horse"), "RefusedOnly=true"));
    until("the search for attempts", || attempts.try_iter().any(|line| line == "event: ready").then_some(()));
    let (from, nobody) = ("mimi@movetocloud.example", address("nobody"));
    let mut session = Session::open(house.port("smtp")).unwrap();
    assert!(session.send(from, &nobody, &plain(from, &nobody, "refused")).is_err());
    row_with(&attempts, &nobody, "Failed");
    // Rights end with the role group, not with the stream.
    house.cmdlet(&["Remove-RoleGroupMember", "Help Desk", "-Member", "helper", "-Confirm:false"]);
    send(&house, &ann, "after");
    until("the end of the stream", || stream.try_iter().any(|line| line == "event: end").then_some(()));
    shell.kill().unwrap();
    shell.wait().unwrap();
    until("the record of what was followed", || {
        let rows =
            house.rows(&["Search-AdminAuditLog", "-Cmdlets", "Get-MessageTrace", "-Parameters", "Follow"]);
        rows.iter().any(|row| row["Caller"] == "helper" && row["LookedUp"] == *ann).then_some(())
    });
}
