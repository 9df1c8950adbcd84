//! A cold start: from the spawn of a process to its first answer.

use std::io::Write as _;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::http::{self, Reader};
use crate::process::{cpu_time, resident_kib};

const PATIENCE: Duration = Duration::from_secs(30);
const BETWEEN_TRIES: Duration = Duration::from_micros(200);

/// Prints one line of JSON: milliseconds and CPU milliseconds to the first answer, and the memory after it.
pub fn run(
    port: u16,
    status: u16,
    request: &[u8],
    program: &str,
    arguments: &[&str],
) -> Result<(), String> {
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| format!("{program} does not start: {error}"))?;
    let outcome = first_answer(&mut child, port, status, request, started);
    // It may have ended by itself; either way it is gone after the wait.
    let _ = child.kill();
    let _ = child.wait();
    println!("{}", outcome?);
    Ok(())
}

fn first_answer(
    child: &mut Child,
    port: u16,
    wanted: u16,
    request: &[u8],
    started: Instant,
) -> Result<String, String> {
    let mut stream = connect(child, port, started)?;
    let broke = |error: std::io::Error| format!("the first connection broke: {error}");
    stream.set_nodelay(true).map_err(broke)?;
    stream.write_all(request).map_err(broke)?;
    let status = Reader::new(stream)
        .next(|answer| http::status(answer.head))
        .map_err(broke)?
        .ok_or("the server closed the first connection")?
        .map_err(broke)?;
    let wall = started.elapsed();
    if status != wanted {
        return Err(format!("the first answer was {status} instead of {wanted}"));
    }
    let pid = child.id() as i32;
    Ok(format!(
        "{{\"ms\":{},\"cpu_ms\":{},\"rss_kib\":{}}}",
        wall.as_secs_f64() * 1e3,
        cpu_time(pid)?.as_secs_f64() * 1e3,
        resident_kib(pid)?,
    ))
}

fn connect(child: &mut Child, port: u16, started: Instant) -> Result<TcpStream, String> {
    loop {
        if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) {
            return Ok(stream);
        }
        if let Ok(Some(status)) = child.try_wait() {
            return Err(format!("the server ended before it listened: {status}"));
        }
        if started.elapsed() > PATIENCE {
            return Err("the server does not listen".to_owned());
        }
        std::thread::sleep(BETWEEN_TRIES);
    }
}
