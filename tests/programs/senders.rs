//! Programs that send: swaks, smtp-source, Python's smtplib, OpenSSL's client.
//!
//! May touch: processes, sockets on loopback.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use super::house::{House, PASSWORD, address};
use super::message::{assert_below_added, parsed, plain};
use super::peers::{program, run};

/// Outside senders.
const MIMI: &str = "mimi@movetocloud.example";

fn house_of_ann() -> House {
    let house = House::new();
    house.add_mailbox("ann");
    house
}

/// Runs swaks to ann and gives the content it sent, read from its transcript.
fn swaks(house: &House, listener: &str, from: &str, options: &[&str]) -> Vec<u8> {
    let server = format!("127.0.0.1:{}", house.port(listener));
    let ann = address("ann");
    let mut command = program("swaks");
    command.args(["--server", &server, "--helo", "swaks.test", "--from", from, "--to", &ann]).args(options);
    let output = run(&mut command);
    let transcript = String::from_utf8_lossy(&output.stdout).into_owned();
    // " -> " before what is said in the clear, " ~> " under TLS.
    let said = transcript.lines().skip_while(|line| !line.contains(" 354 ")).skip(1);
    let said = said.map_while(|line| line.strip_prefix(" -> ").or(line.strip_prefix(" ~> ")));
    let lines = said.take_while(|line| *line != ".").map(|line| {
        let line = line.strip_prefix('.').filter(|rest| rest.starts_with('.')).unwrap_or(line);
        format!("{line}\r\n")
    });
    lines.collect::<String>().into_bytes()
}

#[test]
fn swaks_plain() {
    let house = house_of_ann();
    let sent = swaks(&house, "smtp", MIMI, &["--body", "first\\n.second\\nthird"]);
    let arrived = house.delivered("ann", 1);
    assert_below_added(&arrived[0], &sent);
    assert_eq!(parsed(&arrived)[0]["from"], MIMI);
    house.traced(&["-SenderAddress", MIMI], &[(&address("ann"), "Delivered")]);
}

#[test]
fn swaks_starttls() {
    let house = house_of_ann();
    let sent = swaks(&house, "smtp", MIMI, &["-tls"]);
    let arrived = house.delivered("ann", 1);
    assert_below_added(&arrived[0], &sent);
    let received = String::from_utf8_lossy(&arrived[0]).into_owned();
    assert!(received.contains("with ESMTPS"), "the Received field does not say TLS: {received}");
}

#[test]
fn swaks_signs_in() {
    let house = house_of_ann();
    let ann = address("ann");
    for (mechanism, tls) in [("PLAIN", "-tls"), ("LOGIN", "-tls")] {
        let account = ["--auth", mechanism, "--auth-user", &ann, "--auth-password", PASSWORD, tls];
        swaks(&house, "submission", &ann, &account);
    }
    let arrived = house.delivered("ann", 2);
    for message in &arrived {
        let text = String::from_utf8_lossy(message);
        assert!(text.contains("with ESMTPSA"), "the Received field does not say signed in: {text}");
    }
    let wrong = program("swaks")
        .args([
            "--server",
            &format!("127.0.0.1:{}", house.port("submission")),
            "--from",
            &ann,
            "--to",
            &ann,
            "-tls",
        ])
        .args(["--auth", "PLAIN", "--auth-user", &ann, "--auth-password", "wrong"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&wrong.stdout).into_owned();
    assert!(!wrong.status.success() && said.contains("535 5.7."), "{said}");
}

#[test]
fn swaks_attachment() {
    let house = house_of_ann();
    let file = house.folder().join("picture.bin");
    let content: Vec<u8> =
        (0..100_000_u32).map(|at| u8::try_from((at % 4_099) * at % 251).unwrap()).collect();
    std::fs::write(&file, &content).unwrap();
    let attach = format!("@{}", file.display());
    let sent =
        swaks(&house, "smtp", MIMI, &["--attach-type", "application/octet-stream", "--attach", &attach]);
    let arrived = house.delivered("ann", 1);
    assert_below_added(&arrived[0], &sent);
    let rows = parsed(&arrived);
    let parts = rows[0]["parts"].as_array().unwrap();
    let attached =
        parts.iter().find(|part| part["type"] == "application/octet-stream").expect("the attachment");
    assert_eq!(attached["bytes"], json!(content.len()));
}

#[test]
fn smtp_source_reconnecting_and_reusing() {
    let house = house_of_ann();
    let (server, ann) = (format!("127.0.0.1:{}", house.port("smtp")), address("ann"));
    for reuse in [&[][..], &["-d"][..]] {
        let mut command = program("smtp-source");
        command
            .args(["-s", "20", "-m", "500", "-l", "1024", "-f", "s@src.test", "-t", &ann])
            .args(reuse)
            .arg(&server);
        run(&mut command);
    }
    super::patience::until_eq("1,000 items", &1_000, || house.items("ann").len());
    let ids: BTreeSet<String> = house.items("ann").iter().map(|item| item["MessageId"].to_string()).collect();
    assert_eq!(ids.len(), 1_000, "a message was delivered twice or lost");
    super::patience::until_eq("1,000 rows", &1_000, || {
        house.statuses(&["-SenderAddress", "s@src.test"]).len()
    });
    super::patience::until_eq(
        "no other status than Delivered",
        &BTreeSet::from(["Delivered".to_owned()]),
        || house.statuses(&["-SenderAddress", "s@src.test"]).into_iter().map(|(_, status)| status).collect(),
    );
}

/// Sends with smtplib; the recipients it was refused.
fn smtplib(house: &House, listener: &str, from: &str, to: &str, options: &Value, message: &[u8]) -> Value {
    let mut child = program("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/programs/send.py"))
        .args([&house.port(listener).to_string(), from, to, &options.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    child.stdin.take().unwrap().write_all(message).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "send.py failed");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON of send.py");
    answer["refused"].clone()
}

#[test]
fn smtplib_eight_bits() {
    let house = house_of_ann();
    let ann = address("ann");
    let sent = plain(MIMI, &ann, "eight-bits");
    let refused = smtplib(&house, "smtp", MIMI, &ann, &json!({"mail": ["BODY=8BITMIME"]}), &sent);
    assert_eq!(refused, json!({}));
    let arrived = house.delivered("ann", 1);
    assert_below_added(&arrived[0], &sent);
    let rows = parsed(&arrived);
    assert_eq!(rows[0]["subject"], "Message eight-bits");
    assert!(rows[0]["parts"][0]["text"].as_str().unwrap().contains("Gr\u{fc}\u{df}e"), "{rows:?}");
}

#[test]
fn smtplib_addresses_beyond_ascii() {
    let house = house_of_ann();
    let (from, ann) = ("j\u{f8}rgen@movetocloud.example", address("ann"));
    let sent = plain(from, &ann, "utf8");
    let refused = smtplib(&house, "smtp", from, &ann, &json!({"mail": ["BODY=8BITMIME", "SMTPUTF8"]}), &sent);
    assert_eq!(refused, json!({}));
    let arrived = house.delivered("ann", 1);
    assert_below_added(&arrived[0], &sent);
    house.traced(&["-SenderAddress", from], &[(&ann, "Delivered")]);
}

#[test]
fn smtplib_asks_for_a_report_of_success() {
    let house = house_of_ann();
    house.add_mailbox("bob");
    let (ann, bob) = (address("ann"), address("bob"));
    let sent = plain(&ann, &bob, "with-report");
    let options = json!({
        "mail": ["RET=HDRS", "ENVID=tracked-7"], "rcpt": ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;the+2Bbob@contoso.example"],
        "user": ann, "password": PASSWORD, "tls": true,
    });
    assert_eq!(smtplib(&house, "submission", &ann, &bob, &options, &sent), json!({}));
    assert_below_added(&house.delivered("bob", 1)[0], &sent);
    let reports = parsed(&house.delivered("ann", 1));
    assert_eq!(reports[0]["report"], "delivery-status");
    let parts = reports[0]["parts"].as_array().unwrap();
    let status =
        parts.iter().find(|part| part["type"] == "message/delivery-status").expect("the status part");
    assert_eq!(status["fields"][0]["original-envelope-id"], "tracked-7");
    assert_eq!(status["fields"][1]["action"], "delivered");
    assert_eq!(status["fields"][1]["original-recipient"], "rfc822; the+bob@contoso.example");
}

#[test]
fn an_unknown_recipient_is_refused_alone() {
    let house = house_of_ann();
    let (ann, nobody) = (address("ann"), address("nobody"));
    let sent = plain(MIMI, &ann, "one-of-two");
    let refused = smtplib(&house, "smtp", MIMI, &format!("{ann},{nobody}"), &json!({}), &sent);
    assert_eq!(refused[&nobody][0], 550, "{refused}");
    assert!(refused[&nobody][1].as_str().unwrap().starts_with("5.1.10 "), "{refused}");
    assert_eq!(refused.as_object().unwrap().len(), 1, "{refused}");
    assert_below_added(&house.delivered("ann", 1)[0], &sent);
    house.traced(&["-SenderAddress", MIMI], &[(&ann, "Delivered"), (&nobody, "Failed")]);
}

#[test]
fn openssl_verifies_the_certificate_of_init() {
    let house = house_of_ann();
    let folder = house.data().join("certificates");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let certificate = files
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "pem"))
        .expect("a certificate");
    let output = program("openssl")
        .args(["s_client", "-starttls", "smtp", "-connect", &format!("127.0.0.1:{}", house.port("smtp"))])
        .args(["-verify_return_error", "-verify_hostname", "mx1.contoso.example", "-CAfile"])
        .arg(certificate)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("Verification: OK"), "{said}");
}
