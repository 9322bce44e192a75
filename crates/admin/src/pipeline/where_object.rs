//! Where-Object and ForEach-Object: a condition on each object, and one value of each.
//! May touch: nothing (pure).

use jiff::tz::TimeZone;
use serde_json::Value;

use super::chunk::{About, Chunk};
use super::expression::{Expression, Operator};
use super::names::Watched;
use super::step::{Step, refused};
use super::syntax::{Argument, Command, Surroundings, Value as Typed};
use crate::error::CmdletError;

/// Passes on what the condition holds for.
pub(crate) struct Where {
    condition: Expression,
    zone: TimeZone,
    watched: Watched,
}

impl Where {
    pub(crate) fn read(command: &Command, surroundings: &Surroundings) -> Result<Where, CmdletError> {
        let condition = condition(command, surroundings)?;
        let watched = Watched::new(condition.properties());
        Ok(Where { condition, zone: surroundings.zone.clone(), watched })
    }
}

fn usage(why: impl std::fmt::Display) -> CmdletError {
    CmdletError::Usage(format!("Where-Object: {why}"))
}

fn condition(command: &Command, surroundings: &Surroundings) -> Result<Expression, CmdletError> {
    // The names of the parameters may be written out.
    let arguments: Vec<&Argument> = command
        .arguments
        .iter()
        .filter(|argument| {
            !matches!(argument, Argument::Name { name, .. } if ["Property", "Value", "FilterScript"].iter().any(|own| own.eq_ignore_ascii_case(name)))
        })
        .collect();
    let property = |name: &str| Expression::Property(name.split('.').map(str::to_owned).collect());
    match arguments.as_slice() {
        [Argument::Value(Typed::Block(source))] => Expression::read(source, surroundings).map_err(usage),
        [Argument::Value(name)] if name.text().is_some() => Ok(property(name.text().unwrap_or_default())),
        [Argument::Name { name: not, .. }, Argument::Value(name)] if not.eq_ignore_ascii_case("not") => {
            let name = name.text().ok_or_else(|| usage("-not takes a property"))?;
            Ok(Expression::Not(Box::new(property(name))))
        }
        [Argument::Value(name), Argument::Name { name: operator, .. }, Argument::Value(right)] => {
            let name = name.text().ok_or_else(|| usage("the name of a property comes first"))?;
            let operator = Operator::read(operator)
                .ok_or_else(|| usage(format!("there is no -{operator}; it takes {}", Operator::names())))?;
            Expression::comparison(property(name), operator, right.to_json()).map_err(usage)
        }
        _ => Err(usage(format!(
            "takes a block such as {{ $_.Status -eq 'Failed' }}, or a property, one of {} and one value (join conditions in a block)",
            Operator::names()
        ))),
    }
}

impl Step for Where {
    fn push(&mut self, mut chunk: Chunk) -> Result<Chunk, CmdletError> {
        self.watched.see(&chunk);
        chunk.items.retain(|item| self.condition.holds(item, &self.zone));
        Ok(chunk)
    }

    fn warnings(&self) -> Vec<String> {
        self.watched.warnings()
    }
}

/// Passes on a value of each object, the values of a list one by one.
pub(crate) struct ForEach {
    value: Expression,
    zone: TimeZone,
    watched: Watched,
}

impl ForEach {
    pub(crate) fn read(command: &Command, surroundings: &Surroundings) -> Result<ForEach, CmdletError> {
        let only = "ForEach-Object takes a property of the object, as in % { $_.PrimarySmtpAddress }";
        let arguments: Vec<&Argument> = command
            .arguments
            .iter()
            .filter(|argument| !matches!(argument, Argument::Name { name, .. } if ["Process", "MemberName"].iter().any(|own| own.eq_ignore_ascii_case(name))))
            .collect();
        let value = match arguments.as_slice() {
            [Argument::Value(Typed::Block(source))] => {
                Expression::read(source, surroundings).map_err(|why| {
                    refused(format!("{only}; pipe the objects into a cmdlet to run it for each ({why})"))
                })?
            }
            [Argument::Value(name)] if name.text().is_some() => {
                Expression::Property(name.text().unwrap_or_default().split('.').map(str::to_owned).collect())
            }
            _ => return Err(refused(only)),
        };
        let watched = Watched::new(value.properties());
        Ok(ForEach { value, zone: surroundings.zone.clone(), watched })
    }
}

impl Step for ForEach {
    fn push(&mut self, chunk: Chunk) -> Result<Chunk, CmdletError> {
        self.watched.see(&chunk);
        let is_object = matches!(&self.value, Expression::Property(path) if path.is_empty());
        let values = chunk.items.iter().flat_map(|item| match self.value.value(item, &self.zone) {
            Value::Array(items) => items,
            Value::Null => Vec::new(),
            one => vec![one],
        });
        let items = values.collect();
        let about = if is_object { chunk.about } else { About::plain() };
        Ok(Chunk { about, items })
    }

    fn warnings(&self) -> Vec<String> {
        self.watched.warnings()
    }
}
