//! The configuration file: what the server must know before it can open its data.
//!
//! May touch: the file and the one of trusted roots, read only.
//! Everything an administrator changes while the server runs lives in the directory and is changed by cmdlets.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use world::Roots;

use crate::data_dir::DataDir;
use crate::failure::Failure;

/// `postroom.toml`. Every parameter may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Where the listeners are.
    pub(crate) listen: Listen,
    /// Name resolution.
    pub(crate) dns: DnsConfig,
    /// Whom clients of ours trust.
    pub(crate) tls: TlsConfig,
    /// The administration interface.
    pub(crate) http: HttpConfig,
    /// The tracking log.
    pub(crate) trace: TraceConfig,
    /// The service log.
    pub(crate) log: LogConfig,
}

/// `[listen]`: addresses as `ip:port`; port 0 takes any free one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Listen {
    /// `Default Frontend <server>` and, for loopback sources, `Loopback <server>`.
    pub(crate) smtp: SocketAddr,
    /// `Client Frontend <server>`.
    pub(crate) submission: SocketAddr,
    /// Client submission with TLS from the first octet; none by default.
    pub(crate) submissions: Option<SocketAddr>,
    /// Administration without TLS; on loopback only, unless `[http] plain_beyond_loopback` is set.
    pub(crate) http: SocketAddr,
    /// Administration with TLS; none by default.
    pub(crate) https: Option<SocketAddr>,
}

impl Default for Listen {
    fn default() -> Self {
        let any = |port| SocketAddr::new(IpAddr::from([0, 0, 0, 0]), port);
        Self {
            smtp: any(25),
            submission: any(587),
            submissions: None,
            http: SocketAddr::new(IpAddr::from([127, 0, 0, 1]), 8025),
            https: None,
        }
    }
}

/// `[dns]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DnsConfig {
    /// Resolvers as `ip:port`; none = those of the system.
    pub(crate) servers: Vec<SocketAddr>,
}

/// `[tls]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TlsConfig {
    /// A PEM file of root certificates trusted beside the public ones, within the data directory unless the path is
    /// absolute; none by default.
    pub(crate) trusted_roots: Option<PathBuf>,
}

impl TlsConfig {
    /// Whom to trust.
    ///
    /// # Errors
    /// If the file cannot be read, or holds no root certificate.
    pub(crate) fn roots(&self, root: &Path) -> Result<Roots, Failure> {
        let Some(path) = &self.trusted_roots else { return Ok(Roots::System) };
        let path = root.join(path);
        let bad = |error: &dyn std::fmt::Display| {
            Failure(format!(
                "[tls] trusted_roots: {}: {error}; name a PEM file of root certificates",
                path.display()
            ))
        };
        let pem = std::fs::read_to_string(&path).map_err(|error| bad(&error))?;
        Roots::system_and(&pem).map_err(|error| bad(&error))
    }
}

/// `[http]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HttpConfig {
    /// Whether `[listen] http` may be an address other machines reach.
    pub(crate) plain_beyond_loopback: bool,
}

/// `[trace]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TraceConfig {
    /// Days the tracking log is kept, 1 to 3650.
    pub(crate) retention_days: u32,
    /// Whether webhooks of alerts may be on this machine or a private network.
    pub(crate) private_webhooks: bool,
    /// Folders whose logs administrators over HTTP may import and follow.
    pub(crate) import_folders: Vec<PathBuf>,
}

impl Default for TraceConfig {
    fn default() -> Self {
        Self { retention_days: 90, private_webhooks: false, import_folders: Vec::new() }
    }
}

/// `[log]`: the service log, apart from tracking log and protocol logs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogConfig {
    /// `error`, `warn`, `info`, `debug`, or a filter such as `info,transport=debug`.
    pub(crate) level: String,
    /// A file, within the data directory unless the path is absolute; none = standard error.
    pub(crate) file: Option<PathBuf>,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "info".to_owned(), file: None }
    }
}

/// What is wrong with a configuration file.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum ConfigError {
    /// Not TOML, an unknown parameter, or a value of the wrong kind; the message names line and parameter.
    #[error("{0}")]
    Syntax(String),
    /// Readable, but not allowed.
    #[error("{parameter}: {problem}")]
    Value {
        /// The parameter, `[section] name`.
        parameter: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// The first problem.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let config = Self::read(text)?;
        match config.problems().into_iter().next() {
            None => Ok(config),
            Some(problem) => Err(problem),
        }
    }

    /// A configuration file in which nothing is wrong, or else everything that is.
    pub(crate) fn check(text: &str) -> Result<Self, Vec<ConfigError>> {
        let config = Self::read(text).map_err(|error| vec![error])?;
        let problems = config.problems();
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    fn read(text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error: toml::de::Error| ConfigError::Syntax(one_line(text, &error)))
    }

    fn problems(&self) -> Vec<ConfigError> {
        let mut problems = Vec::new();
        let mut refuse =
            |parameter, problem: String| problems.push(ConfigError::Value { parameter, problem });
        if !self.listen.http.ip().is_loopback() && !self.http.plain_beyond_loopback {
            refuse(
                "[listen] http",
                format!(
                    "{} can be reached from other machines without TLS; use 127.0.0.1, or [listen] https, or set [http] plain_beyond_loopback = true",
                    self.listen.http
                ),
            );
        }
        if let Err(error) = EnvFilter::try_new(&self.log.level) {
            refuse("[log] level", format!("\"{}\" is not a level or filter: {error}", self.log.level));
        }
        if !(1..=3_650).contains(&self.trace.retention_days) {
            refuse(
                "[trace] retention_days",
                format!("{} is out of bounds; give 1 to 3650", self.trace.retention_days),
            );
        }
        if let Some(folder) = self.trace.import_folders.iter().find(|folder| !folder.is_absolute()) {
            refuse("[trace] import_folders", format!("{} is not a whole path", folder.display()));
        }
        let mut seen: Vec<(&str, SocketAddr)> = Vec::new();
        let listeners = [
            ("smtp", Some(self.listen.smtp)),
            ("submission", Some(self.listen.submission)),
            ("submissions", self.listen.submissions),
            ("http", Some(self.listen.http)),
            ("https", self.listen.https),
        ];
        for (name, address) in listeners {
            let Some(address) = address.filter(|address| address.port() != 0) else { continue };
            if let Some((other, _)) = seen.iter().find(|(_, taken)| *taken == address) {
                refuse("[listen]", format!("{name} and {other} are both {address}; give each its own port"));
            }
            seen.push((name, address));
        }
        problems
    }
}

/// What is said of an address that is none.
const ADDRESS_EXPECTED: &str =
    "give an address as ip:port, such as 127.0.0.1:25 or [::1]:25; names such as localhost are not looked up";

/// A parser's error with the line it is about, on one line.
fn one_line(text: &str, error: &toml::de::Error) -> String {
    let message =
        error.message().replace('\n', " ").replace("invalid socket address syntax", ADDRESS_EXPECTED);
    let before = error.span().and_then(|span| text.get(..span.start));
    let Some(before) = before else { return message };
    let at = before.matches('\n').count();
    let line = text.lines().nth(at).unwrap_or_default().trim();
    format!("line {} ({line}): {message}", at.saturating_add(1))
}

/// `postroom check-config`: the file looked at, and what is wrong with it.
pub(crate) fn report(named: Option<&Path>, dir: &DataDir) -> Result<String, Failure> {
    let Some((path, text)) = text(named, dir)? else {
        return Ok(format!(
            "OK: there is no {}, so every parameter has its default\n",
            dir.config().display()
        ));
    };
    let config = Config::check(&text).map_err(|problems| {
        let lines = problems.iter().map(|problem| format!("{}: {problem}", path.display()));
        Failure(lines.collect::<Vec<_>>().join("\n"))
    })?;
    config.tls.roots(dir.root()).map_err(|error| Failure::of(path.display(), error))?;
    Ok(format!("OK: {}\n", path.display()))
}

/// Reads the file named, else the one of the data directory, else the defaults.
pub(crate) fn load(named: Option<&Path>, dir: &DataDir) -> Result<Config, Failure> {
    match text(named, dir)? {
        None => Ok(Config::default()),
        Some((path, text)) => Config::parse(&text).map_err(|error| Failure::of(path.display(), error)),
    }
}

fn text(named: Option<&Path>, dir: &DataDir) -> Result<Option<(PathBuf, String)>, Failure> {
    let path = match named {
        Some(path) => path.to_owned(),
        None if dir.config().exists() => dir.config(),
        None => return Ok(None),
    };
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Failure::of(format!("cannot read {}", path.display()), error))?;
    Ok(Some((path, text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(Config::parse(""), Ok(Config::default()));
    }

    #[test]
    fn the_contract_of_listen_and_dns() {
        let text = "[listen]\nsmtp = \"127.0.0.1:0\"\nsubmission = \"127.0.0.1:0\"\nhttp = \"127.0.0.1:0\"\nhttps = \"127.0.0.1:0\"\n\
                    submissions = \"127.0.0.1:0\"\n[dns]\nservers = [\"127.0.0.1:5354\"]\n";
        let config = Config::parse(text).unwrap();
        assert_eq!(config.listen.smtp.port(), 0);
        assert_eq!(config.dns.servers.len(), 1);
    }

    #[test]
    fn roots_of_ones_own_are_read_beside_the_public_ones() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse("[tls]\ntrusted_roots = \"ca.pem\"").unwrap();
        let fails = || config.tls.roots(dir.path()).unwrap_err().to_string();
        let missing = fails();
        assert!(missing.contains("[tls] trusted_roots") && missing.contains("ca.pem"), "{missing}");
        std::fs::write(dir.path().join("ca.pem"), "no certificate").unwrap();
        assert!(fails().contains("no certificate among the roots"), "{}", fails());
        let at = |text: &str| text.parse().unwrap();
        let names = ["ca.contoso.example".to_owned()];
        let (pem, _) =
            world::self_signed(&names, at("2026-01-01T00:00:00Z"), at("2036-01-01T00:00:00Z")).unwrap();
        std::fs::write(dir.path().join("ca.pem"), &pem).unwrap();
        assert_eq!(config.tls.roots(dir.path()).unwrap(), Roots::SystemAnd(pem.as_str().into()));
        assert_eq!(Config::default().tls.roots(dir.path()).unwrap(), Roots::System);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("[listen]\nsmpt = \"127.0.0.1:25\"", "line 2 (smpt = \"127.0.0.1:25\"): unknown field `smpt`"),
            ("[listen", "line 1 ([listen): "),
            ("[listen]\nsmtp = \"localhost\"", "line 2 (smtp = \"localhost\"): give an address as ip:port"),
            (
                "[listen]\nsmtp = \"localhost:25\"",
                "such as 127.0.0.1:25 or [::1]:25; names such as localhost",
            ),
            ("[listen]\nhttp = \"0.0.0.0:80\"", "without TLS"),
            ("[listen]\nsmtp = \"127.0.0.1:25\"\nsubmission = \"127.0.0.1:25\"", "both 127.0.0.1:25"),
            ("[trace]\nretention_days = 0", "1 to 3650"),
            ("[log]\nlevel = \"transport=loud\"", "[log] level"),
        ] {
            let error = Config::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
