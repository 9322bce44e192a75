//! A text read statement by statement, so that a mistake costs its own line only.
//! May touch: nothing (pure).

use super::scanner::{Scanner, escaped, plain_dash, plain_quote};
use super::syntax::{Argument, Command, Element, Statement, Surroundings, SyntaxError, Value};
use super::{WHAT_THERE_IS, get_date, number};

/// The largest text, in bytes.
const TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most values and names in one statement.
const WORDS_MAX: usize = 10_000;
/// The most commands in one pipeline.
const ELEMENTS_MAX: usize = 64;
/// What begins a loop, a choice or a definition in PowerShell.
const KEYWORDS: &[&str] = &["if", "for", "foreach", "while", "do", "switch", "try", "function", "param"];
/// Lists in lists, at most so deep.
const DEPTH_MAX: usize = 16;

/// The statements of a text, one after another.
#[derive(Debug)]
pub struct Script<'a> {
    scanner: Scanner<'a>,
    surroundings: &'a Surroundings,
    words: usize,
}

impl<'a> Script<'a> {
    /// A script whose first line has the number `line`.
    pub fn new(text: &'a str, line: usize, surroundings: &'a Surroundings) -> Script<'a> {
        Script { scanner: Scanner::new(text, line), surroundings, words: 0 }
    }

    /// True when the text ended in a comment or an escaped line end that more text could continue.
    pub fn is_open(&self) -> bool {
        self.scanner.is_open()
    }

    fn statement(&mut self) -> Result<Statement, SyntaxError> {
        if self.scanner.rest().len() > TEXT_BYTES_MAX {
            return self.scanner.error("more than 16 MB of text; run it in parts");
        }
        self.words = 0;
        let (start, line) = (self.scanner.position(), self.scanner.line());
        let mut elements = vec![self.element(true)?];
        loop {
            self.scanner.blanks();
            if !self.scanner.eat('|') {
                break;
            }
            if self.scanner.peek() == Some('|') {
                return self.scanner.error(format!("|| joins nothing here; {WHAT_THERE_IS}"));
            }
            self.scanner.blanks_and_lines();
            if self.scanner.peek().is_none() {
                return self.scanner.unfinished("a command is missing after the last |");
            }
            elements.push(self.element(false)?);
            if elements.len() > ELEMENTS_MAX {
                return self.scanner.error(format!("more than {ELEMENTS_MAX} commands in one pipeline"));
            }
        }
        match self.scanner.peek() {
            None | Some(';' | '\n') => {}
            Some(other) => return self.scanner.error(self.stray(other)),
        }
        let text = self.scanner.since(start).trim().to_owned();
        Ok(Statement { elements, line, text })
    }

    fn stray(&self, letter: char) -> String {
        match letter {
            '>' | '<' => {
                format!("{letter} moves nothing here; use | Out-File PATH, and quote texts with < or >")
            }
            '&' => "& calls nothing here; quote texts with &".to_owned(),
            ')' | '}' => format!("{letter} closes nothing"),
            other => format!("{other} cannot stand here; {WHAT_THERE_IS}"),
        }
    }

    fn element(&mut self, is_first: bool) -> Result<Element, SyntaxError> {
        let scanner = &self.scanner;
        match scanner.peek() {
            None => scanner.unfinished("a command is missing"),
            Some('\'' | '"' | '@' | '(' | '$') if is_first => Ok(Element::Values(vec![self.list(0)?])),
            Some('|') => scanner.error("a command is missing before |"),
            Some('{') => scanner.error("a block stands behind Where-Object or ForEach-Object"),
            Some(letter) if "'\"@($>&<;)}".contains(letter) => {
                scanner.error(format!("a command is missing before {letter}; {WHAT_THERE_IS}"))
            }
            Some(_) => self.command(is_first),
        }
    }

    fn command(&mut self, is_first: bool) -> Result<Element, SyntaxError> {
        let name: String = self.bare_word()?.chars().map(plain_dash).collect();
        if is_first && number::read(&name).is_some() {
            return Ok(Element::Values(vec![self.list_behind(Value::Bare(name), 0)?]));
        }
        self.refuse_keyword(&name, is_first)?;
        let mut arguments = Vec::new();
        loop {
            self.scanner.blanks();
            match self.scanner.peek() {
                None | Some('|' | ';' | '\n') => break,
                Some('=') => {
                    return self.scanner.error(format!("there are no variables to set; {WHAT_THERE_IS}"));
                }
                Some(other) if ">&)}".contains(other) => return self.scanner.error(self.stray(other)),
                Some(_) => arguments.push(self.argument()?),
            }
            self.count_word()?;
        }
        Ok(Element::Command(Command { name, arguments }))
    }

    fn refuse_keyword(&mut self, name: &str, is_first: bool) -> Result<(), SyntaxError> {
        let is_known = KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(name));
        self.scanner.blanks();
        let follows = self.scanner.peek().is_some_and(|letter| letter == '(' || letter == '{');
        if is_first && is_known && follows {
            return self.scanner.error(format!("there is no {name} (…) {{…}}; {WHAT_THERE_IS}"));
        }
        Ok(())
    }

    fn count_word(&mut self) -> Result<(), SyntaxError> {
        self.words += 1;
        if self.words > WORDS_MAX {
            return self
                .scanner
                .error(format!("more than {WORDS_MAX} words in one line; use HTTP for bulk work"));
        }
        Ok(())
    }

    fn argument(&mut self) -> Result<Argument, SyntaxError> {
        let is_name = self.scanner.is_at_dash(|letter| letter.is_ascii_alphabetic() || letter == '?');
        if !is_name {
            return Ok(Argument::Value(self.list(0)?));
        }
        self.scanner.bump();
        let name = self
            .scanner
            .take_while(|letter| !letter.is_whitespace() && !":|;,(){}'\"<>&`".contains(plain_quote(letter)))
            .to_owned();
        let has_colon = self.scanner.eat(':');
        Ok(Argument::Name { name, has_colon })
    }

    /// One value, or several with commas between them.
    fn list(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        let first = self.value(depth)?;
        self.list_behind(first, depth)
    }

    fn list_behind(&mut self, first: Value, depth: usize) -> Result<Value, SyntaxError> {
        let mut values = vec![first];
        loop {
            let before = self.scanner.clone();
            self.scanner.blanks();
            if !self.scanner.eat(',') {
                self.scanner = before;
                break;
            }
            self.scanner.blanks_and_lines();
            if self.scanner.peek().is_none() {
                return self.scanner.unfinished("a value is missing after the last comma");
            }
            values.push(self.value(depth)?);
            self.count_word()?;
        }
        Ok(match values.pop() {
            Some(one) if values.is_empty() => one,
            last => Value::List(values.into_iter().chain(last).collect()),
        })
    }

    fn value(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        if depth > DEPTH_MAX {
            return self.scanner.error(format!("lists are more than {DEPTH_MAX} deep"));
        }
        match (self.scanner.peek(), self.scanner.peek_second()) {
            (Some('\''), _) => Ok(Value::Text(self.scanner.single_quoted()?)),
            (Some('"'), _) => Ok(Value::Text(self.scanner.double_quoted()?)),
            (Some('@'), Some('{')) => self.table(depth),
            (Some('@'), Some('(')) => {
                self.scanner.bump();
                self.listed(depth)
            }
            (Some('('), _) => self.bracketed(depth),
            (Some('{'), _) => Ok(Value::Block(self.scanner.block()?.to_owned())),
            (Some('$'), _) => self.variable(),
            (Some(','), _) => self.scanner.error("a value is missing before the comma"),
            (Some(letter), _) if ")}<>&|;\n".contains(letter) => self.scanner.error(self.stray(letter)),
            (None, _) => self.scanner.unfinished("a value is missing"),
            _ => Ok(Value::Bare(self.bare_word()?)),
        }
    }

    fn variable(&mut self) -> Result<Value, SyntaxError> {
        self.scanner.bump();
        let name =
            self.scanner.take_while(|letter| letter.is_alphanumeric() || letter == '_').to_ascii_lowercase();
        match name.as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "null" => Ok(Value::Null),
            "_" | "psitem" => {
                self.scanner.error("$_ is the object in the block of Where-Object and ForEach-Object, such as ? { $_.Size -gt 1MB }")
            }
            "" => self.scanner.error("there is no $(…) and no ${…}; quote a text that begins with $"),
            name => self.scanner.error(format!(
                "there is no ${name}: the only names with $ are $true, $false, $null, and $_ in a block; put a text with $ in single quotes"
            )),
        }
    }

    /// `(Get-Date)` with what follows it, or a list in parentheses.
    fn bracketed(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        if let Some(text) = get_date::read(&mut self.scanner, self.surroundings)? {
            return Ok(Value::Text(text));
        }
        let before = self.scanner.clone();
        let value = self.listed(depth)?;
        let has_words = match &value {
            Value::Bare(word) => number::read(word).is_none(),
            Value::List(values) => values.is_empty(),
            _ => false,
        };
        if has_words || self.scanner.peek() == Some('.') {
            return before.error("in parentheses there is only (Get-Date), (Get-Date).AddDays(-1) and lists of values; pipe one command into the next instead");
        }
        Ok(value)
    }

    /// Values up to a closing parenthesis.
    fn listed(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        let opened = self.scanner.clone();
        self.scanner.bump();
        self.scanner.blanks_and_lines();
        if self.scanner.eat(')') {
            return Ok(Value::List(Vec::new()));
        }
        let is_array = opened.since(opened.position().saturating_sub(1)) == "@";
        let mut values = Vec::new();
        loop {
            match self.list(depth + 1)? {
                Value::List(more) => values.extend(more),
                one => values.push(one),
            }
            self.scanner.blanks();
            while self.scanner.peek().is_some_and(|letter| letter == ';' || letter == '\n') {
                self.scanner.bump();
                self.scanner.blanks();
            }
            match self.scanner.peek() {
                Some(')') => {
                    self.scanner.bump();
                    break;
                }
                None => return opened.unfinished("a parenthesis is not closed"),
                Some(_) if !is_array => {
                    return opened.error("in parentheses there is only (Get-Date), (Get-Date).AddDays(-1) and lists of values; pipe one command into the next instead");
                }
                Some(_) => {}
            }
        }
        match values.pop() {
            Some(one) if values.is_empty() && !is_array => Ok(one),
            last => Ok(Value::List(values.into_iter().chain(last).collect())),
        }
    }

    /// `@{Name=value; …}`.
    fn table(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        let opened = self.scanner.clone();
        self.scanner.bump();
        self.scanner.bump();
        let mut entries = Vec::new();
        loop {
            self.scanner.blanks_and_lines();
            match self.scanner.peek() {
                None => return opened.unfinished("@{ is not closed"),
                Some('}') => {
                    self.scanner.bump();
                    return Ok(Value::Table(entries));
                }
                Some(';') => {
                    self.scanner.bump();
                    continue;
                }
                Some(_) => {}
            }
            let name = match self.scanner.peek() {
                Some('\'') => self.scanner.single_quoted()?,
                Some('"') => self.scanner.double_quoted()?,
                _ => self
                    .scanner
                    .take_while(|letter| letter.is_alphanumeric() || "_-".contains(letter))
                    .to_owned(),
            };
            self.scanner.blanks();
            if name.is_empty() || !self.scanner.eat('=') {
                return self.scanner.error("@{…} takes name=value pairs with semicolons between them, such as @{Add='a@contoso.example'}");
            }
            self.scanner.blanks_and_lines();
            let value = self.list(depth + 1)?;
            entries.push((name, value));
            self.count_word()?;
        }
    }

    /// A word up to a blank or a letter with a meaning.
    fn bare_word(&mut self) -> Result<String, SyntaxError> {
        let mut word = String::new();
        while let Some(letter) = self.scanner.peek() {
            match letter {
                '\'' => word.push_str(&self.scanner.single_quoted()?),
                '"' => word.push_str(&self.scanner.double_quoted()?),
                '`' => {
                    self.scanner.bump();
                    word.extend(self.scanner.bump().map(escaped));
                }
                '$' => {
                    self.scanner.bump();
                    self.scanner.refuse_variable()?;
                    word.push('$');
                }
                '(' | '{' => {
                    return self.scanner.error(format!("put \"{word}{letter}…\" in quotes"));
                }
                letter if letter.is_whitespace() || "|;,)}<>&".contains(letter) => break,
                letter => {
                    self.scanner.bump();
                    word.push(letter);
                }
            }
        }
        Ok(word)
    }
}

/// Whether a text goes on in the next line: something is open, or its last line end is escaped.
pub fn needs_more(text: &str, surroundings: &Surroundings) -> bool {
    let mut script = Script::new(text, 1, surroundings);
    let is_incomplete = script.by_ref().any(|one| one.is_err_and(|error| error.is_incomplete));
    is_incomplete || script.is_open()
}

impl Iterator for Script<'_> {
    type Item = Result<Statement, SyntaxError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.scanner.blanks_and_lines();
        while self.scanner.eat(';') {
            self.scanner.blanks_and_lines();
        }
        self.scanner.peek()?;
        let result = self.statement();
        if let Err(error) = &result {
            // What is open may hold the rest; otherwise the mistake ends with its line.
            let is_open = error.is_incomplete;
            self.scanner.take_while(|letter| is_open || letter != '\n');
        }
        Some(result)
    }
}

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;
