//! One POST of JSON to an address somebody named.
//! May touch: network, DNS, clock.

use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use http_body_util::Full;
use hyper::{Request, Uri, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use world::{TlsConnector, Verification, World};

/// Time for all of it.
const TIMEOUT: Duration = Duration::from_secs(30);
/// What allows hosts that are refused otherwise.
const PRIVATE_WEBHOOKS: &str = "[trace] private_webhooks of the configuration allows such hosts";

/// Posts `body`; anything but a 2xx answer is an error, which names the host and never the rest of the address: that is
/// what the receiver knows its senders by. By https the receiver's certificate must lead to one of
/// the roots that are trusted. Hosts of this machine and of private networks only if `may_be_private`.
pub(super) async fn post(world: &World, url: &str, body: &Value, may_be_private: bool) -> Result<(), String> {
    let uri: Uri = url.parse().map_err(|error| format!("the webhook's address cannot be read: {error}"))?;
    let host = uri.host().ok_or("the webhook's address names no host")?.to_owned();
    let exchange = exchange(world, &uri, &host, body, may_be_private);
    let work = world.clock.timeout(TIMEOUT, exchange).await;
    work.unwrap_or_else(|_| Err(format!("{host} did not answer within {} s", TIMEOUT.as_secs())))
}

async fn exchange(
    world: &World,
    uri: &Uri,
    host: &str,
    body: &Value,
    may_be_private: bool,
) -> Result<(), String> {
    if let Some(why) = never(uri, host, may_be_private) {
        return Err(why);
    }
    let is_tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let tls = match is_tls {
        true => Some(
            TlsConnector::new(&Verification::Verify(world.roots.clone()), &world.clock)
                .map_err(|error| error.to_string())?,
        ),
        false => None,
    };
    let io = match may_be_private {
        true => world.dial(host, port, tls.as_ref()).await?,
        false => world
            .dial_public(host, port, tls.as_ref())
            .await
            .map_err(|why| format!("{why}; {PRIVATE_WEBHOOKS}"))?,
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or_else(|| host.to_owned(), ToString::to_string);
    let request = Request::post(path)
        .header(header::HOST, authority.rsplit('@').next().unwrap_or_default())
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, "Postroom")
        .body(Full::new(Bytes::from(body.to_string())))
        .map_err(|error| format!("the request cannot be written: {error}"))?;
    let broken = |error: hyper::Error| format!("the connection to {host} broke: {error}");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(io)).await.map_err(broken)?;
    let answer = std::pin::pin!(async move { sender.send_request(request).await });
    let response = match select(answer, std::pin::pin!(connection)).await {
        Either::Left((response, _)) => response.map_err(broken)?,
        Either::Right((ended, answer)) => {
            ended.map_err(broken)?;
            answer.await.map_err(broken)?
        }
    };
    let status = response.status();
    if status.is_success() { Ok(()) } else { Err(format!("{host} answered {status}")) }
}

/// Why an address could never be told, as far as it says so itself; `None` where only trying shows.
pub(super) fn refusal(url: &str, may_be_private: bool) -> Option<String> {
    let Ok(uri) = url.parse::<Uri>() else { return Some("the webhook's address cannot be read".to_owned()) };
    let Some(host) = uri.host() else { return Some("the webhook's address names no host".to_owned()) };
    never(&uri, host, may_be_private)
}

fn never(uri: &Uri, host: &str, may_be_private: bool) -> Option<String> {
    let is_tls = uri.scheme_str() == Some("https");
    if !(is_tls || may_be_private && is_loopback(host)) {
        let other = if is_loopback(host) { format!("; {PRIVATE_WEBHOOKS}") } else { String::new() };
        return Some(format!("{host} would be told without TLS; give an https address{other}"));
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_inner = bare.parse::<std::net::IpAddr>().is_ok_and(|ip| !world::is_public(ip));
    (is_inner && !may_be_private)
        .then(|| format!("{bare} is on this machine or a private network; {PRIVATE_WEBHOOKS}"))
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::post as on_post;
    use jiff::SignedDuration;
    use parking_lot::Mutex;
    use serde_json::json;
    use world::{CertStore, Certificate, RealConfig, Roots, TlsAcceptor, self_signed};

    use super::*;

    /// A receiver on this machine that keeps what is posted to /hook; everything else is 404, and /busy is 503.
    async fn receiver(world: &World) -> (SocketAddr, String, Arc<Mutex<Vec<Value>>>) {
        let now = world.clock.now();
        let day = SignedDuration::from_hours(24);
        let (pem, key) = self_signed(&["127.0.0.1".to_owned()], now - day, now + day).unwrap();
        let store = CertStore::new();
        store.replace(vec![Certificate::from_pem(&pem, &key).unwrap()], None);
        let acceptor = TlsAcceptor::new(&store, None, &[], &world.clock).unwrap();
        let posted: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = Arc::clone(&posted);
        let keep = move |axum::Json(body): axum::Json<Value>| {
            kept.lock().push(body);
            async { "" }
        };
        let router = Router::new()
            .route("/hook", on_post(keep))
            .route("/busy", on_post(|| async { StatusCode::SERVICE_UNAVAILABLE }));
        let listener = world.net.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        world.exec.spawn("receiver", async move {
            while let Ok(connection) = listener.accept().await {
                if let Ok((io, _)) = acceptor.accept(connection.io).await {
                    let _ = crate::http::serve_connection(io, router.clone()).await;
                }
            }
        });
        (address, pem, posted)
    }

    #[tokio::test]
    async fn a_receiver_is_told_over_https_and_must_be_who_it_says() {
        let dns_servers = vec![SocketAddr::from(([127, 0, 0, 1], 53))];
        let world = World::real(&RealConfig { dns_servers, ..RealConfig::default() }).unwrap();
        let (address, pem, posted) = receiver(&world).await;
        let body = json!({ "alert": "Failures", "count": 3 });
        let tell = async |path: &str, roots: Roots| {
            let world = World { roots, ..world.clone() };
            post(&world, &format!("https://{address}{path}"), &body, true).await
        };
        tell("/hook", Roots::system_and(&pem).unwrap()).await.unwrap();
        assert_eq!(posted.lock().as_slice(), std::slice::from_ref(&body));
        assert!(tell("/busy", Roots::Pem(pem)).await.unwrap_err().contains("503"));
        let stranger = tell("/hook", Roots::System).await.unwrap_err();
        assert!(stranger.contains("certificate") || stranger.contains("TLS"), "{stranger}");
        assert_eq!(posted.lock().len(), 1, "nothing is told to a stranger");
        let plain = format!("http://{address}/hook");
        assert!(post(&world, &plain, &body, true).await.is_err(), "it speaks TLS only");
    }

    #[tokio::test]
    async fn inner_hosts_and_plain_http_are_refused_without_the_path() {
        let dns_servers = vec![SocketAddr::from(([127, 0, 0, 1], 53))];
        let world = World::real(&RealConfig { dns_servers, ..RealConfig::default() }).unwrap();
        let (address, _, posted) = receiver(&world).await;
        for (url, may_be_private, said) in [
            (format!("https://{address}/hook?token=s3cret"), false, "private network"),
            ("https://[::1]/hook/s3cret".to_owned(), false, "private network"),
            ("https://169.254.169.254/s3cret".to_owned(), false, "private network"),
            ("http://192.0.2.1/s3cret".to_owned(), true, "without TLS"),
            (format!("http://{address}/s3cret"), false, "without TLS"),
        ] {
            let refused = post(&world, &url, &json!({}), may_be_private).await.unwrap_err();
            assert!(refused.contains(said) && !refused.contains("s3cret"), "{url}: {refused}");
        }
        assert!(posted.lock().is_empty());
    }
}
