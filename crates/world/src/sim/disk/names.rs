//! The simulated disk's directories: the names that are read, those that are durable, and the changes in between.
//!
//! May touch: nothing (pure).

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path};
use std::sync::Arc;

use parking_lot::Mutex;

use super::PowerCut;
use super::content::FileNode;
use crate::Chance;

/// A directory of the simulated disk.
#[derive(Default)]
pub(super) struct DirNode {
    names: Mutex<Names>,
}

#[derive(Default)]
struct Names {
    live: BTreeMap<OsString, Node>,
    durable: BTreeMap<OsString, Node>,
}

#[derive(Clone)]
pub(super) enum Node {
    Dir(Arc<DirNode>),
    File(Arc<FileNode>),
}

/// A name in a directory and what it leads to from now on.
struct Link {
    dir: Arc<DirNode>,
    name: OsString,
    node: Option<Node>,
}

/// Changes of names that reach the disk together or not at all: one, or the two of a rename.
type NameChange = Vec<Link>;

/// The tree of names with the changes no directory sync has made durable.
#[derive(Default)]
pub(super) struct Tree {
    root: Arc<DirNode>,
    unsynced: Vec<NameChange>,
}

fn not_found() -> io::Error {
    io::Error::from(io::ErrorKind::NotFound)
}

impl DirNode {
    fn get(&self, name: &OsStr) -> Option<Node> {
        self.names.lock().live.get(name).cloned()
    }

    /// What is in the directory, sorted by name.
    pub(super) fn list(&self) -> Vec<(OsString, Node)> {
        self.names.lock().live.iter().map(|(name, node)| (name.clone(), node.clone())).collect()
    }
}

impl Link {
    fn is_for(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.dir, &other.dir) && self.name == other.name
    }

    fn apply(&self, names: &mut BTreeMap<OsString, Node>) {
        match &self.node {
            Some(node) => names.insert(self.name.clone(), node.clone()),
            None => names.remove(&self.name),
        };
    }
}

/// The names of a path from the root on; a relative path starts at the root too.
pub(super) fn parts(path: &Path) -> Vec<&OsStr> {
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push(name),
            Component::ParentDir => {
                names.pop();
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    names
}

impl Tree {
    pub(super) fn find(&self, path: &Path) -> io::Result<Node> {
        self.walk(&parts(path))
    }

    fn walk(&self, names: &[&OsStr]) -> io::Result<Node> {
        let mut node = Node::Dir(Arc::clone(&self.root));
        for name in names {
            let Node::Dir(dir) = &node else { return Err(io::Error::from(io::ErrorKind::NotADirectory)) };
            node = dir.get(name).ok_or_else(not_found)?;
        }
        Ok(node)
    }

    pub(super) fn find_dir(&self, path: &Path) -> io::Result<Arc<DirNode>> {
        self.dir_at(&parts(path))
    }

    fn dir_at(&self, names: &[&OsStr]) -> io::Result<Arc<DirNode>> {
        match self.walk(names)? {
            Node::Dir(dir) => Ok(dir),
            Node::File(_) => Err(io::Error::from(io::ErrorKind::NotADirectory)),
        }
    }

    /// The directory a path's last name stands in, and that name.
    pub(super) fn place(&self, path: &Path) -> io::Result<(Arc<DirNode>, OsString)> {
        let names = parts(path);
        let (last, above) =
            names.split_last().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?;
        Ok((self.dir_at(above)?, (*last).to_owned()))
    }

    fn change(&mut self, change: NameChange) {
        for link in &change {
            link.apply(&mut link.dir.names.lock().live);
        }
        self.unsynced.push(change);
    }

    /// Gives `path`, which must be free, to a new node.
    pub(super) fn create(&mut self, path: &Path, node: Node) -> io::Result<()> {
        let (dir, name) = self.place(path)?;
        if dir.get(&name).is_some() {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists));
        }
        self.change(vec![Link { dir, name, node: Some(node) }]);
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let (from_dir, from_name) = self.place(from)?;
        let node = from_dir.get(&from_name).ok_or_else(not_found)?;
        let (to_dir, to_name) = self.place(to)?;
        match (&node, to_dir.get(&to_name)) {
            (_, None) | (Node::File(_), Some(Node::File(_))) => {}
            (Node::File(_), Some(Node::Dir(_))) => return Err(io::Error::from(io::ErrorKind::IsADirectory)),
            (Node::Dir(_), Some(Node::File(_))) => return Err(io::Error::from(io::ErrorKind::NotADirectory)),
            (Node::Dir(_), Some(Node::Dir(there))) if there.list().is_empty() => {}
            (Node::Dir(_), Some(Node::Dir(_))) => {
                return Err(io::Error::from(io::ErrorKind::DirectoryNotEmpty));
            }
        }
        let removed = Link { dir: from_dir, name: from_name, node: None };
        let added = Link { dir: to_dir, name: to_name, node: Some(node) };
        if !removed.is_for(&added) {
            self.change(vec![removed, added]);
        }
        Ok(())
    }

    pub(super) fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        let (dir, name) = self.place(path)?;
        match dir.get(&name).ok_or_else(not_found)? {
            Node::File(_) => self.change(vec![Link { dir, name, node: None }]),
            Node::Dir(_) => return Err(io::Error::from(io::ErrorKind::IsADirectory)),
        }
        Ok(())
    }

    /// Removes a directory from the leaves up, each name on its own.
    pub(super) fn remove_dir_all(&mut self, path: &Path) -> io::Result<()> {
        let (dir, name) = self.place(path)?;
        let Node::Dir(top) = dir.get(&name).ok_or_else(not_found)? else {
            return Err(io::Error::from(io::ErrorKind::NotADirectory));
        };
        self.empty(&top);
        self.change(vec![Link { dir, name, node: None }]);
        Ok(())
    }

    fn empty(&mut self, dir: &Arc<DirNode>) {
        for (name, node) in dir.list() {
            if let Node::Dir(below) = node {
                self.empty(&below);
            }
            self.change(vec![Link { dir: Arc::clone(dir), name, node: None }]);
        }
    }

    /// Takes out the unsynced changes of a directory together with the earlier ones they rest on.
    fn take_changes_of(&mut self, dir: &Arc<DirNode>) -> Vec<NameChange> {
        let mut needed: Vec<NameChange> = Vec::new();
        let mut rest = Vec::new();
        for change in std::mem::take(&mut self.unsynced).into_iter().rev() {
            let here = change.iter().any(|link| Arc::ptr_eq(&link.dir, dir));
            let rested_on =
                || needed.iter().flatten().any(|later| change.iter().any(|link| link.is_for(later)));
            if here || rested_on() {
                needed.push(change);
            } else {
                rest.push(change);
            }
        }
        rest.reverse();
        needed.reverse();
        self.unsynced = rest;
        needed
    }

    pub(super) fn sync_dir(&mut self, dir: &Arc<DirNode>) {
        for link in self.take_changes_of(dir).iter().flatten() {
            link.apply(&mut link.dir.names.lock().durable);
        }
    }

    /// A directory sync that failed: its changes are taken for written and never will be.
    pub(super) fn lose_changes_of(&mut self, dir: &Arc<DirNode>) {
        self.take_changes_of(dir);
    }

    /// The names after a power cut: of each directory's unsynced changes a prefix is kept. Then every file left.
    pub(super) fn cut(&mut self, cut: PowerCut, chance: &Chance) {
        let unsynced = std::mem::take(&mut self.unsynced);
        let mut lost: Vec<Arc<DirNode>> = Vec::new();
        let (lose_one_in, keep_all) = match cut {
            PowerCut::LoseAll => (1, false),
            PowerCut::KeepAll => (0, true),
            PowerCut::Random => match chance.below(4) {
                0 => (1, false),
                1 => (0, true),
                _ => (3, false),
            },
        };
        for change in unsynced {
            let after_a_loss = change.iter().any(|link| lost.iter().any(|dir| Arc::ptr_eq(dir, &link.dir)));
            if !keep_all && (after_a_loss || chance.below(lose_one_in) == 0) {
                lost.extend(change.into_iter().map(|link| link.dir));
                continue;
            }
            for link in &change {
                link.apply(&mut link.dir.names.lock().durable);
            }
        }
        settle(&self.root, cut, chance);
    }
}

/// Makes the durable state of a directory and all below it the one that is read.
fn settle(dir: &DirNode, cut: PowerCut, chance: &Chance) {
    let mut names = dir.names.lock();
    names.live = names.durable.clone();
    let nodes: Vec<Node> = names.live.values().cloned().collect();
    drop(names);
    for node in nodes {
        match node {
            Node::Dir(below) => settle(&below, cut, chance),
            Node::File(file) => file.cut(cut, chance),
        }
    }
}
