//! The header fields every answer to a browser has.
//! May touch: nothing (pure).
//! Standards: CSP Level 3, RFC 6797 (HSTS), Fetch (CORP), HTML (COOP).

use admin::http::Peer;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;

/// No script and no style but our own files. The hash is that of an empty style element: the console's style library
/// puts such elements into the page and fills them by script, which the policy of styles does not concern.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; connect-src 'self'; img-src 'self' data:; font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const FIELDS: &[(&str, &str)] = &[
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
];
/// A year; browsers then come back under TLS only.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// The same routes, whose answers have the header fields.
pub fn protect(routes: Router) -> Router {
    routes.layer(from_fn(add))
}

async fn add(request: Request, next: Next) -> Response {
    let is_tls = request.extensions().get::<Peer>().is_some_and(|peer| peer.is_tls);
    let mut response = next.run(request).await;
    let fields = response.headers_mut();
    for (name, value) in FIELDS {
        fields.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if is_tls {
        fields.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT_TRANSPORT));
    }
    response
}
