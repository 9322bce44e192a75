//! Whole pipelines over rows that are there, without a server.
//! May touch: nothing (pure).

use std::collections::BTreeMap;

use futures::executor::block_on;
use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use world::BoxedIo;

use super::chunk::{About, Chunk};
use super::plan::{self, Caller, Plan, Source};
use super::run::{Session, pipeline};
use super::syntax::Surroundings;
use super::{Outcome, Script, run_statement};
use crate::shell::{Answer, Connect, Terminal};
use crate::value::read_zone;

#[derive(Default)]
struct Screen {
    out: String,
    err: String,
    files: BTreeMap<String, String>,
}

impl Terminal for Screen {
    fn out(&mut self, bytes: &[u8]) {
        self.out.push_str(&String::from_utf8_lossy(bytes));
    }
    fn err(&mut self, text: &str) {
        self.err.push_str(text);
    }
    fn ask(&mut self, _: &str) -> Answer {
        Answer::NoTerminal
    }
    fn width(&self) -> Option<usize> {
        None
    }
    fn zone(&self) -> TimeZone {
        TimeZone::UTC
    }
    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        Err(format!("{path} does not exist"))
    }
    fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), String> {
        self.files.insert(path.into(), String::from_utf8_lossy(bytes).into_owned());
        Ok(())
    }
    fn append_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), String> {
        self.files.entry(path.into()).or_default().push_str(&String::from_utf8_lossy(bytes));
        Ok(())
    }
}

struct Nobody;

impl Connect for Nobody {
    fn connect(&self) -> BoxFuture<'_, Result<BoxedIo, String>> {
        Box::pin(async { Err("nobody listens".into()) })
    }
}

fn surroundings() -> Surroundings {
    Surroundings { now: "2026-11-20T10:00:00Z".parse().unwrap(), zone: read_zone("+02:00").unwrap() }
}

fn rows() -> Vec<Value> {
    vec![
        json!({"RecipientAddress": "ann@contoso.example", "Status": "Delivered", "Size": 2_000_000, "Received": "2026-11-20T08:00:00Z", "Subject": "One", "Events": ["RECEIVE", "DELIVER"]}),
        json!({"RecipientAddress": "bob@contoso.example", "Status": "Failed", "Size": 300, "Received": "2026-11-20T09:30:00Z", "Subject": null, "Events": ["RECEIVE", "FAIL"]}),
        json!({"RecipientAddress": "Cy@fabrikam.example", "Status": "failed", "Size": 5_000_000, "Received": "2026-11-19T07:00:00.25Z", "Subject": "Th,ree", "Events": ["RECEIVE"]}),
    ]
}

/// Runs what is behind `Get-MessageTrace |` over the rows, one by one so that portions count.
fn run(line: &str) -> Screen {
    let surroundings = surroundings();
    let text = format!("Get-MessageTrace | {line}");
    let statement = Script::new(&text, 1, &surroundings).next().unwrap();
    let statement = statement.unwrap_or_else(|error| panic!("{line}: {}", error.message));
    let mut screen = Screen::default();
    let about = About::of(crate::registry::find("Get-MessageTrace").unwrap());
    let read_file = |_: &str| Err("no files".to_owned());
    let caller = Caller { surroundings: &surroundings, read_file: &read_file, history: &[] };
    let plan = plan::of(&statement, &caller);
    let Ok(Plan::Pipeline { stages, sink, .. }) = plan else { panic!("{line}: {:?}", plan.err()) };
    let mut session = Session {
        terminal: &mut screen,
        connect: &Nobody,
        surroundings: &surroundings,
        history: &[],
        names_lines: false,
    };
    let source = Source::Rows(Chunk { about, items: rows() });
    if let Err(error) = block_on(pipeline(&mut session, 1, source, stages, sink)) {
        screen.err.push_str(&error.to_string());
    }
    screen
}

fn out(line: &str) -> String {
    let screen = run(line);
    assert_eq!(screen.err, "", "{line}");
    screen.out
}

/// The local parts of the recipients that are left.
fn who(line: &str) -> String {
    let text = out(&format!("{line} | % {{ $_.RecipientAddress }}"));
    text.lines().map(|address| address.split('@').next().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn conditions_choose_objects() {
    let table = [
        ("? Status -eq failed", "bob Cy"),
        ("? { $_.Status -eq 'Failed' -and $_.Size -gt 1MB }", "Cy"),
        ("where { $_.Status -ne 'Failed' -or $_.Size -lt 1KB }", "ann bob"),
        ("Where-Object { -not ($_.Size -ge 1MB) }", "bob"),
        ("? { !($_.Size -ge 1MB) }", "bob"),
        ("? RecipientAddress -like *@CONTOSO.example", "ann bob"),
        ("? RecipientAddress -notlike *@contoso.example", "Cy"),
        ("? RecipientAddress -like '[a-b]*'", "ann bob"),
        ("? RecipientAddress -like '?y@*'", "Cy"),
        ("? RecipientAddress -match '^(ann|cy)@'", "ann Cy"),
        ("? RecipientAddress -notmatch fabrikam", "ann bob"),
        ("? Status -in Failed,Pending", "bob Cy"),
        ("? { $_.Status -in @('Failed', 'Pending') }", "bob Cy"),
        ("? { $_.Status -notin 'Failed', 'Pending' }", "ann"),
        ("? Events -contains deliver", "ann"),
        ("? { $_.Events -notcontains 'FAIL' }", "ann Cy"),
        ("? { $_.Events.Count -eq 1 }", "Cy"),
        ("? Subject", "ann Cy"),
        ("? -not Subject", "bob"),
        ("? Subject -eq $null", "bob"),
        ("? { $null -eq $_.Subject }", "bob"),
        ("? { $_.Received -ge (Get-Date).AddHours(-1) }", "bob"),
        ("? Received -lt '2026-11-20'", "Cy"),
        ("? Received -gt '11/20/2026 11:00 AM'", "bob"),
        ("? Size -le 2000000", "ann bob"),
        ("? { $_.Size -gt 100 -and $_.Size -lt 1000 -or $_.Status -eq 'Delivered' }", "ann bob"),
        ("? Status -eq Failed | ? Size -gt 1KB", "Cy"),
        ("sort Size", "bob ann Cy"),
        ("sort Status, Size -Descending", "Cy bob ann"),
        ("Sort-Object -Property Received", "Cy ann bob"),
        ("sort Subject | select -Last 1", "Cy"),
        ("select -First 2", "ann bob"),
        ("select -Skip 1 -First 1", "bob"),
        ("select -Last 2", "bob Cy"),
        ("select -Last 1 -Skip 1", "bob"),
        ("select -Skip 5", ""),
    ];
    for (line, expected) in table {
        assert_eq!(who(line), expected, "{line}");
    }
}

#[test]
fn objects_are_shown_as_asked() {
    let table = [
        (
            "select recipientaddress, S* -First 1",
            "\
RecipientAddress     Status          Size  Subject
----------------     ---------  ---------  -------
ann@contoso.example  Delivered  2,000,000  One
",
        ),
        (
            "ft Received, Status",
            "\
Received (+02)           Status
--------------           ---------
2026-11-20 10:00:00.000  Delivered
2026-11-20 11:30:00.000  Failed
2026-11-19 09:00:00.250  failed
",
        ),
        ("select -First 1 | fl Subj*, Size", "Subject : One\nSize    : 2,000,000\n"),
        ("group Status", "Count  Name\n-----  ---------\n    1  Delivered\n    2  Failed\n"),
        ("group Status | sort Count -desc | % Name", "Failed\nDelivered\n"),
        ("measure", "Count : 3\n"),
        (
            "measure Size -Sum -Average -Maximum -Minimum",
            "Count    : 3\nAverage  : 2333433.3333333335\nSum      : 7,000,300\nMaximum  : 5,000,000\nMinimum  : 300\nProperty : Size\n",
        ),
        ("measure Received -Maximum | % Maximum", "2026-11-20T09:30:00Z\n"),
        ("select -ExpandProperty Events -Unique", "RECEIVE\nDELIVER\nFAIL\n"),
        (
            "% { $_.Events } | group",
            "Count  Name\n-----  -------\n    3  RECEIVE\n    1  DELIVER\n    1  FAIL\n",
        ),
        (
            "select Subject, Status | ConvertTo-Csv",
            "Subject,Status\nOne,Delivered\n,Failed\n\"Th,ree\",failed\n",
        ),
        ("select Size -First 1 | ConvertTo-Json -Compress", "{\"Size\":2000000}\n"),
        (
            "select Size -First 2 | ConvertTo-Json",
            "[\n  {\n    \"Size\": 2000000\n  },\n  {\n    \"Size\": 300\n  }\n]\n",
        ),
        ("? Size -gt 1TB | ft", ""),
        ("? Size -gt 1TB | measure | % Count", "0\n"),
        ("Out-Null", ""),
    ];
    for (line, expected) in table {
        let shown = out(line);
        assert_eq!(normal(&shown), normal(expected), "{line}\n{shown}");
    }
}

/// Without the rule below the heads, whose length is the table's affair.
fn normal(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with("---")).collect()
}

#[test]
fn files_are_written_in_portions() {
    let screen = run("select RecipientAddress, Size | Export-Csv -Path x.csv -NoTypeInformation");
    assert_eq!(
        screen.files.get("x.csv").unwrap(),
        "RecipientAddress,Size\r\nann@contoso.example,2000000\r\nbob@contoso.example,300\r\nCy@fabrikam.example,5000000\r\n"
    );
    assert_eq!(screen.err, "3 objects written to x.csv\n");
    let screen = run("select RecipientAddress, Size -First 1 | Export-Csv -Path x.csv -Delimiter ';'");
    assert_eq!(
        screen.files.get("x.csv").unwrap(),
        "RecipientAddress;Size\r\nann@contoso.example;2000000\r\n"
    );
    let screen = run("select RecipientAddress, Size -First 1 | Export-Csv -Path x.csv -Delimiter `t");
    assert!(screen.files.get("x.csv").unwrap().contains("ann@contoso.example\t2000000\r\n"));
    let screen = run("select RecipientAddress, Size -First 1 | ConvertTo-Csv -Delimiter '|'");
    assert!(screen.out.contains("ann@contoso.example|2000000"), "{}", screen.out);
    let screen = run("Export-Csv x.csv -Encoding utf8bom");
    assert!(
        screen.files.get("x.csv").unwrap().starts_with("\u{feff}Received,RecipientAddress,"),
        "{:?}",
        screen.files
    );
    let screen = run("ft Size | Out-File x.txt");
    assert_eq!(
        normal(screen.files.get("x.txt").unwrap()),
        normal("     Size\n     ----\n2,000,000\n      300\n5,000,000\n")
    );
    assert_eq!(screen.out, "");
    let screen = run("? Size -gt 1TB | Out-File x.txt");
    assert_eq!(screen.files.get("x.txt").unwrap(), "");
}

#[test]
fn a_slip_in_a_property_is_told() {
    for (line, warning) in [
        ("? Statuss -eq Failed", "no object has a property Statuss; did you mean Status?"),
        ("? { $_.Statuss -eq 'Failed' }", "no object has a property Statuss; did you mean Status?"),
        ("select Sise", "did you mean Size?"),
        ("sort Sise | Out-Null", "did you mean Size?"),
        ("group Frobnication", "fl * shows"),
        ("ft Sise", "did you mean Size?"),
        ("measure Sise -Sum", "did you mean Size?"),
    ] {
        let screen = run(line);
        assert!(screen.err.contains(warning), "{line}: {}", screen.err);
    }
}

fn refusal(line: &str) -> (Outcome, String) {
    let surroundings = surroundings();
    let mut screen = Screen::default();
    let statement = Script::new(line, 1, &surroundings).next().unwrap();
    let mut session = Session {
        terminal: &mut screen,
        connect: &Nobody,
        surroundings: &surroundings,
        history: &["Get-Queue".to_owned(), "help".to_owned()],
        names_lines: true,
    };
    let outcome = block_on(run_statement(&mut session, statement));
    (outcome, screen.err)
}

#[test]
fn mistakes_are_found_before_anything_runs() {
    let table = [
        (
            "Get-MessageTrace | Where-Objekt Size",
            "line 1: there is no command Where-Objekt; did you mean Where-Object?",
        ),
        ("frobnicate", "the shell knows cmdlets"),
        ("foreach ($a in $b) { $a }", "there is no foreach (…)"),
        ("if (1) { Get-Mailbox }", "there is no if"),
        ("Where-Object Size", "stands behind |"),
        ("Get-Mailbox | Get-History", "stands at the beginning"),
        ("Get-Mailbox | ? Size -foo 1", "there is no -foo"),
        ("Get-Mailbox | ? Size -eq 1 -and Name -eq x", "join conditions in a block"),
        ("Get-Mailbox | ? { $_.Size -eq }", "ends too early"),
        ("Get-Mailbox | ? { Size -eq 1 }", "Size cannot stand there"),
        ("Get-Mailbox | ? { $_.Name.ToUpper() -eq 'X' }", "cannot be called"),
        ("Get-Mailbox | ? Name -match '('", "no regular expression"),
        ("Get-Mailbox | % { Remove-Mailbox $_ }", "pipe the objects into a cmdlet"),
        ("Get-Mailbox | select @{n='x';e={$_.Name}}", "no @{…} and no block"),
        ("Get-Mailbox | select -Frist 1", "did you mean -First?"),
        ("Get-Mailbox | select -First x", "takes a whole number"),
        ("Get-Mailbox | select -E x", "may be"),
        ("Get-Mailbox | ft | sort Name", "end a line"),
        ("Get-Mailbox | Export-Csv", "needs -Path"),
        ("Get-Mailbox | Export-Csv x | ft", "nothing comes out"),
        ("Get-Mailbox | Export-Csv x -Delimiter ab", "takes one character such as ';', or `t for a tab"),
        ("Get-Mailbox | ft @{n='x';e={$_.Name}}", "cannot be calculated here; there are * in names"),
        ("Get-Mailbox -Format json | ft", "belongs to the last command"),
        ("Get-Mailbox -Bogus 1", "has no parameter -Bogus"),
        ("Get-MessageTrace -Subject a,b", "takes one value"),
        ("Get-MessageTrace -Status {x}", "a block belongs to"),
        ("Get-Mailbox --format json", "write -Format with one dash"),
        ("Set-Mailbox", "needs -Identity"),
        ("postroom Get-Mailbox", "leave the word postroom out"),
        ("Get-Mailbox -ResultSize", "has no value"),
        ("a 'b", "a single quote is not closed"),
    ];
    for (line, why) in table {
        let (outcome, error) = refusal(line);
        assert!(error.contains(why), "{line}: {error}");
        assert_eq!(outcome, Outcome::Done(2), "{line}: {error}");
        assert_eq!(error.trim_end().lines().count(), 1, "{line}: {error}");
    }
    assert_eq!(refusal("Get-Mailbox"), (Outcome::Done(1), "line 1: nobody listens\n".to_owned()));
    assert_eq!(refusal("exit 3").0, Outcome::Exit(Some(3)));
    assert_eq!(refusal("QUIT").0, Outcome::Exit(None));
}

proptest::proptest! {
    #[test]
    fn no_block_panics(source in "\\PC{0,40}|( |\\$_\\.Size|\\$_|-and|-not|-eq|-like|-match|'\\[a*'|1KB|\\(|\\)|,|!|@\\(){0,16}") {
        if let Ok(expression) = super::expression::Expression::read(&source, &surroundings()) {
            for row in rows() {
                let _ = expression.holds(&row, &TimeZone::UTC);
            }
        }
    }
}

#[test]
fn the_name_of_a_server_is_where_the_tracking_log_is_read() {
    let cmdlet = crate::registry::find("Get-MessageTrackingLog").unwrap();
    let arguments = crate::Arguments::new(cmdlet, TimeZone::UTC);
    let prepared = super::bind::Prepared { arguments, format: None, zone: TimeZone::UTC };
    let server = json!({"Identity": "mx1", "Name": "mx1", "QueueGlitchRetryCount": 4});
    let bound = super::bind::with_object(&prepared, &server, "TransportService").unwrap();
    assert_eq!(bound.text("Server"), Some("mx1"));
    assert!(super::bind::with_object(&prepared, &json!({"Name": "Kim"}), "Mailbox").is_err());
}

/// What a cmdlet is called with for an object of the pipe.
fn called(line: &str, item: &Value) -> Result<Value, String> {
    let surroundings = surroundings();
    let statement = Script::new(line, 1, &surroundings).next().unwrap().unwrap();
    let super::syntax::Element::Command(command) = &statement.elements[0] else { panic!("{line}") };
    let cmdlet = super::bind::cmdlet(&command.name).unwrap();
    let read_file = |_: &str| Err("no files".to_owned());
    let prepared = super::bind::read(cmdlet, command, &surroundings.zone, &read_file).unwrap().unwrap();
    let arguments = super::bind::with_object(&prepared, item, "");
    arguments.map(|one| one.to_json().into()).map_err(|error| error.to_string())
}

#[test]
fn an_object_fills_a_parameter_by_a_property_of_another_name_too() {
    let id = "01936f0a-0000-7000-8000-00000000000a";
    for (line, item, parameter, value) in [
        (
            "Get-MessageTrackingReport -ReportTemplate Summary",
            json!({"MessageTrackingReportId": "x,y", "Subject": "many"}),
            "Identity",
            "x,y",
        ),
        (
            "Get-TraceCause",
            json!({"CauseId": "mailbox-full", "MessageTraceId": id}),
            "Identity",
            "mailbox-full",
        ),
        ("Get-MessageTraceTree", json!({"NetworkMessageId": id}), "MessageTraceId", id),
        ("Get-MessageTrackingLog", json!({"MessageTraceId": id}), "NetworkMessageId", id),
        ("Get-HistoricalSearch", json!({"JobId": id}), "JobId", id),
    ] {
        let found = called(line, &item).unwrap();
        assert_eq!(found[parameter], value, "{line}: {found}");
    }
    let refused = called("Get-MessageTrackingReport", &json!({"Subject": "many"})).unwrap_err();
    assert!(refused.contains("-Identity (MessageTrackingReportId)"), "{refused}");
}

#[test]
fn typographic_dashes_begin_parameters_and_operators() {
    let found = called(
        "Get\u{2013}MessageTraceTree \u{2013}MessageTraceId \u{2018}01936f0a-0000-7000-8000-00000000000a\u{2019}",
        &json!({"Identity": "x"}),
    );
    assert!(found.unwrap_err().contains("takes"), "what was typed stands");
    assert_eq!(who("? { $_.Status \u{2013}eq \u{201c}Delivered\u{201d} }"), "ann");
    assert_eq!(who("? Status \u{2014}eq \u{2018}Delivered\u{2019}"), "ann");
}
