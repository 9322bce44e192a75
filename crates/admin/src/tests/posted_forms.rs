//! What is posted to a trace source: packed, and in the forms of log shippers.
//! May touch: a simulated world.

use std::io::Write as _;

use super::places::{GATEWAY, office};
use super::*;

#[test]
fn posted_records_may_be_packed_and_in_the_forms_of_log_shippers() {
    let office = office();
    office.json("New-TraceSource shipper -Type Http");
    let path = "/api/v1/sources/shipper/records";
    let gzip = |text: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    };
    let send = |coding: Option<&str>, body: Vec<u8>| {
        let headers: Vec<(&str, &str)> = coding.map(|word| ("content-encoding", word)).into_iter().collect();
        post_octets(&office, Access::LocalSocket, path, &headers, body)
    };
    for (coding, new) in [(Some("gzip"), 2), (None, 0), (Some("X-GZIP"), 0)] {
        let (status, answer) = send(coding, gzip(GATEWAY.as_bytes()));
        assert_eq!((status, &answer["records"], &answer["new"]), (200, &json!(6), &json!(new)), "{answer}");
    }
    for (coding, body, expected, said) in [
        ("br", GATEWAY.into(), 415, "gzip and identity are taken"),
        ("gzip, br", GATEWAY.into(), 415, "gzip and identity are taken"),
        ("gzip", GATEWAY.into(), 400, "this is no gzip"),
        ("gzip", gzip(GATEWAY.as_bytes())[..50].to_vec(), 400, "damaged"),
        ("gzip", gzip(&vec![b' '; 65 << 20]), 400, "unpacks to more than 67108864 octets"),
    ] {
        let (status, answer) = send(Some(coding), body);
        assert_eq!(status, expected, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(said), "{answer}");
    }
    for name in ["message", "log"] {
        let objects: Vec<Value> = GATEWAY.lines().map(|line| json!({ "date": 1, name: line })).collect();
        let (status, answer) = send(None, json!(objects).to_string().into());
        assert_eq!((status, &answer["records"], &answer["unknown"]), (200, &json!(6), &json!(1)), "{answer}");
    }
}
