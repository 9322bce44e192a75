//! Reports in the background: started, watched, stopped, gone on with after a restart, and removed when they expire.
//! May touch: disk (its own folder), trace (read), clock, chance, executor, transport (the mail that one is ready).

mod record;
mod runner;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use uuid::Uuid;
use world::Disk;

pub use record::{Job, JobState};

use crate::context::Instance;
use crate::error::CmdletError;

/// Finished reports are kept so long.
pub const KEPT_HOURS: i64 = 240;
/// Time between two looks for reports that have expired.
const HOUSEKEEPING_INTERVAL: Duration = Duration::from_secs(600);
/// Reports kept at once, finished ones included.
pub const JOBS_MAX: usize = 1_000;

/// The reports of one server. Cheap to clone.
#[derive(Clone)]
pub struct HistoricalSearches(Arc<Inner>);

struct Inner {
    disk: Disk,
    dir: PathBuf,
    /// Newest last. The files say the same, so that a restart finds them.
    jobs: Mutex<Vec<Job>>,
    /// Held while a record is written; `jobs` is not.
    writing: Mutex<()>,
    /// Whether a task is writing.
    is_running: Mutex<bool>,
}

impl HistoricalSearches {
    /// Reads what there is in the folder, making it if it is missing. Blocks. Nothing runs yet.
    ///
    /// # Errors
    /// When the folder cannot be read or made.
    pub fn open(disk: &Disk, dir: &Path) -> io::Result<HistoricalSearches> {
        disk.create_dir_all(dir)?;
        let mut jobs = Vec::new();
        for entry in disk.read_dir(dir)? {
            let path = dir.join(&entry.name);
            if path.extension().is_none_or(|end| end != "json") {
                continue;
            }
            match record::read(&disk.read(&path)?) {
                Ok(job) => jobs.push(job),
                Err(error) => {
                    tracing::warn!(file = %path.display(), %error, "a report's record cannot be read and is left alone")
                }
            }
        }
        jobs.sort_by_key(|job: &Job| (job.submitted, job.id));
        let inner = Inner {
            disk: disk.clone(),
            dir: dir.to_owned(),
            jobs: Mutex::new(jobs),
            writing: Mutex::new(()),
            is_running: Mutex::new(false),
        };
        Ok(HistoricalSearches(Arc::new(inner)))
    }

    /// Every report, newest first.
    pub fn list(&self) -> Vec<Job> {
        self.0.jobs.lock().iter().rev().cloned().collect()
    }

    /// One report.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn job(&self, id: Uuid) -> Result<Job, CmdletError> {
        let found = self.0.jobs.lock().iter().find(|job| job.id == id).cloned();
        found.ok_or_else(|| {
            let days = KEPT_HOURS / 24;
            CmdletError::NotFound(format!(
                "there is no report {id}, and none older than {days} days is kept; Get-HistoricalSearch lists them"
            ))
        })
    }

    /// One report that is kept at this time.
    ///
    /// # Errors
    /// `NotFound`, for one that has expired too.
    pub fn kept(&self, id: Uuid, now: Timestamp) -> Result<Job, CmdletError> {
        let job = self.job(id)?;
        match job.expires.filter(|_| job.is_expired(now)) {
            Some(expires) => Err(CmdletError::NotFound(format!(
                "the report {id} expired at {expires:.0} and is removed; start it again"
            ))),
            None => Ok(job),
        }
    }

    /// Where a report's lines are.
    pub fn file(&self, job: &Job) -> PathBuf {
        self.0.dir.join(job.file_name())
    }

    /// Starts a report.
    ///
    /// # Errors
    /// `Conflict` when there are too many; `Internal` when it cannot be written down.
    pub async fn start(&self, instance: &Instance, job: Job) -> Result<(), CmdletError> {
        self.remove_expired(instance).await;
        if self.0.jobs.lock().len() >= JOBS_MAX {
            return Err(CmdletError::Conflict(format!(
                "there are {JOBS_MAX} reports, the most there can be; they go by themselves after ten days"
            )));
        }
        self.save(instance, job).await?;
        self.resume(instance);
        Ok(())
    }

    /// Stops a report that is not finished.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when it is finished.
    pub async fn stop(&self, instance: &Instance, id: Uuid) -> Result<Job, CmdletError> {
        let mut job = self.job(id)?;
        if !job.state.is_open() {
            return Err(CmdletError::Conflict(format!("the report is {} already", job.state.as_str())));
        }
        job.state = JobState::Cancelled;
        self.end(instance, &mut job);
        let job = self.save(instance, job).await?;
        self.remove_lines(instance, &job).await;
        Ok(job)
    }

    /// Goes on with reports that are not finished, in a task of its own; nothing where one runs already.
    pub fn resume(&self, instance: &Instance) {
        let has_work = self.0.jobs.lock().iter().any(|job| job.state.is_open());
        let mut is_running = self.0.is_running.lock();
        if *is_running || !has_work {
            return;
        }
        *is_running = true;
        instance.world.exec.spawn("historical searches", runner::run(self.clone(), instance.clone()));
    }

    /// Removes what expires, from the start on and again and again.
    pub(crate) async fn keep_house(self, instance: Instance) {
        loop {
            self.remove_expired(&instance).await;
            instance.world.clock.sleep(HOUSEKEEPING_INTERVAL).await;
        }
    }

    /// Removes what has expired.
    pub async fn remove_expired(&self, instance: &Instance) {
        let now = instance.world.clock.now();
        let gone: Vec<Job> = {
            let mut jobs = self.0.jobs.lock();
            let gone: Vec<Job> = jobs.iter().filter(|job| job.is_expired(now)).cloned().collect();
            jobs.retain(|job| !job.is_expired(now));
            gone
        };
        if gone.is_empty() {
            return;
        }
        let (disk, dir) = (self.0.disk.clone(), self.0.dir.clone());
        let remove = move || {
            for job in gone {
                for name in [job.file_name(), job.record_name()] {
                    if let Err(error) = disk.remove_file(&dir.join(&name))
                        && error.kind() != io::ErrorKind::NotFound
                    {
                        tracing::warn!(name, %error, "an expired report could not be removed");
                    }
                }
            }
        };
        instance.world.exec.blocking(remove).await;
    }

    fn end(&self, instance: &Instance, job: &mut Job) {
        let now = instance.world.clock.now();
        job.finished = Some(now);
        job.expires = now.checked_add(SignedDuration::from_hours(KEPT_HOURS)).ok();
    }

    /// Writes a report's record, then shows it, and gives it back as it is stored: one that was cancelled meanwhile stays
    /// so. Whoever asks for reports does not wait for the disk.
    async fn save(&self, instance: &Instance, job: Job) -> Result<Job, CmdletError> {
        let (own, written) = (self.clone(), job);
        let save = move || {
            // One writer at a time, so that the newest record is the one that stays.
            let _writing = own.0.writing.lock();
            let known = own.0.jobs.lock().iter().find(|known| known.id == written.id).cloned();
            if let Some(known) = known
                && known.state == JobState::Cancelled
                && written.state != JobState::Cancelled
            {
                return Ok(known);
            }
            let path = own.0.dir.join(written.record_name());
            own.0.disk.write_atomic(&path, &record::write(&written))?;
            let mut jobs = own.0.jobs.lock();
            match jobs.iter_mut().find(|known| known.id == written.id) {
                Some(known) => known.clone_from(&written),
                None => jobs.push(written.clone()),
            }
            Ok(written)
        };
        instance.world.exec.blocking(save).await.map_err(|error: io::Error| {
            CmdletError::internal("the report's record could not be written", error)
        })
    }

    /// Removes a report's lines: a part of a report would look like the whole.
    async fn remove_lines(&self, instance: &Instance, job: &Job) {
        let (disk, path) = (self.0.disk.clone(), self.file(job));
        let removed = instance.world.exec.blocking(move || disk.remove_file(&path)).await;
        if let Err(error) = removed
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a cancelled report's file could not be removed");
        }
    }
}
