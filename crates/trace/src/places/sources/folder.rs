//! A source of type Folder: looked at again and again.
//!
//! May touch: the disk, the clock, the executor, the store through [`Follower`].

use std::sync::Arc;

use super::super::follow::Follower;
use super::super::work::ImportError;
use super::POLL;
use super::spec::SourceKind;
use super::task::Task;

impl Task {
    /// Looks at a folder until it is stopped.
    pub(super) async fn folder(self) {
        let SourceKind::Folder { path } = &self.spec.kind else { return };
        let Some((place, format, zone)) = self.parts() else { return };
        let world = self.own.0.world.clone();
        let state_path = self.own.state_path(&self.spec.name);
        let (places, path) = (self.own.0.places.clone(), path.clone());
        let disk = world.disk.clone();
        let opened = world.exec.blocking(move || -> Result<Follower, ImportError> {
            if let Some(folder) = state_path.parent() {
                disk.create_dir_all(folder)?;
            }
            Follower::new(places, place, path, (format, zone), state_path)
        });
        let mut follower = match opened.await {
            Ok(follower) => follower,
            Err(error) => return self.fail(&error),
        };
        while !self.is_stopped() {
            let (around, now) = (Arc::new((self.own.0.around)()), world.clock.now());
            let work = move || {
                let polled = follower.poll(&around, now);
                (follower, polled)
            };
            let (back, polled) = world.exec.blocking(work).await;
            follower = back;
            match polled {
                Ok(polled) => self.told(&polled).await,
                Err(error) => self.fail(&format!("{}: {error}", follower.path().display())),
            }
            if !self.pause(POLL).await {
                return;
            }
        }
    }
}
