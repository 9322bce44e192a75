//! Lists the built files of the admin center for `src/assets.rs`; an empty list where they were not built.
//! May touch: the folder web/console/dist, OUT_DIR, the environment cargo gives.
#![expect(clippy::disallowed_methods, reason = "a build script reads the tree it builds; it is not shipped")]

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// Most files taken in; a build has some dozens, each in three codings.
const FILES_MAX: usize = 2_000;

fn main() -> io::Result<()> {
    // Asked when it runs: the program built of this file may be used again for another copy of the tree.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let folder = here.join("../../web/console/dist");
    // Cargo runs this file again and again for a folder that does not exist; where it cannot be made, it may.
    let _ = std::fs::create_dir_all(&folder);
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    if folder.join("index.html").is_file() {
        collect(&folder, &mut files)?;
        files.sort();
    }
    let mut text = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&folder).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let path = file.canonicalize()?;
        // Writing to a String does not fail.
        let _ = writeln!(text, "    ({name:?}, include_bytes!({:?})),", path.to_string_lossy());
    }
    text.push_str("]\n");
    let out = std::env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    std::fs::write(out.join("assets.rs"), text)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_none_or(|extension| extension != "map") {
            files.push(path);
        }
        if files.len() > FILES_MAX {
            return Err(io::Error::other(format!("web/console/dist has more than {FILES_MAX} files")));
        }
    }
    Ok(())
}
