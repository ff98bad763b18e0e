//! What is read off a load and off a process.

use crate::Error;
use serde::Serialize;
use std::time::Duration;

/// What one load gave.
pub(crate) struct Sample {
    elapsed: Duration,
    cpu: Duration,
    /// Nanoseconds, ascending.
    latencies: Vec<u32>,
}

impl Sample {
    pub(crate) fn new(mut latencies: Vec<u32>, elapsed: Duration, cpu: Duration) -> Self {
        latencies.sort_unstable();
        Self {
            elapsed,
            cpu,
            latencies,
        }
    }

    /// How many answers were measured.
    pub(crate) fn requests(&self) -> usize {
        self.latencies.len()
    }

    /// The numbers to compare.
    pub(crate) fn figures(&self) -> Figures {
        let requests = self.requests() as f64;
        Figures {
            per_second: quotient(requests, self.elapsed.as_secs_f64()),
            cpu_us: quotient(self.cpu.as_secs_f64() * 1e6, requests),
            p50_ms: percentile(&self.latencies, 50) / 1e6,
            p99_ms: percentile(&self.latencies, 99) / 1e6,
        }
    }
}

/// The numbers of one measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Figures {
    /// Requests answered per second.
    pub(crate) per_second: f64,
    /// Microseconds of processor time that the server used per request.
    pub(crate) cpu_us: f64,
    /// Half of the answers took no longer, in milliseconds.
    pub(crate) p50_ms: f64,
    /// 99 of 100 answers took no longer, in milliseconds.
    pub(crate) p99_ms: f64,
}

impl Figures {
    /// The median of each number over all rounds.
    pub(crate) fn medians(rounds: &[Self]) -> Self {
        let of = |number: fn(&Self) -> f64| median(rounds.iter().map(number).collect());
        Self {
            per_second: of(|figures| figures.per_second),
            cpu_us: of(|figures| figures.cpu_us),
            p50_ms: of(|figures| figures.p50_ms),
            p99_ms: of(|figures| figures.p99_ms),
        }
    }
}

/// The middle of `values`, or the mean of the two in the middle. 0 without any.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let at = |place: usize| values.get(place).copied().unwrap_or_default();
    if values.len() % 2 == 1 {
        at(middle)
    } else {
        f64::midpoint(at(middle.saturating_sub(1)), at(middle))
    }
}

/// `a / b`, and 0 when there is nothing to divide by.
pub(crate) fn quotient(a: f64, b: f64) -> f64 {
    if b > 0.0 { a / b } else { 0.0 }
}

/// The least value that `percent` of 100 values do not exceed. `sorted` is ascending.
fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    let value = sorted.get(rank.saturating_sub(1)).copied();
    f64::from(value.unwrap_or_default())
}

/// The processor time that process `pid` has used, in user and kernel.
pub(crate) fn cpu_time(pid: u32) -> Result<Duration, Error> {
    ticked(pid, 11)
}

fn ticked(pid: u32, field: usize) -> Result<Duration, Error> {
    let path = format!("/proc/{pid}/stat");
    let stat = read(&path)?;
    let ticks = ticks(&stat, field).ok_or(Error::Proc(path))?;
    let per_second = rustix::param::clock_ticks_per_second() as f64;
    Ok(Duration::from_secs_f64(quotient(ticks as f64, per_second)))
}

/// The processor time that the ended children of process `pid` have used.
pub(crate) fn children_cpu_time(pid: u32) -> Result<Duration, Error> {
    ticked(pid, 13)
}

/// The memory of process `pid` that is in RAM, in KiB.
pub(crate) fn resident_kib(pid: u32) -> Result<u64, Error> {
    let path = format!("/proc/{pid}/status");
    resident(&read(&path)?).ok_or(Error::Proc(path))
}

fn read(path: &str) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(Error::io(path))
}

/// The sum of two fields, the first of them `field` after the name: 11 the process's own, 13 its
/// children's. The name in parentheses may hold anything.
fn ticks(stat: &str, field: usize) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut times = after_name.split_ascii_whitespace().skip(field);
    let user: u64 = times.next()?.parse().ok()?;
    let system: u64 = times.next()?.parse().ok()?;
    user.checked_add(system)
}

fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn figures_are_per_second_and_per_request() {
        let latencies: Vec<u32> = (1..=100).rev().map(|n| n * 1_000_000).collect();
        let sample = Sample::new(
            latencies,
            Duration::from_millis(500),
            Duration::from_millis(2),
        );

        let figures = sample.figures();

        assert_eq!(
            figures,
            Figures {
                per_second: 200.0,
                cpu_us: 20.0,
                p50_ms: 50.0,
                p99_ms: 99.0
            }
        );
    }

    #[test]
    fn nothing_measured_gives_zeros() {
        let sample = Sample::new(Vec::new(), Duration::ZERO, Duration::ZERO);

        assert_eq!(sample.figures(), Figures::default());
        assert_eq!(Figures::medians(&[]), Figures::default());
    }

    #[test]
    fn each_number_has_its_own_median() {
        let round = |per_second, cpu_us| Figures {
            per_second,
            cpu_us,
            p50_ms: 1.0,
            p99_ms: per_second,
        };

        let medians = Figures::medians(&[round(3.0, 1.0), round(1.0, 2.0), round(2.0, 9.0)]);

        assert_eq!(medians, round(2.0, 2.0));
    }

    #[test]
    fn an_even_number_of_values_has_the_mean_of_the_middle_two() {
        assert_eq!(median(vec![4.0, 1.0, 3.0, 100.0]), 3.5);
        assert_eq!(median(vec![7.0]), 7.0);
    }

    #[test]
    fn a_process_name_cannot_confuse_the_ticks() {
        let stat = "42 (a) b (c)) S 1 42 42 0 -1 4194560 100 0 0 0 1234 66 3 4 20 0 3 0 5 6 7";

        assert_eq!(ticks(stat, 11), Some(1_300));
        assert_eq!(ticks(stat, 13), Some(7));
        assert_eq!(ticks("42 (a) S 1", 11), None);
        assert_eq!(ticks("", 11), None);
    }

    #[test]
    fn resident_memory_is_found_among_the_other_lines() {
        let status = "Name:\tx\nVmHWM:\t  999 kB\nVmRSS:\t   28672 kB\nThreads:\t3\n";

        assert_eq!(resident(status), Some(28_672));
        assert_eq!(resident("Name:\tx\n"), None);
    }

    #[test]
    fn this_very_process_can_be_read() {
        let pid = std::process::id();

        assert!(cpu_time(pid).is_ok());
        assert!(resident_kib(pid).unwrap() > 0);
        assert!(matches!(cpu_time(0), Err(Error::Io { .. })));
    }

    proptest! {
        #[test]
        fn a_percentile_is_the_least_value_that_enough_do_not_exceed(
            mut values in prop::collection::vec(any::<u32>(), 1..300),
            percent in 1_usize..=100,
        ) {
            values.sort_unstable();

            let found = percentile(&values, percent);

            let not_above = |limit: u32| values.iter().filter(|value| **value <= limit).count();
            let enough = |limit: &u32| not_above(*limit) * 100 >= values.len() * percent;
            let naive = values.iter().copied().find(enough).unwrap();
            prop_assert_eq!(found, f64::from(naive));
        }

        #[test]
        fn half_lie_on_each_side_of_a_median(values in prop::collection::vec(-1e9..1e9, 1..100)) {
            let found = median(values.clone());

            let below = values.iter().filter(|value| **value < found).count();
            let above = values.iter().filter(|value| **value > found).count();
            prop_assert!(below * 2 <= values.len() && above * 2 <= values.len());
        }
    }
}
