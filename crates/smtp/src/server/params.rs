//! What a server session offers and how it names itself.
//!
//! May touch: nothing (pure).
//! Standards: RFC 5321 §4.1.1.1, RFC 1869 §4 (keywords), RFC 4954 §3.

use std::fmt::Write;
use std::net::IpAddr;

use crate::limits::Limits;
use crate::reply::Reply;
use crate::security::Security;

/// How the SIZE keyword is shown (SizeEnabled of a Receive connector).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SizeKeyword {
    /// Not at all.
    Disabled,
    /// `SIZE` alone.
    EnabledWithoutValue,
    /// `SIZE n`.
    #[default]
    Enabled,
}

/// When AUTH is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AuthOffer {
    /// Never.
    Never,
    /// Under TLS only (BasicAuthRequireTLS).
    #[default]
    UnderTls,
    /// Always: loopback, or BasicAuth without BasicAuthRequireTLS.
    Always,
}

/// The extensions of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// SIZE, RFC 1870.
    pub size: SizeKeyword,
    /// PIPELINING, RFC 2920.
    pub pipelining: bool,
    /// DSN, RFC 3461.
    pub dsn: bool,
    /// ENHANCEDSTATUSCODES, RFC 2034.
    pub enhanced_status_codes: bool,
    /// STARTTLS, RFC 3207; needs a certificate.
    pub starttls: bool,
    /// AUTH PLAIN LOGIN, RFC 4954.
    pub auth: AuthOffer,
    /// 8BITMIME, RFC 6152.
    pub eight_bit_mime: bool,
    /// BINARYMIME, RFC 3030; offered only with CHUNKING.
    pub binary_mime: bool,
    /// CHUNKING, RFC 3030.
    pub chunking: bool,
    /// SMTPUTF8, RFC 6531.
    pub smtputf8: bool,
}

impl Default for Capabilities {
    fn default() -> Capabilities {
        Capabilities {
            size: SizeKeyword::default(),
            pipelining: true,
            dsn: true,
            enhanced_status_codes: true,
            starttls: true,
            auth: AuthOffer::default(),
            eight_bit_mime: true,
            binary_mime: true,
            chunking: true,
            smtputf8: true,
        }
    }
}

/// What a session is made with.
#[derive(Debug, Clone)]
pub struct Params {
    /// Name in the EHLO reply.
    pub hostname: String,
    /// Text of the greeting after `220 `, the date included where it is wanted.
    pub banner: String,
    /// Address of the client for the EHLO reply.
    pub client: Option<IpAddr>,
    /// Domain that `<Postmaster>` gets; the hostname where there is none.
    pub default_domain: Option<String>,
    /// Whether the connection is under TLS from the start.
    pub security: Security,
    /// Bounds.
    pub limits: Limits,
    /// Extensions.
    pub capabilities: Capabilities,
}

/// The banner of Exchange: `<name> Microsoft ESMTP MAIL service ready at <RFC 5322 date>`.
pub fn default_banner(hostname: &str, date: &str) -> String {
    format!("{hostname} Microsoft ESMTP MAIL service ready at {date}")
}

/// The answer to HELO, or the first line of that to EHLO.
fn hello_line(params: &Params) -> String {
    match params.client {
        Some(client) => format!("{} Hello [{client}]", params.hostname),
        None => format!("{} Hello", params.hostname),
    }
}

/// The reply to HELO.
pub(super) fn helo_reply(params: &Params) -> Reply {
    Reply::new(250, None, hello_line(params))
}

/// The reply to EHLO with the keywords that hold now.
pub(super) fn ehlo_reply(params: &Params, security: Security) -> Reply {
    let caps = &params.capabilities;
    let mut text = hello_line(params);
    match caps.size {
        SizeKeyword::Disabled => {}
        SizeKeyword::EnabledWithoutValue => text.push_str("\nSIZE"),
        SizeKeyword::Enabled => {
            // Writing to a String cannot fail.
            let _ = write!(text, "\nSIZE {}", params.limits.message_bytes_max);
        }
    }
    for (offered, keyword) in [
        (caps.pipelining, "PIPELINING"),
        (caps.dsn, "DSN"),
        (caps.enhanced_status_codes, "ENHANCEDSTATUSCODES"),
        // RFC 3207 §4.2: not again under TLS.
        (caps.starttls && security == Security::Plaintext, "STARTTLS"),
        (offers_auth(caps, security), "AUTH PLAIN LOGIN"),
        (caps.eight_bit_mime, "8BITMIME"),
        // RFC 3030 §3: BINARYMIME only beside CHUNKING.
        (caps.binary_mime && caps.chunking, "BINARYMIME"),
        (caps.chunking, "CHUNKING"),
        (caps.smtputf8, "SMTPUTF8"),
    ] {
        if offered {
            text.push('\n');
            text.push_str(keyword);
        }
    }
    Reply::new(250, None, text)
}

/// Whether AUTH is offered now.
pub(super) fn offers_auth(caps: &Capabilities, security: Security) -> bool {
    match caps.auth {
        AuthOffer::Never => false,
        AuthOffer::UnderTls => security == Security::Tls,
        AuthOffer::Always => true,
    }
}
