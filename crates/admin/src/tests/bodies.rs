//! What a request's body costs before and after the sign-in.
//! May touch: a simulated world.

use std::sync::Arc;

use base64::Engine as _;
use futures::StreamExt as _;

use super::*;

#[test]
fn a_body_is_read_only_of_those_who_signed_in_and_not_for_ever() {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::body::{Body, Bytes};
    use tower::ServiceExt as _;

    let office = Office::open();
    office.json("New-User helper -Password right-horse");
    office.ask(&["Add-RoleGroupMember", "Organization Management", "-Member", "helper"], Answer::NoTerminal);
    let read = Arc::new(AtomicUsize::new(0));
    // Blanks, MiB by MiB; after the last one nothing comes any more.
    let status = |path: &str, user: &str, pieces: usize| {
        read.store(0, Ordering::SeqCst);
        let counted = Arc::clone(&read);
        let pieces = futures::stream::iter(0..pieces).map(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 1 << 20]))
        });
        let body = Body::from_stream(pieces.chain(futures::stream::pending()));
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{user}:right-horse"));
        let request = hyper::Request::post(path).header("authorization", format!("Basic {basic}"));
        let request = request.header("content-type", "application/json").body(body).unwrap();
        let access = Access::Authenticated(Arc::new(office.instance.credentials.clone()));
        let router = http::router(office.instance.clone(), access);
        office.sim.run(async move { router.oneshot(request).await.unwrap().status().as_u16() })
    };
    let begun = office.world.clock.elapsed();
    for path in ["/api/v1/cmdlets/Get-Mailbox", "/api/v1/cmdlets/Import-MessageTrace"] {
        assert_eq!((status(path, "nobody", 100), read.load(Ordering::SeqCst)), (401, 0), "{path}");
    }
    assert_eq!(status("/api/v1/cmdlets/Get-Mailbox", "helper", 100), 400, "too long");
    assert!(read.load(Ordering::SeqCst) <= 5 + http::BODY_BYTES_MAX / (1 << 20), "{read:?}");
    assert!(office.world.clock.elapsed() - begun < http::BODY_WAIT_MAX);
    assert_eq!(status("/api/v1/cmdlets/Get-Mailbox", "helper", 1), 400, "never ends");
    assert!(office.world.clock.elapsed() - begun >= http::BODY_WAIT_MAX);
}
