//! A call of a long cmdlet over an open connection, for the shell: its progress as it comes, then its answer.
//! May touch: the connection it is given.
//! Standards: HTML Living Standard, server-sent events.

use bytes::Bytes;
use futures::future::{Either, select};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::header;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value};
use world::BoxedIo;

use crate::http::client::{Reply, exchange};

/// Longest event read: an answer names at most some hundred lines.
const EVENT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What is told before the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told<'a> {
    /// The id by which [`stop_over`] stops the call.
    Call(&'a str),
    /// How far it is.
    Progress(&'a str),
}

/// Posts `parameters` to a cmdlet and hands on what is told before its answer. Dropping this stops it.
///
/// # Errors
/// One sentence: the connection broke or the request could not be made.
pub async fn watch_over(
    io: BoxedIo,
    host: &str,
    authorization: Option<&str>,
    cmdlet: &str,
    parameters: &Map<String, Value>,
    tell: &mut (dyn FnMut(Told<'_>) + Send),
) -> Result<Reply, String> {
    let body = Value::Object(parameters.clone()).to_string();
    let mut request = Request::post(format!("/api/v1/cmdlets/{cmdlet}"))
        .header(header::HOST, host)
        .header(header::ACCEPT, "text/event-stream")
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    let request = request
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| format!("the request cannot be written: {error}"))?;
    let broken = |error: hyper::Error| format!("the connection to the server broke: {error}");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(io)).await.map_err(broken)?;
    let exchange = std::pin::pin!(async move {
        let response = sender.send_request(request).await.map_err(broken)?;
        let (head, mut body) = response.into_parts();
        let kind = head.headers.get(header::CONTENT_TYPE);
        if kind.is_none_or(|kind| kind != "text/event-stream") {
            let body = body.collect().await.map_err(broken)?.to_bytes();
            return Ok(Reply { status: head.status.as_u16(), headers: head.headers, body });
        }
        let mut unread = Vec::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
            unread.extend_from_slice(&data);
            while let Some(end) = unread.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = unread.drain(..end.saturating_add(2)).collect();
                if let Some((status, body)) = event(&String::from_utf8_lossy(&block), tell) {
                    return Ok(Reply { status, headers: header::HeaderMap::new(), body });
                }
            }
            if unread.len() > EVENT_BYTES_MAX {
                return Err("an event is too long to be one of ours".to_owned());
            }
        }
        Err("the server ended the call without an answer".to_owned())
    });
    match select(exchange, std::pin::pin!(connection)).await {
        Either::Left((reply, _)) => reply,
        Either::Right((ended, exchange)) => {
            ended.map_err(broken)?;
            exchange.await
        }
    }
}

/// Asks the server to stop a call, by the id that [`Told::Call`] named.
///
/// # Errors
/// One sentence: the connection broke or the request could not be made.
pub async fn stop_over(
    io: BoxedIo,
    host: &str,
    authorization: Option<&str>,
    call: &str,
) -> Result<Reply, String> {
    let mut request = Request::delete(format!("/api/v1/calls/{call}")).header(header::HOST, host);
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    let request =
        request.body(Full::default()).map_err(|error| format!("the request cannot be written: {error}"))?;
    exchange(io, request).await
}

/// The answer, if the event is one; what is said of the progress is told.
fn event(block: &str, tell: &mut (dyn FnMut(Told<'_>) + Send)) -> Option<(u16, Bytes)> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let data: Value = serde_json::from_str(field("data:")?).ok()?;
    let text = data.as_str().unwrap_or_default();
    match field("event:") {
        Some("progress") => tell(Told::Progress(text)),
        Some("call") => tell(Told::Call(text)),
        _ => {}
    }
    let status = u16::try_from(data.get("status")?.as_u64()?).ok()?;
    Some((status, Bytes::from(data.get("body")?.to_string())))
}
