//! Calls to other systems' services: one HTTP request over a connection of its own, bounded in time and size.
//!
//! May touch: network, DNS and clock, through their handles.
//! Secrets travel over TLS only: an address without it must be this very machine.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{self, HeaderMap};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use world::{BoxedIo, TlsConnector, Verification, World};

/// Time one call may take.
const CALL_TIME_MAX: Duration = Duration::from_secs(120);
/// Octets of one answer: a page of 5,000 rows has about 3 MB.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Where a service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// As given, without a slash at the end.
    pub(super) text: String,
    host: String,
    port: u16,
    is_tls: bool,
}

impl Address {
    /// Reads an address of either scheme. The one without TLS is for services on this machine.
    pub(super) fn read(text: &str, secure: &str, plain: &str) -> Result<Address, String> {
        let wrong =
            |why: &str| format!("\"{text}\" {why}; give an address such as {secure}://service.example");
        let uri: Uri = text.trim().parse().map_err(|_| wrong("is no address"))?;
        let host = uri.host().ok_or_else(|| wrong("names no host"))?.to_owned();
        let is_tls = match uri.scheme_str() {
            Some(scheme) if scheme == secure => true,
            Some(scheme) if scheme == plain && is_loopback(&host) => false,
            Some(scheme) if scheme == plain => return Err(wrong("would send secrets without TLS")),
            _ => return Err(wrong("is no address of such a service")),
        };
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(wrong("holds a user name"));
        }
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Ok(Address { text: text.trim().trim_end_matches('/').to_owned(), host, port, is_tls })
    }

    /// Whether a link leads to the same service: a token must not follow it elsewhere.
    pub(super) fn is_same_service(&self, link: &str, secure: &str, plain: &str) -> bool {
        Address::read(link, secure, plain).is_ok_and(|other| {
            (other.host.to_ascii_lowercase(), other.port, other.is_tls)
                == (self.host.to_ascii_lowercase(), self.port, self.is_tls)
        })
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// An answer of any status.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Calls services.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    world: World,
    tls: TlsConnector,
}

impl Caller {
    pub(super) fn new(world: &World) -> Result<Caller, String> {
        let tls = TlsConnector::new(&Verification::Verify(world.roots.clone()), &world.clock)
            .map_err(|error| error.to_string())?;
        Ok(Caller { world: world.clone(), tls })
    }

    /// Connects to a service.
    pub(super) async fn connect(&self, to: &Address) -> Result<BoxedIo, String> {
        let dialled = self.world.dial(&to.host, to.port, to.is_tls.then_some(&self.tls));
        let waited = self.world.clock.timeout(CALL_TIME_MAX, dialled).await;
        waited.unwrap_or_else(|_| Err(format!("{} did not answer", to.host)))
    }

    /// Sends a request whose address is `url`: of a service that was checked with [`Address::read`].
    pub(super) async fn call(&self, url: &str, request: CallOf<'_>) -> Result<Reply, String> {
        let to = Address::read(url, "https", "http")?;
        let exchanged = self.world.clock.timeout(CALL_TIME_MAX, self.exchange(&to, url, request)).await;
        exchanged.unwrap_or_else(|_| {
            Err(format!("{} did not answer within {} s", to.host, CALL_TIME_MAX.as_secs()))
        })
    }

    async fn exchange(&self, to: &Address, url: &str, request: CallOf<'_>) -> Result<Reply, String> {
        let io = self.connect(to).await?;
        let uri: Uri = url.parse().map_err(|_| format!("\"{url}\" is no address"))?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let authority = uri.authority().map_or(to.host.as_str(), |authority| authority.as_str());
        let (builder, body) = match request {
            CallOf::Get { bearer } => {
                let bearer = format!("Bearer {bearer}");
                (Request::get(path).header(header::AUTHORIZATION, bearer), Bytes::new())
            }
            CallOf::PostForm { body } => {
                let kind = "application/x-www-form-urlencoded";
                (
                    Request::post(path).header(header::CONTENT_TYPE, kind),
                    Bytes::copy_from_slice(body.as_bytes()),
                )
            }
        };
        let request = builder
            .header(header::HOST, authority)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, "Postroom")
            // Graph leaves the newer statuses out without it.
            .header("Prefer", "include-unknown-enum-members")
            .body(Full::new(body))
            .map_err(|_| "the request cannot be written: a secret holds a control character".to_owned())?;
        let broken = |error: hyper::Error| format!("the connection to {} broke: {error}", to.host);
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(io)).await.map_err(broken)?;
        let answered = std::pin::pin!(async move {
            let response = sender.send_request(request).await.map_err(broken)?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|error| format!("the answer of {} broke off: {error}", to.host))?;
            Ok(Reply { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
        });
        // The connection is driven beside the exchange; it may end first, when the service closes after its answer.
        match select(answered, std::pin::pin!(connection)).await {
            Either::Left((reply, _)) => reply,
            Either::Right((_, answered)) => answered.await,
        }
    }
}

/// What is asked.
#[derive(Clone, Copy)]
pub(super) enum CallOf<'a> {
    /// Reads something, with a token.
    Get {
        /// The token.
        bearer: &'a str,
    },
    /// Sends a form.
    PostForm {
        /// Its fields, encoded.
        body: &'a str,
    },
}

/// Percent-encodes all that an address or form would change (RFC 3986 §2.3).
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            byte => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_tls_or_stay_on_this_machine() {
        let read = |text: &str| Address::read(text, "https", "http");
        assert_eq!(read("https://graph.example/").unwrap().text, "https://graph.example");
        assert_eq!(read("http://127.0.0.1:8080").unwrap().port, 8080);
        assert!(read("http://localhost").is_ok() && read("http://[::1]:1").is_ok());
        for wrong in
            ["http://graph.example", "ftp://x.example", "graph.example", "https://a:b@graph.example", ""]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let own = read("https://graph.example").unwrap();
        let same = |link: &str| own.is_same_service(link, "https", "http");
        assert!(same("https://GRAPH.example/v1.0/x?$skiptoken=1"));
        assert!(
            !same("https://evil.example/x")
                && !same("http://graph.example/x")
                && !same("https://graph.example:8443/")
        );
    }

    #[test]
    fn values_are_encoded() {
        assert_eq!(escaped("a b&c=d'é"), "a%20b%26c%3Dd%27%C3%A9");
    }
}
