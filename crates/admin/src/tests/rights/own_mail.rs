//! What people see of their own mail, and learn of what failed, and what is said of mail outside of somebody's rights.
//! May touch: a simulated world.

use super::*;

/// Ann writes to somebody outside who is not there, and to Kim, whose forward fails as well.
fn with_failures(office: &Office) {
    const FAILED: u128 = 0xa4;
    let (nobody, kim, home) = ("nobody@tailspin.example", "kim@fabrikam.example", "home@tailspin.example");
    let mut all = vec![received(&office.world, FAILED, "ann@contoso.example", true, "Offer", &[nobody, kim])];
    let mut then = |second, id, to: &str, reply: &str| {
        let mut event = event(&office.world, FAILED, second, id, Source::Smtp, &[to]);
        if id == EventId::Redirect {
            event.related_recipient_address = Some(kim.to_owned());
        } else {
            event.recipients[0].status = reply.to_owned();
            event.detail.reason = Some(events::Reason::RemotePermanent);
            event.detail.remote_reply = Some(reply.to_owned());
        }
        all.push(event);
    };
    then(1, EventId::Redirect, home, "");
    then(2, EventId::Fail, nobody, "550 5.1.1 no such user here");
    then(3, EventId::Fail, home, "550 5.7.1 home is blocked");
    let keyed = all.into_iter().zip(1_000..);
    let keyed = keyed.map(|(event, seq)| (trace::EventKey { node: trace::NodeId(1), seq }, event));
    office.instance.services.trace().unwrap().store().import(keyed.collect()).unwrap();
}

#[test]
fn people_learn_why_their_own_mail_failed_and_nothing_of_a_forward() {
    let office = office();
    with_failures(&office);
    let ann = person(&office, "Ann");
    let list = call(&office, &ann, "Get-MessageTrace", json!({"Subject": "Offer"})).unwrap();
    assert_eq!(recipients(&list), ["kim@fabrikam.example", "nobody@tailspin.example"]);
    assert!(text(&list).contains("no such user") && !text(&list).contains("blocked"), "{}", text(&list));
    // What was found by its id is not too old, and what was not found may be.
    for (number, warned) in [(0xa4, 0), (0xdead, 1)] {
        let found = call(&office, &ann, "Get-MessageTrace", json!({"MessageTraceId": id(number)})).unwrap();
        assert_eq!(found.warnings.len(), warned, "{:?}", found.warnings);
        assert!(
            found.warnings.iter().all(|one| one.contains("records are kept for 90 days")),
            "{:?}",
            found.warnings
        );
    }
    let detail = |to: &str| {
        let body = json!({"MessageTraceId": id(0xa4), "RecipientAddress": to});
        call(&office, &ann, "Get-MessageTraceDetail", body).unwrap()
    };
    let failed = detail("nobody@tailspin.example");
    let last = failed.rows.last().unwrap();
    assert_eq!(last["RemoteReply"], "550 5.1.1 no such user here");
    assert!(last["Cause"].is_string() && last["Fix"].is_string(), "{}", text(&failed));
    assert!(failed.notes.iter().any(|note| note.starts_with("Fix: ")), "{:?}", failed.notes);
    assert!(!text(&failed).contains("Set-"), "cmdlets are an administrator's: {}", text(&failed));
    for hidden in ["RulesMatched", "Forwards", "Groups", "Data", "FolderNow"] {
        assert!(last[hidden].is_null(), "{hidden}: {last:?}");
    }
    let forwarded = detail("kim@fabrikam.example");
    assert!(!forwarded.rows.is_empty() && forwarded.rows.iter().all(|row| row["RemoteReply"].is_null()));
    assert!(!text(&forwarded).contains("home"), "{}", text(&forwarded));
    assert!(detail("home@tailspin.example").rows.is_empty());
}

/// Kim's mailbox sends a message on to where forwarding is blocked.
fn with_a_lost_forward(office: &Office) {
    const LOST: u128 = 0xa5;
    let (kim, home) = ("kim@fabrikam.example", "home@tailspin.example");
    let mut redirected = event(&office.world, LOST, 1, EventId::Redirect, Source::Routing, &[home]);
    redirected.related_recipient_address = Some(kim.to_owned());
    let mut dropped = event(&office.world, LOST, 2, EventId::Drop, Source::Routing, &[home]);
    dropped.detail.reason = Some(events::Reason::AutoForwardBlocked);
    let received = received(&office.world, LOST, "boss@tailspin.example", false, "Bonus", &[kim]);
    let all = [received, redirected, dropped].into_iter().zip(2_000..);
    let keyed = all.map(|(event, seq)| (trace::EventKey { node: trace::NodeId(1), seq }, event));
    office.instance.services.trace().unwrap().store().import(keyed.collect()).unwrap();
}

#[test]
fn people_learn_that_their_own_mailbox_lost_a_message_by_its_forward_and_not_where_to() {
    let office = office();
    with_a_lost_forward(&office);
    let kim = person(&office, "Kim");
    let list = call(&office, &kim, "Get-MessageTrace", json!({"Subject": "Bonus"})).unwrap();
    assert_eq!(recipients(&list), ["kim@fabrikam.example"]);
    assert_eq!(list.rows[0]["Status"], "Failed");
    assert!(text(&list).contains("your mailbox forwards its mail"), "{}", text(&list));
    let body = json!({"MessageTraceId": id(0xa5), "RecipientAddress": "kim@fabrikam.example"});
    let detail = call(&office, &kim, "Get-MessageTraceDetail", body).unwrap();
    let said = text(&detail);
    for row in &detail.rows {
        assert!(row["Cause"].as_str().unwrap().starts_with("Your mailbox forwards its mail"), "{said}");
        assert!(row["Fix"].as_str().unwrap().contains("keep a copy"), "{said}");
    }
    assert!(detail.notes.iter().any(|note| note.starts_with("Fix: ")), "{:?}", detail.notes);
    for hidden in ["home@", "tailspin.example -", "Set-", "Automatic forwarding"] {
        assert!(!said.contains(hidden) && !text(&list).contains(hidden), "{hidden}: {said}");
    }
    // What came through is not told of.
    let whole = call(&office, &kim, "Get-MessageTrace", json!({"Subject": "Salaries"})).unwrap();
    assert!(!text(&whole).contains("forwards"), "{}", text(&whole));
}

/// Mail to Kim is sent on to where it is refused with a reply that names the target; by another system where `place` says
/// so.
fn with_a_refused_forward(office: &Office, number: u128, subject: &str, place: Option<&str>) {
    let (kim, home) = ("kim@fabrikam.example", "home@tailspin.example");
    let mut redirected = event(&office.world, number, 1, EventId::Redirect, Source::Routing, &[home]);
    redirected.related_recipient_address = Some(kim.to_owned());
    redirected.detail.place = place.map(str::to_owned);
    let mut failed = event(&office.world, number, 2, EventId::Fail, Source::Smtp, &[home]);
    let reply = "550 5.1.1 <home@tailspin.example> is unknown at mx.tailspin.example";
    failed.recipients[0].status = reply.to_owned();
    failed.detail.reason = Some(events::Reason::RemotePermanent);
    failed.detail.remote_reply = Some(reply.to_owned());
    failed.detail.remote_host = Some("mx.tailspin.example".to_owned());
    failed.server_hostname = Some("mx.tailspin.example".to_owned());
    failed.detail.place = place.map(str::to_owned);
    let received = received(&office.world, number, "boss@wingtip.example", false, subject, &[kim]);
    let first = u64::try_from(number).unwrap() * 1_000;
    let keyed = [received, redirected, failed].into_iter().zip(first..);
    let keyed = keyed.map(|(event, seq)| (trace::EventKey { node: trace::NodeId(1), seq }, event));
    office.instance.services.trace().unwrap().store().import(keyed.collect()).unwrap();
}

/// Ann writes to a group of which Bob is the only member, who keeps a copy and has one sent home, where it is refused.
fn with_a_member_that_forwards(office: &Office) {
    const GROUP: u128 = 0xa8;
    let (team, bob, home) = ("single@contoso.example", "bob@contoso.example", "bobx@tailspin.example");
    let then = |second, id, of: Option<&str>, to: &str| {
        let mut event = event(&office.world, GROUP, second, id, Source::Routing, &[to]);
        event.related_recipient_address = of.map(str::to_owned);
        event
    };
    let events = [
        received(&office.world, GROUP, "ann@contoso.example", true, "Single", &[team]),
        then(1, EventId::Expand, Some(team), bob),
        then(2, EventId::Redirect, Some(bob), home),
        then(3, EventId::Deliver, None, bob),
        then(4, EventId::Fail, None, home),
    ];
    let keyed = events.into_iter().zip(9_000..);
    let keyed = keyed.map(|(event, seq)| (trace::EventKey { node: trace::NodeId(1), seq }, event));
    office.instance.services.trace().unwrap().store().import(keyed.collect()).unwrap();
}

#[test]
fn the_count_of_a_group_is_of_its_members_and_says_nothing_of_their_forwards() {
    let office = office();
    with_a_member_that_forwards(&office);
    let whole = office.instance.services.trace().unwrap();
    let tree = office.sim.run(whole.tree(id(0xa8).parse().unwrap())).unwrap().unwrap();
    assert_eq!(tree.counts.iter().map(|(_, count)| count).sum::<u64>(), 2, "for who may see all: {tree:?}");
    let ann = person(&office, "Ann");
    let list = call(&office, &ann, "Get-MessageTrace", json!({"Subject": "Single"})).unwrap();
    assert_eq!(list.rows[0]["Detail"], "Expanded: 1 delivered");
    let body = json!({"MessageTraceId": id(0xa8)});
    let tree = call(&office, &ann, "Get-MessageTraceTree", body).unwrap();
    assert_eq!(tree.rows[0]["Nodes"][0]["Counts"], json!({"Delivered": 1}), "{}", text(&tree));
    assert!(!text(&tree).contains("ailed"), "{}", text(&tree));
}

#[test]
fn people_see_nothing_of_where_their_forward_was_refused() {
    let office = office();
    with_a_refused_forward(&office, 0xa6, "Raise", None);
    with_a_refused_forward(&office, 0xa7, "Elsewhere", Some("exch01"));
    let kim = person(&office, "Kim");
    for (number, subject, is_ours) in [(0xa6, "Raise", true), (0xa7, "Elsewhere", false)] {
        let list = call(&office, &kim, "Get-MessageTrace", json!({"Subject": subject})).unwrap();
        assert_eq!(recipients(&list), ["kim@fabrikam.example"]);
        assert_eq!(list.rows[0]["Status"], "Failed", "{subject}");
        let body = json!({"MessageTraceId": id(number), "RecipientAddress": "kim@fabrikam.example"});
        let detail = call(&office, &kim, "Get-MessageTraceDetail", body).unwrap();
        for said in [text(&list), text(&detail)] {
            // Of a mailbox of another system it is not known that it is this person's, nor whether it keeps a copy.
            assert_eq!(said.to_lowercase().contains("your mailbox forwards its mail"), is_ours, "{said}");
            for hidden in ["home", "tailspin", "5.1.1", "unknown at"] {
                assert!(!said.contains(hidden), "{hidden}: {said}");
            }
        }
    }
}

#[test]
fn an_empty_answer_of_ones_own_mail_says_what_was_searched() {
    let office = office();
    let ann = person(&office, "Ann");
    let notes = |body: Value| call(&office, &ann, "Get-MessageTrace", body).unwrap().notes;
    assert_eq!(
        notes(json!({"Subject": "nothing of the kind"})),
        ["The last 48 hours; -StartDate looks further back", "No mail from you or to you matches"]
    );
    let dated = notes(json!({"Subject": "x-*-y", "StartDate": "2000-01-01"}));
    assert!(dated[0].starts_with("From 2000-01-01") && dated[2].contains("takes no wildcards"), "{dated:?}");
    let by_id = notes(json!({"MessageId": ["<nobody-has-this@contoso.example>"]}));
    assert_eq!(by_id[0], "Everything that is kept");
    let others =
        notes(json!({"RecipientAddress": ["x@tailspin.example"], "SenderAddress": ["bob@contoso.example"]}));
    assert!(others.last().unwrap().contains("what was asked for is neither"), "{others:?}");
}

#[test]
fn what_lies_outside_of_the_rights_is_not_said_to_be_missing() {
    let office = office();
    let local = scoped(&[Role::MessageTracking], "fabrikam.example");
    let ask =
        |to: &str| call(&office, &local, "Get-MessageTrace", json!({"RecipientAddress": [to]})).unwrap();
    let beyond = text(&ask("bob@contoso.example"));
    assert!(beyond.contains("Your rights are for fabrikam.example") && beyond.contains("may lie outside"));
    assert!(!beyond.contains("never reached us"), "{beyond}");
    let within = text(&ask("nobody@fabrikam.example"));
    assert!(within.contains("never reached us") && within.contains("Your rights are for"), "{within}");
}

#[test]
fn people_see_their_own_mail_and_no_more() {
    let office = office();
    let ann = call(&office, &person(&office, "Ann"), "Get-MessageTrace", json!({})).unwrap();
    assert_eq!(recipients(&ann), ["kim@fabrikam.example", "sales@contoso.example"]);
    assert_eq!(ann.count, Some(2));
    let said = text(&ann);
    assert!(said.contains("2 delivered"), "the group's members are counted: {said}");
    for secret in ["bob@", "eve@", "home@", "Pay me", "Lunch", "Secret"] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
    let bob = call(&office, &person(&office, "Bob"), "Get-MessageTrace", json!({})).unwrap();
    assert_eq!(recipients(&bob), ["bob@contoso.example", "bob@contoso.example"]);
    assert!(text(&bob).contains("Pay me") && !text(&bob).contains("sales@"), "{}", text(&bob));
    let eve = call(&office, &person(&office, "Eve"), "Get-MessageTraceV2", json!({})).unwrap();
    assert_eq!(recipients(&eve), ["eve@fabrikam.example", "eve@fabrikam.example"]);
    assert!(text(&eve).contains("Secret"), "their own folder: {}", text(&eve));
    // What is not shown cannot be asked for.
    for asked in
        [json!({"ToIP": "192.0.2.1"}), json!({"FromIP": "192.0.2.1"}), json!({"IncludeRefused": true})]
    {
        let refused = call(&office, &person(&office, "Ann"), "Get-MessageTrace", asked).unwrap_err();
        assert_eq!(refused.code(), "Forbidden");
    }
    let others = call(
        &office,
        &person(&office, "Ann"),
        "Get-MessageTrace",
        json!({"SenderAddress": ["kim@fabrikam.example"]}),
    );
    assert_eq!(recipients(&others.unwrap()), Vec::<String>::new());
    for cmdlet in ["Get-MessageTrackingLog", "Get-Mailbox", "Search-AdminAuditLog"] {
        let refused = call(&office, &person(&office, "Ann"), cmdlet, json!({})).unwrap_err();
        assert_eq!(refused.code(), "Forbidden", "{cmdlet}");
    }
}
