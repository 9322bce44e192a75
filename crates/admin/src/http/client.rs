//! One HTTP call of a cmdlet over an open connection, for the shell.
//! May touch: the connection it is given.

use bytes::Bytes;
use futures::future::{Either, select};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::header::{self, HeaderMap};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value};
use world::BoxedIo;

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Its header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// True for raw bytes, false for JSON.
    pub fn is_binary(&self) -> bool {
        let kind = self.headers.get(header::CONTENT_TYPE);
        kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/octet-stream"))
    }
}

/// Opens a stream at `path`, and hands every piece of its body to `take` as it comes, until it ends or `take` says so
/// by returning false. A refusal is not taken but given back.
///
/// # Errors
/// One sentence: the connection broke or the request could not be made.
pub async fn stream_over(
    io: BoxedIo,
    host: &str,
    authorization: Option<&str>,
    path: &str,
    take: &mut (dyn FnMut(&[u8]) -> bool + Send),
) -> Result<Option<Reply>, String> {
    let mut request = Request::get(path).header(header::HOST, host);
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    let request = request
        .body(Full::new(Bytes::new()))
        .map_err(|error| format!("the request cannot be written: {error}"))?;
    let broken = |error: hyper::Error| format!("the connection to the server broke: {error}");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(io)).await.map_err(broken)?;
    let exchange = std::pin::pin!(async move {
        let response = sender.send_request(request).await.map_err(broken)?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        if status >= 300 {
            let body = response.into_body().collect().await.map_err(broken)?.to_bytes();
            return Ok(Some(Reply { status, headers, body }));
        }
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame.map_err(broken)?.into_data()
                && !take(&data)
            {
                break;
            }
        }
        Ok(None)
    });
    match select(exchange, std::pin::pin!(connection)).await {
        Either::Left((ended, _)) => ended,
        Either::Right((ended, exchange)) => {
            ended.map_err(broken)?;
            exchange.await
        }
    }
}

/// Posts `parameters` to a cmdlet. The caller bounds the time.
///
/// # Errors
/// One sentence: the connection broke or the request could not be made.
pub async fn call_over(
    io: BoxedIo,
    host: &str,
    authorization: Option<&str>,
    cmdlet: &str,
    parameters: &Map<String, Value>,
) -> Result<Reply, String> {
    let body = Value::Object(parameters.clone()).to_string();
    let mut request = Request::post(format!("/api/v1/cmdlets/{cmdlet}"))
        .header(header::HOST, host)
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    let request = request
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| format!("the request cannot be written: {error}"))?;
    exchange(io, request).await
}

/// Sends a request over a connection of its own.
pub(super) async fn exchange(io: BoxedIo, request: Request<Full<Bytes>>) -> Result<Reply, String> {
    let broken = |error: hyper::Error| format!("the connection to the server broke: {error}");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(io)).await.map_err(broken)?;
    let exchange = std::pin::pin!(async move {
        let response = sender.send_request(request).await.map_err(broken)?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.into_body().collect().await.map_err(broken)?.to_bytes();
        Ok(Reply { status, headers, body })
    });
    // The connection is driven beside the exchange; it may end first, when the server closes after its answer.
    match select(exchange, std::pin::pin!(connection)).await {
        Either::Left((reply, _)) => reply,
        Either::Right((ended, exchange)) => {
            ended.map_err(broken)?;
            exchange.await
        }
    }
}
