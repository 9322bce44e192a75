//! What lines are read as, and which are refused.
//! May touch: nothing (pure).

use jiff::tz::TimeZone;

use super::*;

fn surroundings() -> Surroundings {
    Surroundings { now: "2026-11-20T10:00:00Z".parse().unwrap(), zone: TimeZone::UTC }
}

fn all(text: &str) -> Vec<Result<Statement, SyntaxError>> {
    Script::new(text, 1, &surroundings()).collect()
}

fn one(text: &str) -> Statement {
    let mut all = all(text);
    assert_eq!(all.len(), 1, "{text}: {all:?}");
    all.remove(0).unwrap()
}

fn value(text: &str) -> Value {
    match one(&format!("x {text}")).elements.remove(0) {
        Element::Command(mut command) => match command.arguments.remove(0) {
            Argument::Value(value) => value,
            other => panic!("{text}: {other:?}"),
        },
        other => panic!("{text}: {other:?}"),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn bare(text: &str) -> Value {
    Value::Bare(text.into())
}

#[test]
fn values_are_read_as_powershell_reads_them() {
    let table = [
        ("abc", bare("abc")),
        ("kim@contoso.example", bare("kim@contoso.example")),
        ("mx1\\3", bare("mx1\\3")),
        ("*", bare("*")),
        ("-5", bare("-5")),
        ("10MB", bare("10MB")),
        ("'it''s $5'", text("it's $5")),
        // What word processors make of quotes; within others they are letters.
        ("\u{2018}joe@out.example\u{2019}", text("joe@out.example")),
        ("\u{201a}a b\u{201b}", text("a b")),
        ("\u{201c}it\u{2019}s\u{201d}", text("it\u{2019}s")),
        ("\u{201e}a b\"", text("a b")),
        ("'\u{201e}a\u{201d}'", text("\u{201e}a\u{201d}")),
        ("'it\u{2019}\u{2019}s'", text("it\u{2019}s")),
        ("\u{2014}5", bare("\u{2014}5")),
        ("\"a`\"b`tc\"\"d\"", text("a\"b\tc\"d")),
        ("\"cost: $5\"", text("cost: $5")),
        ("\"`$true\"", text("$true")),
        ("a` b", bare("a b")),
        ("$TRUE", Value::Bool(true)),
        ("$false", Value::Bool(false)),
        ("$Null", Value::Null),
        ("a,b", Value::List(vec![bare("a"), bare("b")])),
        ("a, 'b' ,c", Value::List(vec![bare("a"), text("b"), bare("c")])),
        ("@('a','b')", Value::List(vec![text("a"), text("b")])),
        ("@('a')", Value::List(vec![text("a")])),
        ("@()", Value::List(vec![])),
        ("('a')", text("a")),
        ("(1, 2)", Value::List(vec![bare("1"), bare("2")])),
        ("@{a=1;b='x'}", Value::Table(vec![("a".into(), bare("1")), ("b".into(), text("x"))])),
        (
            "@{Add='a','b'; Remove=\"c\"}",
            Value::Table(vec![
                ("Add".into(), Value::List(vec![text("a"), text("b")])),
                ("Remove".into(), text("c")),
            ]),
        ),
        ("{ $_.A -eq '}' }", Value::Block(" $_.A -eq '}' ".into())),
        ("{ a { b } }", Value::Block(" a { b } ".into())),
        ("(Get-Date)", text("2026-11-20T10:00:00+00:00")),
        ("(get-date).AddDays(-1)", text("2026-11-19T10:00:00+00:00")),
        ("(Get-Date).AddDays(-1).Date", text("2026-11-19T00:00:00+00:00")),
        ("(Get-Date).AddHours(-1.5)", text("2026-11-20T08:30:00+00:00")),
        ("(Get-Date '2026-01-31').AddMonths(1)", text("2026-02-28T00:00:00+00:00")),
        ("(Get-Date -Date 2026-01-31)", text("2026-01-31T00:00:00+00:00")),
    ];
    for (typed, expected) in table {
        assert_eq!(value(typed), expected, "{typed}");
    }
}

#[test]
fn days_keep_the_time_of_day_over_a_change_of_the_clock() {
    let surroundings = Surroundings {
        now: "2026-10-25T11:00:00Z".parse().unwrap(),
        zone: TimeZone::get("Europe/Berlin").unwrap(),
    };
    let mut script = Script::new("(Get-Date).AddDays(-1)", 1, &surroundings);
    let statement = script.next().unwrap().unwrap();
    assert_eq!(statement.elements, [Element::Values(vec![text("2026-10-24T12:00:00+02:00")])]);
}

#[test]
fn names_of_parameters_and_their_values() {
    let Element::Command(command) =
        one("Get-X -Name value -Flag:$false -Other:'a b' -? -5").elements.remove(0)
    else {
        panic!("a command")
    };
    let name = |name: &str, has_colon| Argument::Name { name: name.into(), has_colon };
    assert_eq!(
        command.arguments,
        [
            name("Name", false),
            Argument::Value(bare("value")),
            name("Flag", true),
            Argument::Value(Value::Bool(false)),
            name("Other", true),
            Argument::Value(text("a b")),
            name("?", false),
            Argument::Value(bare("-5")),
        ]
    );
}

#[test]
fn statements_pipes_comments_and_continued_lines() {
    let table: &[(&str, &[&str], usize)] = &[
        ("a; b\nc", &["a", "b", "c"], 1),
        ("a # not this; b", &["a # not this; b"], 1),
        ("# only a comment\n\n  ;;", &[], 0),
        ("a <# b\n c #> -d", &["a <# b\n c #> -d"], 1),
        ("a |\n  b |\r\n c", &["a |\n  b |\r\n c"], 3),
        ("a -b `\n  c", &["a -b `\n  c"], 1),
        ("a x,\n y", &["a x,\n y"], 1),
        ("a | ? { $_.X -eq ';' } | ft", &["a | ? { $_.X -eq ';' } | ft"], 3),
        ("a 'x; y | z'", &["a 'x; y | z'"], 1),
        ("a x#y", &["a x#y"], 1),
    ];
    for (script, texts, elements) in table {
        let read: Vec<Statement> = all(script).into_iter().map(|one| one.unwrap()).collect();
        assert_eq!(read.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), *texts, "{script:?}");
        assert_eq!(read.first().map_or(0, |one| one.elements.len()), *elements, "{script:?}");
    }
}

#[test]
fn what_there_is_not_is_refused_with_what_there_is() {
    let table = [
        ("$x = 1", "there is no $x"),
        ("a $x", "there is no $x"),
        ("a $_.X", "block of Where-Object"),
        ("a \"$x\"", "single quotes"),
        ("a \"$(b)\"", "single quotes"),
        ("a $(b)", "no $(…)"),
        ("a (Get-Mailbox)", "only (Get-Date)"),
        ("a (Get-Date).Foo()", ".AddDays(n)"),
        ("a (Get-Date).AddDays(x)", ".AddDays(n)"),
        ("a > b", "Out-File"),
        ("a -MessageId <x@y>", "< moves nothing"),
        ("a && b", "& calls nothing"),
        ("a || b", "|| joins nothing"),
        ("| a", "missing before |"),
        ("a | | b", "missing before |"),
        ("a )", "closes nothing"),
        ("a @{x}", "name=value"),
        ("{ a }", "a block stands behind"),
        ("x = 5", "no variables"),
        ("& a", "a command is missing before &"),
    ];
    for (line, why) in table {
        let errors: Vec<SyntaxError> = all(line).into_iter().filter_map(Result::err).collect();
        assert!(errors.first().is_some_and(|error| error.message.contains(why)), "{line}: {errors:?}");
        assert!(errors.iter().all(|error| !error.is_incomplete), "{line}: {errors:?}");
    }
}

#[test]
fn what_is_not_finished_is_told_apart() {
    for line in ["a 'x", "a \"x", "a |", "a | ", "a { b", "a @{x=1", "a @('x'", "a x,", "a (Get-Date"] {
        let all = all(line);
        assert!(matches!(all.as_slice(), [Err(error)] if error.is_incomplete), "{line}: {all:?}");
    }
}

#[test]
fn a_text_that_goes_on_is_known() {
    for text in ["a |\n", "a 'x\n", "a `\n", "<# x\n", "a { b\n", "a x,\n"] {
        assert!(needs_more(text, &surroundings()), "{text:?}");
    }
    for text in ["", "a\n", "a # b\n", "a $x\n", "<# x #>\n", "a `\n b\n", "a | ? { $_.X }\n"] {
        assert!(!needs_more(text, &surroundings()), "{text:?}");
    }
}

#[test]
fn a_mistake_costs_its_line_only() {
    let read = all("a\nb $x; c\n\nd");
    assert_eq!(read.len(), 3);
    assert_eq!(read[1].as_ref().unwrap_err().line, 2);
    assert_eq!(read[2].as_ref().unwrap().line, 4);
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,60}|([-|;,{}()@'\"`$_.\n =#<>]|Get-Date|a){0,40}") {
        for statement in all(&text).into_iter().flatten() {
            for element in &statement.elements {
                if let Element::Command(command) = element {
                    for argument in &command.arguments {
                        if let Argument::Value(value) = argument {
                            let _ = value.to_json();
                        }
                    }
                }
            }
        }
    }
}
