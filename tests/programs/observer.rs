//! A server that only observes, and syslog over TLS: the real binary reads what other systems write.
//!
//! May touch: processes, files, sockets on loopback.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use world::{RealConfig, TlsConnector, Verification, World};

use super::house::{House, binary};
use super::patience::until;

/// A message of which the gateway knows the beginning and the server behind it the end, on a day that is not long ago.
fn logs() -> (String, String) {
    let at = jiff::Timestamp::now().checked_sub(jiff::SignedDuration::from_hours(30)).unwrap();
    let gateway = at.strftime("%Y-%m-%dT%H:%M:%S+00:00");
    let to = "to=<kim@contoso.example>, relay=exch01.contoso.example[192.0.2.25]:25, delay=1, dsn=2.6.0";
    let lines = [
        "postfix/smtpd[1]: ABCDEF: client=a.example[192.0.2.1]".to_owned(),
        "postfix/cleanup[1]: ABCDEF: message-id=<m1@fabrikam.example>".to_owned(),
        "postfix/qmgr[1]: ABCDEF: from=<mimi@fabrikam.example>, size=10, nrcpt=1 (queue active)".to_owned(),
        format!(
            "postfix/smtp[1]: ABCDEF: {to}, status=sent (250 2.6.0 <m1@fabrikam.example> [InternalId=7, Hostname=exch01.contoso.example] Queued mail for delivery)"
        ),
        "postfix/qmgr[1]: ABCDEF: removed".to_owned(),
    ];
    let log = lines.iter().map(|line| format!("{gateway} gw {line}\n")).collect();
    let event = |kind: &str| {
        format!(
            "{at:.3},EXCH01,{kind},7,<m1@fabrikam.example>,55555555-5555-5555-5555-555555555555,kim@contoso.example\n"
        )
    };
    let fields = "#Fields: date-time,server-hostname,source,event-id,internal-message-id,message-id,network-message-id,recipient-address\n";
    (log, format!("{fields}{}{}", event("SMTP,RECEIVE"), event("STOREDRIVER,DELIVER")))
}

/// What stands in the README's second tour to be typed: each block of it.
fn tour() -> Vec<String> {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let section = readme.split_once("## A second tour").unwrap().1.split("\n## ").next().unwrap().to_owned();
    section.split("```\n").skip(1).step_by(2).map(str::to_owned).collect()
}

/// What a second terminal prints, in which the program is at hand and the data directory is named.
fn typed(house: &House, text: &str) -> String {
    let at_hand = house.folder().join("bin");
    fs::create_dir_all(&at_hand).unwrap();
    let _ = std::os::unix::fs::symlink(binary(), at_hand.join("postroom"));
    let path = std::env::var("PATH").unwrap();
    let mut bash = Command::new("bash");
    bash.args(["-e", "-o", "pipefail", "-c", text]).current_dir(house.folder());
    bash.env("PATH", format!("{}:{path}", at_hand.display())).env("POSTROOM_DATA", house.data());
    let done = bash.output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success(), "{text}\n{said}{}", String::from_utf8_lossy(&done.stderr));
    said
}

#[test]
fn the_second_tour_of_the_readme_works_as_it_is_written() {
    let blocks = tour();
    let [start, first, sources] = &blocks[..] else { panic!("{blocks:?}") };
    let start: Vec<&str> = start.lines().collect();
    assert!(start[0].starts_with("postroom init ") && start[1].ends_with(" --observer"), "{start:?}");
    let house = House::serving(&["--observer"]);
    let ports: Value =
        serde_json::from_slice(&fs::read(house.data().join("run/ports.json")).unwrap()).unwrap();
    assert!(ports.get("smtp").is_none() && ports.get("submission").is_none(), "{ports}");
    assert!(ports["http"].as_u64().is_some(), "{ports}");
    let said = typed(&house, first);
    assert!(said.contains("zoe@contoso.example") && said.contains("550 5.1.1 User unknown"), "{said}");
    assert!(said.contains("We found an issue"), "{said}");
    let (gateway, exchange) = logs();
    let folder = house.folder().join("tracking-logs");
    fs::create_dir(&folder).unwrap();
    fs::write(house.folder().join("mail.log"), gateway).unwrap();
    fs::write(folder.join("MSGTRK.LOG"), exchange).unwrap();
    let log = house.folder().join("mail.log").display().to_string();
    let imported = &house.rows(&["Import-MessageTrace", &log, "-Place", "gateway"])[0];
    assert_eq!((&imported["LogFormat"], &imported["New"]), (&json!("Postfix"), &json!(2)), "{imported}");
    let said = typed(&house, &sources.replace("/srv/", &format!("{}/", house.folder().display())));
    assert!(said.contains("exch01") && said.contains("shipper"), "{said}");
    let row = until("the row of both places", || {
        let rows = house.rows(&["Get-MessageTrace", "-RecipientAddress", "kim@contoso.example"]);
        (rows.len() == 1 && rows[0]["Status"] == "Delivered").then(|| rows[0].clone())
    });
    assert_eq!(row["SenderAddress"], "mimi@fabrikam.example");
    let hops = row["Hops"].as_array().unwrap();
    assert_eq!((hops.len(), &hops[1]["Basis"]), (2, &json!("Certain")), "{row}");
    // What an observer does not do, its cmdlets say.
    let queue = house.try_cmdlet(&["Get-Queue"]);
    assert!(String::from_utf8_lossy(&queue.stderr).contains("does not run on this server"));
    let mut house = house;
    house.ask_to_end();
    assert!(house.ended().success());
}

/// Octet counting, as RFC 5425 §4.3 has it.
fn frames(text: &str) -> Vec<u8> {
    let frames = text.lines().map(|line| {
        let line = format!("<22>1 {line}");
        format!("{} {line}", line.len())
    });
    frames.collect::<String>().into_bytes()
}

/// RFC 5424 lines of the same log: program and process number are fields of their own.
fn syslog(log: &str) -> String {
    log.lines()
        .map(|line| {
            let (head, rest) = line.split_once("[1]: ").unwrap();
            format!("{head} 1 - - {rest}\n")
        })
        .collect()
}

#[test]
fn syslog_comes_over_tls_and_only_over_tls() {
    let house = House::serving(&["--observer"]);
    house.cmdlet(&["New-TraceSource", "edge", "-Type", "Syslog", "-Bind", "127.0.0.1:0"]);
    let bind = until("a listening source", || {
        let bind = house.rows(&["Get-TraceSource", "edge"])[0]["Bind"].as_str()?.to_owned();
        (!bind.ends_with(":0")).then_some(bind)
    });
    let text = syslog(&logs().0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::real(&RealConfig::default()).unwrap();
        let mut plain = world.net.connect(bind.parse().unwrap(), None).await.unwrap().io;
        plain.write_all(&frames(&text)).await.unwrap();
        plain.shutdown().await.unwrap();
        // The server closes it: no handshake.
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut plain, &mut Vec::new()).await;
        assert_eq!(house.rows(&["Get-TraceSource", "edge"])[0]["Records"], 0);
        let tls = TlsConnector::new(&Verification::Opportunistic, &world.clock).unwrap();
        let conn = world.net.connect(bind.parse().unwrap(), None).await.unwrap();
        let (mut io, info) = tls.connect(conn.io, "mx1.contoso.example").await.unwrap();
        assert!(info.version.starts_with("TLS1."), "{info:?}");
        // In two writes, cut within a frame.
        let bytes = frames(&text);
        let (head, tail) = bytes.split_at(bytes.len() / 2);
        io.write_all(head).await.unwrap();
        io.flush().await.unwrap();
        io.write_all(tail).await.unwrap();
        io.shutdown().await.unwrap();
    });
    let row = until("the message from the gateway", || {
        house.rows(&["Get-MessageTrace", "-Last", "30.00:00:00"]).first().cloned()
    });
    assert_eq!(row["RecipientAddress"], "kim@contoso.example");
    let source = &house.rows(&["Get-TraceSource", "edge"])[0];
    assert_eq!(
        (&source["Records"], &source["Unknown"], &source["RequireTls"], &source["State"]),
        (&json!(5), &json!(0), &json!(true), &json!("Reading")),
        "{source}"
    );
}
