//! The server as a service: its end, its lock, its ports.
//!
//! May touch: processes, files, sockets on loopback.

use std::net::TcpListener;

use super::house::{House, address};
use super::message::{assert_below_added, plain};
use super::session::Session;

#[test]
fn sigterm_says_421_to_an_idle_session_and_finishes_running_data() {
    let mut house = House::new();
    house.add_mailbox("ann");
    let (port, ann) = (house.port("smtp"), address("ann"));
    let mut idle = Session::open(port).unwrap();
    let mut busy = Session::open(port).unwrap();
    let sent = plain("mimi@movetocloud.example", &ann, "at-the-end");
    for (command, wanted) in [
        ("MAIL FROM:<mimi@movetocloud.example>".to_owned(), 250),
        (format!("RCPT TO:<{ann}>"), 250),
        ("DATA".into(), 354),
    ] {
        let (code, text) = busy.say(&command).unwrap();
        assert_eq!(code, wanted, "{text}");
    }
    house.ask_to_end();
    let (code, text) = idle.read().unwrap();
    assert!(code == 421 && text.contains("4.3.2"), "{text}");
    busy.content(&sent).unwrap();
    let (code, text) = busy.read().unwrap();
    assert_eq!(code, 250, "running DATA was not finished: {text}");
    drop(busy);
    assert!(house.ended().success());
    assert!(!house.data().join("run/ports.json").exists(), "ports.json stays after the end");
    let down = house.try_cmdlet(&["Get-Queue"]);
    let said = String::from_utf8_lossy(&down.stderr).into_owned();
    assert_eq!(down.status.code(), Some(1), "{said}");
    assert!(said.contains("no server runs on") && said.contains("postroom serve"), "{said}");
    house.start();
    assert_below_added(&house.delivered("ann", 1)[0], &sent);
}

#[test]
fn a_second_server_on_the_same_data_names_the_first() {
    let house = House::new();
    let config = house.folder().join("postroom.toml");
    let second = house.second_server(&config);
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains(&house.pid().to_string()), "{said}");
    house.cmdlet(&["Get-Queue"]);
}

#[test]
fn a_taken_port_names_the_process_that_holds_it() {
    let mut house = House::new();
    house.ask_to_end();
    house.ended();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let config = house.folder().join("taken.toml");
    let text = format!(
        "[listen]\nsmtp = \"127.0.0.1:{port}\"\nsubmission = \"127.0.0.1:0\"\nhttp = \"127.0.0.1:0\"\n[dns]\nservers = [\"127.0.0.1:9\"]\n"
    );
    std::fs::write(&config, text).unwrap();
    let refused = house.second_server(&config);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains(&port.to_string()) && said.contains(&std::process::id().to_string()), "{said}");
}
