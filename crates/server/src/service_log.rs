//! The service log: what operators read about the process, apart from the tracking log and the protocol logs.
//!
//! May touch: standard error, or the file of `[log] file`.
//! A file is put aside when it is full or old, and opened again on SIGHUP, so that logrotate works too.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, fmt, reload};

use crate::config::LogConfig;
use crate::failure::Failure;

/// Size at which the log file is put aside, in bytes.
pub(crate) const FILE_BYTES_MAX: u64 = 64 << 20;
/// Days after which the log file is put aside, full or not.
pub(crate) const FILE_DAYS_MAX: u64 = 7;
/// Files put aside that are kept, `.1` the youngest.
pub(crate) const FILES_KEPT: u32 = 5;
/// Days after its last line a file that was put aside is deleted.
pub(crate) const KEPT_DAYS_MAX: u64 = 30;
/// A day.
const DAY: Duration = Duration::from_secs(86_400);
/// Mode of the file: it names senders and recipients.
const FILE_MODE: u32 = 0o600;

/// The running log.
pub(crate) struct ServiceLog {
    filter: reload::Handle<EnvFilter, Registry>,
    sink: Sink,
}

impl ServiceLog {
    /// Starts the log of this process. A relative file lies in `root`.
    pub(crate) fn start(config: &LogConfig, root: &Path) -> Result<Self, Failure> {
        let sink = Sink::default();
        sink.open(config, root)?;
        let (filter, handle) = reload::Layer::new(filter(config)?);
        let is_terminal = config.file.is_none() && io::stderr().is_terminal();
        let lines = fmt::layer().with_writer(sink.clone()).with_ansi(is_terminal);
        tracing_subscriber::registry()
            .with(filter)
            .with(lines)
            .try_init()
            .map_err(|error| Failure::of("cannot start the service log", error))?;
        Ok(Self { filter: handle, sink })
    }

    /// Takes over level and file, and opens the file again.
    pub(crate) fn apply(&self, config: &LogConfig, root: &Path) -> Result<(), Failure> {
        self.sink.open(config, root)?;
        self.filter.reload(filter(config)?).map_err(|error| Failure::of("cannot change the log level", error))
    }
}

fn filter(config: &LogConfig) -> Result<EnvFilter, Failure> {
    EnvFilter::try_new(&config.level).map_err(|error| Failure::of("[log] level", error))
}

/// Where lines go; `None` is standard error.
#[derive(Debug, Clone, Default)]
struct Sink(Arc<Mutex<Option<LogFile>>>);

impl Sink {
    fn open(&self, config: &LogConfig, root: &Path) -> Result<(), Failure> {
        let opened = match &config.file {
            None => None,
            Some(path) => {
                let path = root.join(path);
                let file = LogFile::open(&path).map_err(|error| {
                    Failure::of(format!("[log] file: cannot open {}", path.display()), error)
                })?;
                Some(file)
            }
        };
        *self.0.lock() = opened;
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Sink;

    fn make_writer(&'a self) -> Sink {
        self.clone()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut *self.0.lock() {
            None => io::stderr().write_all(bytes)?,
            Some(file) => file.write(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct LogFile {
    path: PathBuf,
    file: File,
    len: u64,
    /// When its first line was written, as far as the file system knows.
    begun: SystemTime,
}

impl LogFile {
    fn open(path: &Path) -> io::Result<Self> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let file = OpenOptions::new().create(true).append(true).mode(FILE_MODE).open(path)?;
        let found = file.metadata()?;
        let begun = if found.len() == 0 { None } else { found.created().or_else(|_| found.modified()).ok() };
        let begun = begun.unwrap_or_else(SystemTime::now);
        delete_old(path);
        Ok(Self { path: path.to_owned(), file, len: found.len(), begun })
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let is_old = self.len > 0 && is_older(self.begun, FILE_DAYS_MAX);
        if is_old || self.len >= FILE_BYTES_MAX {
            self.put_aside()?;
        }
        self.file.write_all(line)?;
        self.len = self.len.saturating_add(line.len() as u64);
        Ok(())
    }

    /// `service.log` becomes `service.log.1`, that `.2`, and so on; the oldest goes.
    fn put_aside(&mut self) -> io::Result<()> {
        for number in (1..FILES_KEPT).rev() {
            let (from, to) = (numbered(&self.path, number), numbered(&self.path, number + 1));
            match std::fs::rename(&from, &to) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        std::fs::rename(&self.path, numbered(&self.path, 1))?;
        *self = Self::open(&self.path)?;
        Ok(())
    }
}

/// Deletes what was put aside long ago. A file that cannot be deleted is no reason to log nothing.
fn delete_old(path: &Path) {
    for number in 1..=FILES_KEPT {
        let path = numbered(path, number);
        let last = std::fs::metadata(&path).and_then(|found| found.modified());
        if last.is_ok_and(|last| is_older(last, KEPT_DAYS_MAX)) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn is_older(than: SystemTime, days: u64) -> bool {
    let limit = DAY.saturating_mul(u32::try_from(days).unwrap_or(u32::MAX));
    // A time in the future is a clock that was put back.
    than.elapsed().is_ok_and(|age| age >= limit)
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_is_put_aside_and_the_oldest_goes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("logs/service.log");
        let mut file = LogFile::open(&path).unwrap();
        for round in 0..=FILES_KEPT + 1 {
            file.write(format!("round {round}\n").as_bytes()).unwrap();
            file.len = FILE_BYTES_MAX;
        }
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        assert_eq!(read(&path), format!("round {}\n", FILES_KEPT + 1));
        assert_eq!(read(&numbered(&path, 1)), format!("round {FILES_KEPT}\n"));
        assert_eq!(read(&numbered(&path, FILES_KEPT)), "round 1\n");
        assert!(!numbered(&path, FILES_KEPT + 1).exists());
    }

    #[test]
    fn an_old_file_is_put_aside_and_a_very_old_one_goes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("service.log");
        let days = |days: u64| DAY * u32::try_from(days).unwrap();
        let mut file = LogFile::open(&path).unwrap();
        file.write(b"first\n").unwrap();
        file.begun = SystemTime::now() - days(FILE_DAYS_MAX);
        file.write(b"second\n").unwrap();
        assert_eq!(std::fs::read_to_string(numbered(&path, 1)).unwrap(), "first\n");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "second\n");
        let aside = OpenOptions::new().append(true).open(numbered(&path, 1)).unwrap();
        aside.set_modified(SystemTime::now() - days(KEPT_DAYS_MAX)).unwrap();
        drop(LogFile::open(&path).unwrap());
        assert!(!numbered(&path, 1).exists() && path.exists());
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("taken"), "").unwrap();
        let config = LogConfig { level: "info".into(), file: Some("taken/service.log".into()) };
        let error = Sink::default().open(&config, dir.path()).unwrap_err().to_string();
        assert!(error.contains("[log] file") && error.contains("taken/service.log"), "{error}");
    }
}
