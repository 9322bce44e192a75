//! Exchange Online, Graph, Proofpoint, and tracking logs.
//!
//! May touch: nothing (pure).

use events::{Directionality, Reason};

use super::*;

const SUMMARY: &str = "\
\"Received\",\"SenderAddress\",\"RecipientAddress\",\"Subject\",\"Status\",\"ToIP\",\"FromIP\",\"Size\",\"MessageId\",\"MessageTraceId\"
\"2026-11-22T03:57:31.1234567Z\",\"mimi@fabrikam.example\",\"kim@contoso.example\",\"Offer, \"\"now\"\"\",\"Delivered\",\"\",\"192.0.2.1\",\"2048\",\"<m1@fabrikam.example>\",\"11111111-1111-1111-1111-111111111111\"
\"2026-11-22T03:57:31.1234567Z\",\"mimi@fabrikam.example\",\"x@northwind.example\",\"Offer\",\"Delivered\",\"198.51.100.9\",\"192.0.2.1\",\"2048\",\"<m1@fabrikam.example>\",\"11111111-1111-1111-1111-111111111111\"
\"2026-11-22T03:57:31.1234567Z\",\"mimi@fabrikam.example\",\"team@contoso.example\",\"Offer\",\"Expanded\",\"\",\"192.0.2.1\",\"2048\",\"<m1@fabrikam.example>\",\"11111111-1111-1111-1111-111111111111\"
\"2026-11-22T03:57:31.1234567Z\",\"mimi@fabrikam.example\",\"old@contoso.example\",\"Offer\",\"Resolved\",\"\",\"192.0.2.1\",\"2048\",\"<m1@fabrikam.example>\",\"11111111-1111-1111-1111-111111111111\"
\"2026-11-22T03:57:31.1234567Z\",\"mimi@fabrikam.example\",\"junk@contoso.example\",\"Offer\",\"FilteredAsSpam\",\"\",\"192.0.2.1\",\"2048\",\"<m1@fabrikam.example>\",\"11111111-1111-1111-1111-111111111111\"
\"2026-11-22T03:57:31.1234567Z\",\"mimi@fabrikam.example\",\"odd@contoso.example\",\"Offer\",\"Vanished\",\"\",\"192.0.2.1\",\"2048\",\"<m1@fabrikam.example>\",\"11111111-1111-1111-1111-111111111111\"
";

#[test]
fn a_summary_says_what_it_says() {
    let (events, tally) = read("exo", SUMMARY);
    let expected = [
        "junk@contoso.example: FilteredAsSpam, Spam, rejected or blocked",
        "kim@contoso.example: Delivered, Delivered to the mailbox",
        "odd@contoso.example: GettingStatus, Received; nothing else known yet",
        "old@contoso.example: Resolved, Replaced by another address, which has a row of its own",
        "team@contoso.example: Expanded, Group; its members have rows of their own",
        "x@northwind.example: Delivered, Handed on to the next system",
    ];
    assert_eq!(rows(&events), expected);
    assert_eq!(tally.unknown, 1);
    assert!(tally.unknown_lines[0].reason.starts_with("the status \"Vanished\" is not known"));
    assert_eq!(events[0].1.message.as_ref().unwrap().subject, "Offer, \"now\"");
    // UTF-16 with its mark, as the portal writes it.
    let wide: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(SUMMARY.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let mut reader = Reader::new("exo".parse().unwrap(), around(), Options::new(now()));
    wide.chunks(333).for_each(|piece| reader.feed(piece).unwrap());
    reader.end_file().unwrap();
    assert_eq!(reader.take(), events);
}

#[test]
fn an_enhanced_summary_is_split_from_the_right() {
    let text = "\
origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id,network_message_id,original_client_ip,directionality,connector_id,delivery_priority
2026-11-22T03:57:31.000Z,mimi@fabrikam.example,\"\"\"a##;b\"\"@contoso.example##Receive, Deliver;x@northwind.example##Receive, Send;bad@contoso.example##Receive, Fail\",Offer,2048,<m1@fabrikam.example>,22222222-2222-2222-2222-222222222222,192.0.2.1,Incoming,,Normal
";
    let (events, tally) = read("exo", text);
    let expected = [
        "\"a##;b\"@contoso.example: Delivered, Delivered to the mailbox",
        "bad@contoso.example: Failed, Not delivered",
        "x@northwind.example: Delivered, Handed on to the next system",
    ];
    assert_eq!(rows(&events), expected);
    assert_eq!(tally.unknown, 0);
    assert_eq!(events[0].1.message.as_ref().unwrap().directionality, Directionality::Incoming);
}

#[test]
fn an_extended_report_is_a_tracking_log() {
    let text = "\
date_time_utc,client_ip,client_hostname,server_ip,server_hostname,source_context,connector_id,source,event_id,internal_message_id,message_id,network_message_id,recipient_address,recipient_status,total_bytes,recipient_count,related_recipient_address,reference,message_subject,sender_address,return_path,message_info,directionality,tenant_id,original_client_ip,original_server_ip,custom_data
2026-11-22T03:57:33.000Z,,,,AM0PR01,,,STOREDRIVER,DELIVER,77,<m1@fabrikam.example>,33333333-3333-3333-3333-333333333333,kim@contoso.example,,2048,1,,,Offer,mimi@fabrikam.example,mimi@fabrikam.example,2026-11-22T03:57:31.000Z;,Incoming,,,,
2026-11-22T03:57:31.000Z,192.0.2.1,,,AM0PR01,,,SMTP,RECEIVE,77,<m1@fabrikam.example>,33333333-3333-3333-3333-333333333333,kim@contoso.example,,2048,1,,,Offer,mimi@fabrikam.example,mimi@fabrikam.example,,Incoming,,192.0.2.1,,
";
    let (events, tally) = read("exo", text);
    assert_eq!(
        words(&events),
        ["STOREDRIVER/DELIVER[kim@contoso.example]", "SMTP/RECEIVE[kim@contoso.example]"]
    );
    assert_eq!((tally.unknown, rows(&events).len()), (0, 1));
}

#[test]
fn graph_pages_and_details() {
    let text = r#"{"@odata.context":"x","value":[
 {"id":"44444444-4444-4444-4444-444444444444","senderAddress":"mimi@fabrikam.example","recipientAddress":"kim@contoso.example","messageId":"<m1@fabrikam.example>","receivedDateTime":"2026-11-22T03:57:31Z","subject":null,"size":0,"fromIP":null,"toIP":null,"status":"quarantined"},
 {"id":"44444444-4444-4444-4444-444444444444","messageTraceId":"44444444-4444-4444-4444-444444444444","recipientAddress":"kim@contoso.example","messageId":"<m1@fabrikam.example>","dateTime":"2026-11-22T03:57:32Z","event":"Spam Diagnostics","action":"","description":"phish"},
 {"odd":1}
],"@odata.nextLink":"y"}"#;
    let (events, tally) = read("exo", text);
    assert_eq!(
        words(&events),
        [
            "SMTP/RECEIVE[kim@contoso.example]",
            "AGENT/QUARANTINE[kim@contoso.example]",
            "AGENT/AGENTINFO[kim@contoso.example]"
        ]
    );
    assert_eq!(tally.unknown, 1);
    assert_eq!(rows(&events), ["kim@contoso.example: Quarantined, Held in quarantine"]);
}

fn pod_message(qid: &str, filter: &str) -> String {
    format!(
        r#"{{"guid":"g-{qid}","ts":"2026-11-21T20:57:31.500-0700","connection":{{"ip":"192.0.2.1","host":"mail.fabrikam.example","helo":"h","country":"**","sid":"s1"}},"envelope":{{"from":"mimi@fabrikam.example","rcpts":["kim@contoso.example"]}},"msg":{{"header":{{"message-id":["<m1@fabrikam.example>"]}},"normalizedHeader":{{"message-id":["m1@fabrikam.example"],"subject":["Offer"]}},"sizeBytes":2048}},"filter":{{"qid":"{qid}",{filter}}}}}"#
    )
}

#[test]
fn proofpoint_messages_are_read_by_the_rules() {
    // Discarded and held: still under delivered.rcpts, and the final action is not the last of the list.
    let held = pod_message(
        "s1-1",
        r#""disposition":"discard","durationSecs":0.4,"routeDirection":"inbound","delivered":{"rcpts":["kim@contoso.example"]},"actions":[{"module":"spam","rule":"definitespam","action":"discard","isFinal":true},{"module":"access","rule":"system","action":"continue"}],"quarantine":{"folder":"Spam","rule":"definitespam","module":"spam"}"#,
    );
    let (events, tally) = read("gateway", &held);
    assert_eq!(tally.unknown, 0);
    assert_eq!(rows(&events), ["kim@contoso.example: Quarantined, Held in quarantine"]);
    assert_eq!(events[0].1.at, "2026-11-22T03:57:31.500Z".parse().unwrap());
    assert_eq!(events[1].1.detail.folder.as_deref(), Some("Spam"));
    let pair = |name: &str| {
        events[1].1.custom_data.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    };
    assert_eq!(pair("FinalAction").as_deref(), Some("Quarantined; Discarded"));
    assert_eq!(pair("Duration").as_deref(), Some("0.4"));
    assert_eq!(
        (pair("FinalModule").as_deref(), pair("FinalRule").as_deref()),
        (Some("spam"), Some("definitespam"))
    );
    let checked = pod_message(
        "s1-2",
        r#""disposition":"continue","modules":{"spf":{"domain":"fabrikam.example","result":"Pass"},"dkimv":[{"domain":"fabrikam.example","result":"fail"},{"result":"pass"}],"dmarc":{"authResults":[{"method":"spf","result":"pass"},{"method":"dmarc","result":"none"},{"method":"arc","result":"pass"}]}}"#,
    );
    let (events, _) = read("gateway", &checked);
    let custom = events.iter().flat_map(|(_, event)| event.custom_data.iter());
    let mut checks: Vec<String> = custom
        .filter(|(key, _)| ["SPF", "DKIM", "DMARC"].contains(&key.as_str()))
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    checks.dedup();
    assert_eq!(checks, ["SPF=pass", "DKIM=fail", "DKIM=pass", "DMARC=none"]);
    for (filter, row) in [
        (r#""disposition":"discard""#, "Failed, Dropped silently"),
        (
            r#""disposition":"reject","actions":[{"module":"spam","rule":"r","action":"reject","isFinal":true}]"#,
            "FilteredAsSpam",
        ),
        (r#""disposition":"reject""#, "Failed"),
        (r#""disposition":"retry""#, "Pending, Deferred"),
        (r#""disposition":"redirect""#, "Resolved, Replaced"),
        // A copy in a folder of an audit rule does not hold the message.
        (r#""disposition":"continue","quarantine":{"folder":"Bulk","rule":"audit"}"#, "Pending, Queued"),
    ] {
        let (events, tally) = read("gateway", &pod_message("q1", filter));
        assert_eq!(tally.unknown, 0, "{filter}");
        assert!(rows(&events)[0].contains(row), "{filter}: {:?}", rows(&events));
    }
    let (_, tally) = read("gateway", &pod_message("q1", r#""disposition":"explode""#));
    assert_eq!(tally.unknown, 1);
}

#[test]
fn proofpoint_maillog_belongs_to_its_message() {
    let maillog = r#"{"id":"x1","ts":"2026-11-22T03:57:33-00:00","data":"raw","pps":{"agent":"m1.example"},"sm":{"qid":"4AM3vVx1001234","to":["<kim@contoso.example>"],"mailer":"esmtp","relay":"mail.contoso.example. [192.0.2.25]","dsn":"2.0.0","stat":"Sent (250 2.6.0 <m1@fabrikam.example> [InternalId=7, Hostname=mx1.contoso.example] Queued mail for delivery)"}}"#;
    let text = format!("{}\n{maillog}\n", pod_message("4AM3vVx1001234", r#""disposition":"continue""#));
    let (events, tally) = read("gateway", &text);
    assert_eq!(tally.unknown, 0);
    assert_eq!(
        words(&events),
        [
            "SMTP/RECEIVE[kim@contoso.example]",
            "SMTP/QUEUED[kim@contoso.example]",
            "SMTP/SEND[kim@contoso.example]"
        ]
    );
    assert_eq!(
        rows(&events),
        ["kim@contoso.example: Pending, Handed on to mail.contoso.example, not seen there yet"]
    );
    assert_eq!(events[2].1.detail.remote_queue_id.as_deref(), Some("7"));
}

#[test]
fn smart_search_results_as_rows_and_as_objects() {
    let rows_text = "\
Date,Sender,Sender_IP_Address,Recipients,Subject,Message_ID,Message_Size,GUID,QID,SID,Final_Rule,Final_Action,Quarantine_Folder,Quarantine_Rule
2026-11-22 03:57:31,mimi@fabrikam.example,192.0.2.1,kim@contoso.example,Offer,<m1@fabrikam.example>,2048,g1,s1-1,s1,spam.definitespam,Quarantined; Discarded,Spam,definitespam
2026-11-22 03:57:31,mimi@fabrikam.example,192.0.2.1,lee@contoso.example,Offer,<m2@fabrikam.example>,2048,g2,q2,s1,access.system,reject,,
";
    let (events, tally) = read("gateway", rows_text);
    assert_eq!(tally.unknown, 0, "{tally:?}");
    let shown = rows(&events);
    assert_eq!(shown[0], "kim@contoso.example: Quarantined, Held in quarantine");
    assert!(shown[1].starts_with("lee@contoso.example: Failed"), "{shown:?}");
    assert_eq!(events[1].1.detail.reason, Some(Reason::Spam));
    let object = r#"[{"Date":"2026-11-22T03:57:31Z","Sender":"mimi@fabrikam.example","Recipients":["kim@contoso.example"],"QID":"s1-1","GUID":"g1","Final_Rule":"spam.definitespam","Final_Action":"discard","Quarantine_Folder":"Spam"}]"#;
    let (events, _) = read("gateway", object);
    assert_eq!(rows(&events), ["kim@contoso.example: Quarantined, Held in quarantine"]);
}

#[test]
fn tracking_logs_keep_their_ids_and_get_a_place() {
    let text = "\
#Software: Microsoft Exchange Server
#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference,message-subject,sender-address,return-path,message-info,directionality,tenant-id,original-client-ip,original-server-ip,custom-data
2026-11-22T03:57:31.000Z,,,,EXCH01,,,SMTP,RECEIVE,5,<m1@fabrikam.example>,kim@contoso.example,,10,1,,,Offer,a@b.example,a@b.example,,Incoming,,,,
2026-11-22T03:57:32.000Z,,,,EXCH01,,,STOREDRIVER,DELIVER,5,<m1@fabrikam.example>,kim@contoso.example,,10,1,,,Offer,a@b.example,a@b.example,,Incoming,,,,
2026-11-22T03:57:32.000Z,too,few
";
    let (events, tally) = read("exchange", text);
    assert_eq!(
        words(&events),
        ["SMTP/RECEIVE[kim@contoso.example]", "STOREDRIVER/DELIVER[kim@contoso.example]"]
    );
    assert_eq!((tally.unknown, tally.unknown_lines[0].line), (1, 5));
    assert_eq!(events[0].1.network_message_id, events[1].1.network_message_id);
    assert_eq!(events[0].1.detail.place.as_deref(), Some("exchange"));
}
