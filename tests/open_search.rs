//! A search that stays open, in the simulated world: rows appear and change within a second of the event.
//!
//! May touch: the simulated world.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use admin::http::{Access, Authenticate, Credentials, call_over, router, serve_connection, stream_over};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use directory::{AuditQuery, Directory, SignedIn};
use futures::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tests::sim::client::Client;
use tests::sim::cmdlets;
use tests::sim::house::{ADDRESS, House, SMTP};
use tests::sim::play::message;
use world::sim::SimWorld;

const ANN: &str = "ann@contoso.example";
const SENDER: &str = "x@fabrikam.example";
const SOCKET: &str = "/run/search.sock";

fn cmdlet(sim: &SimWorld, house: &House, line: &str) {
    sim.run(Box::pin(cmdlets::run(house, line))).unwrap();
    sim.run_until_stalled();
}

fn send(sim: &SimWorld, house: &House, number: u32, subject: &str) {
    sim.run(Box::pin(async {
        let to = SocketAddr::new(ADDRESS, SMTP);
        let mut client = Client::connect(&house.world, "192.0.2.7".parse().unwrap(), to).await.unwrap();
        client.want("220").await.unwrap();
        client.ask("EHLO client.example", "250").await.unwrap();
        client.submit(SENDER, &[ANN], &message(number, SENDER, &[ANN], subject, 0)).await.unwrap();
    }));
}

/// Opens a search; what it is told is added to the text as it comes.
fn open(sim: &SimWorld, house: &House, query: &str) -> Arc<Mutex<String>> {
    let told = Arc::new(Mutex::new(String::new()));
    let answer = open_until(sim, house, SOCKET, query, &told, &Arc::new(AtomicBool::new(false)));
    assert!(answer.lock().is_none());
    told
}

/// The same, until the reader hangs up at the next thing it is told. Gives the answer of a search that did not open.
fn open_until(
    sim: &SimWorld,
    house: &House,
    socket: &str,
    query: &str,
    told: &Arc<Mutex<String>>,
    hangs_up: &Arc<AtomicBool>,
) -> Arc<Mutex<Option<String>>> {
    open_as(sim, house, None, socket, query, told, hangs_up)
}

/// Whoever gives a name is believed.
struct Believed(Directory);

impl Authenticate for Believed {
    fn authenticate<'a>(&'a self, credentials: &'a Credentials) -> BoxFuture<'a, Option<SignedIn>> {
        let Credentials::Basic { user, .. } = credentials else { unreachable!("nobody shows a token") };
        let found = self.0.snapshot().resolve_recipient(user).ok().map(SignedIn::Recipient);
        Box::pin(async move { found })
    }
}

/// The way in of somebody of that name, or of whoever can open the socket, and what shows who it is.
fn way_in(house: &House, name: Option<&str>) -> (Access, Option<String>) {
    let believed = || Access::Authenticated(Arc::new(Believed(house.instance.directory.clone())));
    let access = name.map_or(Access::LocalSocket, |_| believed());
    (access, name.map(|name| format!("Basic {}", STANDARD.encode(format!("{name}:x")))))
}

/// The same by somebody who signs in.
fn open_as(
    sim: &SimWorld,
    house: &House,
    name: Option<&str>,
    socket: &str,
    query: &str,
    told: &Arc<Mutex<String>>,
    hangs_up: &Arc<AtomicBool>,
) -> Arc<Mutex<Option<String>>> {
    let (world, (access, shown)) = (house.world.clone(), way_in(house, name));
    let routes = router(house.instance.clone(), access);
    world.disk.create_dir_all(Path::new("/run")).unwrap();
    let path = PathBuf::from(socket);
    let listener = sim.run(Box::pin(async { world.net.listen_local(&path).await.unwrap() }));
    house.world.exec.spawn("server of the search", async move {
        let connection = listener.accept().await.unwrap();
        let _ = serve_connection(connection.io, routes).await;
    });
    let (own, net, hangs_up) = (Arc::clone(told), house.world.net.clone(), Arc::clone(hangs_up));
    let target = format!("/api/v1/traces/stream?{query}");
    let answer = Arc::new(Mutex::new(None));
    let refusal = Arc::clone(&answer);
    house.world.exec.spawn("reader of the search", async move {
        let io = net.connect_local(&path).await.unwrap().io;
        let mut take = |bytes: &[u8]| {
            own.lock().push_str(&String::from_utf8_lossy(bytes));
            !hangs_up.load(Ordering::Relaxed)
        };
        let ended = stream_over(io, "localhost", shown.as_deref(), &target, &mut take).await.unwrap();
        *refusal.lock() = ended.map(|reply| String::from_utf8_lossy(&reply.body).into_owned());
    });
    sim.advance(Duration::from_secs(1));
    answer
}

/// The status words of the rows told since the last time, in order, and what else was told.
fn statuses(told: &Mutex<String>) -> Vec<String> {
    let text = std::mem::take(&mut *told.lock());
    let events = text.split("\n\n").filter_map(|event| event.strip_prefix("event: "));
    events
        .map(|event| {
            let (name, data) = event.split_once("\ndata: ").unwrap();
            let data: Value = serde_json::from_str(data).unwrap();
            match name {
                "row" => data["Status"].as_str().unwrap().to_owned(),
                "gone" => format!("gone: {}", data["Status"].as_str().unwrap()),
                name => name.to_owned(),
            }
        })
        .collect()
}

#[test]
fn rows_appear_and_change_within_a_second() {
    let sim = SimWorld::new(3);
    let house = House::start(&sim).unwrap();
    cmdlet(&sim, &house, "New-Mailbox Ann -PrimarySmtpAddress ann@contoso.example");
    send(&sim, &house, 1, "before");
    sim.advance(Duration::from_secs(5));
    let told = open(&sim, &house, "RecipientAddress=ann%40contoso.example");
    assert_eq!(statuses(&told), ["Delivered", "ready"]);
    cmdlet(&sim, &house, "Suspend-Queue Submission");
    send(&sim, &house, 2, "held");
    sim.advance(Duration::from_secs(1));
    let first = statuses(&told);
    assert!(!first.is_empty() && !first.contains(&"Delivered".to_owned()), "{first:?}");
    cmdlet(&sim, &house, "Resume-Queue Submission");
    sim.advance(Duration::from_secs(1));
    assert_eq!(statuses(&told).last().map(String::as_str), Some("Delivered"));
    sim.advance(Duration::from_secs(60));
    assert_eq!(statuses(&told), Vec::<String>::new(), "nothing changed");
}

#[test]
fn a_row_that_no_longer_has_the_status_asked_for_is_gone() {
    let sim = SimWorld::new(4);
    let house = House::start(&sim).unwrap();
    cmdlet(&sim, &house, "New-Mailbox Ann -PrimarySmtpAddress ann@contoso.example");
    cmdlet(&sim, &house, "Suspend-Queue Submission");
    let told = open(&sim, &house, "Status=Pending,GettingStatus");
    assert_eq!(statuses(&told), ["ready"]);
    send(&sim, &house, 1, "held");
    sim.advance(Duration::from_secs(1));
    assert_eq!(statuses(&told).len(), 1);
    cmdlet(&sim, &house, "Resume-Queue Submission");
    sim.advance(Duration::from_secs(1));
    assert_eq!(statuses(&told).last().map(String::as_str), Some("gone: Delivered"));
}

/// Of a message one recipient was refused and one accepted: both are told where refusals are listed, else the accepted one.
#[test]
fn what_is_refused_appears_too_where_refused_attempts_are_listed() {
    let sim = SimWorld::new(12);
    let house = House::start(&sim).unwrap();
    cmdlet(&sim, &house, "New-Mailbox Ann -PrimarySmtpAddress ann@contoso.example");
    let of_sender = open(&sim, &house, "SenderAddress=x%40fabrikam.example");
    let (told, hangs_up) = (Arc::new(Mutex::new(String::new())), Arc::new(AtomicBool::new(false)));
    let opened = open_until(&sim, &house, "/run/all.sock", "StartDate=2020-01-01", &told, &hangs_up);
    assert!(opened.lock().is_none());
    assert_eq!((statuses(&of_sender), statuses(&told)), (vec!["ready".to_owned()], vec!["ready".to_owned()]));
    sim.run(Box::pin(async {
        let to = SocketAddr::new(ADDRESS, SMTP);
        let mut client = Client::connect(&house.world, "192.0.2.7".parse().unwrap(), to).await.unwrap();
        client.want("220").await.unwrap();
        client.ask("EHLO client.example", "250").await.unwrap();
        client.ask("MAIL FROM:<x@fabrikam.example>", "250").await.unwrap();
        client.ask("RCPT TO:<nobody@contoso.example>", "550").await.unwrap();
        client.ask("RSET", "250").await.unwrap();
        client.submit(SENDER, &[ANN], &message(1, SENDER, &[ANN], "for one", 0)).await.unwrap();
    }));
    sim.advance(Duration::from_secs(1));
    let seen = statuses(&of_sender);
    assert!(seen.contains(&"Failed".to_owned()), "{seen:?}");
    assert_eq!(seen.last().map(String::as_str), Some("Delivered"));
    let seen = statuses(&told);
    assert!(!seen.contains(&"Failed".to_owned()), "{seen:?}");
    assert_eq!(seen.last().map(String::as_str), Some("Delivered"));
}

/// Whom mail reaches is not told beside a search for something else: the audit log would not have it.
#[test]
fn of_a_row_that_was_never_shown_nothing_is_told() {
    let sim = SimWorld::new(8);
    let house = House::start(&sim).unwrap();
    cmdlet(&sim, &house, "New-Mailbox Ann -PrimarySmtpAddress ann@contoso.example");
    let told = open(&sim, &house, "Status=Quarantined");
    assert_eq!(statuses(&told), ["ready"]);
    send(&sim, &house, 1, "private");
    sim.advance(Duration::from_secs(5));
    assert!(!told.lock().contains(ANN), "{}", told.lock());
    assert_eq!(statuses(&told), Vec::<String>::new());
}

#[test]
fn a_relative_search_shows_no_change_of_an_older_message() {
    let sim = SimWorld::new(5);
    let house = House::start(&sim).unwrap();
    cmdlet(&sim, &house, "New-Mailbox Ann -PrimarySmtpAddress ann@contoso.example");
    cmdlet(&sim, &house, "Suspend-Queue Submission");
    send(&sim, &house, 1, "old");
    sim.advance(Duration::from_secs(2 * 3_600));
    let told = open(&sim, &house, "RecipientAddress=ann%40contoso.example&Last=01%3A00%3A00");
    assert_eq!(statuses(&told), ["ready"]);
    cmdlet(&sim, &house, "Resume-Queue Submission");
    sim.advance(Duration::from_secs(1));
    assert_eq!(statuses(&told), Vec::<String>::new(), "it was received two hours ago");
    send(&sim, &house, 2, "new");
    sim.advance(Duration::from_secs(1));
    assert_eq!(statuses(&told).last().map(String::as_str), Some("Delivered"));
}

#[test]
fn the_audit_log_has_what_a_search_showed_from_its_beginning() {
    let sim = SimWorld::new(6);
    let house = House::start(&sim).unwrap();
    cmdlet(&sim, &house, "New-Mailbox Ann -PrimarySmtpAddress ann@contoso.example");
    send(&sim, &house, 1, "before");
    sim.advance(Duration::from_secs(5));
    let (told, hangs_up) = (Arc::new(Mutex::new(String::new())), Arc::new(AtomicBool::new(false)));
    open_until(&sim, &house, SOCKET, "RecipientAddress=ann%40contoso.example", &told, &hangs_up);
    assert_eq!(statuses(&told), ["Delivered", "ready"]);
    hangs_up.store(true, Ordering::Relaxed);
    // The hang-up is noticed at the next sign of life.
    sim.advance(Duration::from_secs(60));
    let asked = AuditQuery { with_look_ups: true, ..AuditQuery::default() };
    let found = house.instance.directory.audit(&asked).unwrap();
    let is_stream = |text: &str| text.contains("Follow");
    let stream = found.iter().find(|row| row.command.parameters.as_deref().is_some_and(is_stream)).unwrap();
    assert_eq!((stream.rows, stream.about.as_deref()), (Some(1), Some(ANN)));
}

#[test]
fn one_person_has_so_many_searches_open_and_a_hang_up_gives_the_place_back() {
    let sim = SimWorld::new(7);
    let house = House::start(&sim).unwrap();
    let hangs_up = Arc::new(AtomicBool::new(false));
    let open = |number: usize| {
        let told = Arc::new(Mutex::new(String::new()));
        let query = format!("RecipientAddress=r{number}%40contoso.example");
        let socket = format!("/run/search{number}.sock");
        open_until(&sim, &house, &socket, &query, &told, &hangs_up).lock().clone()
    };
    for number in 0..10 {
        assert_eq!(open(number), None);
    }
    let refused = open(10).unwrap();
    assert!(refused.contains("10 searches open"), "{refused}");
    hangs_up.store(true, Ordering::Relaxed);
    sim.advance(Duration::from_secs(60));
    hangs_up.store(false, Ordering::Relaxed);
    assert_eq!(open(11), None);
}

/// Posts to the cmdlet as a page does before it keeps its search open.
fn look(sim: &SimWorld, house: &House, socket: &str, body: Value) {
    call(sim, house, None, socket, "Get-MessageTrace", body);
}

fn call(
    sim: &SimWorld,
    house: &House,
    name: Option<&str>,
    socket: &str,
    cmdlet: &'static str,
    body: Value,
) -> Value {
    let (world, (access, shown)) = (house.world.clone(), way_in(house, name));
    let routes = router(house.instance.clone(), access);
    world.disk.create_dir_all(Path::new("/run")).unwrap();
    let path = PathBuf::from(socket);
    let listener = sim.run(Box::pin(async { world.net.listen_local(&path).await.unwrap() }));
    house.world.exec.spawn("server of the page", async move {
        let connection = listener.accept().await.unwrap();
        let _ = serve_connection(connection.io, routes).await;
    });
    let net = house.world.net.clone();
    let answer = sim.run(Box::pin(async move {
        let io = net.connect_local(&path).await.unwrap().io;
        call_over(io, "localhost", shown.as_deref(), cmdlet, body.as_object().unwrap()).await.unwrap()
    }));
    assert_eq!(answer.status, 200);
    serde_json::from_slice(&answer.body).unwrap()
}

/// A page reads the rows of a search and keeps it open: one look, one row of the audit log, with all that was seen.
#[test]
fn a_search_that_stays_open_goes_on_with_the_record_of_the_rows_shown_before() {
    let sim = SimWorld::new(9);
    let house = House::start(&sim).unwrap();
    cmdlet(&sim, &house, "New-Mailbox Ann -PrimarySmtpAddress ann@contoso.example");
    send(&sim, &house, 1, "before");
    sim.advance(Duration::from_secs(5));
    let asked = AuditQuery { with_look_ups: true, ..AuditQuery::default() };
    let recorded = || {
        let mut found = house.instance.directory.audit(&asked).unwrap();
        found.retain(|row| row.command.cmdlet.as_deref() == Some("Get-MessageTrace"));
        found
    };
    let body = json!({ "RecipientAddress": [ANN], "ResultSize": 100, "TimeZone": "Europe/Berlin" });
    look(&sim, &house, "/run/page.sock", body);
    assert_eq!(recorded().len(), 1);
    let (told, hangs_up) = (Arc::new(Mutex::new(String::new())), Arc::new(AtomicBool::new(false)));
    let query = "RecipientAddress=ann%40contoso.example&ResultSize=50";
    open_until(&sim, &house, SOCKET, query, &told, &hangs_up);
    assert_eq!(statuses(&told), ["Delivered", "ready"]);
    let found = recorded();
    assert_eq!((found.len(), found[0].outcome), (1, None), "it is open");
    let kept: Value = serde_json::from_str(found[0].command.parameters.as_deref().unwrap()).unwrap();
    let asked =
        json!({ "RecipientAddress": [ANN], "ResultSize": 100, "TimeZone": "Europe/Berlin", "Follow": true });
    assert_eq!(kept, asked, "what was asked is kept");
    send(&sim, &house, 2, "meanwhile");
    sim.advance(Duration::from_secs(5));
    hangs_up.store(true, Ordering::Relaxed);
    sim.advance(Duration::from_secs(30));
    let found = recorded();
    assert_eq!((found.len(), found[0].rows, found[0].about.as_deref()), (1, Some(2), Some(ANN)));
    assert!(found[0].outcome.is_some());
    // A second search of the same question, and one of another, are looks of their own.
    open(&sim, &house, "Status=Failed");
    assert_eq!(recorded().len(), 2);
    let again = Arc::new(Mutex::new(String::new()));
    open_until(&sim, &house, "/run/again.sock", query, &again, &Arc::new(AtomicBool::new(false)));
    assert_eq!(recorded().len(), 3);
}

#[test]
fn a_look_of_a_while_ago_or_of_another_question_is_not_gone_on_with() {
    let sim = SimWorld::new(10);
    let house = House::start(&sim).unwrap();
    let asked = AuditQuery { with_look_ups: true, ..AuditQuery::default() };
    let recorded = || {
        let found = house.instance.directory.audit(&asked).unwrap();
        found.iter().filter(|row| row.command.cmdlet.as_deref() == Some("Get-MessageTrace")).count()
    };
    look(&sim, &house, "/run/page.sock", json!({ "RecipientAddress": [ANN] }));
    let other = Arc::new(Mutex::new(String::new()));
    let never = Arc::new(AtomicBool::new(false));
    open_until(&sim, &house, "/run/other.sock", "RecipientAddress=bob%40contoso.example", &other, &never);
    assert_eq!(recorded(), 2);
    sim.advance(Duration::from_secs(90));
    open(&sim, &house, "RecipientAddress=ann%40contoso.example");
    assert_eq!(recorded(), 3);
}

/// Each who looks is in the log with what they were shown, though another asked the same a moment before.
#[test]
fn nobody_goes_on_with_the_look_of_somebody_else() {
    let sim = SimWorld::new(13);
    let house = House::start(&sim).unwrap();
    cmdlet(&sim, &house, "New-Mailbox Ann -PrimarySmtpAddress ann@contoso.example");
    for name in ["Kim", "Lee"] {
        cmdlet(&sim, &house, &format!("New-Mailbox {name} -PrimarySmtpAddress {name}@contoso.example"));
        cmdlet(&sim, &house, &format!("Add-RoleGroupMember \"Organization Management\" -Member {name}"));
    }
    send(&sim, &house, 1, "before");
    sim.advance(Duration::from_secs(5));
    let asked = AuditQuery { with_look_ups: true, ..AuditQuery::default() };
    let recorded = || {
        let mut found = house.instance.directory.audit(&asked).unwrap();
        found.retain(|row| row.command.cmdlet.as_deref() == Some("Get-MessageTrace"));
        found.sort_by(|one, other| one.command.actor.cmp(&other.command.actor));
        found
    };
    let body = json!({ "RecipientAddress": [ANN] });
    call(&sim, &house, Some("Kim"), "/run/page.sock", "Get-MessageTrace", body);
    let (told, hangs_up) = (Arc::new(Mutex::new(String::new())), Arc::new(AtomicBool::new(false)));
    let query = "RecipientAddress=ann%40contoso.example";
    let refused = open_as(&sim, &house, Some("Lee"), SOCKET, query, &told, &hangs_up);
    assert_eq!(*refused.lock(), None);
    assert_eq!(statuses(&told), ["Delivered", "ready"]);
    let found = recorded();
    assert_eq!(found.len(), 2, "{found:?}");
    let (kim, lee) = (&found[0], &found[1]);
    assert_ne!(kim.command.actor, lee.command.actor);
    assert!(kim.outcome.is_some() && lee.outcome.is_none(), "{found:?}");
    assert!(!kim.command.parameters.as_deref().unwrap().contains("Follow"));
    hangs_up.store(true, Ordering::Relaxed);
    sim.advance(Duration::from_secs(60));
    let about = recorded().into_iter().map(|row| (row.rows, row.about)).collect::<Vec<_>>();
    assert_eq!(about, vec![(Some(1), Some(ANN.to_owned())); 2]);
}

/// What is remembered for a search that stays open is of one cmdlet; the others answer as ever, whatever their parameters.
#[test]
fn other_reading_cmdlets_answer_beside_it() {
    let sim = SimWorld::new(11);
    let house = House::start(&sim).unwrap();
    for (socket, cmdlet) in
        [("/run/q.sock", "Get-MessageTraceQuery"), ("/run/r.sock", "Get-MailTrafficReport")]
    {
        call(&sim, &house, None, socket, cmdlet, json!({}));
    }
}

/// The look-ups of the trace in the audit log, the newest first: how many rows they showed, to whom, and whether they ended.
fn looks(house: &House) -> Vec<(Option<u64>, String, bool)> {
    let asked = AuditQuery { with_look_ups: true, ..AuditQuery::default() };
    let mut found = house.instance.directory.audit(&asked).unwrap();
    found.retain(|row| row.command.cmdlet.as_deref() == Some("Get-MessageTrace"));
    found.into_iter().map(|row| (row.rows, row.about.unwrap_or_default(), row.outcome.is_some())).collect()
}

/// An answer is read page after page, also while its search is open: one look, one row of the audit log, with all that was
/// seen. Another filter, another person and a page long afterwards are looks of their own.
#[test]
fn further_pages_of_a_search_are_of_the_same_look() {
    let sim = SimWorld::new(14);
    let house = House::start(&sim).unwrap();
    cmdlet(&sim, &house, "New-Mailbox Ann -PrimarySmtpAddress ann@contoso.example");
    for name in ["Kim", "Lee"] {
        cmdlet(&sim, &house, &format!("New-Mailbox {name} -PrimarySmtpAddress {name}@contoso.example"));
        cmdlet(&sim, &house, &format!("Add-RoleGroupMember \"Organization Management\" -Member {name}"));
    }
    for number in 1..=5 {
        send(&sim, &house, number, "before");
    }
    sim.advance(Duration::from_secs(5));
    let mut sockets = 0;
    let mut ask = |name: &str, mut body: Value, next: Option<&Value>| {
        sockets += 1;
        if let Some(next) = next {
            body["Cursor"] = next.clone();
        }
        let answer =
            call(&sim, &house, Some(name), &format!("/run/{sockets}.sock"), "Get-MessageTrace", body);
        (answer["value"].as_array().unwrap().len(), answer["next"].clone())
    };
    let body = || json!({ "RecipientAddress": [ANN], "ResultSize": 1 });
    let more =
        |size: u32| json!({ "RecipientAddress": [ANN], "ResultSize": size, "TimeZone": "Europe/Berlin" });
    let (_, first) = ask("Kim", body(), None);
    assert_eq!(looks(&house), [(Some(1), ANN.to_owned(), true)]);
    let (shown, second) = ask("Kim", more(2), Some(&first));
    assert_eq!((shown, looks(&house)), (2, vec![(Some(3), ANN.to_owned(), true)]));
    // While the search is open, its record stays open too.
    let (told, hangs_up) = (Arc::new(Mutex::new(String::new())), Arc::new(AtomicBool::new(false)));
    let query = "RecipientAddress=ann%40contoso.example&ResultSize=1";
    open_as(&sim, &house, Some("Kim"), SOCKET, query, &told, &hangs_up);
    ask("Kim", more(1), Some(&second));
    assert_eq!(looks(&house), [(Some(4), ANN.to_owned(), false)]);
    send(&sim, &house, 6, "meanwhile");
    sim.advance(Duration::from_secs(5));
    hangs_up.store(true, Ordering::Relaxed);
    sim.advance(Duration::from_secs(30));
    assert_eq!(looks(&house), [(Some(5), ANN.to_owned(), true)]);
    // The same page once more shows nothing new.
    ask("Kim", more(2), Some(&first));
    assert_eq!(looks(&house), [(Some(5), ANN.to_owned(), true)]);
    // Somebody else, who asked nothing before; and another filter.
    ask("Lee", more(2), Some(&first));
    assert_eq!(looks(&house)[..1], [(Some(2), ANN.to_owned(), true)]);
    let delivered = || json!({ "RecipientAddress": [ANN], "Status": ["Delivered"], "ResultSize": 2 });
    let (_, next) = ask("Kim", delivered(), None);
    ask("Kim", delivered(), Some(&next));
    assert_eq!((looks(&house).len(), looks(&house)[0].0), (3, Some(4)));
    // Long afterwards it is a look of its own, and what follows is of that.
    sim.advance(Duration::from_secs(60 * 60));
    let (_, next) = ask("Kim", more(1), Some(&first));
    ask("Kim", more(1), Some(&next));
    assert_eq!(looks(&house).len(), 4);
    assert_eq!(looks(&house)[0], (Some(2), ANN.to_owned(), true));
    // What the log no longer has is not added to.
    sim.advance(Duration::from_secs(1));
    house.instance.directory.trim_audit(house.world.clock.now()).unwrap();
    assert_eq!(looks(&house), []);
    ask("Kim", more(2), Some(&next));
    assert_eq!(looks(&house), [(Some(2), ANN.to_owned(), true)]);
}
