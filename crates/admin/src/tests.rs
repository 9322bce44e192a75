//! The directory's cmdlets through the whole stack: command line, HTTP over a simulated Unix socket, output.
//! May touch: a simulated world.

use std::path::Path;

use directory::{Credentials, Directory, PasswordHash, Seed};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use world::World;
use world::sim::SimWorld;

use crate::context::Instance;
use crate::http::{self, Access};
use crate::services::Services;
use crate::shell::{self, Answer, LocalSocket, Terminal};

mod bodies;
mod certificates_and_health;
mod forwarding;
mod gateway_words;
mod historical_searches;
mod kept_searches;
mod mail_flow;
mod mail_flow_status;
mod names;
mod open_searches;
mod place_imports;
mod place_words;
mod places;
mod posted_forms;
mod receive_connectors;
mod rights;
mod send_connector_trial;
mod trace_detail;
mod trace_filters;
mod trace_queries;

const SOCKET: &str = "/run/postroom.sock";

struct Screen {
    out: String,
    err: String,
    answer: Answer,
}

impl Terminal for Screen {
    fn out(&mut self, bytes: &[u8]) {
        self.out.push_str(&String::from_utf8_lossy(bytes));
    }
    fn err(&mut self, text: &str) {
        self.err.push_str(text);
    }
    fn progress(&mut self, sentence: Option<&str>) {
        self.err.push_str(&format!("[{}]", sentence.unwrap_or_default()));
    }
    fn ask(&mut self, question: &str) -> Answer {
        self.err.push_str(question);
        self.answer
    }
    fn width(&self) -> Option<usize> {
        None
    }
    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }
    fn folder(&self) -> Option<std::path::PathBuf> {
        Some("/logs".into())
    }
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == "password.txt" {
            Ok(b"correct horse\n".to_vec())
        } else {
            Err(format!("{path} does not exist"))
        }
    }
    fn write_file(&mut self, path: &str, _: &[u8]) -> Result<(), String> {
        Err(format!("{path} cannot be written"))
    }
}

/// A server with the organization contoso.example, and a shell that talks to it.
struct Office {
    sim: SimWorld,
    world: World,
    instance: Instance,
}

impl Office {
    fn open() -> Office {
        Office::with(|_, _| Services::default())
    }

    /// With parts of the server beyond the directory.
    fn with(services: impl FnOnce(&SimWorld, &World) -> Services) -> Office {
        let sim = SimWorld::new(7);
        let world = sim.world();
        world.disk.create_dir_all(Path::new("/data")).unwrap();
        world.disk.create_dir_all(Path::new("/run")).unwrap();
        let path = Path::new("/data/directory.sqlite");
        let directory = Directory::open(&world.disk, path, &world.clock, &world.chance).unwrap();
        let password = PasswordHash::from_phc("$argon2id$none".into());
        let seed = Seed { domain: "contoso.example", server_name: "mx1", password };
        directory.change("init", |draft| draft.seed(&seed)).unwrap();
        let credentials = Credentials::new(&directory, &world.clock, &world.chance, &world.exec);
        let services = services(&sim, &world);
        let (seats, just_made) = (crate::http::Seats::default(), crate::http::JustMade::default());
        let instance = Instance { directory, credentials, world: world.clone(), services, seats, just_made };
        let router = http::router(instance.clone(), Access::LocalSocket);
        let net = world.net.clone();
        let exec = world.exec.clone();
        sim.run(async move {
            let listener = net.listen_local(Path::new(SOCKET)).await.unwrap();
            let per_connection = exec.clone();
            exec.spawn("socket", async move {
                while let Ok(connection) = listener.accept().await {
                    let router = router.clone();
                    per_connection.spawn("connection", async move {
                        let _ = http::serve_connection(connection.io, router).await;
                    });
                }
            });
        });
        Office { sim, world, instance }
    }

    fn ask(&self, words: &[&str], answer: Answer) -> (u8, String, String) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let mut screen = Screen { out: String::new(), err: String::new(), answer };
        let socket = LocalSocket {
            net: self.world.net.clone(),
            path: SOCKET.into(),
            when_down: "no server runs on /data; start `postroom serve`".into(),
        };
        let code = self.sim.run(shell::run(&words, &mut screen, &socket));
        (code, screen.out, screen.err)
    }

    /// Runs a line of words without blanks in them, for JSON, without a terminal.
    fn json(&self, line: &str) -> Value {
        let words: Vec<&str> = line.split(' ').chain(["-Format", "json"]).collect();
        let (code, out, err) = self.ask(&words, Answer::NoTerminal);
        assert_eq!(code, 0, "{line}: {err}");
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{line}: {out}"))
    }

    /// How often the audit log has a cmdlet.
    fn directory_audit(&self, cmdlet: &str) -> usize {
        let rows = self.json(&format!("Search-AdminAuditLog -Cmdlets {cmdlet}"));
        rows.as_array().unwrap().len()
    }

    fn fails(&self, line: &str) -> (u8, String) {
        let words: Vec<&str> = line.split(' ').collect();
        let (code, out, err) = self.ask(&words, Answer::NoTerminal);
        assert_eq!(out, "", "{line}");
        assert_eq!(err.trim_end().lines().count(), 1, "{line}: {err}");
        (code, err)
    }
}

/// Puts events of this server into its trace, each message on the day it came; how many were new.
fn fill(trace: &trace::Trace, mut events: Vec<events::Event>) -> usize {
    use std::collections::HashMap;
    let mut came: HashMap<_, jiff::Timestamp> = HashMap::new();
    for event in events.iter().filter(|event| event.event_id == events::EventId::Receive) {
        let first = came.entry(event.network_message_id).or_insert(event.at);
        *first = event.at.min(*first);
    }
    for event in &mut events {
        event.received = came.get(&event.network_message_id).copied().unwrap_or(event.at);
    }
    let keyed = events.into_iter().zip(1..);
    let keyed = keyed.map(|(event, seq)| (trace::EventKey { node: trace::NodeId(1), seq }, event));
    trace.store().import(keyed.collect()).unwrap()
}

#[test]
fn a_mailbox_is_made_changed_shown_and_removed() {
    let office = Office::open();
    let made =
        office.json("New-Mailbox Kim -PrimarySmtpAddress kim@contoso.example -PasswordFile password.txt");
    assert_eq!(made["PrimarySmtpAddress"], "kim@contoso.example");
    assert_eq!(made["RecipientTypeDetails"], "UserMailbox");
    assert_eq!(made["Alias"], "kim");
    assert_eq!(made["AccountDisabled"], false);
    let set = office.json(
        "Set-Mailbox kim -MaxSendSize 10MB -EmailAddresses @{Add='k@contoso.example'} -RecipientLimits 5",
    );
    assert_eq!(set["MaxSendSize"], "10 MB (10,485,760 bytes)");
    assert_eq!(set["EmailAddresses"], json!(["SMTP:kim@contoso.example", "smtp:k@contoso.example"]));
    assert_eq!(set["RecipientLimits"], 5);
    let shown = office.json("Get-Mailbox k@contoso.example");
    assert_eq!(shown[0]["Name"], "Kim");
    assert_eq!(office.fails("Remove-Mailbox kim").0, 2);
    assert_eq!(office.json("Remove-Mailbox kim -Confirm:false"), Value::Null);
    let back = office.json("Undo-SoftDeletedMailbox kim");
    assert_eq!(back["PrimarySmtpAddress"], office.json("Get-Mailbox kim")[0]["PrimarySmtpAddress"]);
    assert_eq!((office.fails("Undo-SoftDeletedMailbox kim").0, &back["AccountDisabled"]), (1, &json!(true)));
    office.json("Remove-Mailbox kim -Confirm:false");
    assert_eq!(office.fails("Get-Mailbox kim").0, 1);
    assert_eq!(office.json("Get-Mailbox -SoftDeletedMailbox")[0]["Name"], "Kim");
}

#[test]
fn destruction_asks_and_what_if_changes_nothing() {
    let office = Office::open();
    office.json("New-MailContact Anna -ExternalEmailAddress anna@fabrikam.example");
    let (code, _, err) = office.ask(&["Remove-MailContact", "anna"], Answer::No);
    assert_eq!(code, 1);
    assert!(err.contains("remove the mail contact \"Anna\" <anna@fabrikam.example> (1 object)"), "{err}");
    let (code, _, err) = office.ask(&["Remove-MailContact", "anna", "-WhatIf"], Answer::NoTerminal);
    assert_eq!((code, err.contains("What if")), (0, true), "{err}");
    office.json("New-Mailbox Kim -Shared -WhatIf");
    assert_eq!(office.fails("Get-Mailbox kim").0, 1);
    let (code, _, _) = office.ask(&["Remove-MailContact", "anna"], Answer::Yes);
    assert_eq!(code, 0);
    assert_eq!(office.json("Get-MailContact"), json!([]));
}

#[test]
fn what_if_promises_nothing_that_is_refused() {
    let office = Office::open();
    for line in ["Remove-AcceptedDomain contoso.example", "Remove-RemoteDomain Default"] {
        let refused = office.fails(&format!("{line} -Confirm:false"));
        assert_eq!(refused.0, 1, "{refused:?}");
        assert_eq!(office.fails(&format!("{line} -WhatIf")), refused, "{line}");
        assert_eq!(office.fails(line), refused, "nobody is asked about it: {line}");
    }
    office.json("New-RemoteDomain Fabrikam -DomainName fabrikam.example");
    let (code, _, err) = office.ask(&["Remove-RemoteDomain", "Fabrikam", "-WhatIf"], Answer::NoTerminal);
    assert_eq!((code, err.contains("What if")), (0, true), "{err}");
    assert_eq!(office.json("Get-RemoteDomain Fabrikam")[0]["Name"], "Fabrikam", "and nothing was removed");
}

#[test]
fn what_the_next_host_must_show_is_cleared_by_null() {
    let office = Office::open();
    office
        .json("New-SendConnector Out -AddressSpaces * -RequireTLS $true -TlsAuthLevel CertificateValidation");
    assert_eq!(office.json("Set-SendConnector Out -TlsAuthLevel $null")["TlsAuthLevel"], Value::Null);
    assert_eq!(office.json("Set-SendConnector Out -RequireTLS $false")["RequireTLS"], false);
}

#[test]
fn two_members_of_one_name_are_told_apart() {
    let office = Office::open();
    // The administrator is an account and a mailbox.
    let all = office.json("Get-RoleGroup");
    for group in all.as_array().unwrap() {
        let members = group["Members"].as_array().unwrap();
        let different: std::collections::BTreeSet<String> = members.iter().map(Value::to_string).collect();
        assert_eq!(different.len(), members.len(), "{group}");
    }
}

#[test]
fn the_audit_log_takes_wildcards() {
    let office = Office::open();
    office.json("New-Mailbox Kim -Shared");
    office.json("Set-Mailbox Kim -MailTip hello");
    let count = |line: &str| office.json(line).as_array().unwrap().len();
    assert_eq!(count("Search-AdminAuditLog -Cmdlets *-mailbox"), 2);
    assert_eq!(count("Search-AdminAuditLog -Cmdlets Set-*"), 1);
    assert_eq!(count("Search-AdminAuditLog -ObjectIds k*"), 2);
    assert_eq!(count("Search-AdminAuditLog -UserIds nobody*"), 0);
    assert!(count("Search-AdminAuditLog -UserIds *") >= 2);
}

#[test]
fn sign_ins_are_found_by_a_pattern_too() {
    let office = Office::open();
    office.json("New-Mailbox Kim -Shared");
    for name in [crate::audit::SIGN_IN, crate::audit::SIGN_OUT] {
        let command = directory::AuditedCommand {
            actor: "kim".to_owned(),
            via: directory::AuditVia::Http,
            cmdlet: Some(name.to_owned()),
            parameters: None,
            is_look_up: true,
        };
        let end = directory::AuditEnd { error: None, rows: None, about: None };
        office.instance.directory.record_command(&command, &end).unwrap();
    }
    for (pattern, count) in [("Sign-*", 2), ("sign-i*", 1), ("Sign-Out", 1), ("*-Out", 1), ("Sign-Up*", 0)] {
        assert_eq!(office.directory_audit(pattern), count, "{pattern}");
    }
    let all = office.json("Search-AdminAuditLog -Cmdlets *");
    assert!(!all.to_string().contains("Sign-"), "a pattern of everything asks for changes: {all}");
}

#[test]
fn groups_and_their_members() {
    let office = Office::open();
    office.json("New-Mailbox Kim -Shared");
    office.json("New-MailUser Anna -ExternalEmailAddress anna@fabrikam.example");
    let group =
        office.json("New-DistributionGroup Sales -PrimarySmtpAddress sales@contoso.example -Members kim");
    assert_eq!(group["RequireSenderAuthenticationEnabled"], true);
    assert_eq!(group["MemberCount"], 1);
    assert_eq!(office.json("Add-DistributionGroupMember sales -Member anna")["Name"], "Anna");
    assert_eq!(office.fails("Add-DistributionGroupMember sales -Member anna").0, 1);
    let members = office.json("Get-DistributionGroupMember sales");
    assert_eq!(
        members.as_array().unwrap().iter().map(|row| &row["Name"]).collect::<Vec<_>>(),
        ["Anna", "Kim"]
    );
    office.json("Remove-DistributionGroupMember sales -Member kim -Confirm:false");
    let opened = office.json("Set-DistributionGroup sales -RequireSenderAuthenticationEnabled $false");
    assert_eq!(
        (&opened["RequireSenderAuthenticationEnabled"], &opened["MemberCount"]),
        (&json!(false), &json!(1))
    );
    let kinds = office.json("Get-Recipient -RecipientTypeDetails MailUser");
    assert_eq!(kinds.as_array().unwrap().len(), 1);
}

#[test]
fn forwarding_quotas_and_permissions() {
    let office = Office::open();
    office.json("New-Mailbox Kim -Password verysecret");
    office.json("New-Mailbox Orders -Shared");
    let set = office.json("Set-Mailbox orders -ForwardingAddress kim -DeliverToMailboxAndForward true -ProhibitSendReceiveQuota 1MB");
    assert_eq!(
        (&set["ForwardingAddress"], &set["DeliverToMailboxAndForward"]),
        (&json!("Kim"), &json!(true))
    );
    assert_eq!(set["ProhibitSendReceiveQuota"], "1 MB (1,048,576 bytes)");
    assert_eq!(set["UseDatabaseQuotaDefaults"], false);
    let set =
        office.json("Set-Mailbox orders -ForwardingAddress $null -ForwardingSmtpAddress k@fabrikam.example");
    assert_eq!(set["ForwardingAddress"], Value::Null);
    assert_eq!(set["ForwardingSmtpAddress"], "smtp:k@fabrikam.example");
    let grant =
        office.json("Add-MailboxPermission orders -User kim -AccessRights FullAccess -AutoMapping false");
    assert_eq!((&grant["User"], &grant["AutoMapping"]), (&json!("Kim@contoso.example"), &json!(false)));
    office.json("Add-RecipientPermission orders -Trustee kim -AccessRights SendAs");
    assert_eq!(office.json("Get-RecipientPermission orders")[0]["AccessRights"], json!(["SendAs"]));
    let set = office.json("Set-Mailbox orders -GrantSendOnBehalfTo kim");
    assert_eq!(set["GrantSendOnBehalfTo"], json!(["Kim"]));
    office.json("Remove-MailboxPermission orders -User kim -AccessRights FullAccess -Confirm:false");
    assert_eq!(office.json("Get-MailboxPermission orders"), json!([]));
    office.json("Remove-RecipientPermission orders -Trustee kim -AccessRights SendAs -Confirm:false");
    assert_eq!(office.json("Get-RecipientPermission"), json!([]));
}

#[test]
fn domains_connectors_and_settings() {
    let office = Office::open();
    let domain = office.json("New-AcceptedDomain -DomainName fabrikam.example -DomainType internalrelay");
    assert_eq!(
        (&domain["DomainType"], &domain["AddressBookEnabled"]),
        (&json!("InternalRelay"), &json!(false))
    );
    assert_eq!(
        office.json("Set-AcceptedDomain fabrikam.example -MatchSubDomains true")["MatchSubDomains"],
        true
    );
    assert_eq!(office.fails("Remove-AcceptedDomain contoso.example -Confirm:false").0, 1);
    office.json("Remove-AcceptedDomain fabrikam.example -Confirm:false");
    assert_eq!(office.json("Set-RemoteDomain Default -AutoForwardEnabled true")["AutoForwardEnabled"], true);
    office.json("New-RemoteDomain Tailspin -DomainName *.tailspin.example");
    let connector = office.json("New-SendConnector Out -AddressSpaces * -SmartHosts 192.0.2.1 -Port 2525");
    assert_eq!(connector["AddressSpaces"], json!(["SMTP:*;1"]));
    assert_eq!(connector["SmartHosts"], json!(["[192.0.2.1]"]));
    assert_eq!((&connector["Port"], &connector["DNSRoutingEnabled"]), (&json!(2525), &json!(false)));
    assert_eq!(office.json("Set-SendConnector Out -SmartHosts $null")["DNSRoutingEnabled"], true);
    let connector = office.json("New-ReceiveConnector Printers -Bindings 127.0.0.1:0 -RemoteIPRanges 192.0.2.10 -PermissionGroups AnonymousUsers -TarpitInterval 00:00:00");
    assert_eq!(
        (&connector["Identity"], &connector["TarpitInterval"]),
        (&json!("mx1\\Printers"), &json!("00:00:00"))
    );
    office.json("Remove-ReceiveConnector Printers -Confirm:false");
    let config = office.json("Set-TransportConfig -MaxReceiveSize 25MB -GenerateCopyOfDSNFor @{Add='5.1.1'}");
    assert_eq!(config["MaxReceiveSize"], "25 MB (26,214,400 bytes)");
    assert!(config["GenerateCopyOfDSNFor"].as_array().unwrap().contains(&json!("5.1.1")));
    let service =
        office.json("Set-TransportService mx1 -MessageExpirationTimeout 1.00:00:00 -QueueGlitchRetryCount 2");
    assert_eq!(service["MessageExpirationTimeout"], "1.00:00:00");
    assert_eq!(office.json("Get-TransportService")[0]["QueueGlitchRetryCount"], 2);
    assert!(office.fails("Set-TransportService -QueueGlitchRetryCount 99").1.contains("0 to 15"));
}

#[test]
fn the_audit_log_names_who_and_what_and_no_secret() {
    let office = Office::open();
    office.json("New-Mailbox Kim -Password verysecret");
    office.json("Set-Mailbox kim -DisplayName Kimmy");
    office.fails("Set-Mailbox kim -EmailAddresses nobody@nowhere.example");
    let rows = office.json("Search-AdminAuditLog -ObjectIds Kim");
    assert_eq!(rows.as_array().unwrap().len(), 3, "{rows}");
    assert_eq!(
        [&rows[0]["CmdletName"], &rows[1]["CmdletName"], &rows[2]["CmdletName"]],
        ["Set-Mailbox", "Set-Mailbox", "New-Mailbox"]
    );
    assert_eq!([&rows[0]["Succeeded"], &rows[1]["Succeeded"]], [&json!(false), &json!(true)]);
    assert!(rows[0]["Error"].as_str().unwrap().contains("nowhere.example"), "{rows}");
    assert_eq!(rows[1]["CmdletParameters"]["DisplayName"], "Kimmy");
    assert_eq!(
        (&rows[1]["Before"]["display_name"], &rows[1]["After"]["display_name"]),
        (&json!("Kim"), &json!("Kimmy"))
    );
    assert_eq!(rows[2]["CmdletParameters"]["Password"], "***");
    assert_eq!(rows[2]["Interface"], "LocalSocket");
    assert_eq!(office.json("Search-AdminAuditLog -Cmdlets new-mailbox")[0]["ObjectModified"], "Kim");
    assert!(
        office.fails("Search-AdminAuditLog -Cmdlets New-Malibox").1.contains("did you mean New-Mailbox?")
    );
    assert_eq!(rows[0]["Caller"], "local administrator");
    assert!(!rows.to_string().contains("verysecret") && !rows.to_string().contains("argon2"));
}

#[test]
fn a_new_group_belongs_to_its_maker() {
    let office = Office::open();
    let local = office.json("New-DistributionGroup Sales");
    assert_eq!(local["ManagedBy"], json!(["Organization Management"]));
    office.json("New-Mailbox Kim -Password verysecret");
    let cmdlet = crate::registry::find("New-DistributionGroup").unwrap();
    let make = |name: &str, actor: &str| {
        let body = json!({ "Name": name });
        let arguments = crate::Arguments::from_json(cmdlet, body.as_object().unwrap()).unwrap();
        let context = office
            .instance
            .context(crate::Actor::with_groups(actor, &[crate::role::RoleGroup::OrganizationManagement]));
        let output = office.sim.run(async { crate::registry::invoke(&context, &arguments).await }).unwrap();
        output.rows[0]["ManagedBy"].clone()
    };
    assert_eq!(make("Team", "kim"), json!(["Kim"]));
    assert_eq!(make("Others", "nobody"), json!(["Organization Management"]));
    let rows = office.json("Search-AdminAuditLog -ObjectIds Team");
    assert_eq!((&rows[0]["Caller"], &rows[0]["Interface"]), (&json!("kim"), &json!("HTTP")));
    let given = office.json("New-DistributionGroup Owned -ManagedBy kim");
    assert_eq!(given["ManagedBy"], json!(["Kim"]));
}

#[test]
fn mistakes_end_with_one_line_and_the_right_code() {
    let office = Office::open();
    let lines: &[(&str, u8, &str)] = &[
        ("Get-Malibox", 2, "did you mean Get-Mailbox?"),
        ("Get-Mailbox -Idenity kim", 2, "did you mean -Identity?"),
        ("Set-Mailbox kim -HiddenFromAddressListsEnabled", 2, "has no value"),
        ("New-Mailbox Kim -PrimarySmtpAddress kim@nowhere.example", 1, "not an accepted domain"),
        ("New-Mailbox Kim -PasswordFile none.txt", 2, "does not exist"),
        ("Get-Mailbox nobody", 1, "nobody"),
        ("Get-Mailbox --bogus", 2, "has no parameter -bogus"),
        ("New-Mailbox Kim -Password short", 1, "at least 8 characters"),
        ("New-SendConnector Out -AddressSpaces * -TlsCertificateName AB", 1, "is not supported"),
        ("Set-MailContact administrator -Name x", 1, "not a mail contact"),
        ("New-AcceptedDomain -DomainName contoso.example", 1, "contoso.example"),
        ("Get-Mailbox -Filter Nmae -ResultSize 1", 2, "takes conditions"),
    ];
    for (line, code, text) in lines {
        let (got, err) = office.fails(line);
        assert_eq!(got, *code, "{line}: {err}");
        assert!(err.contains(text), "{line}: {err}");
    }
}

#[test]
fn a_new_administrator_password_is_printed_once() {
    let office = Office::open();
    let reset = office.json("Reset-AdministratorPassword");
    let password = reset["Password"].as_str().unwrap().to_owned();
    assert_eq!(password.len(), 20);
    let credentials = office.instance.credentials.clone();
    let verified = office
        .sim
        .run(async move { credentials.verify_administrator("Administrator", password.as_bytes()).await });
    assert!(verified.is_ok());
}

#[test]
fn without_a_server_the_shell_says_what_to_do() {
    let sim = SimWorld::new(1);
    let mut screen = Screen { out: String::new(), err: String::new(), answer: Answer::NoTerminal };
    let socket = LocalSocket {
        net: sim.world().net.clone(),
        path: SOCKET.into(),
        when_down: "no server runs on /data; start `postroom serve`".into(),
    };
    let words = ["Get-Mailbox".to_owned()];
    assert_eq!(sim.run(shell::run(&words, &mut screen, &socket)), 1);
    assert_eq!(screen.err, "no server runs on /data; start `postroom serve`\n");
    let words = ["help".to_owned(), "get-mailbox".to_owned()];
    assert_eq!(sim.run(shell::run(&words, &mut screen, &socket)), 0);
    assert!(screen.out.contains("-RecipientTypeDetails"));
}

#[test]
fn tables_show_what_people_want() {
    let office = Office::open();
    office.json("New-Mailbox Kim -Shared");
    let (code, out, err) = office.ask(&["Get-Mailbox", "-ResultSize", "1"], Answer::NoTerminal);
    assert_eq!(code, 0);
    assert!(out.starts_with("Name"), "{out}");
    assert!(err.contains("WARNING: 1 of "), "{err}");
    let (_, out, _) = office.ask(&["Get-Mailbox", "kim", "-Format", "csv"], Answer::NoTerminal);
    assert_eq!(out.matches("\r\n").count(), 2, "{out}");
    let (_, out, _) =
        office.ask(&["Get-Mailbox", "kim", "-Format", "list", "-TimeZone", "+02:00"], Answer::NoTerminal);
    assert!(out.lines().any(|line| line.starts_with("WhenCreated ") && line.ends_with(" +02")), "{out}");
}

/// One request straight into the router, with the status and the JSON of its answer.
fn post(office: &Office, access: Access, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
    post_octets(office, access, path, headers, body.into())
}

fn post_octets(
    office: &Office,
    access: Access,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> (u16, Value) {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let mut request = hyper::Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(axum::body::Body::from(body)).unwrap();
    let router = http::router(office.instance.clone(), access);
    office.sim.run(async move {
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    })
}

#[test]
fn http_asks_who_calls_and_answers_with_a_code() {
    let office = Office::open();
    let json_type = ("content-type", "application/json");
    let path = "/api/v1/cmdlets/get-mailbox";
    let credentials = || Access::Authenticated(std::sync::Arc::new(office.instance.credentials.clone()));
    let (status, answer) = post(&office, credentials(), path, &[json_type], "{}");
    assert_eq!((status, &answer["error"]["code"]), (401, &json!("Unauthorized")));
    let wrong = ("authorization", "Basic QWRtaW5pc3RyYXRvcjp3cm9uZw==");
    assert_eq!(post(&office, credentials(), path, &[json_type, wrong], "{}").0, 401);
    let password = office.json("Reset-AdministratorPassword -Password right-horse")["Password"].clone();
    assert_eq!(password, Value::Null);
    let right = ("authorization", "Basic QWRtaW5pc3RyYXRvcjpyaWdodC1ob3JzZQ==");
    let (status, answer) = post(&office, credentials(), path, &[json_type, right], "{\"resultsize\": 1}");
    assert_eq!((status, &answer["gaps"], &answer["next"]), (200, &json!([]), &Value::Null));
    let table: &[(&str, &str, u16, &str)] = &[
        ("Get-Nothing", "{}", 404, "NotFound"),
        ("Get-Mailbox", "[]", 400, "Usage"),
        ("Get-Mailbox", "{\"Identity\": \"nobody\"}", 404, "NotFound"),
        ("Get-Mailbox", "{\"Format\": \"csv\"}", 400, "Usage"),
        ("Remove-Mailbox", "{\"Identity\": \"administrator\"}", 400, "ConfirmationRequired"),
        ("New-AcceptedDomain", "{\"DomainName\": \"contoso.example\"}", 409, "Conflict"),
        ("Reset-AdministratorPassword", "{}", 403, "Forbidden"),
    ];
    for (cmdlet, body, expected, code) in table {
        let path = format!("/api/v1/cmdlets/{cmdlet}");
        let (status, answer) = post(&office, credentials(), &path, &[json_type, right], body);
        assert_eq!(
            (status, &answer["error"]["code"]),
            (*expected, &json!(code)),
            "{cmdlet} {body}: {answer}"
        );
    }
    let (status, _) = post(&office, credentials(), path, &[("content-type", "text/plain"), right], "{}");
    assert_eq!(status, 400);
}

#[test]
fn a_role_that_is_missing_is_named() {
    let office = Office::open();
    let actor = crate::Actor::with_groups("helper", &[crate::role::RoleGroup::HelpDesk]);
    let context = office.instance.context(actor);
    let call = |name: &str, body: Value| {
        let cmdlet = crate::registry::find(name).unwrap();
        let arguments = crate::Arguments::from_json(cmdlet, body.as_object().unwrap()).unwrap();
        office.sim.run(crate::registry::invoke(&context, &arguments))
    };
    assert!(call("Get-Mailbox", json!({})).is_ok());
    let refused = call("New-Mailbox", json!({ "Name": "Kim" })).unwrap_err();
    assert_eq!(
        (refused.code(), refused.to_string().contains("Mail Recipient Creation")),
        ("Forbidden", true)
    );
}
