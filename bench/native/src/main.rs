//! The mock upstream and the load generator of the benchmark. Linux only: it reads another process's CPU clock.
//!
//! ```text
//! calendar-bench-native upstream
//! calendar-bench-native load PORT PID CONNECTIONS REQUESTS STATUS   < the raw HTTP request
//! calendar-bench-native cold PORT STATUS PROGRAM ARGUMENT…          < the raw HTTP request
//! ```

mod cold;
mod http;
mod load;
mod process;
mod upstream;

use std::io::Read as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("calendar-bench-native: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), String> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["upstream"] => upstream::serve(),
        ["load", port, pid, connections, requests, status] => load::run(&load::Plan {
            port: number(port)?,
            pid: number(pid)?,
            connections: number(connections)?,
            requests: number(requests)?,
            status: number(status)?,
            request: standard_input()?,
        }),
        ["cold", port, status, program, rest @ ..] => cold::run(
            number(port)?,
            number(status)?,
            &standard_input()?,
            program,
            rest,
        ),
        _ => Err("expected: upstream | load … | cold …".to_owned()),
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is not a number that fits here"))
}

fn standard_input() -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}
