//! Measures deliveries to 100 mailboxes on the real disk; run by hand, it checks nothing.
//!
//! May touch: a temporary directory.

use tempfile::TempDir;
use world::{Clock, Disk, Executor};

use super::*;

const MAILBOXES: u64 = 100;
const SESSIONS: u64 = 20;
const MESSAGES: u64 = 20_000;

#[test]
#[ignore = "a measurement, not a check"]
fn deliveries_per_second() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let top = TempDir::new().unwrap();
    for bytes in [1024, 32 * 1024] {
        runtime.block_on(async {
            let clock = Clock::real();
            let exec = Executor::real(runtime.handle().clone());
            let directory = top.path().join(bytes.to_string());
            let config = Config { writers: 1, ..Config::default() };
            let store = MailboxStore::open(&Disk::real(), &clock, &exec, &directory, config).unwrap();
            let mailbox = |number: u64| Uuid::from_u128(u128::from(number % MAILBOXES) << 64 | 1);
            for number in 0..MAILBOXES {
                store.core.files.with(mailbox(number), |_| Ok(())).unwrap();
            }
            let mut noise = vec![0; bytes];
            blake3::Hasher::new().finalize_xof().fill(&mut noise);
            let body = Bytes::from(noise);
            let background = store.clone();
            exec.spawn("checkpoints", async move { background.keep_checkpointed(|_| ()).await });
            let started = clock.elapsed();
            let mut sessions = Vec::new();
            for session in 0..SESSIONS {
                let (store, body) = (store.clone(), body.clone());
                let (done, end) = tokio::sync::oneshot::channel();
                exec.spawn("session", async move {
                    for number in (session..MESSAGES).step_by(usize::try_from(SESSIONS).unwrap()) {
                        let one = Delivery {
                            body: body.clone(),
                            resend_key: Some(crate::ResendKey::from_bytes(
                                *blake3::hash(&number.to_le_bytes()).as_bytes(),
                            )),
                            ..delivery(mailbox(number), number)
                        };
                        delivered(deliver_one(&store, one).await);
                    }
                    done.send(()).unwrap();
                });
                sessions.push(end);
            }
            for end in sessions {
                end.await.unwrap();
            }
            let took = clock.elapsed() - started;
            let rate = f64::from(u32::try_from(MESSAGES).unwrap()) / took.as_secs_f64();
            eprintln!("{bytes} bytes: {rate:.0} deliveries/s, {:.0} µs each", 1e6 / rate);
            let started = clock.elapsed();
            store.close().await;
            eprintln!("last checkpoint: {:?}", clock.elapsed() - started);
        });
    }
}
