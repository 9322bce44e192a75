//! Who may do what: role groups, scopes and the privacy of the trace through the registry and over HTTP.
//! May touch: a simulated world.

use std::sync::Arc;

use base64::Engine as _;
use events::{Directionality, Event, EventId, EventRecipient, MessageFacts, Source};
use jiff::SignedDuration;
use mail::{InternalMessageId, MessageId, NetworkMessageId};
use serde_json::json;
use trace::Trace;
use uuid::Uuid;

use super::*;
use crate::historical::HistoricalSearches;
use crate::role::{Actor, Granted, Membership, Role, RoleGroup, Scope, Sight};
use crate::{Arguments, CmdletError, Output, registry};

mod narrowed;
mod own_mail;

/// Ann writes to sales (Bob and Eve) and to Kim, who forwards home; fabrikam is a second domain here.
const FROM_ANN: u128 = 0xa1;
/// Somebody outside writes to Bob in Ann's name.
const FORGED: u128 = 0xa2;
/// Within fabrikam.
const OTHERS: u128 = 0xa3;

fn event(world: &World, number: u128, second: i64, id: EventId, source: Source, to: &[&str]) -> Event {
    let start = world.clock.now().checked_sub(SignedDuration::from_hours(1)).unwrap();
    let start =
        jiff::Timestamp::from_second(start.as_second() + i64::try_from(number).unwrap() * 10).unwrap();
    let at = start.checked_add(SignedDuration::from_secs(second)).unwrap();
    let mut event = Event::new(at, id, source, NetworkMessageId(Uuid::from_u128(number)));
    event.received = start;
    event.internal_message_id = Some(InternalMessageId(u64::try_from(number).unwrap()));
    event.recipients = to
        .iter()
        .map(|address| EventRecipient { address: (*address).to_owned(), status: String::new() })
        .collect();
    event
}

fn received(world: &World, number: u128, from: &str, is_inside: bool, subject: &str, to: &[&str]) -> Event {
    let mut event = event(world, number, 0, EventId::Receive, Source::Smtp, to);
    event.message_id = Some(MessageId::parse(&format!("m{number}@contoso.example")).unwrap());
    event.message = Some(MessageFacts {
        subject: subject.to_owned(),
        sender_address: from.to_owned(),
        from_address: Some(from.to_owned()),
        return_path: from.to_owned(),
        total_bytes: 2_048,
        directionality: if is_inside { Directionality::Originating } else { Directionality::Incoming },
        ..MessageFacts::default()
    });
    event
}

fn events(world: &World) -> Vec<Event> {
    let (ann, bob) = ("ann@contoso.example", "bob@contoso.example");
    let (kim, eve) = ("kim@fabrikam.example", "eve@fabrikam.example");
    let to = ["sales@contoso.example", kim];
    let mut all = vec![received(world, FROM_ANN, ann, true, "Salaries", &to)];
    let mut then = |number, second, id, source, to: &[&str], related: Option<&str>, folder: Option<&str>| {
        let mut event = event(world, number, second, id, source, to);
        event.related_recipient_address = related.map(str::to_owned);
        event.detail.folder = folder.map(str::to_owned);
        if id == EventId::Deliver {
            // As a gateway on the way would have recorded it.
            event.custom_data.push((trace::gateway::FINAL_ACTION.to_owned(), "continue".to_owned()));
        }
        all.push(event);
    };
    then(FROM_ANN, 1, EventId::Expand, Source::Routing, &[bob, eve], Some("sales@contoso.example"), None);
    then(FROM_ANN, 2, EventId::Redirect, Source::Routing, &["home@tailspin.example"], Some(kim), None);
    then(FROM_ANN, 3, EventId::Deliver, Source::StoreDriver, &[bob], None, Some("Inbox"));
    then(FROM_ANN, 4, EventId::Deliver, Source::StoreDriver, &[eve], None, Some("Secret"));
    then(FROM_ANN, 5, EventId::SendExternal, Source::Smtp, &["home@tailspin.example"], None, None);
    then(FORGED, 3, EventId::Deliver, Source::StoreDriver, &[bob], None, Some("Inbox"));
    then(OTHERS, 3, EventId::Deliver, Source::StoreDriver, &[eve], None, Some("Inbox"));
    let mut ruled = event(world, FROM_ANN, 6, EventId::AgentInfo, Source::Agent, &[bob]);
    ruled.source_context = Some("Transport Rule Agent".to_owned());
    let rule = "ETR|ruleId=17|name=Hush|text=If a word is \"raise\", hold it|action=RejectMessage";
    ruled.custom_data = vec![("TRA".to_owned(), rule.to_owned()), ("SFA".to_owned(), "SCL=1".to_owned())];
    all.push(ruled);
    all.push(received(world, FORGED, ann, false, "Pay me", &[bob]));
    all.push(received(world, OTHERS, kim, true, "Lunch", &[eve]));
    all
}

fn services(_: &SimWorld, world: &World) -> Services {
    let config = trace::Config::new("mx1.contoso.example");
    let trace =
        Trace::open(&world.disk, &world.clock, &world.exec, Path::new("/data/trace"), config).unwrap();
    fill(&trace, events(world));
    let reports = HistoricalSearches::open(&world.disk, Path::new("/data/reports")).unwrap();
    Services { trace: Some(trace), historical_searches: Some(reports), ..Services::default() }
}

fn office() -> Office {
    let office = Office::with(services);
    office.json("New-AcceptedDomain Fabrikam -DomainName fabrikam.example");
    for (name, domain) in [("Ann", "contoso"), ("Bob", "contoso"), ("Kim", "fabrikam"), ("Eve", "fabrikam")] {
        let address = format!("{name}@{domain}.example");
        office.json(&format!("New-Mailbox {name} -PrimarySmtpAddress {address} -Password right-horse"));
    }
    office
}

fn call(office: &Office, actor: &Actor, cmdlet: &str, body: Value) -> Result<Output, CmdletError> {
    let cmdlet = registry::find(cmdlet).unwrap();
    let arguments = Arguments::from_json(cmdlet, body.as_object().unwrap())?;
    let context = office.instance.context(actor.clone());
    office.sim.run(registry::invoke(&context, &arguments))
}

fn scoped(roles: &[Role], domain: &str) -> Actor {
    let mut actor = Actor::with_groups("local help", &[]);
    let (roles, domains) = (roles.to_vec(), vec![domain.to_owned()]);
    actor.groups.push(Membership { built_in: None, roles, domains });
    actor
}

/// A person of the directory as HTTP would know them.
fn person(office: &Office, name: &str) -> Actor {
    let snapshot = office.instance.directory.snapshot();
    let found = snapshot.resolve_recipient(name).unwrap();
    Actor::signed_in(&directory::SignedIn::Recipient(found), &snapshot)
}

fn recipients(output: &Output) -> Vec<String> {
    let mut found: Vec<String> =
        output.rows.iter().map(|row| row["RecipientAddress"].as_str().unwrap().to_owned()).collect();
    found.sort();
    found
}

fn text(output: &Output) -> String {
    format!("{:?} {:?} {:?}", output.rows, output.notes, output.warnings)
}

fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

#[test]
fn detail_and_tree_obey_too() {
    let office = office();
    let detail = |who: &str, number: u128, to: &str| {
        let body = json!({"MessageTraceId": id(number), "RecipientAddress": to});
        call(&office, &person(&office, who), "Get-MessageTraceDetail", body).unwrap()
    };
    let forwarded = detail("Ann", FROM_ANN, "kim@fabrikam.example");
    assert!(!forwarded.rows.is_empty(), "{}", text(&forwarded));
    assert!(
        !text(&forwarded).contains("home@") && !text(&forwarded).contains("bob@"),
        "{}",
        text(&forwarded)
    );
    for (who, number, to) in [
        ("Ann", FROM_ANN, "bob@contoso.example"),
        ("Ann", FROM_ANN, "home@tailspin.example"),
        ("Ann", FORGED, "bob@contoso.example"),
        ("Bob", FROM_ANN, "eve@fabrikam.example"),
        ("Bob", FROM_ANN, "sales@contoso.example"),
        ("Bob", OTHERS, "eve@fabrikam.example"),
    ] {
        assert!(detail(who, number, to).rows.is_empty(), "{who} {to}");
    }
    let eve = detail("Eve", FROM_ANN, "eve@fabrikam.example");
    assert!(!eve.rows.is_empty() && !text(&eve).contains("sales@"), "{}", text(&eve));
    let tree = |who: &str, number: u128| {
        call(&office, &person(&office, who), "Get-MessageTraceTree", json!({"MessageTraceId": id(number)}))
    };
    let ann = text(&tree("Ann", FROM_ANN).unwrap());
    assert!(
        ann.contains("sales@") && ann.contains("kim@") && !ann.contains("home@") && !ann.contains("bob@"),
        "{ann}"
    );
    let bob = text(&tree("Bob", FROM_ANN).unwrap());
    assert!(bob.contains("bob@") && !bob.contains("sales@") && !bob.contains("kim@"), "{bob}");
    assert_eq!(tree("Ann", OTHERS).unwrap_err().code(), "NotFound");
    assert_eq!(tree("Ann", FORGED).unwrap_err().code(), "NotFound");
}

#[test]
fn the_help_desk_sees_no_subjects_where_they_are_hidden() {
    let office = office();
    let help = Actor::with_groups("help", &[RoleGroup::HelpDesk]);
    let tracer = Actor::with_groups("records", &[RoleGroup::RecordsManagement]);
    let by_subject = json!({"Subject": "Salaries"});
    assert!(text(&call(&office, &help, "Get-MessageTrace", json!({})).unwrap()).contains("Salaries"));
    office.json("Set-TransportConfig -TraceSubjectVisibility HiddenFromHelpDesk");
    let detail = json!({"MessageTraceId": id(FROM_ANN), "RecipientAddress": "bob@contoso.example"});
    for (cmdlet, body) in [
        ("Get-MessageTrace", json!({})),
        ("Get-MessageTraceDetail", detail),
        ("Get-MessageTraceTree", json!({"MessageTraceId": id(FROM_ANN)})),
    ] {
        let seen = call(&office, &help, cmdlet, body.clone()).unwrap();
        assert!(!seen.rows.is_empty() && !text(&seen).contains("Salaries"), "{cmdlet}: {}", text(&seen));
        assert!(text(&call(&office, &tracer, cmdlet, body).unwrap()).contains("Salaries"), "{cmdlet}");
    }
    let refused = call(&office, &help, "Get-MessageTrace", by_subject.clone()).unwrap_err();
    assert_eq!(refused.code(), "Forbidden");
    assert_eq!(recipients(&call(&office, &tracer, "Get-MessageTrace", by_subject).unwrap()).len(), 5);
    for cmdlet in ["Export-Message", "Export-MailboxItem", "Get-MailboxItem"] {
        let cmdlet = registry::find(cmdlet).unwrap();
        assert!(crate::role::check(&help, cmdlet).is_err(), "{}", cmdlet.name);
    }
}

#[test]
fn an_administrator_of_a_domain_sees_and_changes_that_domain() {
    let office = office();
    let roles =
        [Role::MailRecipients, Role::MailRecipientCreation, Role::MessageTracking, Role::DistributionGroups];
    let actor = scoped(&roles, "fabrikam.example");
    let rows = |cmdlet: &str, body: Value| call(&office, &actor, cmdlet, body);
    let names: Vec<Value> =
        rows("Get-Mailbox", json!({})).unwrap().rows.iter().map(|row| row["Name"].clone()).collect();
    assert_eq!(names, ["Eve", "Kim"]);
    assert!(rows("Get-Mailbox", json!({"Identity": "kim"})).is_ok());
    assert!(rows("Set-Mailbox", json!({"Identity": "kim", "MailTip": "hello"})).is_ok());
    assert!(
        rows("New-Mailbox", json!({"Name": "New", "PrimarySmtpAddress": "new@fabrikam.example"})).is_ok()
    );
    for (cmdlet, body) in [
        ("Get-Mailbox", json!({"Identity": "ann"})),
        ("Get-MailboxPermission", json!({"Identity": "ann"})),
        ("Set-Mailbox", json!({"Identity": "ann", "MailTip": "hello"})),
        ("Set-Mailbox", json!({"Identity": "kim", "EmailAddresses": {"Add": ["boss@contoso.example"]}})),
        ("Set-Mailbox", json!({"Identity": "kim", "PrimarySmtpAddress": "kim@contoso.example"})),
        ("New-Mailbox", json!({"Name": "Spy", "PrimarySmtpAddress": "spy@contoso.example"})),
        ("Remove-Mailbox", json!({"Identity": "ann", "Confirm": false})),
    ] {
        let refused = rows(cmdlet, body.clone()).map(|output| text(&output)).unwrap_err();
        assert_eq!(refused.code(), "Forbidden", "{cmdlet} {body}: {refused}");
    }
    let traced = rows("Get-MessageTrace", json!({})).unwrap();
    assert_eq!(recipients(&traced), ["eve@fabrikam.example", "eve@fabrikam.example", "kim@fabrikam.example"]);
    assert_eq!(traced.count, Some(3));
    let log = rows("Get-MessageTrackingLog", json!({"ResultSize": "Unlimited"})).unwrap();
    assert_eq!((log.count, log.rows.len()), (Some(6), 6), "{}", text(&log));
    assert!(text(&log).contains("eve@") && text(&log).contains("Lunch"), "{}", text(&log));
    for others in ["bob@", "sales@", "home@", "Pay me"] {
        assert!(!text(&log).contains(others), "{others}: {}", text(&log));
    }
    let file = rows("Get-MessageTrackingLog", json!({"Path": "-"})).unwrap().binary.unwrap();
    let file = String::from_utf8_lossy(&file).into_owned();
    assert!(file.contains("eve@") && !file.contains("bob@") && !file.contains("home@"), "{file}");
    let page = rows("Get-MessageTrace", json!({"ResultSize": 2})).unwrap();
    let rest = rows("Get-MessageTrace", json!({"Cursor": page.next.clone().unwrap()})).unwrap();
    assert_eq!((page.rows.len(), rest.rows.len(), page.count), (2, 1, Some(3)));
    let nothing = rows("Get-MessageTrace", json!({"RecipientAddress": "bob@contoso.example"})).unwrap();
    assert!(nothing.rows.is_empty() && !text(&nothing).contains("Pay me"), "{}", text(&nothing));
    let body = json!({"MessageTraceId": id(FROM_ANN), "RecipientAddress": "bob@contoso.example"});
    assert!(rows("Get-MessageTraceDetail", body).unwrap().rows.is_empty());
    let tree = rows("Get-MessageTraceTree", json!({"MessageTraceId": id(FROM_ANN)})).unwrap();
    assert!(text(&tree).contains("eve@") && !text(&tree).contains("bob@"), "{}", text(&tree));
    // A member of a group elsewhere may go; the group forgets them, and nothing else of it changes.
    office.json("New-DistributionGroup Team -PrimarySmtpAddress team@contoso.example -Members kim,ann");
    rows("Remove-Mailbox", json!({"Identity": "kim", "Confirm": false})).unwrap();
    assert_eq!(office.json("Get-DistributionGroupMember team")[0]["Name"], "Ann");
}

#[test]
fn nobody_takes_rights_by_setting_a_password() {
    let office = office();
    let help = Actor::with_groups("recipients", &[RoleGroup::RecipientManagement]);
    let set = |who: &str| {
        call(&office, &help, "Set-Mailbox", json!({"Identity": who, "Password": "another-horse"}))
    };
    set("ann").unwrap();
    let top = ["Add-RoleGroupMember", "Organization Management", "-Member", "ann"];
    assert_eq!(office.ask(&top, Answer::NoTerminal).0, 0);
    assert_eq!(set("ann").unwrap_err().code(), "Forbidden");
    let removed = call(&office, &help, "Remove-Mailbox", json!({"Identity": "ann", "Confirm": false}));
    assert_eq!(removed.unwrap_err().code(), "Forbidden");
    assert!(call(&office, &help, "Set-Mailbox", json!({"Identity": "ann", "MailTip": "hello"})).is_ok());
    // Refused beforehand, where nothing was confirmed yet, is a try too, and of use in the record.
    assert_eq!(office.directory_audit("Remove-Mailbox"), 1);
    let asked = call(&office, &help, "Remove-Mailbox", json!({"Identity": "ann"}));
    assert_eq!(asked.unwrap_err().code(), "Forbidden");
    let rows = office.json("Search-AdminAuditLog -Cmdlets Remove-Mailbox");
    assert_eq!(rows.as_array().unwrap().len(), 2, "{rows}");
    assert_eq!((&rows[0]["Caller"], &rows[0]["Succeeded"]), (&json!("recipients"), &json!(false)), "{rows}");
    let asked = call(&office, &help, "Remove-Mailbox", json!({"Identity": "bob"}));
    assert_eq!(asked.unwrap_err().code(), "ConfirmationRequired");
    assert_eq!(office.directory_audit("Remove-Mailbox"), 2, "a question is none");
}

#[test]
fn managers_change_the_members_of_their_group_only() {
    let office = office();
    office.ask(&["Set-RoleGroup", "Help Desk", "-ManagedBy", "ann"], Answer::NoTerminal);
    let ann = person(&office, "Ann");
    let add =
        |group: &str| call(&office, &ann, "Add-RoleGroupMember", json!({"Identity": group, "Member": "bob"}));
    assert_eq!(add("Help Desk").unwrap().rows[0]["Name"], "Bob");
    assert_eq!(add("Organization Management").unwrap_err().code(), "Forbidden");
    let refused = call(
        &office,
        &person(&office, "Bob"),
        "Add-RoleGroupMember",
        json!({"Identity": "Help Desk", "Member": "kim"}),
    );
    assert_eq!(refused.unwrap_err().code(), "Forbidden");
    let shown = office.ask(&["Get-RoleGroupMember", "Help Desk", "-Format", "json"], Answer::NoTerminal).1;
    assert!(shown.contains("bob@contoso.example") || shown.contains("Bob@contoso.example"), "{shown}");
}

#[test]
fn http_gives_everybody_the_rights_of_their_groups() {
    let office = office();
    office.json("New-User helper -Password right-horse");
    let access = || Access::Authenticated(Arc::new(office.instance.credentials.clone()));
    let ask = |user: &str, cmdlet: &str, body: &str| {
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{user}:right-horse"));
        let authorization = format!("Basic {basic}");
        let headers = [("content-type", "application/json"), ("authorization", authorization.as_str())];
        post(&office, access(), &format!("/api/v1/cmdlets/{cmdlet}"), &headers, body)
    };
    assert_eq!(ask("helper", "Get-Mailbox", "{}").0, 403, "a user without a role group");
    assert_eq!(ask("helper", "Get-MessageTrace", "{}").0, 403, "and without a mailbox");
    let (status, own) = ask("bob@contoso.example", "Get-MessageTrace", "{}");
    assert_eq!((status, own["count"].as_u64()), (200, Some(2)));
    assert_eq!(ask("bob@contoso.example", "Get-Mailbox", "{}").0, 403);
    office.ask(&["Add-RoleGroupMember", "Help Desk", "-Member", "helper"], Answer::NoTerminal);
    assert_eq!(ask("helper", "Get-Mailbox", "{}").0, 200);
    assert_eq!(ask("helper", "New-RoleGroup", "{\"Name\": \"Mine\"}").0, 403);
    // What is missing or wrong in a call is for those who may make it; the others are told, and recorded, as ever.
    for body in ["{}", "{\"Nothing\": 1}", "not JSON"] {
        assert_eq!(ask("helper", "New-Mailbox", body).0, 403, "{body}");
    }
    assert_eq!(office.directory_audit("New-Mailbox -UserIds helper"), 3);
    assert_eq!(ask("helper", "Get-MessageTrace", "{\"Nothing\": 1}").0, 400, "they may");
    office.json("Set-User helper -AccountDisabled true");
    assert_eq!(ask("helper", "Get-Mailbox", "{}").0, 401);
    let looked = office.json("Search-AdminAuditLog -Cmdlets Get-MessageTrace -UserIds Bob@contoso.example");
    assert_eq!((&looked[0]["ResultRows"], &looked[0]["Interface"]), (&json!(2), &json!("HTTP")));
    assert_eq!(looked[0]["LookedUp"], "bob@contoso.example");
    let found = office
        .json("Search-AdminAuditLog -IncludeLookUps -ObjectIds bob@contoso.example -Parameters Nothing");
    assert_eq!(found, json!([]));
}

/// Guessing over the interface is as slow as on the sign-in page, and who knows the password is not held up by it.
#[test]
fn wrong_passwords_over_http_have_to_wait() {
    let office = office();
    office.json("New-User helper -Password right-horse");
    office.json("New-User other -Password right-horse");
    for user in ["helper", "other"] {
        office.ask(&["Add-RoleGroupMember", "Help Desk", "-Member", user], Answer::NoTerminal);
    }
    let ask = |user: &str, password: &str| {
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        let authorization = format!("Basic {basic}");
        let headers = [("content-type", "application/json"), ("authorization", authorization.as_str())];
        let access = Access::Authenticated(Arc::new(office.instance.credentials.clone()));
        post(&office, access, "/api/v1/cmdlets/Get-Mailbox", &headers, "{}").0
    };
    for _ in 0..30 {
        assert_eq!(ask("helper", "right-horse"), 200, "right ones never count");
    }
    for _ in 0..4 {
        assert_eq!(ask("helper", "wrong"), 401);
    }
    assert_eq!(ask("helper", "wrong"), 429);
    assert_eq!(ask("helper", "right-horse"), 429, "else the answer would tell that it was found");
    assert_eq!(ask("other", "right-horse"), 200);
    office.sim.advance(std::time::Duration::from_secs(2));
    assert_eq!(ask("helper", "right-horse"), 200);
}

#[test]
fn users_and_role_groups_from_the_shell() {
    let office = office();
    office.json("New-User helper -Password right-horse");
    let words = [
        "New-RoleGroup",
        "Tracers",
        "-Roles",
        "Message Tracking,Audit Logs",
        "-Members",
        "helper,ann",
        "-Format",
        "json",
    ];
    let (code, out, err) = office.ask(&words, Answer::NoTerminal);
    assert_eq!(code, 0, "{err}");
    let made: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&made["Roles"], &made["Members"]),
        (&json!(["Message Tracking", "Audit Logs"]), &json!(["Ann", "helper"]))
    );
    assert_eq!(office.json("Get-User helper")[0]["RoleGroups"], json!(["Tracers"]));
    let (code, _, err) =
        office.ask(&["New-RoleGroup", "Other", "-Roles", "Mesage Tracking"], Answer::NoTerminal);
    assert!(code == 2 && err.contains("did you mean Message Tracking?"), "{err}");
    let roles = office.json("Get-ManagementRole -Cmdlet Get-MessageTrackingLog");
    assert_eq!((roles.as_array().unwrap().len(), &roles[0]["Name"]), (1, &json!("Message Tracking")));
    office.json("Remove-User helper -Confirm:false");
    assert_eq!(office.json("Get-RoleGroup Tracers")[0]["Members"], json!(["Ann"]));
    office.json("Remove-RoleGroup Tracers -Confirm:false");
    let top =
        ["Remove-RoleGroupMember", "Organization Management", "-Member", "Administrator", "-Confirm:false"];
    let (code, _, err) = office.ask(&top, Answer::NoTerminal);
    // The mailbox and the user have the same name, so it must be said which.
    assert!(code == 1 && err.contains("user without a mailbox"), "{err}");
}

/// One GET straight into the router as a user with the password right-horse.
fn get(office: &Office, user: &str, path: &str) -> (u16, String) {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{user}:right-horse"));
    let request = hyper::Request::get(path).header("authorization", format!("Basic {basic}"));
    let request = request.body(axum::body::Body::empty()).unwrap();
    let access = Access::Authenticated(Arc::new(office.instance.credentials.clone()));
    let router = http::router(office.instance.clone(), access);
    office.sim.run(async move {
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    })
}

#[test]
fn other_ways_to_the_trace_obey_too() {
    let office = office();
    office.json("New-User helper -Password right-horse");
    office.ask(&["Add-RoleGroupMember", "Help Desk", "-Member", "helper"], Answer::NoTerminal);
    let list = "/v1.0/admin/exchange/tracing/messageTraces";
    let detail =
        format!("{list}/{}/getDetailsByRecipient(recipientAddress='bob@contoso.example')", id(FROM_ANN));
    for path in [list, &detail] {
        assert_eq!(get(&office, "bob@contoso.example", path).0, 403, "{path}");
        assert_eq!(get(&office, "helper", path).0, 200, "{path}");
    }
    assert!(get(&office, "helper", list).1.contains("Salaries"));
    office.json("Set-TransportConfig -TraceSubjectVisibility HiddenFromHelpDesk");
    let (status, seen) = get(&office, "helper", list);
    assert!(status == 200 && seen.contains("bob@contoso.example") && !seen.contains("Salaries"), "{seen}");
    let asked = format!("{list}?$filter=contains(subject,%27Salaries%27)");
    assert_eq!(get(&office, "helper", &asked).0, 403);
    let looked = office.json("Search-AdminAuditLog -Cmdlets Get-MessageTraceDetailV2 -UserIds helper");
    assert_eq!(looked[0]["LookedUp"], "bob@contoso.example");
    let help = Actor::with_groups("help", &[RoleGroup::HelpDesk]);
    for body in [json!({"ReportType": "Summary", "Path": "-"}), json!({"Subject": "Failed"})] {
        let refused = call(&office, &help, "Get-MessageTrace", body.clone()).map(|output| text(&output));
        assert_eq!(refused.unwrap_err().code(), "Forbidden", "{body}");
    }
    let local = scoped(&[Role::MessageTracking], "fabrikam.example");
    for (cmdlet, body) in [
        ("Get-MessageTrace", json!({"ReportType": "Extended", "Path": "-"})),
        ("Get-MessageTrace", json!({"ReportType": "EnhancedSummary", "Path": "-"})),
        ("Get-MessageTrace", json!({"TransportRule": "x"})),
        ("Set-MessageTraceQuery", json!({"Identity": "x", "Status": ["Failed"]})),
    ] {
        let refused = call(&office, &local, cmdlet, body.clone()).map(|output| text(&output));
        assert_eq!(refused.unwrap_err().code(), "Forbidden", "{cmdlet} {body}");
    }
    for (cmdlet, body) in [
        ("Get-MessageTrace", json!({"ReportType": "Summary", "Path": "-"})),
        ("Get-MessageTrace", json!({"Slowest": 5, "Status": ["Delivered", "Resolved"]})),
        ("Get-MessageTrace", json!({"Query": "Slowest deliveries"})),
        ("Get-GatewayTrace", json!({"StartDate": "2000-01-01"})),
    ] {
        let seen = call(&office, &local, cmdlet, body.clone()).unwrap();
        let lines = String::from_utf8_lossy(seen.binary.as_deref().unwrap_or_default()).into_owned();
        let said = format!("{} {lines}", text(&seen));
        assert!(said.contains("eve@fabrikam.example") && !said.contains("bob@"), "{cmdlet} {body}: {said}");
    }
}

#[test]
fn graph_and_background_reports_keep_to_the_domain() {
    let office = office();
    office.json("New-User local -Password right-horse");
    let words = [
        "New-RoleGroup",
        "Locals",
        "-Roles",
        "Message Tracking",
        "-RecipientDomainScope",
        "fabrikam.example",
        "-Members",
        "local",
    ];
    assert_eq!(office.ask(&words, Answer::NoTerminal).0, 0);
    let list = "/v1.0/admin/exchange/tracing/messageTraces";
    let (status, seen) = get(&office, "local", list);
    assert!(status == 200 && seen.contains("eve@fabrikam.example") && !seen.contains("bob@"), "{seen}");
    let detail = |to: &str| format!("{list}/{}/getDetailsByRecipient(recipientAddress='{to}')", id(FROM_ANN));
    assert_eq!(get(&office, "local", &detail("eve@fabrikam.example")).0, 200);
    assert_eq!(get(&office, "local", &detail("bob@contoso.example")).0, 404, "as if it were not there");

    let local = scoped(&[Role::MessageTracking], "fabrikam.example");
    let start = |kind: &str| {
        let body = json!({"ReportTitle": "Mine", "ReportType": kind, "StartDate": "2000-01-01"});
        call(&office, &local, "Start-HistoricalSearch", body)
    };
    assert_eq!(start("Extended").map(|output| text(&output)).unwrap_err().code(), "Forbidden");
    let job = start("Summary").unwrap().rows[0]["JobId"].as_str().unwrap().to_owned();
    let reports = office.instance.services.historical_searches().unwrap();
    let written = office.sim.run(async {
        loop {
            let found = reports.job(job.parse().unwrap()).unwrap();
            if !found.state.is_open() {
                return found;
            }
            office.world.clock.sleep(std::time::Duration::from_secs(1)).await;
        }
    });
    assert_eq!(written.error, None);
    let other = scoped(&[Role::MessageTracking], "contoso.example");
    let listed = |actor: &Actor| call(&office, actor, "Get-HistoricalSearch", json!({})).unwrap().rows.len();
    assert_eq!((listed(&local), listed(&other)), (1, 0));
    let chart = |actor: &Actor| {
        let asked = json!({"JobId": job, "Path": "-"});
        call(&office, actor, "Get-HistoricalSearch", asked).map(|output| output.binary.unwrap_or_default())
    };
    let lines = String::from_utf8(chart(&local).unwrap().to_vec()).unwrap();
    assert!(lines.contains("eve@fabrikam.example") && !lines.contains("bob@"), "{lines}");
    assert!(chart(&other).is_err());
}

#[test]
fn nothing_of_a_rule_is_left_in_any_form() {
    let office = office();
    let top = Actor::with_groups("top", &[RoleGroup::OrganizationManagement]);
    let tracer = Actor::with_groups("records", &[RoleGroup::RecordsManagement]);
    let detail = json!({"MessageTraceId": id(FROM_ANN), "RecipientAddress": "bob@contoso.example"});
    let path = json!({
        "Identity": format!("{}", id(FROM_ANN)), "ReportTemplate": "RecipientPath",
        "RecipientPathFilter": "bob@contoso.example", "DetailLevel": "Verbose",
    });
    let extended = |format: &str| json!({"ReportType": "Extended", "ReportFormat": format, "Path": "-"});
    for (cmdlet, body) in [
        ("Get-MessageTraceDetail", detail),
        ("Get-MessageTrackingReport", path),
        ("Get-MessageTrackingLog", json!({})),
        ("Get-MessageTrackingLog", json!({"Path": "-"})),
        ("Get-MessageTrace", extended("Csv")),
        ("Get-MessageTrace", extended("JsonLines")),
    ] {
        let all = |actor: &Actor| {
            let seen = call(&office, actor, cmdlet, body.clone()).unwrap();
            let file = String::from_utf8_lossy(seen.binary.as_deref().unwrap_or_default()).into_owned();
            format!("{} {file}", text(&seen))
        };
        assert!(all(&top).contains("hold it"), "{cmdlet} {body}: {}", all(&top));
        let seen = all(&tracer);
        assert!(seen.contains("SCL=1"), "{cmdlet} {body}: {seen}");
        for secret in ["Hush", "ruleId", "hold it", "raise"] {
            assert!(!seen.contains(secret), "{secret} in {cmdlet} {body}: {seen}");
        }
    }
}

#[test]
fn an_administrator_of_a_domain_sees_no_other_member_in_the_detail() {
    let office = office();
    let local = scoped(&[Role::MessageTracking], "fabrikam.example");
    let detail = json!({"MessageTraceId": id(FROM_ANN), "RecipientAddress": "eve@fabrikam.example"});
    let whole = Actor::with_groups("records", &[RoleGroup::RecordsManagement]);
    assert!(text(&call(&office, &whole, "Get-MessageTraceDetail", detail.clone()).unwrap()).contains("bob@"));
    let seen = call(&office, &local, "Get-MessageTraceDetail", detail).unwrap();
    assert!(!seen.rows.is_empty());
    for others in ["bob@", "sales@", "home@"] {
        assert!(!text(&seen).contains(others), "{others}: {}", text(&seen));
    }
    let words = ["New-RoleGroup", "Locals", "-Roles", "Message Tracking", "-Members", "helper"];
    office.json("New-User helper -Password right-horse");
    let scope = ["-RecipientDomainScope", "fabrikam.example"];
    let words: Vec<&str> = words.into_iter().chain(scope).collect();
    let (code, _, err) = office.ask(&words, Answer::NoTerminal);
    assert_eq!(code, 0, "{err}");
    let graph = format!(
        "/v1.0/admin/exchange/tracing/messageTraces/{}/getDetailsByRecipient(recipientAddress='eve@fabrikam.example')",
        id(FROM_ANN)
    );
    let (status, seen) = get(&office, "helper", &graph);
    assert!(status == 200 && !seen.contains("bob@") && !seen.contains("sales@"), "{status} {seen}");
}

#[test]
fn a_condition_on_subjects_is_a_subject() {
    let office = office();
    office.json("Set-TransportConfig -TraceSubjectVisibility HiddenFromHelpDesk");
    let granted = Granted { scope: Scope::Organization, sight: Sight::HelpDesk };
    let row = json!({"Parameters": {"NotSubject": "Salaries", "Last": "1.00:00:00"}});
    let output = Output::list(vec![row.as_object().cloned().unwrap()]);
    let cmdlet = registry::find("Get-MessageTraceQuery").unwrap();
    let seen = crate::privacy::shown(&granted, cmdlet, &office.instance.directory.snapshot(), output);
    assert!(text(&seen).contains("1.00:00:00") && !text(&seen).contains("Salaries"), "{}", text(&seen));
}
