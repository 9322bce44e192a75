//! Lines of mail logs that are known and tell nothing of a message's way: sessions, encryption, starts and stops.
//!
//! May touch: nothing (pure).
//!
//! What is neither here nor read is an unknown line, which is counted and shown: a line left out in silence could be
//! the one that says where a message went.

/// Programs of Postfix that never say what became of a message but in a line with `NOQUEUE`.
const POSTFIX_HELPERS: &[&str] = &[
    "anvil",
    "dnsblog",
    "flush",
    "master",
    "oqmgr",
    "postalias",
    "postfix-script",
    "postlog",
    "postlogd",
    "postmap",
    "postscreen",
    "proxymap",
    "proxywrite",
    "scache",
    "showq",
    "tlsmgr",
    "tlsproxy",
    "trivial-rewrite",
    "verify",
];

/// Beginnings of lines of Postfix, behind the queue id where there is one.
const POSTFIX: &[&str] = &[
    "<",
    ">",
    "Anonymous TLS connection",
    "Cannot start TLS",
    "Host offered STARTTLS",
    "SSL_",
    "TLS is required",
    "TLS ",
    "Trusted TLS connection",
    "Untrusted TLS connection",
    "Verified TLS connection",
    "breaking line",
    "ca certificate verification failed",
    "certificate verification failed",
    "client=",
    "close database",
    "connect from ",
    "connect to ",
    "conversation with ",
    "daemon started",
    "dict_",
    "discarding EHLO keywords",
    "disconnect from ",
    "enabling ",
    "error: ",
    "fatal: ",
    "host ",
    "improper command pipelining",
    "initializing ",
    "lost connection ",
    "message-id=",
    "milter-reject: CONNECT",
    "non-SMTP command from ",
    "panic: ",
    "private/",
    "proxy-accept",
    "proxy-reject",
    "reload ",
    "replacing command ",
    "sender ",
    "postmaster ",
    "server certificate verification failed",
    "setting up TLS connection",
    "skipped, still being delivered",
    "ssl_",
    "statistics: ",
    "table ",
    "terminating on signal",
    "timeout ",
    "too many errors ",
    "uid=",
    "using ",
    "warning: ",
];

/// Actions of header and body checks and what the administrator did, which the outcome of the message follows.
const POSTFIX_ACTIONS: &[&str] =
    &["bcc: ", "prepend: ", "released from hold", "replace: ", "requeued", "strip: ", "pass: "];

/// Whether a line of Postfix is known to tell nothing; `text` stands behind the queue id where there is one.
pub(crate) fn is_postfix(daemon: &str, text: &str) -> bool {
    POSTFIX_HELPERS.contains(&daemon)
        || begins(POSTFIX, text)
        || begins(POSTFIX_ACTIONS, text)
        || text.contains(": subject_CN=")
}

/// Beginnings of lines of Exim, behind the message id where there is one.
const EXIM: &[&str] = &[
    "ACL ",
    "Authentication ",
    "Connection ",
    "DKIM: ",
    "DNS list lookup",
    "End queue run",
    "Error ",
    "Frozen",
    "H=",
    "LMTP error",
    "Malformed ",
    "Message ",
    "Remote host ",
    "SIGHUP ",
    "SIGTERM ",
    "SMTP ",
    "Spool ",
    "Start queue run",
    "TLS ",
    "U=",
    "Unfrozen",
    "Unfreezing",
    "Warning: ",
    "alias ",
    "all hosts ",
    "auth_",
    "cwd=",
    "daemon",
    "error ",
    "exim ",
    "failed to ",
    "frozen",
    "host ",
    "ident ",
    "input ",
    "list matching",
    "log string overflow",
    "lowest numbered MX",
    "no IP address found",
    "no host name found",
    "no immediate delivery",
    "original recipients ignored",
    "pid ",
    "queue ",
    "refused connection",
    "remote host address",
    "retry time not reached",
    "routing failed",
    "sender verify ",
    "spam acl condition",
    "too many ",
    "unexpected disconnection",
    "unqualified ",
    "warning: ",
];

/// Whether a line of Exim is known to tell nothing; `text` stands behind the message id where there is one.
pub(crate) fn is_exim(text: &str) -> bool {
    begins(EXIM, text)
        // `login authenticator failed for …`, whatever the authenticator is called.
        || text.split(' ').nth(1) == Some("authenticator")
        || text.is_empty()
}

fn begins(known: &[&str], text: &str) -> bool {
    known.iter().any(|start| text.starts_with(start))
}
