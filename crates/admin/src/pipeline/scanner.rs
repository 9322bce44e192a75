//! Letters of a line: quotes, escapes, comments, braces.
//! May touch: nothing (pure).

use super::syntax::SyntaxError;

/// A quote as PowerShell takes it: the typographic ones, which word processors and web pages make of them, count as
/// those of the keyboard. Every other letter is itself.
pub(crate) fn plain_quote(letter: char) -> char {
    match letter {
        '\u{2018}'..='\u{201b}' => '\'',
        '\u{201c}'..='\u{201e}' => '"',
        other => other,
    }
}

/// The same of dashes, where a dash has a meaning: en dash, em dash and horizontal bar.
pub(crate) fn plain_dash(letter: char) -> char {
    match letter {
        '\u{2013}'..='\u{2015}' => '-',
        other => other,
    }
}

/// A place in a text, and what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    is_open: bool,
}

impl<'a> Scanner<'a> {
    /// At the first letter; `line` is its number.
    pub(crate) fn new(text: &'a str, line: usize) -> Scanner<'a> {
        Scanner { text, at: 0, line, is_open: false }
    }

    /// True when the text ended in a comment or an escaped line end.
    pub(crate) fn is_open(&self) -> bool {
        self.is_open
    }

    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn position(&self) -> usize {
        self.at
    }

    pub(crate) fn line(&self) -> usize {
        self.line
    }

    /// The text from `start` to here.
    pub(crate) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The next letter; a typographic quote is the plain one.
    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next().map(plain_quote)
    }

    /// Whether a dash is next, and a letter behind it for which that means something.
    pub(crate) fn is_at_dash(&self, is_meant: impl Fn(char) -> bool) -> bool {
        let mut letters = self.rest().chars();
        letters.next().map(plain_dash) == Some('-') && letters.next().is_some_and(is_meant)
    }

    /// The letter after the next one.
    pub(crate) fn peek_second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    pub(crate) fn bump(&mut self) -> Option<char> {
        let letter = self.rest().chars().next()?;
        self.at += letter.len_utf8();
        if letter == '\n' {
            self.line += 1;
        }
        Some(letter)
    }

    /// Steps over the letter if it is the next one.
    pub(crate) fn eat(&mut self, letter: char) -> bool {
        let is_next = self.peek() == Some(letter);
        if is_next {
            self.bump();
        }
        is_next
    }

    pub(crate) fn take_while(&mut self, is_wanted: impl Fn(char) -> bool) -> &'a str {
        let start = self.at;
        while self.peek().is_some_and(&is_wanted) {
            self.bump();
        }
        self.since(start)
    }

    pub(crate) fn error<T>(&self, message: impl Into<String>) -> Result<T, SyntaxError> {
        Err(SyntaxError { message: message.into(), line: self.line, is_incomplete: false })
    }

    pub(crate) fn unfinished<T>(&self, message: impl Into<String>) -> Result<T, SyntaxError> {
        Err(SyntaxError { message: message.into(), line: self.line, is_incomplete: true })
    }

    /// Steps over blanks, comments and escaped line ends, not over line ends themselves.
    pub(crate) fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            if rest.starts_with("<#") {
                self.block_comment();
            } else if rest.starts_with('#') {
                self.take_while(|letter| letter != '\n');
            } else if rest.starts_with("`\n") || rest.starts_with("`\r\n") {
                self.take_while(|letter| letter != '\n');
                self.bump();
                self.is_open |= self.rest().is_empty();
            } else if self.peek().is_some_and(|letter| letter.is_whitespace() && letter != '\n') {
                self.bump();
            } else {
                return;
            }
        }
    }

    /// The same with line ends.
    pub(crate) fn blanks_and_lines(&mut self) {
        self.blanks();
        while self.eat('\n') {
            self.blanks();
        }
    }

    fn block_comment(&mut self) {
        while !self.rest().is_empty() && !self.rest().starts_with("#>") {
            self.bump();
        }
        self.is_open |= self.rest().is_empty();
        self.bump();
        self.bump();
    }

    /// A text in single quotes; `''` stands for one quote.
    pub(crate) fn single_quoted(&mut self) -> Result<String, SyntaxError> {
        let opened = self.clone();
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return opened.unfinished("a single quote is not closed"),
                Some(letter) if plain_quote(letter) == '\'' => match self.peek() {
                    Some('\'') => text.extend(self.bump()),
                    _ => return Ok(text),
                },
                Some(letter) => text.push(letter),
            }
        }
    }

    /// A text in double quotes; `""` stands for one quote, a backtick escapes.
    pub(crate) fn double_quoted(&mut self) -> Result<String, SyntaxError> {
        let opened = self.clone();
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                None => return opened.unfinished("a double quote is not closed"),
                Some(letter) if plain_quote(letter) == '"' => match self.peek() {
                    Some('"') => text.extend(self.bump()),
                    _ => return Ok(text),
                },
                Some('`') => text.extend(self.bump().map(escaped)),
                Some('$') => {
                    self.refuse_variable()?;
                    text.push('$');
                }
                Some(letter) => text.push(letter),
            }
        }
    }

    /// After a `$` in a text: what PowerShell would replace there is refused, not left as it is.
    pub(crate) fn refuse_variable(&self) -> Result<(), SyntaxError> {
        if self.peek().is_some_and(|letter| letter.is_alphabetic() || "_({".contains(letter)) {
            return self.error(
                "a text takes no variables and no $(…); use single quotes, or a backtick before the $",
            );
        }
        Ok(())
    }

    /// What stands in braces, unread.
    pub(crate) fn block(&mut self) -> Result<&'a str, SyntaxError> {
        let opened = self.clone();
        self.bump();
        let start = self.at;
        let mut depth = 1_usize;
        loop {
            match self.peek() {
                None => return opened.unfinished("a brace is not closed"),
                Some('\'') => drop(self.single_quoted()?),
                Some('"') => self.skip_double_quoted(&opened)?,
                Some('#') => drop(self.take_while(|letter| letter != '\n')),
                Some('{') => {
                    depth += 1;
                    self.bump();
                }
                Some('}') => {
                    depth -= 1;
                    let inside = self.since(start);
                    self.bump();
                    if depth == 0 {
                        return Ok(inside);
                    }
                }
                Some(_) => drop(self.bump()),
            }
        }
    }

    fn skip_double_quoted(&mut self, opened: &Scanner<'_>) -> Result<(), SyntaxError> {
        self.bump();
        loop {
            match self.bump() {
                None => return opened.unfinished("a double quote is not closed"),
                Some(letter) if plain_quote(letter) == '"' => return Ok(()),
                Some('`') => drop(self.bump()),
                Some(_) => {}
            }
        }
    }
}

/// What a backtick before the letter means.
pub(crate) fn escaped(letter: char) -> char {
    match letter {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'e' => '\u{1b}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        other => other,
    }
}
