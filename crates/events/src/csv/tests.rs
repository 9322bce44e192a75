//! Tests of the CSV form: known files of all three layouts, the inverse, and bad input.
//!
//! May touch: nothing (pure).

use super::*;
use crate::event::{Event, NextHop};
use crate::tests::{any_event, sample};
use crate::vocabulary::{Directionality, EventId, Source};
use proptest::prelude::*;

/// The name lists as 14.x and 15.00 files have them.
fn fields_of(width: usize) -> String {
    let skip: &[&str] = match width {
        26 => &["network-message-id", "transport-traffic-type", "log-id", "schema-version"],
        27 => &["transport-traffic-type", "log-id", "schema-version"],
        _ => &[],
    };
    let names: Vec<_> = FIELDS.iter().filter(|name| !skip.contains(name)).copied().collect();
    assert_eq!(names.len(), width);
    names.join(",")
}

fn one(text: &str) -> Event {
    let events: Vec<_> = LogReader::new(text).collect();
    assert_eq!(events.len(), 1, "{events:?}");
    events[0].clone().unwrap()
}

#[test]
fn a_line_as_written() {
    let line = record(&sample());
    assert_eq!(line, WRITTEN);
    assert_eq!(one(&line), sample());
}

/// The lists are quoted once as lists, and once more as CSV fields.
const WRITTEN: &str = "2026-11-20T09:03:11.123Z,192.0.2.7,client.movetocloud.example,192.0.2.1,mx1.contoso.example,\
    08DE;2026-11-20T09:03:10.000Z;0,Default Frontend MX1,SMTP,RECEIVE,42,<a@movetocloud.example>,\
    01936f0a-0000-7000-8000-000000000001,\"kj@contoso.example;\"\"\"\"\"\"a;b\"\"\"\"@contoso.example\"\"\",\
    \"250 2.1.5 Recipient OK;\"\"550 4.4.7 QUEUE.Expired; message expired\"\"\",1234,2,,,\"Hello, \"\"world\"\"\",\
    mimi@movetocloud.example,<>,0cA:,Incoming,,192.0.2.7,,S:AMA=SUM|v=0;S:FromAddress=mimi@movetocloud.example;\
    S:NextHop=place:edge;S:Reason=RemotePermanent;S:RemoteReply=550-no%0A550 never;S:Members=a@x;b@x,,,\
    15.02.0000.000\r\n";

#[test]
fn the_head() {
    let head = header("Postroom", "15.02.0000.000", "2026-11-20T09:00:00Z".parse().unwrap());
    assert!(head.starts_with(
        "#Software: Postroom\r\n#Version: 15.02.0000.000\r\n#Log-Type: Message Tracking Log\r\n\
         #Date: 2026-11-20T09:00:00.000Z\r\n#Fields: date-time,client-ip,"
    ));
    assert!(head.ends_with(",log-id,schema-version\r\n"));
    assert_eq!(LogReader::new(&head).count(), 0);
}

#[test]
fn layouts_of_26_27_and_30_fields() {
    for width in [26, 27, 30] {
        let id = if width == 26 { "" } else { "01936f0a-0000-7000-8000-000000000001," };
        let tail =
            if width == 30 { ",Email,f47ac10b-58cc-4372-a567-0e02b2c3d479,15.02.1544.004" } else { "" };
        let text = format!(
            "\u{feff}#Software: Microsoft Exchange Server\r\n#Log-type: Message Tracking Log\r\n#Fields: {}\r\n\
             2026-11-20T09:03:11.123Z,fe80::1%4,edge,,MBX1,,,STOREDRIVER,deliver,42,a@x,{id}\
             kj@contoso.example;b@contoso.example,,99,2,,,Hi,s@x,s@x,\
             2026-11-20T09:03:10.000Z;SRV=MBX1:TOTAL-HUB=0.5,Originating,,,,\"S:E2ELatency=1.123;S:X=a;b\"{tail}\r\n",
            fields_of(width)
        );
        let event = one(&text);
        assert_eq!((event.event_id, event.source), (EventId::Deliver, Source::StoreDriver));
        assert_eq!(event.message_id.unwrap().as_str(), "<a@x>");
        assert_eq!(event.recipients.len(), 2);
        assert_eq!(event.received.to_string(), "2026-11-20T09:03:10Z");
        assert_eq!(event.client_ip, Some("fe80::1".parse().unwrap()));
        let facts = event.message.unwrap();
        assert_eq!((facts.total_bytes, facts.directionality), (99, Directionality::Originating));
        assert_eq!(event.custom_data[1], ("X".to_owned(), "a;b".to_owned()));
        assert_eq!(event.network_message_id.0.is_nil(), width == 26);
        assert_eq!(event.detail.log_id.is_some(), width == 30);
    }
}

#[test]
fn a_log_id_that_is_none_costs_only_itself() {
    let text = "#Fields: event_id,source,date-time,recipient-address,log-id\nFAIL,ROUTING,2026-11-20 09:03:11,a@x,x1\n";
    let event = one(text);
    assert_eq!((event.recipients[0].address.as_str(), event.detail.log_id), ("a@x", None));
}

#[test]
fn columns_bind_by_name_not_position() {
    let text = "#Fields: event_id,source,DATE-TIME,recipient_address,unknown\nFAIL,ROUTING,2026-11-20 09:03:11,a@x,?\n";
    let event = one(text);
    assert_eq!(event.event_id, EventId::Fail);
    assert_eq!(event.at.to_string(), "2026-11-20T09:03:11Z");
    assert_eq!(event.recipients[0].address, "a@x");
}

#[test]
fn bad_lines_are_reported_and_skipped() {
    let good = record(&sample());
    let text = format!(
        "{}{good}too,short\r\n{}\r\n{}{}\n{good}",
        header("x", "1", sample().at),
        good.trim_end().replace("SMTP", "\"SMTP"),
        good.replace("RECEIVE", "RECIEVE"),
        good.trim_end().replacen("2026-11-20T09:03:11.123Z", "yesterday", 1),
    );
    let results: Vec<_> = LogReader::new(&text).collect();
    let bad: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 2);
    assert_eq!(bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [7, 8, 9, 10]);
    assert_eq!(bad[0].to_string(), "line 7: 2 fields where #Fields names 30");
    assert!(bad[1].reason.contains("quote") || bad[1].reason.contains("fields"), "{}", bad[1]);
    assert_eq!(bad[2].reason, "unknown event id \"RECIEVE\"");
    assert_eq!(bad[3].reason, "date-time is not a time: \"yesterday\"");
    let not_ours = LogReader::new("#Fields: date,time,c-ip\n").next().unwrap().unwrap_err();
    assert!(not_ours.reason.contains("not a message tracking log"));
}

#[test]
fn byte_order_marks() {
    let line = record(&sample());
    let mut little = vec![0xff, 0xfe];
    little.extend(line.encode_utf16().flat_map(u16::to_le_bytes));
    let mut big = vec![0xfe, 0xff];
    big.extend(line.encode_utf16().flat_map(u16::to_be_bytes));
    let mut utf8 = vec![0xef, 0xbb, 0xbf];
    utf8.extend(line.as_bytes());
    for bytes in [little, big, utf8, line.clone().into_bytes()] {
        assert_eq!(one(&decode_text(&bytes)), sample());
    }
    assert_eq!(decode_text(b"\xff\xfea"), "\u{fffd}");
}

#[test]
fn foreign_status_lists() {
    let text = "#Fields: date-time,source,event-id,recipient-address,recipient-status\n\
        2026-11-20T09:03:11Z,SMTP,FAIL,a@x,550 4.4.7 QUEUE.Expired;message expired\n\
        2026-11-20T09:03:11Z,SMTP,SEND,a@x;b@x,{[{LED=250 2.0.0};{IP=1}]};250 2.1.5 ok\n\
        2026-11-20T09:03:11Z,SMTP,SEND,a@x;b@x,250 2.1.5 ok\n";
    let events: Vec<_> = LogReader::new(text).map(Result::unwrap).collect();
    assert_eq!(events[0].recipients[0].status, "550 4.4.7 QUEUE.Expired;message expired");
    assert_eq!(events[1].recipients[1].status, "250 2.1.5 ok");
    assert_eq!(events[2].recipients[1].status, "250 2.1.5 ok");
    let mut refused = sample();
    refused.recipients =
        vec![crate::EventRecipient { address: String::new(), status: "554 5.7.1 no".into() }];
    assert_eq!(one(&record(&refused)).recipients, refused.recipients);
}

#[test]
fn places_keep_their_names() {
    let event = one(&record(&sample()));
    assert_eq!(event.detail.next_hop, Some(NextHop::Place("edge".into())));
}

proptest! {
    #[test]
    fn inverse(event in any_event()) {
        let line = record(&event);
        prop_assert_eq!(line.lines().count(), 1);
        prop_assert_eq!(one(&line), event);
    }

    #[test]
    fn any_text(text in "\\PC{0,200}|([a-z,\"#:\n]|#Fields: |date-time,|SMTP|2026-11-20){0,60}") {
        for result in LogReader::new(&text) {
            if let Err(bad) = result {
                prop_assert!(bad.line >= 1 && !bad.reason.is_empty());
            }
        }
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        LogReader::new(&decode_text(&bytes)).count();
    }
}
