//! The expression in the braces of Where-Object and ForEach-Object: properties, values, comparisons, `-and`, `-or`, `-not`.
//! May touch: nothing (pure).

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::scanner::Scanner;
use super::syntax::{Surroundings, SyntaxError};
use super::{compare, get_date, names, number};

/// Parentheses and -not in each other, at most so deep.
const DEPTH_MAX: usize = 32;
/// The most comparisons in one block.
const TERMS_MAX: usize = 256;
/// The memory a regular expression may take, in bytes.
const REGEX_BYTES_MAX: usize = 1024 * 1024;
const OPERATORS: &str =
    "-eq -ne -gt -ge -lt -le -like -notlike -match -notmatch -contains -notcontains -in -notin";

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    Like,
    NotLike,
    Match,
    NotMatch,
    Contains,
    NotContains,
    In,
    NotIn,
}

impl Operator {
    /// The operator of that name without its dash; `-ieq` is `-eq`.
    pub(crate) fn read(name: &str) -> Option<Operator> {
        let lower = name.to_ascii_lowercase();
        let known = |name: &str| {
            Some(match name {
                "eq" => Operator::Eq,
                "ne" => Operator::Ne,
                "gt" => Operator::Gt,
                "ge" => Operator::Ge,
                "lt" => Operator::Lt,
                "le" => Operator::Le,
                "like" => Operator::Like,
                "notlike" => Operator::NotLike,
                "match" => Operator::Match,
                "notmatch" => Operator::NotMatch,
                "contains" => Operator::Contains,
                "notcontains" => Operator::NotContains,
                "in" => Operator::In,
                "notin" => Operator::NotIn,
                _ => return None,
            })
        };
        known(&lower).or_else(|| lower.strip_prefix('i').and_then(known))
    }

    /// The names, for messages.
    pub(crate) fn names() -> &'static str {
        OPERATORS
    }
}

/// Two conditions joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joint {
    And,
    Or,
    Xor,
}

/// An expression that was read.
#[derive(Debug, Clone)]
pub(crate) enum Expression {
    /// `$_` with the properties behind it.
    Property(Vec<String>),
    /// A value.
    Literal(Value),
    /// `-not`.
    Not(Box<Expression>),
    /// Two of them.
    Joined(Box<Expression>, Joint, Box<Expression>),
    /// A comparison of two values.
    Compared(Box<Expression>, Operator, Box<Expression>),
    /// A text against a pattern.
    Matched { left: Box<Expression>, pattern: Regex, is_negative: bool },
}

impl Expression {
    /// Reads what stands in braces.
    ///
    /// # Errors
    /// One sentence that says what is expected.
    pub(crate) fn read(source: &str, surroundings: &Surroundings) -> Result<Expression, String> {
        let mut reader = Reader { scanner: Scanner::new(source, 1), surroundings, terms: 0 };
        let whole = |reader: &mut Reader<'_>| {
            let expression = reader.joined(0)?;
            reader.scanner.blanks_and_lines();
            match reader.scanner.peek() {
                None => Ok(expression),
                Some(_) => reader.unexpected(),
            }
        };
        whole(&mut reader).map_err(|error: SyntaxError| error.message)
    }

    /// A comparison of a property with a value, as `? Name -eq value` has it.
    ///
    /// # Errors
    /// When the value is no pattern for `-match` or `-like`.
    pub(crate) fn comparison(
        left: Expression,
        operator: Operator,
        right: Value,
    ) -> Result<Expression, String> {
        let pattern = match operator {
            Operator::Like | Operator::NotLike => Some(wildcard(&compare::text(&right))),
            Operator::Match | Operator::NotMatch => Some(compare::text(&right)),
            _ => None,
        };
        let Some(pattern) = pattern else {
            return Ok(Expression::Compared(Box::new(left), operator, Box::new(Expression::Literal(right))));
        };
        let built = RegexBuilder::new(&pattern).case_insensitive(true).size_limit(REGEX_BYTES_MAX).build();
        let pattern = built.map_err(|error| {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or("it cannot be read").trim().to_owned();
            format!("the pattern {} is no regular expression here: {why}", compare::text(&right))
        })?;
        let is_negative = matches!(operator, Operator::NotLike | Operator::NotMatch);
        Ok(Expression::Matched { left: Box::new(left), pattern, is_negative })
    }

    /// The names of the object's own properties in it.
    pub(crate) fn properties(&self) -> Vec<&str> {
        match self {
            Expression::Property(path) => path.first().map(String::as_str).into_iter().collect(),
            Expression::Literal(_) => Vec::new(),
            Expression::Not(inner) | Expression::Matched { left: inner, .. } => inner.properties(),
            Expression::Joined(left, _, right) | Expression::Compared(left, _, right) => {
                left.properties().into_iter().chain(right.properties()).collect()
            }
        }
    }

    /// Its value for an object.
    pub(crate) fn value(&self, item: &Value, zone: &TimeZone) -> Value {
        match self {
            Expression::Property(path) => path.iter().fold(item.clone(), |from, name| member(&from, name)),
            Expression::Literal(value) => value.clone(),
            Expression::Not(inner) => Value::Bool(!inner.holds(item, zone)),
            Expression::Joined(left, joint, right) => Value::Bool(match joint {
                Joint::And => left.holds(item, zone) && right.holds(item, zone),
                Joint::Or => left.holds(item, zone) || right.holds(item, zone),
                Joint::Xor => left.holds(item, zone) != right.holds(item, zone),
            }),
            Expression::Compared(left, operator, right) => {
                Value::Bool(compared(&left.value(item, zone), *operator, &right.value(item, zone), zone))
            }
            Expression::Matched { left, pattern, is_negative } => {
                let fits = |value: &Value| pattern.is_match(&compare::text(value)) != *is_negative;
                Value::Bool(match left.value(item, zone) {
                    Value::Array(items) => items.iter().any(fits),
                    one => fits(&one),
                })
            }
        }
    }

    /// Whether it is true for an object.
    pub(crate) fn holds(&self, item: &Value, zone: &TimeZone) -> bool {
        compare::is_true(&self.value(item, zone))
    }
}

/// A property of an object, the same of each object in a list, or the length of a list or text.
fn member(from: &Value, name: &str) -> Value {
    let is_length = name.eq_ignore_ascii_case("Count") || name.eq_ignore_ascii_case("Length");
    match from {
        Value::Array(items) if is_length => items.len().into(),
        Value::Array(items) => {
            items.iter().map(|item| member(item, name)).filter(|value| !value.is_null()).collect()
        }
        Value::String(text) if name.eq_ignore_ascii_case("Length") => text.chars().count().into(),
        item => names::property(item, name).cloned().unwrap_or(Value::Null),
    }
}

/// With a list on the left it is enough that one of its values fits, `-ne` included, as in PowerShell.
fn compared(left: &Value, operator: Operator, right: &Value, zone: &TimeZone) -> bool {
    let is_among = |list: &Value, one: &Value| match list {
        Value::Array(items) => items.iter().any(|item| compare::order(item, one, zone) == Ordering::Equal),
        single => compare::order(single, one, zone) == Ordering::Equal,
    };
    let fits = |left: &Value| {
        let order = compare::order(left, right, zone);
        match operator {
            Operator::Eq => order == Ordering::Equal,
            Operator::Ne => order != Ordering::Equal,
            Operator::Gt => order == Ordering::Greater,
            Operator::Ge => order != Ordering::Less,
            Operator::Lt => order == Ordering::Less,
            Operator::Le => order != Ordering::Greater,
            _ => false,
        }
    };
    match (operator, left) {
        (Operator::Contains, _) => is_among(left, right),
        (Operator::NotContains, _) => !is_among(left, right),
        (Operator::In, _) => is_among(right, left),
        (Operator::NotIn, _) => !is_among(right, left),
        (_, Value::Array(items)) => items.iter().any(fits),
        _ => fits(left),
    }
}

/// `*`, `?` and `[a-c]` as a regular expression for the whole text.
fn wildcard(pattern: &str) -> String {
    let mut expression = String::from("(?s)^");
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '[' => match letters.as_str().split_once(']') {
                Some((set, rest)) if !set.is_empty() => {
                    let escape = |one: char| !one.is_alphanumeric() && one != '-';
                    let set: String = set
                        .chars()
                        .flat_map(|one| escape(one).then_some('\\').into_iter().chain([one]))
                        .collect();
                    expression.push_str(&format!("[{set}]"));
                    letters = rest.chars();
                }
                _ => expression.push_str("\\["),
            },
            '`' => expression.push_str(&regex::escape(&letters.next().unwrap_or('`').to_string())),
            other => expression.push_str(&regex::escape(&other.to_string())),
        }
    }
    expression.push('$');
    expression
}

struct Reader<'a> {
    scanner: Scanner<'a>,
    surroundings: &'a Surroundings,
    terms: usize,
}

impl Reader<'_> {
    fn unexpected<T>(&self) -> Result<T, SyntaxError> {
        let found: String =
            self.scanner.rest().chars().take_while(|letter| !letter.is_whitespace()).take(20).collect();
        if found.is_empty() {
            return self.scanner.error("a block is empty or ends too early; it takes an expression such as { $_.Status -eq 'Failed' }");
        }
        self.scanner.error(format!(
            "{found} cannot stand there in a block; it takes $_.Property, values in quotes, numbers, {OPERATORS}, -and, -or, -xor, -not and parentheses"
        ))
    }

    /// `-and`, `-or` and `-xor` bind alike, from left to right, as in PowerShell.
    fn joined(&mut self, depth: usize) -> Result<Expression, SyntaxError> {
        let mut left = self.negated(depth)?;
        loop {
            let before = self.scanner.clone();
            let joint = match self.dashed().to_ascii_lowercase().as_str() {
                "and" => Joint::And,
                "or" => Joint::Or,
                "xor" => Joint::Xor,
                _ => {
                    self.scanner = before;
                    return Ok(left);
                }
            };
            let right = self.negated(depth)?;
            left = Expression::Joined(Box::new(left), joint, Box::new(right));
        }
    }

    fn negated(&mut self, depth: usize) -> Result<Expression, SyntaxError> {
        if depth > DEPTH_MAX {
            return self.scanner.error(format!("a block is more than {DEPTH_MAX} deep"));
        }
        let before = self.scanner.clone();
        self.scanner.blanks_and_lines();
        let is_not = self.scanner.eat('!') || self.dashed().eq_ignore_ascii_case("not");
        if is_not {
            return Ok(Expression::Not(Box::new(self.negated(depth + 1)?)));
        }
        self.scanner = before;
        self.comparison(depth)
    }

    fn comparison(&mut self, depth: usize) -> Result<Expression, SyntaxError> {
        self.terms += 1;
        if self.terms > TERMS_MAX {
            return self.scanner.error(format!("more than {TERMS_MAX} comparisons in one block"));
        }
        let left = self.operand(depth)?;
        let before = self.scanner.clone();
        let Some(operator) = Operator::read(self.dashed()) else {
            self.scanner = before;
            return Ok(left);
        };
        let right = self.operand(depth)?;
        if let Expression::Literal(value) = right {
            return Expression::comparison(left, operator, value).or_else(|why| self.scanner.error(why));
        }
        if matches!(operator, Operator::Like | Operator::NotLike | Operator::Match | Operator::NotMatch) {
            return self.scanner.error("-like and -match take a text on their right");
        }
        Ok(Expression::Compared(Box::new(left), operator, Box::new(right)))
    }

    /// The name behind a dash; empty where something else stands.
    fn dashed(&mut self) -> &str {
        self.scanner.blanks_and_lines();
        if self.scanner.is_at_dash(char::is_alphabetic) {
            self.scanner.bump();
            return self.scanner.take_while(char::is_alphabetic);
        }
        ""
    }

    /// One value, or several with commas between them.
    fn operand(&mut self, depth: usize) -> Result<Expression, SyntaxError> {
        let first = self.single(depth)?;
        let mut more = Vec::new();
        loop {
            let before = self.scanner.clone();
            self.scanner.blanks_and_lines();
            if !self.scanner.eat(',') {
                self.scanner = before;
                break;
            }
            match self.single(depth)? {
                Expression::Literal(value) => more.push(value),
                _ => return self.scanner.error("a list in a block takes values only"),
            }
        }
        match first {
            first if more.is_empty() => Ok(first),
            Expression::Literal(first) => {
                Ok(Expression::Literal(std::iter::once(first).chain(more).collect()))
            }
            _ => self.scanner.error("a list in a block takes values only"),
        }
    }

    fn single(&mut self, depth: usize) -> Result<Expression, SyntaxError> {
        self.scanner.blanks_and_lines();
        match self.scanner.peek() {
            Some('\'') => Ok(Expression::Literal(self.scanner.single_quoted()?.into())),
            Some('"') => Ok(Expression::Literal(self.scanner.double_quoted()?.into())),
            Some('$') => self.dollar(),
            Some('@') if self.scanner.peek_second() == Some('(') => {
                self.scanner.bump();
                self.parenthesis(depth, true)
            }
            Some('(') => self.parenthesis(depth, false),
            Some(letter) if letter.is_ascii_digit() || "-.".contains(letter) => {
                let word =
                    self.scanner.take_while(|letter| letter.is_ascii_alphanumeric() || "-.".contains(letter));
                match number::read(word) {
                    Some(number) => Ok(Expression::Literal(number)),
                    None => self.scanner.error(format!("{word} is no number; put texts in quotes")),
                }
            }
            _ => self.unexpected(),
        }
    }

    fn parenthesis(&mut self, depth: usize, is_array: bool) -> Result<Expression, SyntaxError> {
        if !is_array && let Some(text) = get_date::read(&mut self.scanner, self.surroundings)? {
            return Ok(Expression::Literal(text.into()));
        }
        self.scanner.bump();
        self.scanner.blanks_and_lines();
        if is_array && self.scanner.eat(')') {
            return Ok(Expression::Literal(Value::Array(Vec::new())));
        }
        let inner = self.joined(depth + 1)?;
        self.scanner.blanks_and_lines();
        if !self.scanner.eat(')') {
            return self.unexpected();
        }
        match inner {
            Expression::Literal(one) if is_array && !one.is_array() => {
                Ok(Expression::Literal(Value::Array(vec![one])))
            }
            inner => Ok(inner),
        }
    }

    fn dollar(&mut self) -> Result<Expression, SyntaxError> {
        self.scanner.bump();
        let name =
            self.scanner.take_while(|letter| letter.is_alphanumeric() || letter == '_').to_ascii_lowercase();
        match name.as_str() {
            "true" => return Ok(Expression::Literal(true.into())),
            "false" => return Ok(Expression::Literal(false.into())),
            "null" => return Ok(Expression::Literal(Value::Null)),
            "_" | "psitem" => {}
            _ => {
                return self
                    .scanner
                    .error("the only names with $ in a block are $_, $true, $false and $null");
            }
        }
        let mut path = Vec::new();
        while self.scanner.peek() == Some('.') {
            self.scanner.bump();
            let name = match self.scanner.peek() {
                Some('\'') => self.scanner.single_quoted()?,
                Some('"') => self.scanner.double_quoted()?,
                _ => self.scanner.take_while(|letter| letter.is_alphanumeric() || letter == '_').to_owned(),
            };
            if name.is_empty() {
                return self.unexpected();
            }
            if self.scanner.peek() == Some('(') {
                return self
                    .scanner
                    .error(format!("{name} cannot be called; a block takes properties and {OPERATORS}"));
            }
            path.push(name);
            if path.len() > DEPTH_MAX {
                return self.scanner.error("more than 32 properties in a row");
            }
        }
        Ok(Expression::Property(path))
    }
}
