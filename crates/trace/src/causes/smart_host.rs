//! What is wrong at a smart host of one's own: whoever set the Send connector acts, and nobody at the recipient's system.
//!
//! May touch: nothing (pure).

use events::Reason;

/// What stands before the address in the error of an attempt as transport words it; read again by [`endpoint`].
pub const ENDPOINT_MARK: &str = "Last endpoint attempted was ";

/// The cause and the fix, as sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtSmartHost {
    /// What happened, with host and connector.
    pub cause: String,
    /// What to do.
    pub fix: String,
}

/// What is told in place of [`explain`](super::explain) where the next hop is a smart host of the Send connector
/// `connector`; `host` is the smart host as far as it is known, with its port. `None` where it is the same as elsewhere.
pub fn at_smart_host(reason: Reason, connector: &str, host: Option<&str>) -> Option<AtSmartHost> {
    let what = match reason {
        Reason::ConnectionRefused => "does not listen",
        Reason::ConnectionTimedOut => "did not answer in time",
        Reason::ConnectionDropped => "broke the connection before it had answered for the message",
        Reason::TlsFailed => "did not make the TLS that is demanded",
        Reason::DnsNxDomain | Reason::DnsNoRecords => "has a name without an address in DNS",
        Reason::DnsTemporary => "has a name for which DNS gave no answer",
        _ => return None,
    };
    let check = match reason {
        Reason::TlsFailed => "its certificate and TLS versions, and the TLS settings of the connector",
        Reason::DnsNxDomain | Reason::DnsNoRecords | Reason::DnsTemporary => {
            "its name, and the servers under [dns] in the configuration"
        }
        _ => "its address, port and service",
    };
    let host = host.map(|host| format!(" {host}")).unwrap_or_default();
    let quoted = connector.replace('\'', "''");
    Some(AtSmartHost {
        cause: format!("The smart host{host} of the Send connector {connector} {what}."),
        fix: format!("Check {check}: Get-SendConnector '{quoted}' shows how it is set."),
    })
}

/// The address and port that an attempt went to, from its error as this server words it.
pub fn endpoint(error: &str) -> Option<&str> {
    let (_, rest) = error.rsplit_once(ENDPOINT_MARK)?;
    let end = rest.find(|letter: char| letter.is_whitespace() || letter == ')').unwrap_or(rest.len());
    rest.get(..end).filter(|endpoint| !endpoint.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connector_host_and_port_are_named_and_the_fix_is_ours() {
        let error = "441 4.4.1 Error encountered while communicating with primary target IP address: \"Failed to connect: connection refused\". Last endpoint attempted was 127.0.0.1:2526";
        assert_eq!(endpoint(error), Some("127.0.0.1:2526"));
        assert_eq!(endpoint("550 5.4.4 nothing"), None);
        let told = at_smart_host(Reason::ConnectionRefused, "Bob's relay", endpoint(error)).unwrap();
        assert_eq!(
            told.cause,
            "The smart host 127.0.0.1:2526 of the Send connector Bob's relay does not listen."
        );
        assert!(told.fix.contains("Get-SendConnector 'Bob''s relay'"), "{}", told.fix);
        // What a host answers is its own affair.
        assert_eq!(at_smart_host(Reason::RemotePermanent, "Relay", None), None);
    }
}
