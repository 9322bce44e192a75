//! The cookie of a session: its name, how it is set, read and cleared.
//! May touch: nothing (pure).
//! Standards: RFC 6265; the prefix __Host- of its revision: sent to this host alone, and never without TLS, but for
//! loopback addresses, which browsers trust.

use axum::http::{HeaderMap, header};

/// The name of the cookie.
pub const COOKIE: &str = "__Host-postroom";
/// Longest token looked at, in bytes.
const TOKEN_LENGTH_MAX: usize = 100;
/// Most fields and pairs looked at in one request.
const PAIRS_MAX: usize = 100;

/// `Set-Cookie` of a session that began.
pub fn set(token: &str) -> String {
    // No Max-Age: the session ends with the browser if not before.
    format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

/// `Set-Cookie` of a session that ended.
pub fn cleared() -> String {
    format!("{COOKIE}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax")
}

/// The token a request brings (RFC 6265 §5.4).
pub fn session_token(headers: &HeaderMap) -> Option<&str> {
    let fields = headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
    let mut pairs = fields.flat_map(|field| field.split(';')).take(PAIRS_MAX);
    pairs.find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE && !value.is_empty() && value.len() <= TOKEN_LENGTH_MAX).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let token = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, text.parse().unwrap());
            session_token(&headers).map(str::to_owned)
        };
        for (text, expected) in [
            ("__Host-postroom=abc", Some("abc")),
            ("theme=dark; __Host-postroom=abc; x=y", Some("abc")),
            ("postroom=abc", None),
            ("__host-postroom=abc", None),
            ("__Host-postroom=", None),
            ("__Host-postroom", None),
        ] {
            assert_eq!(token(text).as_deref(), expected, "{text}");
        }
        assert_eq!(token(&format!("{COOKIE}={}", "a".repeat(101))), None);
        assert!(set("abc").contains("; Secure; HttpOnly; SameSite=Lax") && !set("abc").contains("Domain"));
    }
}
