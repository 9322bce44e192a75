//! What was sent, compared with what arrived.
//!
//! May touch: processes (python3).

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use super::peers::program;

/// Header fields that the server may put above a message.
const ADDED: &[&str] =
    &["received", "return-path", "x-ms-", "authentication-results", "message-id", "date", "from"];

/// A message with a text that tells it from all others, lines ended by CRLF.
pub(crate) fn plain(from: &str, to: &str, id: &str) -> Vec<u8> {
    format!(
        "From: <{from}>\r\nTo: <{to}>\r\nSubject: Message {id}\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n\
         Message-ID: <{id}@load.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\nX-Odd:   folded\r\n\t and  spaced \r\n\r\n\
         .one dot\r\n..two dots\r\n.\r\nGr\u{fc}\u{df}e {id}\r\n\r\ntrailing blanks  \r\n"
    )
    .into_bytes()
}

/// Below the header fields that were added, the bytes are those that were sent.
pub(crate) fn assert_below_added(arrived: &[u8], sent: &[u8]) {
    let shown = String::from_utf8_lossy(arrived);
    assert!(
        arrived.ends_with(sent),
        "not byte-exact below the added headers\n--- arrived\n{shown}\n--- sent\n{}",
        String::from_utf8_lossy(sent)
    );
    let added = String::from_utf8_lossy(&arrived[..arrived.len() - sent.len()]).into_owned();
    assert!(added.is_empty() || added.ends_with("\r\n"), "the added headers do not end a line: {added:?}");
    for line in added.lines() {
        let known = line.starts_with([' ', '\t'])
            || ADDED.iter().any(|name| line.to_ascii_lowercase().starts_with(name) && line.contains(':'));
        assert!(known, "an added header nobody expects: {line:?}");
    }
    assert!(added.to_ascii_lowercase().contains("received:"), "no Received field was added: {added:?}");
}

/// The messages as Python's `email` reads them, one object each; a defect it finds is a failure.
pub(crate) fn parsed(messages: &[Vec<u8>]) -> Vec<Value> {
    let mut child = program("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/programs/parse.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut input = child.stdin.take().unwrap();
    for message in messages {
        writeln!(input, "{}", message.len()).unwrap();
        input.write_all(message).unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "parse.py failed");
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON of parse.py");
    assert_eq!(rows.len(), messages.len());
    for row in &rows {
        assert_eq!(row["defects"], serde_json::json!([]), "{row}");
    }
    rows
}
