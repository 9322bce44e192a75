//! Queues and their workers against scripted hosts, by simulated time: what is recorded, and what is left.

use std::net::SocketAddr;
use std::path::Path;

use directory::{Directory, PasswordHash, Seed};
use events::{Event, EventId};
use mail::{Address, NetworkMessageId, ReversePath};
use spool::EventSeq;
use trace::Received;
use uuid::Uuid;
use world::sim::SimWorld;

use super::*;
use crate::envelope::{
    BodyType, Envelope, HeaderFacts, MessageKind, Notify, Origin, OriginKind, Stage, Trust,
};
use crate::item::later;
use crate::queue::set::{ItemState, RemoveReport};
use crate::queue::settled::BROKEN_OFF_PAUSE;
use crate::send::scripted_host::{converse, serve};
use crate::{NewMessage, Parts, Stopping, Transport};

const HELLO: &str = "S: 220 mx\nC: EHLO mx1.contoso.example\nS: 250-mx\nS: 250 PIPELINING\n";
const QUIT: &str = "C: QUIT\nS: 221 bye\n";
const GUID: Uuid = Uuid::from_u128(7);

struct Scene {
    sim: SimWorld,
    shared: Arc<Shared>,
}

fn mx() -> SocketAddr {
    "192.0.2.1:25".parse().unwrap()
}

impl Scene {
    fn new() -> Self {
        let sim = SimWorld::new(1);
        sim.dns().add_mx("fabrikam.example", 10, "mx.fabrikam.example");
        sim.dns().add_ip("mx.fabrikam.example", mx().ip());
        let world = sim.world();
        let shared = sim.run(Box::pin(open(world)));
        let scene = Self { sim, shared };
        scene.connector(|_| ());
        scene
    }

    fn connector(&self, change: impl FnOnce(&mut SendConnector)) {
        let spaces = vec!["SMTP:*;1".parse().unwrap()];
        let mut connector = SendConnector::new(GUID, "Internet", spaces);
        change(&mut connector);
        self.shared.directory.change("test", |draft| draft.put_send_connector(connector)).unwrap();
    }

    fn key(domain: &str) -> QueueKey {
        QueueKey {
            delivery_type: DeliveryType::DnsConnectorDelivery,
            next_hop_domain: domain.to_owned(),
            connector: GUID,
        }
    }

    /// Puts a message into the queue of its recipients' domain.
    fn queue(&self, recipients: &[&str], notify: Notify) -> (QueueId, MessageNo) {
        let (no, item) = self.sim.run(self.add(recipients, notify));
        let key = Self::key(recipients[0].split_once('@').unwrap().1);
        let now = self.shared.world.clock.now();
        (self.shared.queues.lock().enqueue(&key, item, jiff::Timestamp::MAX, now), no)
    }

    /// Stores a message as the categorizer would have it.
    async fn add(&self, recipients: &[&str], notify: Notify) -> (MessageNo, Item) {
        let now = self.shared.world.clock.now();
        let key = Self::key(recipients[0].split_once('@').unwrap().1);
        let entries = recipients.iter().map(|to| Entry {
            stage: Stage::Queued(key.clone()),
            ..Entry::submitted(Address::parse(to).unwrap(), None, notify)
        });
        let message = NewMessage {
            envelope: envelope(now),
            entries: entries.collect(),
            body: Bytes::from_static(b"Subject: x\r\n\r\nhello\r\n"),
            arrival: arrival(),
            notes: Vec::new(),
        };
        let mut batch = Batch::new();
        let item = self.shared.add_message(&mut batch, message).unwrap();
        self.shared.spool.commit(batch).await.unwrap();
        (item.no, item)
    }

    /// Runs one worker, as the dispatcher would, against a host that plays these scripts.
    fn work(&self, id: QueueId, scripts: &[String]) {
        self.shared.queues.lock().get_mut(id).unwrap().workers += 1;
        let scripts = scripts.to_vec();
        self.sim.run(async {
            if scripts.is_empty() {
                return run(Arc::clone(&self.shared), id).await;
            }
            let listener = self.shared.world.net.listen(mx()).await.unwrap();
            let host = serve(&listener, &scripts, &self.shared.world);
            futures::future::join(run(Arc::clone(&self.shared), id), host).await;
        });
        assert_eq!(self.shared.queues.lock().get(id).unwrap().workers, 0);
        assert_eq!(*self.shared.stop.borrow(), Stopping::No);
    }

    /// The events but RECEIVE, as `FAIL [no@…] RemotePermanent`.
    fn events(&self) -> Vec<String> {
        self.all_events().iter().filter(|event| event.event_id != EventId::Receive).map(shown).collect()
    }

    fn all_events(&self) -> Vec<Event> {
        let stored = self.sim.run(self.shared.spool.events_after(EventSeq(0), 1_000)).unwrap();
        stored.iter().map(|event| events::decode(&event.bytes).unwrap()).collect()
    }

    fn entry(&self, id: QueueId, no: MessageNo) -> (Entry, ItemState) {
        let queues = self.shared.queues.lock();
        let slot = queues.get(id).unwrap().slot(no).unwrap();
        let (entry_no, entry) = slot.item().unwrap().entries[0].clone();
        let stored = self.shared.spool.entry(no, entry_no).unwrap();
        assert_eq!(
            crate::format::decode_entry(&stored).unwrap(),
            entry,
            "the spool knows what the queue knows"
        );
        (entry, slot.state)
    }

    /// What the protocol log says, `connector remote: context`.
    fn log(&self) -> Vec<String> {
        self.sim.run_until_stalled();
        let (disk, folder) = (&self.shared.world.disk, Path::new("/data/logs/smtp-send"));
        let files = disk.read_dir(folder).unwrap().into_iter().map(|file| disk.read(&file.path).unwrap());
        let text: String = files.map(|file| String::from_utf8(file).unwrap()).collect();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.map(|line| crate::protocol_log::LoggedLine::of(line).unwrap());
        lines.map(|line| format!("{} {}: {}", line.connector, line.remote, line.context)).collect()
    }

    fn left(&self, id: QueueId) -> usize {
        self.shared.queues.lock().get(id).unwrap().len()
    }
}

fn shown(event: &Event) -> String {
    let to: Vec<&str> = event.recipients.iter().map(|to| to.address.split_once('@').unwrap().0).collect();
    let reason = event.detail.reason.map(|reason| format!(" {reason:?}")).unwrap_or_default();
    format!("{:?} {}{reason}", event.event_id, to.join(","))
}

pub(crate) async fn open(world: world::World) -> Arc<Shared> {
    let data = Path::new("/data");
    for dir in ["spool", "trace", "mailboxes", "logs"] {
        world.disk.create_dir_all(&data.join(dir)).unwrap();
    }
    let directory =
        Directory::open(&world.disk, &data.join("directory.db"), &world.clock, &world.chance).unwrap();
    let password = PasswordHash::from_phc("none".to_owned());
    let seed = Seed { domain: "contoso.example", server_name: "mx1.contoso.example", password };
    // After a crash it is there already.
    if directory.snapshot().default_domain().is_none() {
        directory.change("init", |draft| draft.seed(&seed)).unwrap();
    }
    let config = spool::Config { segment_bytes: 4 << 20, ..spool::Config::default() };
    let (spool, _) =
        spool::Spool::open(&world.disk, &world.clock, &world.exec, data.join("spool"), config).unwrap();
    let config = trace::Config::new("mx1");
    let trace =
        trace::Trace::open(&world.disk, &world.clock, &world.exec, &data.join("trace"), config).unwrap();
    let bounds = mailbox::Config::default();
    let mailboxes =
        mailbox::MailboxStore::open(&world.disk, &world.clock, &world.exec, data, bounds).unwrap();
    let credentials = directory::Credentials::new(&directory, &world.clock, &world.chance, &world.exec);
    let parts = Parts {
        world,
        directory,
        credentials,
        spool,
        mailboxes,
        refusals: trace.refusals().clone(),
        certificates: world::CertStore::new(),
        log_dir: data.join("logs"),
        data_dir: data.to_owned(),
        feed_lag: Arc::new(|| 0),
    };
    Transport::open(parts).await.unwrap().0.shared
}

fn envelope(now: jiff::Timestamp) -> Envelope {
    Envelope {
        network_message_id: NetworkMessageId(Uuid::from_u128(1)),
        received: now,
        return_path: ReversePath::Address(Address::parse("kim@contoso.example").unwrap()),
        envid: None,
        ret: None,
        body_type: BodyType::SevenBit,
        smtp_utf8: false,
        size: 0,
        origin: Origin {
            kind: OriginKind::Smtp,
            connector: None,
            client_ip: None,
            helo: None,
            authenticated_as: None,
            trust: Trust::Internal,
        },
        facts: HeaderFacts::default(),
        kind: MessageKind::Ordinary,
        resend_key: None,
        poison_count: 0,
    }
}

fn arrival() -> Received {
    Received {
        source: Source::Smtp,
        recipients: Vec::new(),
        message_id: None,
        facts: events::MessageFacts::default(),
        client_ip: None,
        client_hostname: None,
        server_ip: None,
        connector_id: None,
        source_context: None,
        reference: Vec::new(),
        tls: None,
        custom_data: Vec::new(),
    }
}

/// Takes a message for one recipient.
fn takes(to: &str, id: &str) -> String {
    format!(
        "C: MAIL FROM:<kim@contoso.example>\nC: RCPT TO:<{to}>\nC: DATA\nS: 250 Ok\nS: 250 Ok\nS: 354 go\n\
         C: Subject: x\nC:\nC: hello\nC: .\nS: 250 2.0.0 Ok: queued as {id}\n"
    )
}

#[test]
fn every_recipient_gets_its_own_end() {
    let scene = Scene::new();
    let (id, no) =
        scene.queue(&["a@fabrikam.example", "b@fabrikam.example", "c@fabrikam.example"], Notify::DEFAULT);
    let script = "C: MAIL FROM:<kim@contoso.example>\nC: RCPT TO:<a@fabrikam.example>\n\
        C: RCPT TO:<b@fabrikam.example>\nC: RCPT TO:<c@fabrikam.example>\nC: DATA\n\
        S: 250 Ok\nS: 250 Ok\nS: 550 5.1.1 unknown\nS: 450 4.2.2 full\nS: 354 go\n\
        C: Subject: x\nC:\nC: hello\nC: .\nS: 250 2.0.0 Ok: queued as 4711\n";
    scene.work(id, &[format!("{HELLO}{script}{QUIT}")]);
    let expected = ["SendExternal a", "Defer c RemoteTransient", "Fail b RemotePermanent", "Dsn kim"];
    assert_eq!(scene.events(), expected);
    let events = scene.all_events();
    let find = |id| events.iter().find(|event| event.event_id == id).unwrap();
    let sent = find(EventId::SendExternal);
    assert_eq!(sent.detail.remote_queue_id.as_deref(), Some("4711"));
    assert_eq!(sent.detail.remote_reply.as_deref(), Some("250 2.0.0 Ok: queued as 4711"));
    assert_eq!(sent.detail.remote_host.as_deref(), Some("mx.fabrikam.example"));
    assert_eq!((sent.server_ip, sent.connector_id.as_deref()), (Some(mx().ip()), Some("Internet")));
    assert_eq!((sent.detail.queue.as_deref(), sent.detail.attempts), (Some("fabrikam.example"), Some(1)));
    assert_eq!(sent.detail.domain, Some(events::DomainKind::Outside));
    assert_eq!(find(EventId::Fail).reference.len(), 1, "FAIL names its report");
    let (entry, state) = scene.entry(id, no);
    let retry = later(scene.shared.world.clock.now(), Duration::from_secs(15 * 60));
    assert_eq!((entry.recipient.local(), entry.attempts), ("c", 1));
    assert!(
        entry.next_retry.is_some_and(|at| at <= retry) && matches!(state, ItemState::Retry(_)),
        "{state:?}"
    );
    assert_eq!(scene.shared.submission.len(), 1, "the NDR");
}

#[test]
fn one_connection_carries_several_messages_up_to_its_limit() {
    let scene = Scene::new();
    scene.connector(|connector| connector.limits.smtp_max_messages_per_connection = 2);
    let ids = [1, 2, 3].map(|_| scene.queue(&["a@fabrikam.example"], Notify::DEFAULT).0);
    let take = |id| takes("a@fabrikam.example", id);
    let first = format!("{HELLO}{}{}{QUIT}", take("1"), take("2"));
    scene.work(ids[0], &[first, format!("{HELLO}{}{QUIT}", take("3"))]);
    assert_eq!(scene.events(), ["SendExternal a"; 3]);
    assert_eq!(scene.left(ids[0]), 0);
}

#[test]
fn a_connection_the_host_closed_meanwhile_costs_no_attempt() {
    let scene = Scene::new();
    let (id, _) = scene.queue(&["a@fabrikam.example"], Notify::DEFAULT);
    scene.queue(&["b@fabrikam.example"], Notify::DEFAULT);
    let closes = format!("{HELLO}{}", takes("a@fabrikam.example", "1"));
    scene.work(id, &[closes, format!("{HELLO}{}{QUIT}", takes("b@fabrikam.example", "2"))]);
    assert_eq!(scene.events(), ["SendExternal a", "SendExternal b"]);
    assert_eq!(scene.all_events().last().unwrap().detail.attempts, Some(1));
}

#[test]
fn a_hop_that_is_down_puts_the_queue_into_retry() {
    let scene = Scene::new();
    let (id, first) = scene.queue(&["a@fabrikam.example"], Notify::DEFAULT);
    let (_, second) = scene.queue(&["b@fabrikam.example"], Notify::DEFAULT);
    scene.work(id, &[]);
    assert_eq!(scene.events(), ["Defer a ConnectionRefused", "Defer b ConnectionRefused"]);
    let minute = later(scene.shared.world.clock.now(), Duration::from_secs(60));
    {
        let queues = scene.shared.queues.lock();
        let queue = queues.get(id).unwrap();
        assert_eq!((queue.failures, queue.next_retry), (1, Some(minute)));
        assert!(queue.last_error.as_ref().unwrap().starts_with("441 4.4.1 "), "{:?}", queue.last_error);
    }
    for no in [first, second] {
        let (entry, state) = scene.entry(id, no);
        assert_eq!((entry.attempts, entry.next_retry, state), (1, None, ItemState::Ready));
    }
    assert_eq!(scene.all_events().last().unwrap().detail.next_retry, Some(minute));
    // The second failure is one more DEFER, however many messages wait.
    scene.sim.advance(Duration::from_secs(61));
    scene.work(id, &[]);
    assert_eq!(scene.events().len(), 3);
    assert_eq!(scene.shared.queues.lock().get(id).unwrap().failures, 2);
    // Up again: both go out, and the queue is well.
    scene.sim.advance(Duration::from_secs(61));
    let (b, a) = (takes("b@fabrikam.example", "1"), takes("a@fabrikam.example", "2"));
    scene.work(id, &[format!("{HELLO}{b}{a}{QUIT}")]);
    assert_eq!(scene.left(id), 0);
    assert_eq!(scene.shared.queues.lock().get(id).unwrap().failures, 0);
}

#[test]
fn the_protocol_log_tells_each_attempt_in_the_words_of_the_queue() {
    let scene = Scene::new();
    scene.connector(|connector| connector.protocol_logging_level = directory::ProtocolLoggingLevel::Verbose);
    let last_error = |id| scene.shared.queues.lock().get(id).unwrap().last_error.clone().unwrap();
    let (refused, _) = scene.queue(&["a@fabrikam.example"], Notify::DEFAULT);
    // Two messages wait, and one attempt is made for both.
    scene.queue(&["b@fabrikam.example"], Notify::DEFAULT);
    scene.work(refused, &[]);
    let mut wanted = vec![
        "Internet 192.0.2.1:25: attempting to connect to mx.fabrikam.example [192.0.2.1]:25".to_owned(),
        format!("Internet 192.0.2.1:25: {}", last_error(refused)),
    ];
    assert_eq!(scene.log(), wanted);
    scene.sim.dns().fail("tailspin.example", "no answer");
    let (unknown, _) = scene.queue(&["a@tailspin.example"], Notify::DEFAULT);
    scene.work(unknown, &[]);
    wanted.push(format!("Internet : {}", last_error(unknown)));
    let (never, _) = scene.queue(&["a@nowhere.example"], Notify::NEVER);
    scene.work(never, &[]);
    wanted.push(format!("Internet : {}", Failure::nx_domain().reply));
    assert_eq!(scene.log(), wanted);
    assert!(wanted[2].contains("DNS query failed for tailspin.example"), "{}", wanted[2]);
}

#[test]
fn a_domain_that_does_not_exist_fails_with_a_report() {
    let scene = Scene::new();
    let (id, _) = scene.queue(&["a@nowhere.example"], Notify::DEFAULT);
    scene.queue(&["b@nowhere.example"], Notify::DEFAULT);
    scene.work(id, &[]);
    assert_eq!(scene.events(), ["Fail a DnsNxDomain", "Dsn kim", "Fail b DnsNxDomain", "Dsn kim"]);
    assert_eq!(scene.left(id), 0);
}

#[test]
fn dns_that_does_not_answer_puts_the_queue_into_retry() {
    let scene = Scene::new();
    scene.sim.dns().fail("slow.example", "no server answered");
    let (id, _) = scene.queue(&["a@slow.example"], Notify::DEFAULT);
    scene.work(id, &[]);
    assert_eq!(scene.events(), ["Defer a DnsTemporary"]);
}

#[test]
fn a_queue_without_its_connector_is_categorized_again() {
    let scene = Scene::new();
    let (id, no) = scene.queue(&["a@fabrikam.example"], Notify::DEFAULT);
    scene.queue(&["b@fabrikam.example"], Notify::DEFAULT);
    scene.connector(|connector| connector.enabled = false);
    scene.work(id, &[]);
    assert_eq!((scene.left(id), scene.shared.submission.len()), (0, 2));
    let stored = scene.shared.spool.entry(no, EntryNo(0)).unwrap();
    assert_eq!(crate::format::decode_entry(&stored).unwrap().stage, Stage::Submission);
}

#[test]
fn success_is_reported_here_only_where_the_host_does_not() {
    let wish = Notify::given(true, true, false);
    let scene = Scene::new();
    let (id, _) = scene.queue(&["a@fabrikam.example"], wish);
    scene.work(id, &[format!("{HELLO}{}{QUIT}", takes("a@fabrikam.example", "1"))]);
    assert_eq!(scene.events(), ["SendExternal a", "Dsn kim"]);

    let scene = Scene::new();
    let (id, _) = scene.queue(&["a@fabrikam.example"], wish);
    let offers = HELLO.replace("250 PIPELINING", "250-PIPELINING\nS: 250 DSN");
    let takes = takes("a@fabrikam.example", "1")
        .replace("<a@fabrikam.example>", "<a@fabrikam.example> NOTIFY=SUCCESS,FAILURE");
    scene.work(id, &[format!("{offers}{takes}{QUIT}")]);
    assert_eq!(scene.events(), ["SendExternal a"]);
}

#[test]
fn too_many_recipients_go_in_another_transaction_at_once() {
    let scene = Scene::new();
    let (id, _) = scene.queue(&["a@fabrikam.example", "b@fabrikam.example"], Notify::DEFAULT);
    let script = "C: MAIL FROM:<kim@contoso.example>\nC: RCPT TO:<a@fabrikam.example>\n\
        C: RCPT TO:<b@fabrikam.example>\nC: DATA\n\
        S: 250 Ok\nS: 250 Ok\nS: 452 4.5.3 too many\nS: 354 go\n\
        C: Subject: x\nC:\nC: hello\nC: .\nS: 250 2.0.0 Ok: queued as 1\n";
    scene.work(id, &[format!("{HELLO}{script}{}{QUIT}", takes("b@fabrikam.example", "2"))]);
    assert_eq!(scene.events(), ["SendExternal a", "SendExternal b"]);
}

#[test]
fn a_worker_that_breaks_off_gives_back_what_it_has() {
    let scene = Scene::new();
    let (id, no) = scene.queue(&["a@fabrikam.example"], Notify::DEFAULT);
    scene.shared.queues.lock().get_mut(id).unwrap().workers += 1;
    let mut worker = Worker::new(Arc::clone(&scene.shared), id);
    scene.sim.run(worker.next()).unwrap();
    assert_eq!(scene.shared.queues.lock().get(id).unwrap().slot(no).unwrap().state, ItemState::Active);
    drop(worker);
    let queues = scene.shared.queues.lock();
    let queue = queues.get(id).unwrap();
    let pause = later(scene.shared.world.clock.now(), BROKEN_OFF_PAUSE);
    assert_eq!((queue.workers, queue.slot(no).unwrap().state), (0, ItemState::Retry(pause)));
}

#[test]
fn a_host_that_takes_one_connection_only_is_not_down() {
    let scene = Scene::new();
    let (id, _) = scene.queue(&["a@fabrikam.example"], Notify::DEFAULT);
    scene.queue(&["b@fabrikam.example"], Notify::DEFAULT);
    scene.shared.queues.lock().get_mut(id).unwrap().workers += 2;
    let first = takes("a@fabrikam.example", "1");
    let (mail, rest) = first.split_once('\n').unwrap();
    let rest = format!("{rest}{}{QUIT}", takes("b@fabrikam.example", "2"));
    let world = &scene.shared.world;
    scene.sim.run(async {
        let listener = world.net.listen(mx()).await.unwrap();
        let host = async {
            let (one, other) = (listener.accept().await.unwrap(), listener.accept().await.unwrap());
            let one = converse(one.io, &format!("{HELLO}{mail}"), world).await.unwrap();
            converse(other.io, "S: 421 4.7.0 too many connections", world).await;
            converse(one, &rest, world).await;
        };
        let workers = [(); 2].map(|()| run(Arc::clone(&scene.shared), id));
        futures::future::join(futures::future::join_all(workers), host).await;
    });
    assert_eq!(scene.events(), ["SendExternal a", "SendExternal b"]);
    let queues = scene.shared.queues.lock();
    let queue = queues.get(id).unwrap();
    assert_eq!((queue.workers, queue.connected, queue.failures, queue.len()), (0, 0, 0, 0));
    assert!(
        queue.enough_until.is_some_and(|until| until > world.clock.now()),
        "no more are tried for a while"
    );
}

#[test]
fn a_message_that_arrives_goes_over_the_open_connection_at_once() {
    let scene = Scene::new();
    let (id, _) = scene.queue(&["a@fabrikam.example"], Notify::DEFAULT);
    scene.shared.queues.lock().get_mut(id).unwrap().workers += 1;
    let world = &scene.shared.world;
    let first = format!("{HELLO}{}", takes("a@fabrikam.example", "1"));
    scene.sim.run(async {
        let listener = world.net.listen(mx()).await.unwrap();
        let host = async {
            let conn = listener.accept().await.unwrap();
            let io = converse(conn.io, &first, world).await.unwrap();
            world.clock.sleep(Duration::from_millis(501)).await;
            let (_, item) = scene.add(&["b@fabrikam.example"], Notify::DEFAULT).await;
            let before = world.clock.elapsed();
            let now = world.clock.now();
            let key = Scene::key("fabrikam.example");
            scene.shared.queues.lock().enqueue(&key, item, jiff::Timestamp::MAX, now);
            converse(io, &format!("{}{QUIT}", takes("b@fabrikam.example", "2")), world).await;
            // QUIT comes a second after the last message; the message itself cost no time.
            assert_eq!(world.clock.elapsed().saturating_sub(before), LINGER);
        };
        futures::future::join(run(Arc::clone(&scene.shared), id), host).await;
    });
    assert_eq!(scene.events(), ["SendExternal a", "SendExternal b"]);
}

#[test]
fn a_message_at_which_workers_panic_goes_to_the_poison_queue() {
    let scene = Scene::new();
    let (id, no) = scene.queue(&["a@fabrikam.example"], Notify::DEFAULT);
    for count in 1..=2 {
        scene.shared.queues.lock().get_mut(id).unwrap().workers += 1;
        let mut worker = Worker::new(Arc::clone(&scene.shared), id);
        worker.current = Some(scene.sim.run(worker.next()).unwrap().no);
        scene.sim.run(worker.broke_off());
        drop(worker);
        let stored = scene.shared.spool.envelope(no).unwrap();
        assert_eq!(crate::format::decode_envelope(&stored).unwrap().poison_count, count);
        assert_eq!(scene.left(id), if count == 1 { 1 } else { 0 });
        scene.sim.advance(BROKEN_OFF_PAUSE);
    }
    assert_eq!(scene.shared.queues.lock().poison().map(|item| item.no).collect::<Vec<_>>(), [no]);
    let stored = scene.shared.spool.entry(no, EntryNo(0)).unwrap();
    assert_eq!(crate::format::decode_entry(&stored).unwrap().stage, Stage::Poison);
    assert_eq!(scene.events(), ["PoisonMessage a Poison"]);
}

#[test]
fn a_connector_that_comes_while_a_message_is_categorized_is_not_missed() {
    let scene = Scene::new();
    let shared = &scene.shared;
    shared.directory.change("test", |draft| draft.remove_send_connector(GUID)).unwrap();
    let before = shared.directory.snapshot();
    let (_, item) = scene.sim.run(scene.add(&["a@fabrikam.example"], Notify::DEFAULT));
    shared.world.exec.spawn("resubmit", crate::reroute::run(Arc::clone(shared)));
    scene.sim.run_until_stalled();
    scene.connector(|_| ());
    // The change has been followed, and nothing waited for it yet.
    scene.sim.run_until_stalled();
    let now = shared.world.clock.now();
    shared.queues.lock().enqueue(&QueueKey::unreachable(), item, jiff::Timestamp::MAX, now);
    shared.follow_missed_change(&before);
    scene.sim.run_until_stalled();
    assert_eq!((shared.queues.lock().len(), shared.submission.len()), (0, 1));
    assert_eq!(scene.events(), ["Resubmit a"]);
}

#[test]
fn a_late_removal_names_the_administrator_who_asked() {
    let scene = Scene::new();
    let (id, no) = scene.queue(&["a@fabrikam.example"], Notify::DEFAULT);
    scene.shared.queues.lock().get_mut(id).unwrap().workers += 1;
    let mut worker = Worker::new(Arc::clone(&scene.shared), id);
    scene.sim.run(worker.next()).unwrap();
    let wish = crate::queue::set::Pending::Remove(RemoveReport::Silent, "ann@contoso.example".into());
    assert!(scene.shared.queues.lock().set_pending(id, no, wish));
    drop(worker);
    scene.sim.run_until_stalled();
    assert_eq!(scene.events(), ["Fail a RemovedByAdministrator"]);
    let why = scene.all_events().pop().unwrap().source_context;
    assert_eq!(why.as_deref(), Some("removed by ann@contoso.example"));
}

#[test]
fn nothing_new_is_begun_while_the_server_stops() {
    let scene = Scene::new();
    let (id, _) = scene.queue(&["a@fabrikam.example"], Notify::DEFAULT);
    scene.shared.stop.send_replace(Stopping::Asked);
    let mut worker = Worker::new(Arc::clone(&scene.shared), id);
    assert!(scene.sim.run(worker.next()).is_none());
}

#[test]
fn a_background_task_that_panics_stops_the_server() {
    let scene = Scene::new();
    scene.shared.spawn_vital("dispatch", async { panic!("a mistake of ours") });
    let seen = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| scene.sim.run_until_stalled()));
    assert!(seen.is_err(), "the panic is still there to be logged");
    let Stopping::Failed(why) = scene.shared.stop.borrow().clone() else { panic!("the server goes on") };
    assert!(why.starts_with("the task \"dispatch\" panicked"), "{why}");
}
