//! A function fits a screen, a file has one subject.
//! May touch: nothing (pure).

use super::Finding;
use crate::rust_text::{code_only, test_start};
use crate::tree::Tree;

/// Lines of a function, from its name to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;
/// Lines of a file without its tests.
const FILE_LINES_MAX: usize = 600;
/// Lines of a file that is a table.
const TABLE_LINES_MAX: usize = 1_000;
/// What marks a file as a table, in its head.
const TABLE_MARK: &str = "(table)";
/// How far above a function its attributes are looked for.
const ATTRIBUTE_LINES_MAX: usize = 12;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        let code = code_only(&file.text);
        let shipped = test_start(&code).min(code.lines().count() + 1) - 1;
        let is_table = file
            .text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .any(|line| line.contains(TABLE_MARK));
        let most = if is_table { TABLE_LINES_MAX } else { FILE_LINES_MAX };
        if shipped > most {
            findings.push(Finding::new(
                &file.path,
                1,
                format!("{shipped} lines without tests; at most {most}"),
            ));
        }
        for (line, length) in functions(&code).into_iter().filter(|(_, length)| *length > FUNCTION_LINES_MAX)
        {
            if !is_expected(&file.text, line) {
                let message = format!("a function of {length} lines; at most {FUNCTION_LINES_MAX}");
                findings.push(Finding::new(&file.path, line, message));
            }
        }
    }
    findings
}

/// The line and length of every function body. Counts as clippy does: lines between the braces, blank and
/// comment lines left out.
fn functions(code: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if is_function(line) {
            found.extend(length_from(lines.get(at..).unwrap_or_default()).map(|length| (at + 1, length)));
        }
    }
    found
}

fn is_function(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let place = words.iter().position(|word| *word == "fn");
    place.is_some_and(|place| {
        words.iter().take(place).all(|word| {
            matches!(*word, "pub" | "const" | "async" | "unsafe" | "extern")
                || word.starts_with("pub(")
                || *word == "super)"
                || *word == "crate)"
        })
    })
}

fn length_from(lines: &[&str]) -> Option<usize> {
    let mut depth = 0usize;
    let mut is_inside = false;
    let mut count = 0;
    for line in lines {
        let opens_here = !is_inside;
        for letter in line.chars() {
            match letter {
                '{' => {
                    depth += 1;
                    is_inside = true;
                }
                '}' => depth = depth.saturating_sub(1),
                ';' if !is_inside && depth == 0 => return None,
                _ => {}
            }
        }
        if is_inside && depth == 0 {
            return Some(count);
        }
        if !opens_here && !line.trim().is_empty() {
            count += 1;
        }
    }
    None
}

/// `#[expect(clippy::too_many_lines, …)]` above the function.
fn is_expected(text: &str, line: usize) -> bool {
    let first = line.saturating_sub(ATTRIBUTE_LINES_MAX);
    let above: Vec<&str> = text.lines().skip(first).take(line - first).collect();
    let since = above
        .iter()
        .rposition(|line| line.trim_end() == "}" || line.trim_end().ends_with("}\n"))
        .map_or(0, |at| at + 1);
    above.get(since..).is_some_and(|lines| lines.join(" ").contains("too_many_lines"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(lines: usize, above: &str) -> String {
        format!("{above}\npub(crate) async fn long(a: u8) -> u8 {{\n{}}}\n", "    a();\n".repeat(lines))
    }

    #[test]
    fn long_functions_are_found_unless_expected() {
        let long = function(71, "");
        let fits = function(70, "");
        let expected = function(90, "#[expect(clippy::too_many_lines, reason = \"a table\")]");
        let tree = Tree::of(&[("long.rs", &long), ("fits.rs", &fits), ("expected.rs", &expected)]);
        assert_eq!(check(&tree), [Finding::new("long.rs", 2, "a function of 71 lines; at most 70")]);
    }

    #[test]
    fn long_files_are_found_but_tests_do_not_count() {
        let lines = "const A: u8 = 1;\n".repeat(601);
        let tested = format!("const A: u8 = 1;\n#[cfg(test)]\nmod tests {{\n{lines}}}\n");
        let table = format!("//! Codes (table).\n{lines}");
        let tree = Tree::of(&[("a.rs", &lines), ("b.rs", &tested), ("c.rs", &table)]);
        let paths: Vec<_> = check(&tree).into_iter().map(|one| one.path).collect();
        assert_eq!(paths, ["a.rs"]);
    }

    #[test]
    fn braces_in_text_do_not_count() {
        let code = code_only("fn a() {\n    b(\"{\");\n    c('{');\n}\nfn d();\n");
        assert_eq!(functions(&code), [(1, 2)]);
    }
}
