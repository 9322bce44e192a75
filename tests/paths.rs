//! The scenarios of `paths/`, one test each.
//!
//! May touch: the simulated world, the folder of scenarios (the list must be complete).

/// One test per file; the list is compared with the folder.
macro_rules! scenarios {
    ($($name:ident)+) => {
        $(
            #[test]
            fn $name() {
                tests::sim::play(
                    concat!("tests/paths/", stringify!($name), ".txt"),
                    include_str!(concat!("paths/", stringify!($name), ".txt")),
                );
            }
        )+

        const LISTED: &[&str] = &[$(stringify!($name)),+];
    };
}

scenarios! {
    one_mailbox
}

#[test]
fn every_file_is_listed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("paths");
    let disk = world::Disk::real();
    let mut found: Vec<String> = disk
        .read_dir(&folder)
        .unwrap()
        .into_iter()
        .filter_map(|entry| entry.name.to_string_lossy().strip_suffix(".txt").map(str::to_owned))
        .collect();
    let mut listed: Vec<String> = LISTED.iter().map(|name| (*name).to_owned()).collect();
    found.sort();
    listed.sort();
    assert_eq!(found, listed);
}
