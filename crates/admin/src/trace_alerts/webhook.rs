//! One POST of JSON to an address somebody named.
//! May touch: network, DNS, clock.

use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use http_body_util::Full;
use hyper::{Request, Uri, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use world::{Roots, TlsConnector, Verification, World};

/// Time for all of it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Posts `body`; anything but a 2xx answer is an error.
pub(super) async fn post(world: &World, url: &str, body: &Value) -> Result<(), String> {
    let work = world.clock.timeout(TIMEOUT, exchange(world, url, body)).await;
    work.unwrap_or_else(|_| Err(format!("{url} did not answer within {} s", TIMEOUT.as_secs())))
}

async fn exchange(world: &World, url: &str, body: &Value) -> Result<(), String> {
    let uri: Uri = url.parse().map_err(|error| format!("{url} is no address: {error}"))?;
    let host = uri.host().ok_or_else(|| format!("{url} names no host"))?.to_owned();
    let is_tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let tls = match is_tls {
        true => Some(
            TlsConnector::new(&Verification::Verify(Roots::System), &world.clock)
                .map_err(|error| error.to_string())?,
        ),
        false => None,
    };
    let io = world.dial(&host, port, tls.as_ref()).await?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or_else(|| host.clone(), ToString::to_string);
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
