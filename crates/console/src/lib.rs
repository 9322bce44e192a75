//! The admin center in the browser: its files, the sign-in page, the headers that keep it safe.
//! May touch: what the admin interface holds: directory, credentials, sessions, clock, chance, executor.
//!
//! The pages themselves are built from `web/console` and included in the program; what they show and do goes through
//! the HTTP interface of `admin`. Nothing here knows a cmdlet.

mod assets;
mod headers;
mod record;
mod sign_in;
mod target;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use admin::Instance;
use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};

pub use headers::protect;

/// Where the admin center is.
const HOME: &str = "/admin/";

/// What the routes share.
struct Shared {
    instance: Instance,
}

/// The routes of the admin center, to be mounted beside the HTTP interface, within [`protect`].
pub fn router(instance: Instance) -> Router {
    let shared = Arc::new(Shared { instance });
    Router::new()
        .route("/", get(|| async { Redirect::to(HOME) }))
        .route("/admin", get(|| async { Redirect::to(HOME) }))
        .route("/admin/", get(assets::home))
        .route("/admin/{*path}", get(assets::file))
        .route("/sign-in", get(sign_in::show).post(sign_in::take))
        .route("/sign-in.css", get(assets::sign_in_style))
        .route("/sign-out", post(sign_in::leave))
        .layer(axum::extract::DefaultBodyLimit::max(sign_in::BODY_BYTES_MAX))
        .with_state(shared)
}
