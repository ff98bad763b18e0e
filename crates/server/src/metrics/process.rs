//! The process, as the system tells of it. What it does not tell is left out.

use super::text::{Exposition, Kind};
use base::Timestamp;
use std::fs;

/// Adds the families that every program has.
pub(super) fn tell(text: &mut Exposition, started: Timestamp) {
    text.single(
        "process_start_time_seconds",
        Kind::Gauge,
        "When the server started, in seconds after 1970.",
        started.as_millis() / 1_000,
    );
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for (name, field, help) in [
        (
            "process_resident_memory_bytes",
            "VmRSS:",
            "Memory that is in use.",
        ),
        (
            "process_virtual_memory_bytes",
            "VmSize:",
            "Addresses that are in use.",
        ),
    ] {
        if let Some(bytes) = memory(&status, field) {
            text.single(name, Kind::Gauge, help, bytes);
        }
    }
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let per_second = rustix::param::clock_ticks_per_second();
    if let Some(seconds) = processor_seconds(&stat, per_second) {
        text.single(
            "process_cpu_seconds_total",
            Kind::Counter,
            "Time on processors.",
            seconds,
        );
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        text.single(
            "process_open_fds",
            Kind::Gauge,
            "Files that are open.",
            files.count(),
        );
    }
}

/// A line such as `VmRSS:     1234 kB`.
fn memory(status: &str, field: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    kib.checked_mul(1_024)
}

/// The time in the program and in the system for it: fields 14 and 15, of which the second may have
/// spaces and parentheses.
fn processor_seconds(stat: &str, per_second: u64) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let ticks = fields
        .next()?
        .parse::<u32>()
        .ok()?
        .checked_add(fields.next()?.parse().ok()?)?;
    let per_second = u32::try_from(per_second).ok().filter(|ticks| *ticks > 0)?;
    Some(f64::from(ticks) / f64::from(per_second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_in_bytes() {
        let status = "Name:\tx\nVmSize:\t   10 kB\nVmRSS:\t    2 kB\n";

        assert_eq!(memory(status, "VmRSS:"), Some(2_048));
        assert_eq!(memory(status, "VmSize:"), Some(10_240));
        assert_eq!(memory(status, "VmPin:"), None);
    }

    #[test]
    fn time_is_found_behind_any_name() {
        let stat = "7 (a) b) c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0";

        assert_eq!(processor_seconds(stat, 100), Some(2.0));
        assert_eq!(processor_seconds("", 100), None);
        assert_eq!(processor_seconds(stat, 0), None);
    }

    #[test]
    fn this_process_is_told_of() {
        let mut text = Exposition::default();

        tell(&mut text, Timestamp::from_millis(12_345));

        let text = text.finish();
        assert!(text.contains("\nprocess_start_time_seconds 12\n"));
        for name in [
            "process_resident_memory_bytes",
            "process_virtual_memory_bytes",
            "process_cpu_seconds_total",
            "process_open_fds",
        ] {
            assert!(text.contains(&format!("\n{name} ")), "{name}");
        }
    }
}
