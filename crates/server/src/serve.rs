//! `postroom serve`: start, ready, reload, stop.
//!
//! May touch: what it opens; standard output for the one line that says it is ready.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use admin::Services;
use admin::services::{Allowed, Listeners};
use transport::{Listen, Stopping};
use world::Disk;

use crate::administration::Administration;
use crate::background;
use crate::certificates::PemFiles;
use crate::config::{self, Config};
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::listeners::{self, ConnectorSockets};
use crate::open::Server;
use crate::ports::{self, Ports};
use crate::service_log::ServiceLog;
use crate::shutdown::Ending;
use crate::signals::{self, Signals, Wish};

/// What a server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duty {
    /// Mail, and all that belongs to it.
    Everything,
    /// Nothing but the trace, filled with the records of other systems: no mail is taken, moved or delivered.
    Observe,
}

/// A server that accepts.
struct Running {
    server: Server,
    administration: Administration,
    ports: Ports,
}

/// Runs until a signal or a failure.
pub(crate) async fn run(root: &Path, named: Option<&Path>, duty: Duty) -> Result<(), Failure> {
    let disk = Disk::real();
    let dir = DataDir::new(root, &disk);
    dir.check_stamp()?;
    dir.check_path()?;
    let mut config = config::load(named, &dir)?;
    let _lock = dir.lock()?;
    let log = ServiceLog::start(&config.log, dir.root())?;
    let mut signals = Signals::listen()?;
    ports::remove(&dir, &disk);
    let running = match start(&dir, &config, duty).await {
        Ok(running) => running,
        Err(failure) => {
            if config.log.file.is_some() {
                tracing::error!(%failure, "the server cannot start");
            }
            return Err(failure);
        }
    };
    ready(&running);
    let ended = loop {
        tokio::select! {
            wish = signals.next() => match wish {
                Wish::Stop => break Ok(()),
                Wish::Reload => {
                    if let Err(failure) = reload(&running, &dir, named, &log, &mut config).await {
                        tracing::error!(%failure, "the configuration was not taken over");
                    }
                }
            },
            why = failed(&running.server) => break Err(why),
        }
    };
    match &ended {
        Ok(()) => tracing::info!("stopping: sessions may finish running DATA for up to 30 s"),
        Err(why) => tracing::error!(why, "stopping: the server cannot go on"),
    }
    tokio::select! {
        () = stop(&running) => {}
        () = again(&mut signals) => {
            tracing::warn!("stopped at once by a second signal; the next start recovers from the spool");
            return Err(Failure("stopped at once by a second signal".to_owned()));
        }
    }
    tracing::info!("stopped");
    ended.map_err(Failure)
}

async fn start(dir: &DataDir, config: &Config, duty: Duty) -> Result<Running, Failure> {
    tracing::info!(version = env!("CARGO_PKG_VERSION"), data = %dir.root().display(), ?duty, "Postroom starts");
    let server = Server::open(dir, config).await?;
    background::start(&server.world, &server.directory, &server.mailboxes, &server.certificates);
    let ports = Ports::new(dir, &server.world, &server.directory, &server.transport);
    let sockets = match duty {
        Duty::Everything => Some(mail(&server, config, &ports).await?),
        Duty::Observe => {
            tracing::info!("this server observes: it takes, moves and delivers no mail");
            None
        }
    };
    read_places(&server).await;
    let health = server.health(duty);
    let services = Services {
        transport: sockets.as_ref().map(|_| server.transport.clone()),
        mailboxes: sockets.as_ref().map(|_| server.mailboxes.clone()),
        listeners: sockets.map(|sockets| Arc::new(sockets) as Arc<dyn Listeners>),
        trace: Some(server.trace.clone()),
        feed: Some(server.feed.clone()),
        certificate_files: Some(Arc::new(PemFiles::new(dir, &server.world.disk))),
        historical_searches: Some(reports(&server, dir)?),
        sessions: admin::session::AdminSessions::default(),
        sign_ins: admin::sign_in_throttle::SignInThrottle::default(),
        time_zone: jiff::tz::TimeZone::system().iana_name().map(str::to_owned),
        health: Some(Arc::new(health.clone())),
        alert_attempts: admin::alert_attempts::AlertAttempts::default(),
        is_observer: duty == Duty::Observe,
        allowed: Allowed {
            private_webhooks: config.trace.private_webhooks,
            import_folders: config.trace.import_folders.clone(),
        },
    };
    let instance = server.instance(services);
    admin::background::start(&instance);
    let administration =
        Administration::open(dir, &config.listen, &instance, &health, &server.certificates).await?;
    ports.publish(administration.addresses()).await?;
    Ok(Running { server, administration, ports })
}

/// Starts the pipeline and listens.
async fn mail(server: &Server, config: &Config, ports: &Ports) -> Result<ConnectorSockets, Failure> {
    server.transport.start();
    let listen = Listen {
        smtp: config.listen.smtp,
        submission: config.listen.submission,
        submissions: config.listen.submissions,
    };
    let listening = server.transport.listen(listen).await;
    listening.map_err(|error| Failure(listeners::sentence(&error)))?;
    let sockets = ConnectorSockets::new(&server.transport, &server.directory, ports);
    server.world.exec.spawn("connectors", sockets.clone().follow(server.world.clock.clone()));
    Ok(sockets)
}

/// Reads what other systems record; without it the server does everything else.
async fn read_places(server: &Server) {
    let (trace, world, directory) = (server.trace.clone(), server.world.clone(), server.directory.clone());
    let certificates = server.certificates.https().clone();
    let around = Arc::new(move || admin::surroundings(&directory.snapshot()));
    let started =
        server.world.exec.blocking(move || trace.start_sources(&world, around, &certificates)).await;
    if let Err(error) = started {
        tracing::error!(%error, "trace sources are not read");
    }
}

/// The reports that were started before, to be gone on with.
fn reports(server: &Server, dir: &DataDir) -> Result<admin::historical::HistoricalSearches, Failure> {
    let folder = dir.trace().join("reports");
    admin::historical::HistoricalSearches::open(&server.world.disk, &folder)
        .map_err(|error| Failure::of(format!("cannot open {}", folder.display()), error))
}

/// One line for people and programs that started us.
fn ready(running: &Running) {
    let addresses = running.administration.addresses();
    let mut listening: Vec<(&str, SocketAddr)> = running.server.transport.ports().into_iter().collect();
    listening.sort_by_key(|(name, _)| {
        ["smtp", "submission", "submissions"].iter().position(|known| known == name)
    });
    listening.push(("http", addresses.http));
    listening.extend(addresses.https.map(|https| ("https", https)));
    let listening: Vec<String> =
        listening.iter().map(|(name, address)| format!("{name} {address}")).collect();
    let line = format!("Postroom {} is ready: {}", env!("CARGO_PKG_VERSION"), listening.join(" "));
    tracing::info!("{line}");
    let mut out = std::io::stdout().lock();
    // Whoever started us may not be reading.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    signals::notify("READY=1");
}

/// Waits for the reason why the server cannot go on.
async fn failed(server: &Server) -> String {
    let mut stopping = server.transport.stopping();
    let transport = async {
        match stopping.wait_for(|stopping| matches!(stopping, Stopping::Failed(_))).await.as_deref() {
            Ok(Stopping::Failed(why)) => why.clone(),
            _ => "the transport has ended".to_owned(),
        }
    };
    tokio::select! {
        why = transport => why,
        error = server.spool.wait_failed() => error.to_string(),
        why = server.feed.wait_failed() => why,
        () = server.mailboxes.wait_failed() => "a writer of the mailbox store has ended, see the service log".to_owned(),
    }
}

/// SIGHUP: what can be taken over is, what needs a restart is named.
async fn reload(
    running: &Running,
    dir: &DataDir,
    named: Option<&Path>,
    log: &ServiceLog,
    config: &mut Config,
) -> Result<(), Failure> {
    let server = &running.server;
    let certificates = server.certificates.clone();
    let count = server.world.exec.blocking(move || certificates.load()).await;
    tracing::info!(count, "certificates were read again");
    let new = config::load(named, dir)?;
    log.apply(&new.log, dir.root())?;
    let mut taken = differing(&log_parameters(config), &log_parameters(&new));
    config.log.clone_from(&new.log);
    running.administration.reopen(&new.listen).await?;
    taken.extend(differing(&http_parameters(config), &http_parameters(&new)));
    (config.listen.http, config.listen.https, config.http) =
        (new.listen.http, new.listen.https, new.http.clone());
    running.ports.publish(running.administration.addresses()).await?;
    for parameter in &taken {
        tracing::info!(parameter, "changed in the configuration file; it is in effect now");
    }
    let waiting = differing(&fixed_parameters(config), &fixed_parameters(&new));
    for parameter in &waiting {
        tracing::warn!(parameter, "changed in the configuration file; it takes effect with the next start");
    }
    tracing::info!(
        in_effect = taken.len(),
        at_next_start = waiting.len(),
        "the configuration was read again"
    );
    Ok(())
}

/// A parameter and its value as text.
type Parameter = (&'static str, String);

/// The parameters of the service log, taken over at once.
fn log_parameters(config: &Config) -> [Parameter; 2] {
    [("[log] level", config.log.level.clone()), ("[log] file", format!("{:?}", config.log.file))]
}

/// The parameters of administration, taken over at once.
fn http_parameters(config: &Config) -> [Parameter; 3] {
    [
        ("[listen] http", config.listen.http.to_string()),
        ("[listen] https", format!("{:?}", config.listen.https)),
        ("[http] plain_beyond_loopback", config.http.plain_beyond_loopback.to_string()),
    ]
}

/// The parameters that cannot be taken over while the server runs.
fn fixed_parameters(config: &Config) -> [Parameter; 8] {
    [
        ("[listen] smtp", config.listen.smtp.to_string()),
        ("[listen] submission", config.listen.submission.to_string()),
        ("[listen] submissions", format!("{:?}", config.listen.submissions)),
        ("[dns] servers", format!("{:?}", config.dns.servers)),
        ("[tls] trusted_roots", format!("{:?}", config.tls.trusted_roots)),
        ("[trace] retention_days", config.trace.retention_days.to_string()),
        ("[trace] private_webhooks", config.trace.private_webhooks.to_string()),
        ("[trace] import_folders", format!("{:?}", config.trace.import_folders)),
    ]
}

/// The names of the parameters that differ.
fn differing(old: &[Parameter], new: &[Parameter]) -> Vec<&'static str> {
    let pairs = old.iter().zip(new);
    pairs.filter(|(old, new)| old.1 != new.1).map(|(old, _)| old.0).collect()
}

async fn stop(running: &Running) {
    signals::notify("STOPPING=1");
    running.ports.withdraw().await;
    let server = &running.server;
    let ending = Ending {
        clock: &server.world.clock,
        exec: &server.world.exec,
        transport: &server.transport,
        mailboxes: &server.mailboxes,
        trace: &server.trace,
        feed: &server.feed,
        spool: &server.spool,
    };
    ending.run().await;
    running.administration.close();
}

/// Waits for a second wish to stop.
async fn again(signals: &mut Signals) {
    while signals.next().await != Wish::Stop {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_taken_over_or_named_for_the_next_start() {
        let old = Config::default();
        let new = Config::parse(
            "[listen]\nsmtp = \"127.0.0.1:26\"\nhttp = \"127.0.0.1:81\"\n[trace]\nretention_days = 7\n[log]\nlevel = \"debug\"",
        );
        let new = new.unwrap();
        assert_eq!(differing(&log_parameters(&old), &log_parameters(&new)), ["[log] level"]);
        assert_eq!(differing(&http_parameters(&old), &http_parameters(&new)), ["[listen] http"]);
        let waiting = differing(&fixed_parameters(&old), &fixed_parameters(&new));
        assert_eq!(waiting, ["[listen] smtp", "[trace] retention_days"]);
        let names: Vec<&str> = log_parameters(&old)
            .iter()
            .chain(&http_parameters(&old))
            .chain(&fixed_parameters(&old))
            .map(|parameter| parameter.0)
            .collect();
        for known in crate::reference::parameter_names() {
            assert!(names.contains(&known), "{known}");
        }
    }

    /// The head and body of an answer to a GET.
    fn get(address: SocketAddr, path: &str) -> String {
        use std::io::Read as _;
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_server_starts_answers_and_stops() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("data");
        let order = crate::init::Order {
            root: &root,
            domain: "contoso.example",
            config: None,
            server_name: Some("mx1"),
        };
        crate::init::run(order).await.unwrap();
        let dir = DataDir::new(&root, &Disk::real());
        let any = "\"127.0.0.1:0\"";
        let text = format!(
            "[listen]\nsmtp = {any}\nsubmission = {any}\nhttp = {any}\nhttps = {any}\n[dns]\nservers = [\"127.0.0.1:1\"]"
        );
        let config = Config::parse(&text).unwrap();
        let running = start(&dir, &config, Duty::Everything).await.unwrap();
        let ports: serde_json::Value = serde_json::from_slice(&std::fs::read(dir.ports()).unwrap()).unwrap();
        let addresses = running.administration.addresses();
        assert_eq!(ports["http"], addresses.http.port());
        assert_eq!(ports["https"], addresses.https.unwrap().port());
        let smtp = ports["smtp"].as_u64().unwrap();
        assert_eq!(
            ports["connectors"]["Default Frontend mx1"],
            serde_json::json!([format!("127.0.0.1:{smtp}")])
        );
        assert!(get(addresses.http, "/healthz").starts_with("HTTP/1.1 200"));
        assert!(get(addresses.http, "/readyz").starts_with("HTTP/1.1 200"));
        assert!(get(addresses.http, "/metrics").contains("\npostroom_ready 1\n"));
        assert!(get(addresses.http, "/api/v1/cmdlets/Get-Queue").starts_with("HTTP/1.1 405"));
        running.ports.while_writing(|| running.ports.update());
        let moved = Config::parse("[listen]\nhttp = \"127.0.0.1:0\"\nhttps = \"127.0.0.1:0\"").unwrap();
        running.administration.reopen(&moved.listen).await.unwrap();
        assert_eq!(running.administration.addresses(), addresses, "the same wish keeps the same sockets");
        running.server.transport.stop();
        assert!(get(addresses.http, "/readyz").starts_with("HTTP/1.1 503"));
        stop(&running).await;
        assert!(!dir.ports().exists());
        // What was closed in order opens again.
        let again = Server::open(&dir, &config).await.unwrap();
        assert!(again.spool.failure().is_none());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_taken_port_is_named_with_its_holder() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("data");
        let order = crate::init::Order {
            root: &root,
            domain: "contoso.example",
            config: None,
            server_name: Some("mx1"),
        };
        crate::init::run(order).await.unwrap();
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let any = "\"127.0.0.1:0\"";
        let text = format!(
            "[listen]\nsmtp = \"{}\"\nsubmission = {any}\nhttp = {any}\n[dns]\nservers = [\"127.0.0.1:1\"]",
            taken.local_addr().unwrap()
        );
        let dir = DataDir::new(&root, &Disk::real());
        let failure =
            start(&dir, &Config::parse(&text).unwrap(), Duty::Everything).await.err().unwrap().to_string();
        assert!(failure.contains("the port is taken") && !dir.ports().exists(), "{failure}");
    }
}
