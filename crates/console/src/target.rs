//! Where somebody goes after the sign-in: the page of the admin center they asked for, and nowhere else.
//! May touch: nothing (pure).

/// Longest address taken, in bytes; a search with all its conditions fits.
const LENGTH_MAX: usize = 8_000;

/// The address if it is a page of the admin center of this server; its home for anything else.
pub(crate) fn of(asked: Option<&str>) -> &str {
    asked.filter(|asked| is_ours(asked)).unwrap_or(crate::HOME)
}

/// A path of the admin center, in the characters of a URL (RFC 3986 §2): no other host can be meant by it.
fn is_ours(asked: &str) -> bool {
    let is_below = asked.starts_with(crate::HOME);
    let is_plain = asked.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte));
    let path = asked.split(['?', '#']).next().unwrap_or_default();
    let climbs = path
        .split('/')
        .any(|part| matches!(part.to_ascii_lowercase().as_str(), ".." | "%2e%2e" | ".%2e" | "%2e."));
    is_below && is_plain && !climbs && asked.len() <= LENGTH_MAX
}

/// The address of the sign-in page that leads back to a page.
pub(crate) fn sign_in_for(asked: &str) -> String {
    let asked = of(Some(asked));
    if asked == crate::HOME { "/sign-in".to_owned() } else { format!("/sign-in?return={}", encoded(asked)) }
}

/// Percent-encodes what has a meaning in a query.
fn encoded(text: &str) -> String {
    let mut coded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                coded.push(char::from(byte))
            }
            _ => coded.push_str(&format!("%{byte:02X}")),
        }
    }
    coded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_admin_center_are_gone_to() {
        for ours in ["/admin/", "/admin/mail-flow/trace?q=a%20b&to=//x", "/admin/recipients#x"] {
            assert_eq!(of(Some(ours)), ours);
        }
        for other in [
            "",
            "/",
            "/admin",
            "/administrator",
            "//fabrikam.example/admin/",
            "///fabrikam.example",
            "/\\fabrikam.example",
            "https://fabrikam.example/admin/",
            "https:/admin/",
            "javascript:alert(1)",
            " /admin/",
            "/admin/\r\nSet-Cookie: a=b",
            "/admin/\t",
            "/admin/\\..\\",
            "/admin/../api/v1/openapi.json",
            "/admin/%2e%2E/api",
            "/admin@fabrikam.example",
            "/api/v1/session",
            "/sign-out",
            "/admin/ü",
        ] {
            assert_eq!(of(Some(other)), "/admin/", "{other}");
        }
        assert_eq!(of(Some(&format!("/admin/{}", "a".repeat(8_000)))), "/admin/");
        assert_eq!(of(None), "/admin/");
    }

    #[test]
    fn the_way_back_is_coded() {
        assert_eq!(sign_in_for("/admin/"), "/sign-in");
        assert_eq!(sign_in_for("/admin/trace?q=a&b=%20"), "/sign-in?return=/admin/trace%3Fq%3Da%26b%3D%2520");
    }
}
