//! `run/ports.json`: where the running server really listens, for programs that start one.
//!
//! May touch: disk (one file), directory snapshot, listeners of the transport.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use directory::Directory;
use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use transport::Transport;
use world::{Disk, Executor, World};

use crate::data_dir::DataDir;
use crate::failure::Failure;

/// The addresses of the administration interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HttpAddresses {
    /// Without TLS.
    pub(crate) http: SocketAddr,
    /// With TLS.
    pub(crate) https: Option<SocketAddr>,
}

/// Keeps the file. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ports(Arc<Inner>);

struct Inner {
    disk: Disk,
    exec: Executor,
    dir: DataDir,
    directory: Directory,
    transport: Transport,
    /// The text as it stands in the file; `None` before the first and after the last. Held while the file is written.
    written: Mutex<Option<String>>,
    http: Mutex<Option<HttpAddresses>>,
}

impl Ports {
    /// Nothing is written yet.
    pub(crate) fn new(dir: &DataDir, world: &World, directory: &Directory, transport: &Transport) -> Self {
        Self(Arc::new(Inner {
            disk: world.disk.clone(),
            exec: world.exec.clone(),
            dir: dir.clone(),
            directory: directory.clone(),
            transport: transport.clone(),
            written: Mutex::default(),
            http: Mutex::default(),
        }))
    }

    /// Says where administration listens, and writes the file: everything accepts now.
    pub(crate) async fn publish(&self, http: HttpAddresses) -> Result<(), Failure> {
        *self.0.http.lock() = Some(http);
        let own = self.clone();
        self.0.exec.blocking(move || own.write()).await
    }

    /// Has the file written again if an address changed since; nothing before [`Ports::publish`]. Returns at once: the
    /// disk may take its time.
    pub(crate) fn update(&self) {
        let own = self.clone();
        let exec = self.0.exec.clone();
        self.0.exec.spawn("file of ports", async move {
            if let Err(error) = exec.blocking(move || own.write()).await {
                tracing::error!(%error, "the file of ports is out of date");
            }
        });
    }

    /// Writes what is true now. Blocks.
    fn write(&self) -> Result<(), Failure> {
        // The lock first: of two that write, the later one has seen what the earlier one wrote.
        let mut written = self.0.written.lock();
        let Some(http) = *self.0.http.lock() else { return Ok(()) };
        let connectors = self.connectors();
        let text = text(&self.0.transport.ports(), http, &connectors);
        if written.as_ref() == Some(&text) {
            return Ok(());
        }
        let path = self.0.dir.ports();
        self.0
            .disk
            .write_atomic(&path, text.as_bytes())
            .map_err(|error| Failure::of(format!("cannot write {}", path.display()), error))?;
        *written = Some(text);
        Ok(())
    }

    /// Removes the file: nothing accepts any more.
    pub(crate) async fn withdraw(&self) {
        let own = self.clone();
        let removing = move || {
            let mut written = own.0.written.lock();
            *own.0.http.lock() = None;
            *written = None;
            remove(&own.0.dir, &own.0.disk);
        };
        self.0.exec.blocking(removing).await;
    }

    /// Does something while the file is being written by a disk that takes its time.
    #[cfg(test)]
    pub(crate) fn while_writing(&self, work: impl FnOnce()) {
        let _written = self.0.written.lock();
        work();
    }

    fn connectors(&self) -> BTreeMap<String, Vec<SocketAddr>> {
        let bound = self.0.transport.bound();
        let snapshot = self.0.directory.snapshot();
        snapshot
            .receive_connectors()
            .filter_map(|connector| {
                let mut addresses = bound.get(&connector.guid)?.clone();
                addresses.sort_unstable();
                Some((connector.name.clone(), addresses))
            })
            .collect()
    }
}

/// Removes a file that is there, of this run or of one that was killed.
pub(crate) fn remove(dir: &DataDir, disk: &Disk) {
    match disk.remove_file(&dir.ports()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, path = %dir.ports().display(), "the file of ports cannot be removed");
        }
        _ => {}
    }
}

fn text(
    smtp: &BTreeMap<&'static str, SocketAddr>,
    http: HttpAddresses,
    connectors: &BTreeMap<String, Vec<SocketAddr>>,
) -> String {
    let mut ports = Map::new();
    for (name, address) in smtp {
        ports.insert((*name).to_owned(), json!(address.port()));
    }
    ports.insert("http".to_owned(), json!(http.http.port()));
    if let Some(https) = http.https {
        ports.insert("https".to_owned(), json!(https.port()));
    }
    let connectors: Map<String, Value> = connectors
        .iter()
        .map(|(name, addresses)| (name.clone(), addresses.iter().map(SocketAddr::to_string).collect()))
        .collect();
    ports.insert("connectors".to_owned(), Value::Object(connectors));
    let mut text = Value::Object(ports).to_string();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_the_promised_one() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let smtp =
            BTreeMap::from([("smtp", address("127.0.0.1:2525")), ("submission", address("127.0.0.1:2587"))]);
        let http = HttpAddresses { http: address("127.0.0.1:8025"), https: Some(address("[::1]:8443")) };
        let connectors = BTreeMap::from([("Printers".to_owned(), vec![address("127.0.0.1:2526")])]);
        let read: Value = serde_json::from_str(&text(&smtp, http, &connectors)).unwrap();
        assert_eq!(
            read,
            json!({"smtp": 2525, "submission": 2587, "http": 8025, "https": 8443,
                   "connectors": {"Printers": ["127.0.0.1:2526"]}})
        );
        let without = text(&smtp, HttpAddresses { https: None, ..http }, &connectors);
        assert!(!without.contains("https") && !without.contains("submissions"));
    }
}
