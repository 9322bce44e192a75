//! The lines typed before, in the user's state folder: bounded, readable by the user alone, without passwords.
//!
//! May touch: `XDG_STATE_HOME`, `HOME`, the history file.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use admin::pipeline::holds_secret;

/// The most lines kept.
pub(super) const LINES_MAX: usize = 1_000;
/// A longer entry is not kept.
const LINE_BYTES_MAX: usize = 64 * 1024;
/// A larger file is not ours.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The lines and where they are kept, if anywhere.
pub(super) struct History {
    lines: Vec<String>,
    path: Option<PathBuf>,
}

impl History {
    /// The lines of the user's file; none where there is no folder for it.
    pub(super) fn open() -> Self {
        let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
        Self::at(state.or_else(home).map(|folder| folder.join("postroom/history")))
    }

    fn at(path: Option<PathBuf>) -> Self {
        let lines = path.as_deref().map(read).unwrap_or_default();
        let mut history = Self { lines, path };
        let surplus = history.lines.len().saturating_sub(LINES_MAX);
        if surplus > 0 {
            history.lines.drain(..surplus);
            history.write_all();
        }
        history
    }

    /// The lines, the oldest first.
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Keeps a line, unless it is empty, was the last one, or holds a password. True when it was kept.
    pub(super) fn add(&mut self, line: &str) -> bool {
        let line = line.trim();
        let is_same = self.lines.last().is_some_and(|last| last == line);
        if line.is_empty() || line.len() > LINE_BYTES_MAX || is_same || holds_secret(line) {
            return false;
        }
        if self.lines.len() >= LINES_MAX {
            self.lines.remove(0);
        }
        self.lines.push(line.to_owned());
        if let Some(path) = &self.path {
            // A history that cannot be kept is no reason to disturb the work.
            let _ = append(path, line);
        }
        true
    }

    fn write_all(&self) {
        let Some(path) = &self.path else { return };
        let text: String = self.lines.iter().map(|line| encoded(line)).collect();
        let next = path.with_extension("new");
        let written = create(&next).and_then(|mut file| file.write_all(text.as_bytes()));
        // As above.
        let _ = written.and_then(|()| fs::rename(&next, path));
    }
}

/// An entry as a JSON string, since it may have several lines.
fn encoded(line: &str) -> String {
    format!("{}\n", serde_json::Value::from(line))
}

fn read(path: &Path) -> Vec<String> {
    let is_small = fs::metadata(path).is_ok_and(|file| file.len() <= FILE_BYTES_MAX);
    let text = if is_small { fs::read_to_string(path).unwrap_or_default() } else { String::new() };
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn create(path: &Path) -> std::io::Result<fs::File> {
    fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path)
}

fn append(path: &Path, line: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    file.write_all(encoded(line).as_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn lines_are_kept_without_passwords_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/postroom/history");
        let mut history = History::at(Some(path.clone()));
        assert!(history.add("Get-Mailbox |\n ft"));
        assert!(!history.add("Get-Mailbox |\n ft"));
        assert!(!history.add("New-Mailbox kim -Password secret"));
        assert!(!history.add("  "));
        assert_eq!(History::at(Some(path.clone())).lines(), ["Get-Mailbox |\n ft"]);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for number in 0..LINES_MAX + 10 {
            history.add(&format!("Get-Mailbox {number}"));
        }
        assert_eq!(history.lines().len(), LINES_MAX);
        let again = History::at(Some(path.clone()));
        assert_eq!(again.lines(), history.lines());
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), LINES_MAX);
        assert!(!fs::read_to_string(&path).unwrap().contains("secret"));
    }
}
