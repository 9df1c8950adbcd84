//! Load: one request over and over, on connections that are kept, each waiting for its answer before it sends again.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::http::{self, Reader};
use crate::process::{cpu_time, resident_kib};

pub struct Plan {
    pub port: u16,
    pub pid: i32,
    pub connections: usize,
    pub requests: u64,
    pub status: u16,
    pub request: Vec<u8>,
}

/// Prints one line of JSON: requests, seconds, p50 and p99 and the server's CPU time per request in microseconds.
pub fn run(plan: &Plan) -> Result<(), String> {
    let left = AtomicU64::new(plan.requests);
    let ready = Barrier::new(plan.connections + 1);
    let (worked, wall, cpu) = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..plan.connections)
            .map(|_| scope.spawn(|| work(plan, &left, &ready)))
            .collect();
        ready.wait();
        let (started, before) = (Instant::now(), cpu_time(plan.pid));
        let worked: Vec<_> = workers
            .into_iter()
            .map(|worker| worker.join().map_err(|_| "a worker panicked".to_owned()))
            .collect();
        (worked, started.elapsed(), (before, cpu_time(plan.pid)))
    });
    let mut latencies = Vec::with_capacity(plan.requests as usize);
    for worker in worked {
        latencies.extend(worker??);
    }
    latencies.sort_unstable();
    let cpu = cpu.1?.saturating_sub(cpu.0?);
    println!(
        "{{\"requests\":{},\"seconds\":{},\"p50_us\":{},\"p99_us\":{},\"cpu_us\":{},\"rss_kib\":{}}}",
        latencies.len(),
        wall.as_secs_f64(),
        micros(percentile(&latencies, 50)),
        micros(percentile(&latencies, 99)),
        micros(cpu) / latencies.len().max(1) as f64,
        resident_kib(plan.pid)?,
    );
    Ok(())
}

fn work(plan: &Plan, left: &AtomicU64, ready: &Barrier) -> Result<Vec<Duration>, String> {
    let connected = TcpStream::connect(("127.0.0.1", plan.port));
    // Reached on failure too: the others wait for everybody.
    ready.wait();
    let stream = connected.map_err(|error| format!("cannot connect: {error}"))?;
    let failed = |error: std::io::Error| format!("the connection broke: {error}");
    stream.set_nodelay(true).map_err(failed)?;
    let mut writer = stream.try_clone().map_err(failed)?;
    let mut reader = Reader::new(stream);
    let mut latencies = Vec::new();
    while take_one(left) {
        let sent = Instant::now();
        writer.write_all(&plan.request).map_err(failed)?;
        let judged = reader.next(|answer| {
            let status = http::status(answer.head).unwrap_or(0);
            if status == plan.status {
                return Ok(());
            }
            let body = String::from_utf8_lossy(answer.body).into_owned();
            Err(format!(
                "answered {status} instead of {}: {body}",
                plan.status
            ))
        });
        judged
            .map_err(failed)?
            .ok_or("the server closed the connection")??;
        latencies.push(sent.elapsed());
    }
    Ok(latencies)
}

fn take_one(left: &AtomicU64) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(1)
    })
    .is_ok()
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
