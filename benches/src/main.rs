//! The load driver of `make bench`: SMTP and LMTP load that cycles through recipients, syncs a second, and the time from
//! a `250` to the row in a search.
//!
//! May touch: sockets on loopback, the Unix socket of a server, files in a folder it is given, threads, time.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a driver stands outside the product and uses the real machine"
)]

mod client;
mod figures;
mod probe;
mod smtp;
mod syncs;

use std::process::ExitCode;

use figures::Arguments;

const USAGE: &str = "usage: load COMMAND key=value …
  smtp   port= sessions= messages= size= from= to= [recipients=1] [reuse=no]   {} in `to` is the recipient's number
  probe  port= socket= count= to=                                              from the 250 to the row of a search
  syncs  folder= [seconds=1]                                                   fdatasync a second";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let arguments = Arguments::read(words);
    let done = match command.as_str() {
        "smtp" => smtp::run(&arguments),
        "probe" => probe::run(&arguments),
        "syncs" => syncs::run(&arguments),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}
