//! How often the disk can be synced: the physical limit of a durable `250`.
//!
//! May touch: a file in a folder it is given, time.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::figures::{Arguments, Done, line};

const BLOCK: usize = 4_096;
/// Blocks written before, which are then written over.
const BLOCKS: u64 = 4_096;

/// fdatasync a second after overwriting 4 KiB that were written before, and after appending them.
pub(crate) fn run(arguments: &Arguments) -> Done {
    let folder: PathBuf = arguments.get("folder")?;
    let long = Duration::from_secs_f64(arguments.or("seconds", 1.0)?);
    let path = folder.join("syncs.probe");
    let file = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
    let block = [b'x'; BLOCK];
    for at in 0..BLOCKS {
        file.write_all_at(&block, at * BLOCK as u64)?;
    }
    file.sync_all()?;
    let rate = |first: u64, round: u64| -> std::io::Result<f64> {
        let (begun, mut count) = (Instant::now(), 0_u64);
        while begun.elapsed() < long {
            file.write_all_at(&block, (first + count % round) * BLOCK as u64)?;
            file.sync_data()?;
            count += 1;
        }
        #[expect(clippy::cast_precision_loss, reason = "a count of syncs")]
        let count = count as f64;
        Ok(count / begun.elapsed().as_secs_f64())
    };
    let overwriting = rate(0, BLOCKS)?;
    let appending = rate(BLOCKS, u64::MAX)?;
    std::fs::remove_file(&path)?;
    Ok(line(&[("overwriting_per_s", overwriting), ("appending_per_s", appending)]))
}
