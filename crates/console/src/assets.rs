//! The built files of the admin center, with their codings, caching and entity tags.
//! May touch: directory (read), sessions, clock: a page is for who is signed in.
//! Standards: RFC 9110 §8.8.3 (ETag), §12.5.3 (Accept-Encoding), §13.1.2 (If-None-Match); RFC 8246 (immutable).

use std::sync::Arc;

use admin::http::session_token;
use admin::session::Activity;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::{Shared, target};

/// Name and bytes of each file below `web/console/dist`, in the order of the names; made by `build.rs`.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));
/// The page all addresses of the admin center show.
const INDEX: &str = "index.html";
/// The folder of files whose names change with what is in them.
const HASHED: &str = "assets/";
/// What is served instead where the pages were not built.
const NOT_BUILT: &str = include_str!("not_built.html");
/// The style of the sign-in page.
const SIGN_IN_STYLE: &str = include_str!("sign_in.css");
/// Codings of the files that are built, the best first, with the endings of their names.
const CODINGS: &[(&str, &str)] = &[("br", ".br"), ("gzip", ".gz")];
/// Content codings looked at in one request.
const CODINGS_READ_MAX: usize = 20;

/// A set of files, by name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Files(pub(crate) &'static [(&'static str, &'static [u8])]);

impl Files {
    fn get(self, name: &str) -> Option<&'static [u8]> {
        let at = self.0.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
        self.0.get(at).map(|(_, bytes)| *bytes)
    }
}

/// The home page.
pub(crate) async fn home(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    page(&shared, &uri, &headers, Files(FILES))
}

/// A file, or the page for every other address: which view it is, its script knows.
pub(crate) async fn file(
    State(shared): State<Arc<Shared>>,
    Path(path): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match serve(Files(FILES), &path, &headers) {
        Some(response) => response,
        None => page(&shared, &uri, &headers, Files(FILES)),
    }
}

/// The style of the sign-in page.
pub(crate) async fn sign_in_style(headers: HeaderMap) -> Response {
    tagged(SIGN_IN_STYLE.as_bytes(), "text/css; charset=utf-8", &headers)
}

/// The page for who is signed in; the sign-in for everybody else, which leads back.
pub(crate) fn page(shared: &Shared, uri: &Uri, headers: &HeaderMap, files: Files) -> Response {
    if files.get(INDEX).is_none() {
        return tagged(NOT_BUILT.as_bytes(), "text/html; charset=utf-8", headers);
    }
    if !is_signed_in(shared, headers) {
        let asked = uri.path_and_query().map_or(crate::HOME, |asked| asked.as_str());
        return ([(header::CACHE_CONTROL, "no-store")], Redirect::to(&target::sign_in_for(asked)))
            .into_response();
    }
    serve(files, INDEX, headers).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

/// Whether the browser's session goes on.
pub(crate) fn is_signed_in(shared: &Shared, headers: &HeaderMap) -> bool {
    let instance = &shared.instance;
    session_token(headers).is_some_and(|token| {
        let snapshot = instance.directory.snapshot();
        let sessions = &instance.services.sessions;
        sessions.find(&instance.world.clock, &snapshot, token, Activity::Request).is_some()
    })
}

/// A file in the best coding the browser takes; `None` for what is no file, but for those with a hash in the name: a
/// page there would be run as a script.
pub(crate) fn serve(files: Files, name: &str, headers: &HeaderMap) -> Option<Response> {
    let is_coded = CODINGS.iter().any(|(_, ending)| name.ends_with(ending));
    let Some(plain) = files.get(name).filter(|_| !is_coded) else {
        return name.starts_with(HASHED).then(|| StatusCode::NOT_FOUND.into_response());
    };
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let coded = CODINGS
        .iter()
        .filter(|(coding, _)| takes(accepted, coding))
        .find_map(|(coding, ending)| files.get(&format!("{name}{ending}")).map(|bytes| (*coding, bytes)));
    let (coding, bytes) = coded.map_or((None, plain), |(coding, bytes)| (Some(coding), bytes));
    let kind = media_type(name);
    let mut response = if name.starts_with(HASHED) {
        let fields =
            [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
        (fields, bytes).into_response()
    } else {
        tagged(bytes, kind, headers)
    };
    let fields = response.headers_mut();
    fields.insert(header::VARY, header::HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding.filter(|_| response.status() == StatusCode::OK) {
        response.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static(coding));
    }
    Some(response)
}

/// Bytes that a browser asks for again each time, and gets only when they changed.
fn tagged(bytes: &'static [u8], kind: &'static str, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", blake3::hash(bytes).to_hex().chars().take(32).collect::<String>());
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_known = known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag);
    let fields = [(header::ETAG, tag), (header::CACHE_CONTROL, "no-cache".to_owned())];
    if is_known {
        return (StatusCode::NOT_MODIFIED, fields).into_response();
    }
    (fields, [(header::CONTENT_TYPE, kind)], bytes).into_response()
}

/// Whether a list of codings has one, and not with weight 0.
fn takes(accepted: &str, coding: &str) -> bool {
    accepted.split(',').take(CODINGS_READ_MAX).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let is_it = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let weight =
            parts.find_map(|part| part.strip_prefix("q=")).and_then(|weight| weight.parse::<f32>().ok());
        is_it && weight.is_none_or(|weight| weight > 0.0)
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_are_chosen_by_what_is_taken() {
        for (accepted, coding, expected) in [
            ("gzip, deflate, br", "br", true),
            ("gzip;q=1.0, br;q=0", "br", false),
            ("BR", "br", true),
            ("", "gzip", false),
            ("*", "gzip", false),
        ] {
            assert_eq!(takes(accepted, coding), expected, "{accepted} {coding}");
        }
    }

    #[test]
    fn the_files_are_in_order() {
        assert!(FILES.is_sorted_by_key(|(name, _)| *name));
    }
}
