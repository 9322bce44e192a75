//! What a subject must be, by the index of trigrams and by the text itself.
//!
//! May touch: nothing (pure).

use rusqlite::types::Value;

use super::{DayFilter, Lead};
use crate::search::{Query, SubjectFilter, SubjectFilterType};

/// Trigrams of a subject text that are looked up; the rest is checked against the text itself.
const TRIGRAMS_MAX: usize = 16;

impl DayFilter {
    pub(super) fn add_subject(&mut self, query: &Query, leads: &mut Vec<(Lead, String)>) {
        let Some(subject) = query.subject.as_ref().filter(|subject| !subject.text.is_empty()) else { return };
        let condition = self.subject_condition(subject);
        self.message.push(condition);
        if let Some(grams) = trigrams(&self.fold.fold(&subject.text)) {
            let mark = self.bind([Value::Text(grams)]);
            // Asked of the index alone, which ends the estimate at its limit; a list of messages is made as a whole.
            leads.push((Lead::Trigrams, format!("SELECT 1 FROM subject WHERE subject MATCH {mark}")));
            self.by_trigrams = Some(self.message.len());
            self.message.push(format!("m.id IN (SELECT rowid FROM subject WHERE subject MATCH {mark})"));
        }
    }

    pub(super) fn subject_condition(&mut self, subject: &SubjectFilter) -> String {
        let mark = self.bind([Value::Text(self.fold.fold(&subject.text))]);
        match subject.kind {
            SubjectFilterType::Contains => format!("instr(m.subject, {mark}) > 0"),
            SubjectFilterType::StartsWith => format!("substr(m.subject, 1, length({mark})) = {mark}"),
            SubjectFilterType::EndsWith => format!("substr(m.subject, -length({mark})) = {mark}"),
            SubjectFilterType::Equals => format!("m.subject = {mark}"),
        }
    }
}

/// The full-text expression for a text: each of its trigrams must occur. `None` below three characters.
fn trigrams(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut seen = std::collections::HashSet::new();
    let windows = chars.windows(3).filter(|window| !window.contains(&'\0') && seen.insert(window.to_vec()));
    let quoted: Vec<String> = windows
        .take(TRIGRAMS_MAX)
        .map(|window| format!("\"{}\"", window.iter().collect::<String>().replace('"', "\"\"")))
        .collect();
    (!quoted.is_empty()).then(|| quoted.join(" AND "))
}
