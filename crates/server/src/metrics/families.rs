//! The families of metrics, with their names. `docs/metrics.md` lists all of them.

use super::Sources;
use super::text::{Exposition, Kind};
use crate::audit::{FileSink, SinkState};
use crate::boot::Keys;
use crate::traces::SpanCounts;
use services::{
    Counts, DeliveryCounts, DueWork, FollowerBehind, LATENCIES, RequestCounts, SecretCount,
};
use store::Stats;

/// The server itself, open or sealed.
pub(super) fn of_server(text: &mut Exposition, sources: &Sources) {
    text.family(
        "strongroom_build_info",
        Kind::Gauge,
        "The program that runs; always 1.",
    );
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    text.sample("strongroom_build_info", &version, 1);
    text.single(
        "strongroom_sealed",
        Kind::Gauge,
        "Whether the server is sealed.",
        u8::from(sources.open.get().is_none()),
    );
    text.single(
        "strongroom_ready",
        Kind::Gauge,
        "Whether requests can be expected to be answered.",
        u8::from(sources.health.is_ready()),
    );
    let connections = &sources.connections;
    text.single(
        "strongroom_connections_open",
        Kind::Gauge,
        "Connections that are open.",
        connections.open(),
    );
    text.single(
        "strongroom_connections_limit",
        Kind::Gauge,
        "How many may be open.",
        connections.limit(),
    );
    text.single(
        "strongroom_connections_accepted_total",
        Kind::Counter,
        "Connections that were accepted.",
        connections.accepted(),
    );
    text.single(
        "strongroom_connections_refused_total",
        Kind::Counter,
        "Connections that were closed as they came, because too many were open.",
        connections.refused(),
    );
}

/// Requests and rotations.
pub(super) fn of_requests(text: &mut Exposition, counts: &Counts) {
    text.family(
        "strongroom_requests_total",
        Kind::Counter,
        "Answers, by the name of the error or OK.",
    );
    for request in &counts.requests {
        for (code, times) in &request.codes {
            let labels = [
                ("service", request.service),
                ("operation", request.operation),
                ("code", code),
            ];
            text.sample("strongroom_requests_total", &labels, times);
        }
    }
    text.family(
        "strongroom_requests_throttled_total",
        Kind::Counter,
        "Calls beyond the rate of their account.",
    );
    for request in counts.requests.iter().filter(|one| one.throttled > 0) {
        let labels = [
            ("service", request.service),
            ("operation", request.operation),
        ];
        text.sample(
            "strongroom_requests_throttled_total",
            &labels,
            request.throttled,
        );
    }
    text.family(
        "strongroom_request_duration_seconds",
        Kind::Histogram,
        "From the last byte of a request to the first of its answer.",
    );
    for request in &counts.requests {
        latencies(text, request);
    }
    text.single(
        "strongroom_requests_in_flight",
        Kind::Gauge,
        "Requests that are not answered yet.",
        counts.under_way,
    );
    text.single(
        "strongroom_requests_abandoned_total",
        Kind::Counter,
        "Requests whose clients went away before the answer.",
        counts.abandoned,
    );
    of_rotations(text, counts);
}

fn latencies(text: &mut Exposition, request: &RequestCounts) {
    const BUCKET: &str = "strongroom_request_duration_seconds_bucket";
    let (service, operation) = (request.service, request.operation);
    let mut so_far = 0_u64;
    for (bound, answers) in LATENCIES.iter().zip(&request.latencies) {
        so_far = so_far.saturating_add(*answers);
        let bound = seconds(*bound);
        let labels = [
            ("service", service),
            ("operation", operation),
            ("le", bound.as_str()),
        ];
        text.sample(BUCKET, &labels, so_far);
    }
    let total = request.total();
    let labels = [
        ("service", service),
        ("operation", operation),
        ("le", "+Inf"),
    ];
    text.sample(BUCKET, &labels, total);
    let labels = [("service", service), ("operation", operation)];
    text.sample(
        "strongroom_request_duration_seconds_sum",
        &labels,
        request.seconds,
    );
    text.sample("strongroom_request_duration_seconds_count", &labels, total);
}

/// Microseconds as seconds, exactly.
fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn of_rotations(text: &mut Exposition, counts: &Counts) {
    text.family(
        "strongroom_rotations_total",
        Kind::Counter,
        "Rotations that workers ended, by outcome.",
    );
    for (outcome, times) in &counts.rotations {
        let labels = [("outcome", *outcome)];
        text.sample("strongroom_rotations_total", &labels, times);
    }
    text.family(
        "strongroom_rotation_steps_total",
        Kind::Counter,
        "Calls of rotation functions, by step and outcome.",
    );
    for (step, outcome, times) in &counts.rotation_steps {
        let labels = [("step", *step), ("outcome", *outcome)];
        text.sample("strongroom_rotation_steps_total", &labels, times);
    }
}

/// Messages of topics and rules.
pub(super) fn of_deliveries(text: &mut Exposition, counts: DeliveryCounts) {
    text.family(
        "strongroom_deliveries_total",
        Kind::Counter,
        "What became of messages of topics and rules, and of attempts to deliver them.",
    );
    for (outcome, times) in [
        ("delivered", counts.delivered),
        ("failed", counts.failed),
        ("given_up", counts.dead),
    ] {
        text.sample(
            "strongroom_deliveries_total",
            &[("outcome", outcome)],
            times,
        );
    }
}

/// What goes through the audit log.
pub(super) fn of_followers(text: &mut Exposition, behind: &[FollowerBehind]) {
    text.family(
        "strongroom_follower_behind_events",
        Kind::Gauge,
        "Events of the audit log that the follower has not taken yet.",
    );
    for one in behind {
        let labels = [("follower", one.follower)];
        text.sample("strongroom_follower_behind_events", &labels, one.events);
    }
}

/// The store.
pub(super) fn of_store(text: &mut Exposition, stats: &Stats) {
    for (name, help, value) in [
        (
            "strongroom_store_commits_total",
            "Transactions that were committed.",
            stats.commits,
        ),
        (
            "strongroom_store_commit_batches_total",
            "Physical commits, each of one or more transactions.",
            stats.batches,
        ),
        (
            "strongroom_store_conflicts_total",
            "Transactions that were refused because another came between.",
            stats.conflicts,
        ),
        (
            "strongroom_store_cache_hits_total",
            "Reads that the cache answered.",
            stats.cache_hits,
        ),
        (
            "strongroom_store_cache_misses_total",
            "Reads that the cache could not answer.",
            stats.cache_misses,
        ),
        (
            "strongroom_store_corrupt_rows_total",
            "Rows that were left out because they are not authentic.",
            stats.corrupt_rows,
        ),
    ] {
        text.single(name, Kind::Counter, help, value);
    }
    text.single(
        "strongroom_store_cache_bytes",
        Kind::Gauge,
        "About how many bytes the cache holds.",
        stats.cache_bytes,
    );
}

/// The audit log.
pub(super) fn of_audit(text: &mut Exposition, sink: &FileSink) {
    let counts = sink.counts();
    text.single(
        "strongroom_audit_events_total",
        Kind::Counter,
        "Events that were written to the audit log.",
        counts.written,
    );
    text.single(
        "strongroom_audit_events_refused_total",
        Kind::Counter,
        "Events that could not be written, whose requests were refused.",
        counts.refused,
    );
    text.single(
        "strongroom_audit_events_unsynced",
        Kind::Gauge,
        "Events that are written and would not survive a loss of power yet.",
        counts.unsynced(),
    );
    text.single(
        "strongroom_audit_taking",
        Kind::Gauge,
        "Whether the audit log takes events.",
        u8::from(sink.is_taking()),
    );
}

/// Where the audit log is sent on to. The operator chose the names.
pub(super) fn of_sinks(text: &mut Exposition, sinks: &[SinkState]) {
    type Told = fn(&SinkState) -> u64;
    let families: [(&str, Kind, &str, Told); 4] = [
        (
            "strongroom_audit_sink_events_total",
            Kind::Counter,
            "Events that the sink took.",
            |sink| sink.sent,
        ),
        (
            "strongroom_audit_sink_behind_events",
            Kind::Gauge,
            "Events of the log that the sink was not shown yet.",
            |sink| sink.behind_events,
        ),
        (
            "strongroom_audit_sink_behind_seconds",
            Kind::Gauge,
            "How old the first of them is.",
            |sink| sink.behind_seconds,
        ),
        (
            "strongroom_audit_sink_failing",
            Kind::Gauge,
            "Whether the last try to send failed.",
            |sink| u64::from(sink.failing),
        ),
    ];
    for (name, kind, help, told) in families {
        text.family(name, kind, help);
        for sink in sinks {
            text.sample(name, &[("sink", &sink.sink)], told(sink));
        }
    }
}

/// The root keys and the key ring.
pub(super) fn of_keys(text: &mut Exposition, keys: &Keys) {
    text.single(
        "strongroom_key_ring_keys",
        Kind::Gauge,
        "Keys of the ring that seals records.",
        keys.list().len(),
    );
    text.single(
        "strongroom_root_keys",
        Kind::Gauge,
        "Root keys, older ones among them that something is still sealed under.",
        keys.list_roots().len(),
    );
    let progress = keys.progress();
    let left = [
        ("records", progress.records),
        ("kms_keys", progress.kms_keys),
    ];
    text.family(
        "strongroom_reseal_left",
        Kind::Gauge,
        "What is under an older key, once it was looked at.",
    );
    for (kind, left) in left {
        if let Some(left) = left {
            text.sample("strongroom_reseal_left", &[("kind", kind)], left);
        }
    }
}

/// Spans of requests.
pub(super) fn of_spans(text: &mut Exposition, counts: SpanCounts) {
    text.single(
        "strongroom_traces_sent_total",
        Kind::Counter,
        "Requests whose spans the collector took.",
        counts.sent,
    );
    text.single(
        "strongroom_traces_dropped_total",
        Kind::Counter,
        "Requests whose spans there was no room for, or the collector did not take.",
        counts.dropped,
    );
}

/// What is due, and how much there is.
pub(super) fn of_work(text: &mut Exposition, due: Option<&DueWork>, secrets: &[SecretCount]) {
    if let Some(due) = due {
        text.family(
            "strongroom_work_due",
            Kind::Gauge,
            "Work that is due and not done; 1000 stands for more as well.",
        );
        for (kind, number) in [
            ("rotations", due.rotations),
            ("deletions", due.deletions),
            ("functions", due.functions),
            ("messages", due.messages),
            ("trails", due.trails),
        ] {
            text.sample("strongroom_work_due", &[("kind", kind)], number);
        }
    }
    text.family(
        "strongroom_secrets",
        Kind::Gauge,
        "Secrets, those scheduled for deletion included.",
    );
    for count in secrets {
        let labels = [
            ("account", count.account.as_str()),
            ("region", count.region.as_str()),
        ];
        text.sample("strongroom_secrets", &labels, count.secrets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sink_has_its_samples() {
        let sink = |name: &str, failing| SinkState {
            sink: name.to_owned(),
            kind: String::from("https"),
            failing,
            sent_through: 9,
            behind_events: 7,
            behind_seconds: 3,
            sent: 2,
            last_error: Some(String::from("it says so")),
            last_error_time: None,
        };
        let mut text = Exposition::default();

        of_sinks(&mut text, &[sink("siem", true), sink("archive", false)]);

        let text = text.finish();
        let samples: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            samples,
            [
                r#"strongroom_audit_sink_events_total{sink="siem"} 2"#,
                r#"strongroom_audit_sink_events_total{sink="archive"} 2"#,
                r#"strongroom_audit_sink_behind_events{sink="siem"} 7"#,
                r#"strongroom_audit_sink_behind_events{sink="archive"} 7"#,
                r#"strongroom_audit_sink_behind_seconds{sink="siem"} 3"#,
                r#"strongroom_audit_sink_behind_seconds{sink="archive"} 3"#,
                r#"strongroom_audit_sink_failing{sink="siem"} 1"#,
                r#"strongroom_audit_sink_failing{sink="archive"} 0"#,
            ]
        );
    }

    #[test]
    fn deliveries_and_followers_have_their_samples() {
        let counts = DeliveryCounts {
            delivered: 3,
            failed: 2,
            dead: 1,
        };
        let due = DueWork {
            rotations: 1,
            deletions: 2,
            functions: 3,
            messages: 4,
            trails: 5,
        };
        let behind = FollowerBehind {
            follower: "rules",
            events: 7,
        };
        let mut text = Exposition::default();

        of_deliveries(&mut text, counts);
        of_work(&mut text, Some(&due), &[]);
        of_followers(&mut text, &[behind]);

        let text = text.finish();
        let samples: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            samples,
            [
                r#"strongroom_deliveries_total{outcome="delivered"} 3"#,
                r#"strongroom_deliveries_total{outcome="failed"} 2"#,
                r#"strongroom_deliveries_total{outcome="given_up"} 1"#,
                r#"strongroom_work_due{kind="rotations"} 1"#,
                r#"strongroom_work_due{kind="deletions"} 2"#,
                r#"strongroom_work_due{kind="functions"} 3"#,
                r#"strongroom_work_due{kind="messages"} 4"#,
                r#"strongroom_work_due{kind="trails"} 5"#,
                r#"strongroom_follower_behind_events{follower="rules"} 7"#,
            ]
        );
    }

    #[test]
    fn seconds_are_exact() {
        let told = [50, 1_000, 2_500_000, 10_000_000, 0].map(seconds);

        assert_eq!(told, ["0.00005", "0.001", "2.5", "10", "0"]);
    }

    #[test]
    fn a_histogram_counts_up_to_all_answers() {
        let mut latencies = [0; LATENCIES.len() + 1];
        latencies[0] = 2;
        latencies[3] = 1;
        latencies[LATENCIES.len()] = 4;
        let counts = Counts {
            requests: vec![RequestCounts {
                service: "secretsmanager",
                operation: "GetSecretValue",
                codes: vec![("OK", 7)],
                throttled: 0,
                seconds: 1.5,
                latencies,
            }],
            under_way: 1,
            abandoned: 0,
            rotations: vec![("succeeded", 3)],
            rotation_steps: vec![("setSecret", "failed", 1)],
        };
        let mut text = Exposition::default();

        of_requests(&mut text, &counts);

        let text = text.finish();
        let of = "service=\"secretsmanager\",operation=\"GetSecretValue\"";
        for line in [
            format!("strongroom_requests_total{{{of},code=\"OK\"}} 7"),
            format!("strongroom_request_duration_seconds_bucket{{{of},le=\"0.00005\"}} 2"),
            format!("strongroom_request_duration_seconds_bucket{{{of},le=\"0.0005\"}} 3"),
            format!("strongroom_request_duration_seconds_bucket{{{of},le=\"10\"}} 3"),
            format!("strongroom_request_duration_seconds_bucket{{{of},le=\"+Inf\"}} 7"),
            format!("strongroom_request_duration_seconds_sum{{{of}}} 1.5"),
            format!("strongroom_request_duration_seconds_count{{{of}}} 7"),
            String::from("strongroom_requests_in_flight 1"),
            String::from("strongroom_rotations_total{outcome=\"succeeded\"} 3"),
        ] {
            assert!(text.lines().any(|known| known == line), "{line}\n{text}");
        }
    }
}
