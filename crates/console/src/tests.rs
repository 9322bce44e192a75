//! The admin center's routes beside the HTTP interface, as the server mounts them, in a simulated world.
//! May touch: a simulated world.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use admin::http::{Access, Peer};
use admin::session::{IDLE_MAX, LIFE_MAX};
use admin::{Instance, Services};
use argon2::password_hash::SaltString;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::{Extension, Router};
use directory::{Credentials, Directory, PasswordHash, Seed};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use world::World;
use world::sim::SimWorld;

use crate::Shared;
use crate::assets::{self, Files};

const PASSWORD: &str = "correct horse";
const OURS: (&str, &str) = ("sec-fetch-site", "same-origin");
const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

struct Office {
    sim: SimWorld,
    instance: Instance,
    routes: Router,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn field(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}", self.body))
    }

    /// The cookie as a browser sends it back.
    fn cookie(&self) -> String {
        self.field("set-cookie").split(';').next().unwrap().to_owned()
    }
}

/// A hash that costs next to nothing to compare: how hard guessing is, is tested where it is decided.
fn hash(password: &str) -> PasswordHash {
    let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
    let salt = SaltString::encode_b64(b"not so random").unwrap();
    PasswordHash::from_phc(cheap.hash_password(password.as_bytes(), &salt).unwrap().to_string())
}

impl Office {
    fn open() -> Office {
        let sim = SimWorld::new(11);
        let world: World = sim.world();
        world.disk.create_dir_all(Path::new("/data")).unwrap();
        let path = Path::new("/data/directory.sqlite");
        let directory = Directory::open(&world.disk, path, &world.clock, &world.chance).unwrap();
        let seed = Seed { domain: "contoso.example", server_name: "mx1", password: hash(PASSWORD) };
        directory.change("init", |draft| draft.seed(&seed)).unwrap();
        let credentials = Credentials::new(&directory, &world.clock, &world.chance, &world.exec);
        let instance = Instance {
            directory,
            credentials: credentials.clone(),
            world,
            services: Services::default(),
            seats: admin::http::Seats::default(),
            just_made: admin::http::JustMade::default(),
        };
        let api = admin::http::router(instance.clone(), Access::Authenticated(Arc::new(credentials)));
        let routes = crate::protect(api.merge(crate::router(instance.clone())));
        Office { sim, instance, routes }
    }

    fn ask(&self, method: &str, path: &str, fields: &[(&str, &str)], body: &str) -> Answer {
        self.ask_from(
            Peer { address: IpAddr::from([192, 0, 2, 1]), is_tls: true },
            method,
            path,
            fields,
            body,
        )
    }

    fn ask_from(&self, peer: Peer, method: &str, path: &str, fields: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let routes = self.routes.clone().layer(Extension(peer));
        self.sim.run(async move {
            let response = routes.oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let body = String::from_utf8_lossy(&body).into_owned();
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }

    fn sign_in(&self, password: &str, to: &str) -> Answer {
        let body = format!("user=Administrator&password={}&return={to}", password.replace(' ', "+"));
        self.ask("POST", "/sign-in", &[OURS, FORM, ("user-agent", "Browser 1")], &body)
    }

    fn signed_in(&self) -> String {
        let answer = self.sign_in(PASSWORD, "");
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.cookie()
    }

    fn call(&self, cookie: &str, cmdlet: &str, body: &str) -> Answer {
        let fields = [OURS, JSON, ("cookie", cookie)];
        self.ask("POST", &format!("/api/v1/cmdlets/{cmdlet}"), &fields, body)
    }

    fn session(&self, cookie: &str) -> Answer {
        self.ask("GET", "/api/v1/session", &[("cookie", cookie)], "")
    }
}

#[test]
fn every_answer_has_the_headers() {
    let office = Office::open();
    for path in
        ["/", "/admin/", "/admin/assets/none.js", "/sign-in", "/sign-in.css", "/api/v1/session", "/none"]
    {
        let answer = office.ask("GET", path, &[], "");
        let policy = answer.field("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self' 'sha256-"),
            "{path}"
        );
        assert!(!policy.contains("unsafe") && policy.ends_with("frame-ancestors 'none'"), "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.field(name), value, "{path} {name}");
        }
    }
    let plain = Peer { address: IpAddr::from([127, 0, 0, 1]), is_tls: false };
    let answer = office.ask_from(plain, "GET", "/sign-in", &[("host", "127.0.0.1:8080")], "");
    assert_eq!(answer.field("strict-transport-security"), "");
    assert!(!answer.body.contains("not encrypted"));
    let answer = office.ask_from(plain, "GET", "/sign-in", &[("host", "mx1.contoso.example:8080")], "");
    assert!(answer.body.contains("not encrypted"), "{}", answer.body);
}

#[test]
fn the_way_to_a_page_leads_over_the_sign_in() {
    let office = Office::open();
    let first = office.ask("GET", "/", &[], "");
    assert_eq!((first.status.as_u16(), first.field("location")), (303, "/admin/"));
    let page = office.ask("GET", "/sign-in?return=/admin/mail-flow/queues%3Fa%3D%22b", &[], "");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("name=\"return\" value=\"/admin/\""), "a quote is in no URL: {}", page.body);
    assert!(!page.body.contains("<script") && !page.body.contains("style="));
    let page = office.ask("GET", "/sign-in?return=/admin/mail-flow/queues%3Fa%3Db%26c", &[], "");
    assert!(page.body.contains("value=\"/admin/mail-flow/queues?a=b&amp;c\""), "{}", page.body);
    for (to, expected) in [
        ("/admin/mail-flow/queues%3Fa%3Db%26c", "/admin/mail-flow/queues?a=b&c"),
        ("", "/admin/"),
        ("//fabrikam.example/", "/admin/"),
        ("https://fabrikam.example/admin/", "/admin/"),
        ("/%5Cfabrikam.example", "/admin/"),
        ("/admin/%0d%0aLocation:%20https://fabrikam.example", "/admin/"),
    ] {
        let answer = office.sign_in(PASSWORD, to);
        assert_eq!((answer.status.as_u16(), answer.field("location")), (303, expected), "{to}");
    }
    let cookie = office.signed_in();
    let again = office.ask("GET", "/sign-in?return=/admin/x", &[("cookie", &cookie)], "");
    assert_eq!((again.status.as_u16(), again.field("location")), (303, "/admin/x"));
}

#[test]
fn a_wrong_password_says_one_line_and_the_fifth_try_waits() {
    let office = Office::open();
    let mut lines = Vec::new();
    for user in ["Administrator", "nobody"] {
        let body = format!("user={user}&password=wrong");
        let answer = office.ask("POST", "/sign-in", &[OURS, FORM], &body);
        assert_eq!((answer.status.as_u16(), answer.field("set-cookie")), (403, ""));
        let (_, rest) = answer.body.split_once("role=\"alert\">").unwrap();
        lines.push(rest.split('<').next().unwrap().to_owned());
    }
    assert_eq!(lines[0], "The user name or the password is wrong.");
    assert_eq!(lines[0], lines[1], "nobody learns who exists");
    for _ in 0..3 {
        assert_eq!(office.sign_in("wrong", "").status, 403);
    }
    let held = office.sign_in(PASSWORD, "");
    assert_eq!((held.status.as_u16(), held.field("retry-after")), (429, "1"), "even with the right password");
    office.sim.advance(Duration::from_secs(1));
    assert_eq!(office.sign_in(PASSWORD, "").status, 303);
    assert_eq!(office.sign_in("wrong", "").status, 403, "success forgives");
}

#[test]
fn names_are_shown_as_text() {
    let office = Office::open();
    let body = "user=%3Cimg+src%3Dx%3E%22&password=wrong&return=%22%3E%3Cscript%3E";
    let answer = office.ask("POST", "/sign-in", &[OURS, FORM], body);
    assert!(answer.body.contains("value=\"&lt;img src=x&gt;&quot;\""), "{}", answer.body);
    assert!(!answer.body.contains("<img") && !answer.body.contains("<script"));
}

#[test]
fn a_session_says_who_and_what_and_ends() {
    let office = Office::open();
    let answer = office.sign_in(PASSWORD, "");
    let set = answer.field("set-cookie");
    assert!(
        set.starts_with("__Host-postroom=") && set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"),
        "{set}"
    );
    let cookie = answer.cookie();
    assert_eq!(cookie.len(), "__Host-postroom=".len() + 43);
    let who = office.session(&cookie).json();
    assert_eq!(who["name"], "Administrator");
    assert_eq!(who["roleGroups"], json!(["Organization Management"]));
    assert_eq!(who["server"], "mx1");
    assert_eq!(who["trace"]["subjectsShown"], true);
    assert!(who["cmdlets"].as_array().unwrap().contains(&"New-Mailbox".into()));
    assert_eq!(office.call(&cookie, "Get-Mailbox", "{}").status, 200);
    office.sim.advance(IDLE_MAX - Duration::from_secs(1));
    assert_eq!(office.call(&cookie, "Get-Mailbox", "{}").status, 200, "use goes on");
    office.sim.advance(IDLE_MAX - Duration::from_secs(1));
    assert_eq!(office.session(&cookie).status, 200);
    let by_itself = [OURS, JSON, ("cookie", cookie.as_str()), ("x-background", "1")];
    assert_eq!(office.ask("POST", "/api/v1/cmdlets/Get-Mailbox", &by_itself, "{}").status, 200);
    office.sim.advance(Duration::from_secs(1));
    assert_eq!(office.session(&cookie).status, 401, "neither was use of it");
    let cookie = office.signed_in();
    let steps = LIFE_MAX.as_secs() / 60 / 20;
    for _ in 1..steps {
        office.sim.advance(Duration::from_secs(20 * 60));
        assert_eq!(office.call(&cookie, "Get-Mailbox", "{}").status, 200);
    }
    office.sim.advance(Duration::from_secs(20 * 60));
    assert_eq!(office.call(&cookie, "Get-Mailbox", "{}").status, 401, "eight hours are over");
}

#[test]
fn only_our_pages_change_anything_with_a_session() {
    let office = Office::open();
    let cookie = office.signed_in();
    let mine = ("cookie", cookie.as_str());
    let table: &[(&[(&str, &str)], u16)] = &[
        (&[OURS, JSON, mine], 200),
        (&[("sec-fetch-site", "cross-site"), JSON, mine], 403),
        (&[("sec-fetch-site", "same-site"), JSON, mine], 403),
        (&[("origin", "https://mx1"), ("host", "mx1"), JSON, mine], 200),
        (&[("origin", "https://fabrikam.example"), ("host", "mx1"), JSON, mine], 403),
        (&[JSON, mine], 403),
        (&[OURS, mine, ("content-type", "text/plain")], 403),
        (&[OURS, mine], 403),
    ];
    for (fields, expected) in table {
        let answer = office.ask("POST", "/api/v1/cmdlets/Get-Mailbox", fields, "{}");
        assert_eq!(answer.status.as_u16(), *expected, "{fields:?} {}", answer.body);
        assert_eq!(answer.field("cache-control"), "no-store");
    }
    let basic = ("authorization", "Basic QWRtaW5pc3RyYXRvcjpjb3JyZWN0IGhvcnNl");
    let answer = office.ask("POST", "/api/v1/cmdlets/Get-Mailbox", &[JSON, basic], "{}");
    assert_eq!(answer.status, 200, "a program with a password says nothing of sites");
    let other = [("sec-fetch-site", "cross-site"), mine];
    assert_eq!(office.ask("POST", "/sign-out", &other, "").status, 403);
    assert_eq!(office.session(&cookie).status, 200);
    let other = [("sec-fetch-site", "cross-site"), FORM];
    let answer = office.ask("POST", "/sign-in", &other, "user=Administrator&password=correct+horse");
    assert_eq!((answer.status.as_u16(), answer.field("set-cookie")), (403, ""));
}

#[test]
fn a_script_is_not_asked_for_a_password_by_the_browser() {
    let office = Office::open();
    let path = "/api/v1/session";
    assert!(office.ask("GET", path, &[], "").field("www-authenticate").starts_with("Basic"));
    for fields in [("x-requested-with", "fetch"), ("cookie", "__Host-postroom=gone")] {
        let answer = office.ask("GET", path, &[fields], "");
        assert_eq!((answer.status.as_u16(), answer.field("www-authenticate")), (401, ""));
        assert_eq!(answer.json()["error"]["code"], "Unauthorized");
    }
}

#[test]
fn sign_out_and_a_new_password_end_sessions() {
    let office = Office::open();
    let (first, second) = (office.signed_in(), office.signed_in());
    let out = office.ask("POST", "/sign-out", &[OURS, ("cookie", &first)], "");
    assert_eq!((out.status.as_u16(), out.field("location")), (303, "/sign-in"));
    assert!(out.field("set-cookie").contains("Max-Age=0"));
    assert_eq!(office.session(&first).status, 401);
    assert_eq!(office.session(&second).status, 200);
    let again = [OURS, FORM, ("cookie", second.as_str())];
    let answer = office.ask("POST", "/sign-in", &again, "user=Administrator&password=correct+horse");
    assert_eq!(office.session(&second).status, 401, "a new sign-in has a new session");
    let third = answer.cookie();
    let changed = office.instance.directory.change("test", |draft| {
        let snapshot = draft.snapshot().clone();
        let mut own = directory::Administrator::clone(snapshot.administrator("Administrator").unwrap());
        own.password_hash = hash("another one");
        draft.put_administrator(own)
    });
    changed.unwrap();
    assert_eq!(office.session(&third).status, 401);
}

#[test]
fn sessions_are_listed_and_ended_and_sign_ins_recorded() {
    let office = Office::open();
    office.sign_in("wrong", "");
    let first = office.signed_in();
    office.sim.advance(Duration::from_secs(1));
    let second = office.signed_in();
    let listed = office.call(&second, "Get-AdminSession", "{}").json();
    let rows = listed["value"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{listed}");
    assert_eq!((&rows[0]["IsCurrent"], &rows[1]["IsCurrent"]), (&json!(true), &json!(false)));
    assert_eq!((&rows[0]["User"], &rows[0]["UserAgent"]), (&json!("Administrator"), &json!("Browser 1")));
    assert!(!listed.to_string().contains(second.split_once('=').unwrap().1));
    let body = format!("{{\"Identity\": {}}}", rows[1]["Identity"]);
    assert_eq!(office.call(&second, "Remove-AdminSession", &body).status, 200);
    assert_eq!(office.session(&first).status, 401);
    assert_eq!(office.call(&second, "Remove-AdminSession", &body).status, 404);
    office.ask("POST", "/sign-out", &[OURS, ("cookie", &second)], "");
    let third = office.signed_in();
    let body = "{\"Cmdlets\": [\"Sign-In\", \"Sign-Out\"]}";
    let audit = office.call(&third, "Search-AdminAuditLog", body).json();
    let seen: Vec<_> = audit["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["CmdletName"], &row["Succeeded"]))
        .collect();
    let (sign_in, sign_out) = (Value::from("Sign-In"), Value::from("Sign-Out"));
    let (yes, no) = (Value::from(true), Value::from(false));
    let expected = [(&sign_in, &yes), (&sign_out, &yes), (&sign_in, &yes), (&sign_in, &yes), (&sign_in, &no)];
    assert_eq!(seen, expected, "{audit}");
    assert_eq!(audit["value"][0]["CmdletParameters"]["ClientAddress"], "192.0.2.1");
    assert!(!audit.to_string().contains("wrong\""), "no password is kept");
}

const BUILT: Files = Files(&[
    ("assets/main-1a2b.js", b"plain"),
    ("assets/main-1a2b.js.br", b"brotli"),
    ("assets/main-1a2b.js.gz", b"gzip"),
    ("favicon.svg", b"<svg/>"),
    ("index.html", b"<!doctype html>"),
    ("index.html.br", b"page"),
]);

fn served(name: &str, fields: &[(&'static str, &str)]) -> Option<(u16, HeaderMap, Vec<u8>)> {
    let headers: HeaderMap = fields
        .iter()
        .map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap()))
        .collect();
    let response = assets::serve(BUILT, name, &headers)?;
    let (parts, body) = response.into_parts();
    let body = SimWorld::new(1).run(body.collect()).unwrap().to_bytes().to_vec();
    Some((parts.status.as_u16(), parts.headers, body))
}

#[test]
fn files_are_served_in_their_best_coding() {
    for (accepted, coding, bytes) in [
        ("gzip, deflate, br, zstd", Some("br"), "brotli"),
        ("gzip;q=0.5, br;q=0", Some("gzip"), "gzip"),
        ("identity", None, "plain"),
    ] {
        let (status, headers, body) =
            served("assets/main-1a2b.js", &[("accept-encoding", accepted)]).unwrap();
        assert_eq!((status, body.as_slice()), (200, bytes.as_bytes()));
        assert_eq!(headers.get("content-encoding").map(|value| value.to_str().unwrap()), coding);
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(headers["vary"], "accept-encoding");
    }
    let (_, headers, _) = served("index.html", &[]).unwrap();
    assert_eq!(headers["cache-control"], "no-cache");
    let tag = headers["etag"].to_str().unwrap().to_owned();
    let (status, headers, body) = served("index.html", &[("if-none-match", tag.as_str())]).unwrap();
    assert_eq!((status, body.len(), headers.contains_key("content-encoding")), (304, 0, false));
    let (status, headers, _) =
        served("index.html", &[("if-none-match", tag.as_str()), ("accept-encoding", "br")]).unwrap();
    assert_eq!(
        (status, headers["content-encoding"].to_str().unwrap()),
        (200, "br"),
        "another coding has another tag"
    );
    assert_eq!(
        served("assets/gone-9z.js", &[]).map(|answer| answer.0),
        Some(404),
        "no page in place of a script"
    );
    assert!(served("mail-flow/trace", &[]).is_none() && served("index.html.br", &[]).is_none());
}

#[test]
fn a_page_is_for_who_is_signed_in_and_the_interface_never_answers_with_it() {
    let office = Office::open();
    let shared = Shared { instance: office.instance.clone() };
    let ask = |path: &str, cookie: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", cookie.parse().unwrap());
        let response = assets::page(&shared, &path.parse().unwrap(), &headers, BUILT);
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), location)
    };
    let way = Some("/sign-in?return=/admin/mail-flow/trace%3Fq%3Da".to_owned());
    assert_eq!(ask("/admin/mail-flow/trace?q=a", ""), (303, way));
    assert_eq!(ask("/admin/mail-flow/trace?q=a", &office.signed_in()), (200, None));
    let unbuilt = assets::page(&shared, &"/admin/".parse().unwrap(), &HeaderMap::new(), Files(&[]));
    let body = office.sim.run(unbuilt.into_body().collect()).unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("make console"));
    for path in ["/api/v1/nothing", "/api/", "/none"] {
        assert_eq!(office.ask("GET", path, &[], "").status, 404, "{path}");
    }
}
