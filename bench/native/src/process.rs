//! What Linux knows about another process.

use std::time::Duration;

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

unsafe extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

/// CPU time of all threads of a process since its start, ended threads included; exact to the nanosecond, where
/// /proc/PID/stat counts hundredths of a second.
pub fn cpu_time(pid: i32) -> Result<Duration, String> {
    // The clock id of a process, as clock_getcpuclockid(3) makes it: CPUCLOCK_SCHED of the inverted pid.
    let clock = (!pid << 3) | 2;
    let mut time = Timespec {
        seconds: 0,
        nanoseconds: 0,
    };
    // SAFETY: the pointer is to a timespec of the platform's layout (64-bit Linux) that lives through the call.
    if unsafe { clock_gettime(clock, &raw mut time) } != 0 {
        return Err(format!("there is no CPU clock of process {pid}"));
    }
    Ok(Duration::new(time.seconds as u64, time.nanoseconds as u32))
}

/// Resident memory of a process, in KiB.
pub fn resident_kib(pid: i32) -> Result<u64, String> {
    let path = format!("/proc/{pid}/status");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    text.lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .ok_or_else(|| format!("{path} has no VmRSS"))
}
