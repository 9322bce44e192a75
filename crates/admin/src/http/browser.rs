//! What a request with a session's cookie must show, so that no other site makes a browser send it; and who is at the
//! other end of a connection, and how soon it may try another password.
//! May touch: the throttle of sign-ins, clock.
//! Standards: RFC 6585 §4 (429), Fetch Metadata Request Headers §2.1, §2.2, §2.4 (Sec-Fetch-Dest, -Mode, -Site), RFC 6454 §7 (Origin).

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::{Access, Shared, authenticate, cookie, unauthorized};

/// The other end of a connection; the server puts it into each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// Whether the connection is under TLS.
    pub is_tls: bool,
}

/// The fields by which a proxy says that it asks for somebody else.
const FORWARDED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

impl Peer {
    /// Whether whoever asks is on this machine; a proxy on it asks for others.
    pub fn is_this_machine(&self, headers: &HeaderMap) -> bool {
        self.address.to_canonical().is_loopback()
            && !FORWARDED.iter().any(|field| headers.contains_key(*field))
    }
}

/// Whether a page of this server made the browser send the request.
pub fn is_same_origin(headers: &HeaderMap, peer: Option<&Peer>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if headers.contains_key("sec-fetch-site") {
        return text("sec-fetch-site") == Some("same-origin");
    }
    let (Some(origin), Some(host)) = (text("origin"), text("host")) else { return false };
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let is_tls = peer.is_some_and(|peer| peer.is_tls);
    // A proxy before us may be the end of TLS.
    let is_scheme = if is_tls { scheme == "https" } else { ["http", "https"].contains(&scheme) };
    is_scheme && authority.eq_ignore_ascii_case(host)
}

/// Whether a script on a page asks: a program that is no browser says nothing of the kind, and a person in the
/// address bar navigates.
fn is_by_script(headers: &HeaderMap) -> bool {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
    headers.contains_key("x-requested-with") || is("sec-fetch-mode", "cors") || is("sec-fetch-dest", "empty")
}

/// Refuses what another site may have made the browser send, and keeps answers out of caches.
pub(super) async fn guard(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if matches!(shared.access, Access::LocalSocket) {
        return next.run(request).await;
    }
    let headers = request.headers();
    let has_session = cookie::session_token(headers).is_some();
    let is_script = has_session || is_by_script(headers);
    let is_by_session = has_session && !headers.contains_key(header::AUTHORIZATION);
    let is_safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if is_by_session && !is_safe {
        let peer = request.extensions().get::<Peer>();
        if !is_same_origin(headers, peer) {
            return forbidden("the request came from another site; use the pages of this server");
        }
        // A field that only our own script may add says the same: a file is not JSON.
        if !is_json(headers) && !headers.contains_key("x-requested-with") {
            return forbidden("with a session's cookie the body must be application/json");
        }
    }
    let mut response = throttled(&shared, request, next).await;
    let told = response.headers_mut();
    if is_script {
        // A script reads the status; the browser's own window for a password would be in its way.
        told.remove(header::WWW_AUTHENTICATE);
    }
    told.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Makes whoever guesses passwords wait: wrong ones count here as on the sign-in page.
async fn throttled(shared: &Shared, request: Request, next: Next) -> Response {
    let Some(user) = authenticate::user_of(request.headers()) else { return next.run(request).await };
    let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let address = request.extensions().get::<Peer>().map_or(unknown, |peer| peer.address);
    let (clock, throttle) = (&shared.instance.world.clock, &shared.instance.services.sign_ins);
    let look = match throttle.look(clock.elapsed(), &user, address) {
        Ok(look) => look,
        Err(wait) => {
            tracing::warn!(user, %address, "a sign-in over HTTP was not looked at: too many tries");
            return too_many(wait);
        }
    };
    if shared.access.looked_at(request.headers(), &shared.instance).await.is_none() {
        look.wrong(clock.elapsed());
        return unauthorized();
    }
    look.right();
    // Who calls looks again; a password that was right is remembered for a while.
    next.run(request).await
}

fn too_many(wait: Duration) -> Response {
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    let message = format!("too many wrong passwords; try again in {seconds} s");
    let body = json!({ "error": { "code": "TooManyRequests", "message": message } });
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, HeaderValue::from(seconds))], Json(body))
        .into_response()
}

/// Whether the body says it is JSON: a form of another site can post anything but this without asking first.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn forbidden(message: &str) -> Response {
    let body = json!({ "error": { "code": "Forbidden", "message": message } });
    (StatusCode::FORBIDDEN, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_count() {
        let plain = Peer { address: IpAddr::from([192, 0, 2, 1]), is_tls: false };
        let tls = Peer { is_tls: true, ..plain };
        type Fields<'a> = &'a [(&'a str, &'a str)];
        let table: &[(Fields<'_>, Peer, bool)] = &[
            (&[("sec-fetch-site", "same-origin")], tls, true),
            (&[("sec-fetch-site", "same-site")], tls, false),
            (&[("sec-fetch-site", "cross-site")], tls, false),
            (&[("sec-fetch-site", "none")], tls, false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://mx1"), ("host", "mx1")], tls, false),
            (&[("origin", "https://mx1:8443"), ("host", "mx1:8443")], tls, true),
            (&[("origin", "http://mx1:8443"), ("host", "mx1:8443")], tls, false),
            (&[("origin", "http://mx1:8080"), ("host", "mx1:8080")], plain, true),
            (&[("origin", "http://mx1:8081"), ("host", "mx1:8080")], plain, false),
            (&[("origin", "https://fabrikam.example"), ("host", "mx1")], tls, false),
            (&[("origin", "null"), ("host", "mx1")], tls, false),
            (&[("host", "mx1")], tls, false),
        ];
        for (fields, peer, expected) in table {
            let headers: HeaderMap = fields
                .iter()
                .map(|(name, value)| (name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap()))
                .collect();
            assert_eq!(is_same_origin(&headers, Some(peer)), *expected, "{fields:?}");
        }
    }

    #[test]
    fn a_script_is_known_by_what_the_browser_adds() {
        let table: &[(&[(&str, &str)], bool)] = &[
            (&[], false),
            (&[("user-agent", "curl/8.5.0")], false),
            (&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")], false),
            (&[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")], false),
            (&[("sec-fetch-mode", "cors")], true),
            (&[("sec-fetch-mode", "same-origin"), ("sec-fetch-dest", "empty")], true),
            (&[("sec-fetch-dest", "empty")], true),
            (&[("x-requested-with", "postroom-console")], true),
        ];
        for (fields, expected) in table {
            let headers: HeaderMap = fields
                .iter()
                .map(|(name, value)| (name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap()))
                .collect();
            assert_eq!(is_by_script(&headers), *expected, "{fields:?}");
        }
    }

    #[test]
    fn a_proxy_here_is_not_whoever_asks() {
        let here = Peer { address: IpAddr::from([127, 0, 0, 1]), is_tls: false };
        let mapped = Peer { address: "::ffff:127.0.0.1".parse().unwrap(), ..here };
        let elsewhere = Peer { address: IpAddr::from([192, 0, 2, 1]), ..here };
        let direct = HeaderMap::new();
        assert!(here.is_this_machine(&direct) && mapped.is_this_machine(&direct));
        assert!(!elsewhere.is_this_machine(&direct));
        for field in FORWARDED {
            let headers = HeaderMap::from_iter([(field.parse().unwrap(), "127.0.0.1".parse().unwrap())]);
            assert!(!here.is_this_machine(&headers), "{field}");
        }
    }
}
