//! The configuration reference: every parameter and every fixed bound with its default, as `docs/configuration.md`.
//!
//! May touch: nothing (pure).

use std::fmt::Write as _;

use admin::session::{IDLE_MAX, LIFE_MAX, SESSIONS_MAX};

/// One row: name, default, sentence.
type Row = (&'static str, String, &'static str);

/// Parameter, default and sentence.
const PARAMETERS: &[(&str, &str, &str)] = &[
    (
        "[listen] smtp",
        "0.0.0.0:25",
        "Where Default Frontend and Loopback listen, as ip:port; port 0 takes any free one.",
    ),
    (
        "[listen] submission",
        "0.0.0.0:587",
        "Where Client Frontend listens, for signed-in users with STARTTLS.",
    ),
    (
        "[listen] submissions",
        "none",
        "Where Client Frontend listens with TLS from the first octet (RFC 8314), usually port 465.",
    ),
    ("[listen] http", "127.0.0.1:8025", "Administration without TLS: API, health, metrics."),
    ("[listen] https", "none", "Administration with TLS."),
    ("[dns] servers", "[]", "Resolvers as ip:port; empty means those of the system."),
    (
        "[tls] trusted_roots",
        "none",
        "A PEM file of root certificates trusted beside the public ones, for a private CA: by Send connectors that verify, webhooks of alerts and trace sources; within the data directory unless the path is absolute.",
    ),
    (
        "[http] plain_beyond_loopback",
        "false",
        "Whether [listen] http may be an address other machines reach.",
    ),
    ("[trace] retention_days", "90", "Days the tracking log is kept, 1 to 3650."),
    (
        "[trace] private_webhooks",
        "false",
        "Whether webhooks of alerts may be on this machine or a private network.",
    ),
    (
        "[trace] import_folders",
        "[]",
        "Folders whose logs administrators over HTTP may import and follow; over the local socket every one may be.",
    ),
    ("[log] level", "info", "error, warn, info, debug, or a filter such as info,transport=debug."),
    (
        "[log] file",
        "none",
        "The service log, within the data directory unless the path is absolute; none means standard error.",
    ),
];

const HEAD: &str = "# Configuration

`postroom serve` reads `postroom.toml` in the data directory, or the file named with `--config`. Every parameter may be
left out. `postroom check-config` says what is wrong with a file; SIGHUP makes the running server read it again and say
in the service log what took effect and what needs a restart. Everything else is set with cmdlets while the server
runs; `postroom help` lists them.

This page is what `postroom check-config --reference` prints.

";

/// The names of all parameters, `[section] name`.
#[cfg(test)]
pub(crate) fn parameter_names() -> impl Iterator<Item = &'static str> {
    PARAMETERS.iter().map(|(name, _, _)| *name)
}

/// The page.
pub(crate) fn page() -> String {
    let mut text = String::from(HEAD);
    let parameters: Vec<Row> = PARAMETERS
        .iter()
        .map(|(name, default, sentence)| (*name, (*default).to_owned(), *sentence))
        .collect();
    table(&mut text, "## Parameters", ["Parameter", "Default", "Meaning"], &parameters);
    text.push_str("\nAn example:\n\n```toml\n[listen]\nsmtp = \"0.0.0.0:25\"\nsubmission = \"0.0.0.0:587\"\nsubmissions = \"0.0.0.0:465\"\nhttps = \"0.0.0.0:8443\"\n\n[log]\nlevel = \"info,transport=debug\"\nfile = \"logs/service.log\"\n```\n\n");
    table(&mut text, "## Fixed bounds", ["Bound", "Value", "Meaning"], &bounds());
    text
}

fn table(text: &mut String, title: &str, head: [&str; 3], rows: &[Row]) {
    let [first, second, third] = head;
    let _ = write!(text, "{title}\n\n| {first} | {second} | {third} |\n|---|---|---|\n");
    for (name, value, sentence) in rows {
        let _ = writeln!(text, "| `{name}` | `{value}` | {sentence} |");
    }
}

/// What cannot be set: the bounds of queues, caches and loops.
fn bounds() -> Vec<Row> {
    let mut rows = server_bounds();
    rows.extend(spool_bounds());
    rows.extend(mailbox_bounds());
    rows.extend(other_bounds());
    rows.extend(audit_bounds());
    rows
}

fn server_bounds() -> Vec<Row> {
    vec![
        (
            "http connections",
            crate::http::CONNECTIONS_MAX.to_string(),
            "Connections for administration at once, per way in.",
        ),
        (
            "http request head",
            seconds(crate::http::HEAD_WAIT_MAX),
            "Time a client has for the head of a request.",
        ),
        ("http request body", bytes(admin::http::BODY_BYTES_MAX as u64), "Largest body of a call."),
        (
            "http file",
            bytes(admin::http::FILE_BYTES_MAX as u64),
            "Largest body where a file comes along, or records of a trace source.",
        ),
        ("http body", seconds(admin::http::BODY_WAIT_MAX), "Time for a body to come in."),
        (
            "shutdown",
            seconds(crate::shutdown::DATA_WAIT_MAX),
            "Time sessions have to finish running DATA after SIGTERM.",
        ),
        (
            "service log file",
            bytes(crate::service_log::FILE_BYTES_MAX),
            "Size at which the file of [log] file is put aside.",
        ),
        (
            "service log files",
            crate::service_log::FILES_KEPT.to_string(),
            "Service log files that were put aside and are kept.",
        ),
        (
            "service log days",
            crate::service_log::FILE_DAYS_MAX.to_string(),
            "Days after which the file is put aside, full or not.",
        ),
        (
            "service log kept",
            format!("{} days", crate::service_log::KEPT_DAYS_MAX),
            "How long service log files that were put aside are kept.",
        ),
        ("listen backlog", world::LISTEN_BACKLOG.to_string(), "Connections that wait to be accepted."),
    ]
}

fn spool_bounds() -> Vec<Row> {
    let spool = spool::Config::default();
    vec![
        ("spool segment", bytes(spool.segment_bytes), "Size of one file of the log."),
        ("spool body file", bytes(spool.body_file_bytes), "Larger bodies get a file of their own."),
        ("spool body memory", bytes(spool.body_memory_bytes), "Bodies kept in memory together."),
        ("spool event memory", bytes(spool.event_memory_bytes), "Events kept in memory for the trace."),
        ("spool slack", bytes(spool.slack_bytes), "The log takes at most 4 times its live bytes and this."),
        (
            "spool commits",
            spool.commits_waiting.to_string(),
            "Commits that wait at once; more wait for their turn.",
        ),
    ]
}

fn mailbox_bounds() -> Vec<Row> {
    let mailboxes = mailbox::Config::default();
    vec![
        ("mailbox files", mailboxes.open_files_max.to_string(), "Mailbox files kept open."),
        ("mailbox writers", mailboxes.writers.to_string(), "Threads that write mailboxes."),
        (
            "mailbox checkpoint",
            seconds(mailboxes.checkpoint_interval),
            "Longest time until a delivery leaves the log.",
        ),
        (
            "mailbox dirty files",
            mailboxes.dirty_files_max.to_string(),
            "Files with deliveries that are only in the log.",
        ),
        (
            "mailbox inline body",
            bytes(mailboxes.inline_bytes_max as u64),
            "Largest body kept inside the mailbox file.",
        ),
        ("mailbox items page", mailbox::PAGE_ITEMS_MAX.to_string(), "Items of one answer about a mailbox."),
        (
            "mailbox resend window",
            seconds(mailboxes.resend_window),
            "How long the same bytes count as sent again.",
        ),
    ]
}

fn other_bounds() -> Vec<Row> {
    vec![
        ("password checks", directory::RUNS_AT_ONCE.to_string(), "Passwords hashed at once."),
        (
            "password checks waiting",
            directory::WAITING_MAX.to_string(),
            "Sign-ins that wait for their turn; more are refused.",
        ),
        (
            "verified credentials",
            directory::REMEMBERED_MAX.to_string(),
            "Sign-ins remembered under a keyed hash.",
        ),
        (
            "verified credentials kept",
            seconds(directory::REMEMBERED_FOR),
            "How long a verified sign-in is remembered.",
        ),
        ("sessions", SESSIONS_MAX.to_string(), "Sessions of the admin center."),
        ("session idle", seconds(IDLE_MAX), "A session that was not used for so long has ended."),
        ("session life", seconds(LIFE_MAX), "A session that began so long ago has ended."),
        ("connectors", directory::CONNECTORS_MAX.to_string(), "Connectors of one kind."),
        ("certificates", directory::CERTIFICATES_MAX.to_string(), "Certificates."),
        ("domains", directory::DOMAINS_MAX.to_string(), "Accepted domains, and remote domains."),
        (
            "password length",
            directory::password::PASSWORD_CHARS_MIN.to_string(),
            "Characters a new password has at least.",
        ),
        ("trace page", trace::search::PAGE_SIZE_MAX.to_string(), "Rows of one answer about the trace."),
        (
            "trace imports",
            trace::places::IMPORTS_MAX.to_string(),
            "Imports that Get-MessageTraceImport lists; the oldest go first.",
        ),
        (
            "trace import files",
            trace::places::IMPORT_FILES_MAX.to_string(),
            "Files of one import that are named; the rest are counted.",
        ),
        ("dns query", seconds(world::DNS_TIMEOUT_DEFAULT), "Time one query to one server may take."),
        (
            "dns attempts",
            world::DNS_ATTEMPTS_DEFAULT.to_string(),
            "How often a query that timed out is sent again.",
        ),
        ("dns cache", world::DNS_CACHE_ENTRIES_DEFAULT.to_string(), "Answers kept in memory."),
    ]
}

fn audit_bounds() -> Vec<Row> {
    vec![
        (
            "audit rows",
            crate::background::AUDIT_DAYS.to_string() + " days",
            "How long the administrator audit log is kept.",
        ),
        (
            "audit cmdlets",
            directory::AUDIT_COMMANDS_KEPT_MAX.to_string(),
            "Cmdlets that changed something kept in the administrator audit log; the oldest go first.",
        ),
        (
            "audit look-ups",
            directory::AUDIT_LOOK_UPS_KEPT_MAX.to_string(),
            "Look-ups kept in it; they never push out a change, and one that is open stays until its end.",
        ),
        (
            "audit objects",
            directory::AUDIT_OBJECTS_KEPT_MAX.to_string(),
            "Changed objects kept in it, with what they were before and after.",
        ),
    ]
}

fn seconds(duration: std::time::Duration) -> String {
    format!("{} s", duration.as_secs())
}

fn bytes(count: u64) -> String {
    match count {
        whole if whole >= 1 << 20 && whole.is_multiple_of(1 << 20) => format!("{} MiB", whole >> 20),
        whole if whole >= 1 << 10 && whole.is_multiple_of(1 << 10) => format!("{} KiB", whole >> 10),
        other => format!("{other} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn every_parameter_of_the_reference_exists_and_has_that_default() {
        for (parameter, default, sentence) in PARAMETERS {
            assert!(sentence.ends_with('.'), "{parameter}");
            let (section, name) = parameter.split_once(' ').unwrap();
            let quoted = !matches!(*default, "false" | "[]" | "90");
            let value = if quoted { format!("\"{default}\"") } else { (*default).to_owned() };
            let text = format!("{section}\n{name} = {value}");
            if *default == "none" {
                let error = Config::parse(&format!("{section}\n{name} = {{}}")).unwrap_err().to_string();
                assert!(!error.contains("unknown field"), "{parameter}: {error}");
            } else {
                assert_eq!(Config::parse(&text), Ok(Config::default()), "{parameter}");
            }
        }
    }

    #[test]
    fn every_parameter_is_in_the_reference() {
        // An unknown name makes the parser list those it knows.
        for section in ["listen", "dns", "tls", "http", "trace", "log"] {
            let error =
                Config::parse(&format!("[{section}]\nno_such_parameter = 1")).unwrap_err().to_string();
            let known: Vec<&str> =
                error.split('`').skip(1).step_by(2).filter(|name| !name.contains(' ')).collect();
            for name in known.iter().filter(|name| **name != "no_such_parameter" && !name.contains('\n')) {
                let parameter = format!("[{section}] {name}");
                assert!(PARAMETERS.iter().any(|(known, _, _)| *known == parameter), "{parameter}: {error}");
            }
        }
    }

    #[test]
    fn the_page_in_docs_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == page(),
            "docs/configuration.md is out of date; `postroom check-config --reference > docs/configuration.md` writes it"
        );
    }
}
