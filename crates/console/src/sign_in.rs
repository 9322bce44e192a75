//! The sign-in page, the sign-in and the sign-out; all of it works without script.
//! May touch: credentials, sessions, directory (audit log), clock, chance, executor.

mod page;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use admin::http::{Peer, cleared, is_same_origin, session_token, set};
use admin::session::{Activity, Origin};
use axum::Form;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use directory::{SignInError, SignedIn};
use serde::Deserialize;

use self::page::{Notice, Page, Step};
use crate::record::{self, Happened};
use crate::{Shared, assets, target};

/// The largest form, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 32 * 1024;

/// What the page is asked with.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(rename = "return")]
    to: Option<String>,
}

/// What the form brings.
#[derive(Deserialize)]
pub(crate) struct Filled {
    #[serde(default)]
    user: String,
    #[serde(default)]
    password: String,
    #[serde(rename = "return")]
    to: Option<String>,
}

/// Shows the page; somebody who is signed in goes on to where they were going.
pub(crate) async fn show(
    State(shared): State<Arc<Shared>>,
    peer: Option<Extension<Peer>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let to = target::of(asked.to.as_deref());
    if assets::is_signed_in(&shared, &headers) {
        return Redirect::to(to).into_response();
    }
    let notice =
        if keeps_no_session(&headers, peer.as_deref()) { Notice::NotEncrypted } else { Notice::None };
    answer(&shared, StatusCode::OK, "", to, &notice)
}

/// Takes the form.
pub(crate) async fn take(
    State(shared): State<Arc<Shared>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Form(filled): Form<Filled>,
) -> Response {
    let to = target::of(filled.to.as_deref());
    let peer = peer.as_deref();
    // Else another site could sign a browser in as somebody else. A program that is no browser says nothing of sites.
    let says_site = headers.contains_key("sec-fetch-site") || headers.contains_key(header::ORIGIN);
    if says_site && !is_same_origin(&headers, peer) {
        return answer(&shared, StatusCode::FORBIDDEN, &filled.user, to, &Notice::OtherSite);
    }
    let address = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.address);
    let clock = &shared.instance.world.clock;
    let throttle = &shared.instance.services.sign_ins;
    if let Err(wait) = throttle.admit(clock.elapsed(), &filled.user, address) {
        tracing::warn!(user = filled.user, %address, "a sign-in was not looked at: too many tries");
        return wait_page(&shared, &filled.user, to, wait);
    }
    let verified = shared.instance.credentials.verify_anyone(&filled.user, filled.password.as_bytes()).await;
    match verified {
        Ok(person) => {
            throttle.succeeded(&filled.user, address);
            begin(&shared, &filled.user, &person, address, &headers, to).await
        }
        Err(SignInError::Busy) => {
            throttle.succeeded(&filled.user, address);
            answer(&shared, StatusCode::SERVICE_UNAVAILABLE, &filled.user, to, &Notice::Busy)
        }
        Err(error) => {
            tracing::warn!(user = filled.user, %address, %error, "a sign-in to the admin center was refused");
            let refused = Happened::Refused(error.to_string());
            if let Err(error) = record::write(&shared.instance, &filled.user, address, refused).await {
                tracing::error!(%error, "a sign-in that failed cannot be recorded in the audit log");
            }
            answer(&shared, StatusCode::FORBIDDEN, &filled.user, to, &Notice::Wrong)
        }
    }
}

/// Opens the session and sends the browser on.
async fn begin(
    shared: &Shared,
    name: &str,
    person: &SignedIn,
    address: IpAddr,
    headers: &HeaderMap,
    to: &str,
) -> Response {
    let instance = &shared.instance;
    if let Err(error) = record::write(instance, name, address, Happened::SignedIn).await {
        tracing::error!(%error, "a sign-in cannot be recorded in the audit log, so it was refused");
        return answer(shared, StatusCode::INTERNAL_SERVER_ERROR, name, to, &Notice::Broken);
    }
    let guid = match person {
        SignedIn::User(user) => user.guid,
        SignedIn::Recipient(recipient) => recipient.guid,
    };
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let origin = Origin { address, user_agent: agent.to_owned() };
    let snapshot = instance.directory.snapshot();
    // A session the browser had is not gone on with: its token may be known to others.
    drop_session(shared, headers);
    match instance.services.sessions.open(&instance.world, &snapshot, guid, origin) {
        Some((token, _)) => with_cookie(Redirect::to(to).into_response(), &set(&token)),
        // Disabled or removed since the password was compared.
        None => answer(shared, StatusCode::FORBIDDEN, name, to, &Notice::Wrong),
    }
}

/// Ends the session of the browser.
pub(crate) async fn leave(
    State(shared): State<Arc<Shared>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
) -> Response {
    let peer = peer.as_deref();
    if !is_same_origin(&headers, peer) {
        return answer(&shared, StatusCode::FORBIDDEN, "", crate::HOME, &Notice::OtherSite);
    }
    if let Some(name) = drop_session(&shared, &headers) {
        let address = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.address);
        if let Err(error) = record::write(&shared.instance, &name, address, Happened::SignedOut).await {
            tracing::error!(%error, "a sign-out cannot be recorded in the audit log");
        }
    }
    with_cookie(Redirect::to("/sign-in").into_response(), &cleared())
}

/// Ends the session the browser has; gives whose it was.
fn drop_session(shared: &Shared, headers: &HeaderMap) -> Option<String> {
    let instance = &shared.instance;
    let snapshot = instance.directory.snapshot();
    let token = session_token(headers)?;
    let sessions = &instance.services.sessions;
    let session = sessions.find(&instance.world.clock, &snapshot, token, Activity::None)?;
    sessions.end(session.id)?;
    admin::Actor::of(session.person, &snapshot).map(|actor| actor.name)
}

/// Whether the browser would throw the cookie away: no TLS, and no address of the machine itself. Browsers say of what
/// site a request is only where they trust the address.
fn keeps_no_session(headers: &HeaderMap, peer: Option<&Peer>) -> bool {
    let is_tls = peer.is_none_or(|peer| peer.is_tls);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(host, |(name, _)| name);
    let is_local = name.eq_ignore_ascii_case("localhost")
        || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    !is_tls && !is_local && !headers.contains_key("sec-fetch-site")
}

fn wait_page(shared: &Shared, user: &str, to: &str, wait: Duration) -> Response {
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    let mut response = answer(shared, StatusCode::TOO_MANY_REQUESTS, user, to, &Notice::Wait(seconds));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn answer(shared: &Shared, status: StatusCode, user: &str, to: &str, notice: &Notice) -> Response {
    let snapshot = shared.instance.directory.snapshot();
    let server = snapshot.organization().server_name.clone();
    let page = Page { server: &server, user, to, notice, step: Step::Password };
    (status, [(header::CACHE_CONTROL, "no-store")], Html(page::draw(&page))).into_response()
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    let fields = response.headers_mut();
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        fields.insert(header::SET_COOKIE, cookie);
    }
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
