//! Measure-Object: how many objects, and the sum, mean and bounds of their numbers.
//! May touch: nothing (pure).

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::chunk::{About, Chunk};
use super::command::Given;
use super::names::{self, Watched};
use super::step::Step;
use super::{compare, number};
use crate::error::CmdletError;
use crate::output::{OutputType, Property};

/// What it puts out.
static OUTPUT: OutputType = OutputType {
    name: "MeasureInfo",
    properties: &[
        Property::number("Count"),
        Property::number("Average"),
        Property::number("Sum"),
        Property::number("Maximum"),
        Property::number("Minimum"),
        Property::text("Property"),
    ],
    settings: None,
    table: &[],
};

#[derive(Default)]
struct Figures {
    count: u64,
    sum: f64,
    least: Option<Value>,
    most: Option<Value>,
}

/// Counts and adds without keeping the objects.
pub(crate) struct Measure {
    names: Vec<String>,
    wants: [bool; 4],
    zone: TimeZone,
    figures: Vec<Figures>,
    watched: Watched,
}

impl Measure {
    pub(crate) fn read(given: &Given, zone: TimeZone) -> Measure {
        let names = given.names("Property");
        let watched = Watched::new(names.iter().map(String::as_str));
        let wants = ["Average", "Sum", "Maximum", "Minimum"].map(|name| given.is_on(name));
        let figures = (0..names.len().max(1)).map(|_| Figures::default()).collect();
        Measure { names, wants, zone, figures, watched }
    }
}

impl Figures {
    fn add(&mut self, value: &Value, wants: [bool; 4], zone: &TimeZone) -> Result<(), CmdletError> {
        self.count += 1;
        let [average, sum, maximum, minimum] = wants;
        if average || sum {
            let number = compare::as_number(value).filter(|number| number.is_finite());
            self.sum += number.ok_or_else(|| {
                let shown = compare::text(value);
                CmdletError::Invalid(format!("Measure-Object cannot add up \"{shown}\", which is no number"))
            })?;
        }
        let replaces = |known: &Option<Value>, is_wanted: fn(std::cmp::Ordering) -> bool| {
            known.as_ref().is_none_or(|known| is_wanted(compare::order(value, known, zone)))
        };
        if maximum && replaces(&self.most, std::cmp::Ordering::is_gt) {
            self.most = Some(value.clone());
        }
        if minimum && replaces(&self.least, std::cmp::Ordering::is_lt) {
            self.least = Some(value.clone());
        }
        Ok(())
    }

    fn row(self, wants: [bool; 4], name: Option<&String>) -> Value {
        let [average, sum, maximum, minimum] = wants;
        let number = |number: f64| number::whole(number).unwrap_or(Value::Null);
        let mut row = Map::new();
        row.insert("Count".into(), self.count.into());
        if average {
            let mean = if self.count == 0 { Value::Null } else { number(self.sum / self.count as f64) };
            row.insert("Average".into(), mean);
        }
        if sum {
            row.insert("Sum".into(), number(self.sum));
        }
        if maximum {
            row.insert("Maximum".into(), self.most.unwrap_or(Value::Null));
        }
        if minimum {
            row.insert("Minimum".into(), self.least.unwrap_or(Value::Null));
        }
        if let Some(name) = name {
            row.insert("Property".into(), name.as_str().into());
        }
        Value::Object(row)
    }
}

impl Step for Measure {
    fn push(&mut self, mut chunk: Chunk) -> Result<Chunk, CmdletError> {
        self.watched.see(&chunk);
        for item in std::mem::take(&mut chunk.items) {
            if self.names.is_empty() {
                if let Some(figures) = self.figures.first_mut() {
                    figures.add(&item, self.wants, &self.zone)?;
                }
                continue;
            }
            for (name, figures) in self.names.iter().zip(&mut self.figures) {
                match names::property(&item, name) {
                    None | Some(Value::Null) => {}
                    Some(value) => figures.add(value, self.wants, &self.zone)?,
                }
            }
        }
        Ok(chunk)
    }

    fn finish(&mut self) -> Result<Option<Chunk>, CmdletError> {
        let names = self.names.iter().map(Some).chain([None]);
        let figures = std::mem::take(&mut self.figures);
        let items =
            figures.into_iter().zip(names).map(|(figures, name)| figures.row(self.wants, name)).collect();
        let about = About { format: crate::view::Format::List, ..About::table(&OUTPUT) };
        Ok(Some(Chunk { about, items }))
    }

    fn warnings(&self) -> Vec<String> {
        self.watched.warnings()
    }
}
