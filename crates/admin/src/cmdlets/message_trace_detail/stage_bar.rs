//! The stage bar in one line: `[x] Received 09:03:11.000 ── [x] Processed 09:03:11.200 ── [ ] Delivered`.
//! May touch: nothing (pure).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use trace::detail::{BarStep, StepState};

use crate::cmdlets::message_trace::interval;

/// What joins the stages.
const JOIN: &str = " ── ";

/// The bar from its steps.
pub(super) fn draw(bar: &[BarStep], zone: &TimeZone) -> String {
    let steps: Vec<String> = bar.iter().map(|step| one(step.name, sign(step.state), step.at, zone)).collect();
    steps.join(JOIN)
}

/// The bar from the JSON of its steps.
pub(super) fn draw_json(steps: &Value, zone: &TimeZone) -> String {
    let steps = steps.as_array().map(Vec::as_slice).unwrap_or_default();
    let text =
        |step: &Value, name: &str| step.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let drawn: Vec<String> = steps
        .iter()
        .map(|step| {
            let state = match text(step, "State").as_str() {
                "Done" => StepState::Done,
                "Failed" => StepState::Failed,
                _ => StepState::Open,
            };
            one(&text(step, "Name"), sign(state), text(step, "At").parse().ok(), zone)
        })
        .collect();
    drawn.join(JOIN)
}

fn sign(state: StepState) -> &'static str {
    match state {
        StepState::Done => "[x]",
        StepState::Open => "[ ]",
        StepState::Failed => "[!]",
    }
}

fn one(name: &str, sign: &str, at: Option<Timestamp>, zone: &TimeZone) -> String {
    match at {
        Some(at) => format!("{sign} {name} {}", interval::local_instant(at, zone)),
        None => format!("{sign} {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_reads_the_same_from_its_json() {
        let at = |text: &str| Some(text.parse().unwrap());
        let bar = [
            BarStep { name: "Received", state: StepState::Done, at: at("2026-11-20T09:03:11Z") },
            BarStep { name: "Processed", state: StepState::Done, at: at("2026-11-20T09:03:11.2Z") },
            BarStep { name: "Not delivered", state: StepState::Failed, at: at("2026-11-20T09:04:00Z") },
        ];
        let line = "[x] Received 2026-11-20 09:03:11.000 ── [x] Processed 2026-11-20 09:03:11.200 ── [!] Not delivered 2026-11-20 09:04:00.000";
        assert_eq!(draw(&bar, &TimeZone::UTC), line);
        assert_eq!(draw_json(&serde_json::to_value(&bar).unwrap(), &TimeZone::UTC), line);
        let open = [BarStep { name: "Delivered", state: StepState::Open, at: None }];
        assert_eq!(draw(&open, &TimeZone::UTC), "[ ] Delivered");
    }
}
