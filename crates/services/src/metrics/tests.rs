use super::*;

fn entry(name: &str) -> (&'static Service, &'static Entry) {
    let service = &crate::secretsmanager::SERVICE;
    (service, service.find(name).unwrap())
}

fn number(name: &str) -> Option<usize> {
    let (service, entry) = entry(name);
    Some(number_of(service, Some(entry)))
}

#[test]
fn answers_are_counted_by_operation_and_error() {
    let metrics = Metrics::new();

    metrics.begin().end(number("GetSecretValue"), None);
    metrics.begin().end(number("GetSecretValue"), None);
    let refused = Some("ResourceNotFoundException");
    metrics.begin().end(number("GetSecretValue"), refused);
    metrics.begin().end(None, Some("UnknownOperationException"));

    let counts = metrics.counts();
    let told = counts.requests.iter().map(|counts| {
        let RequestCounts {
            service,
            operation,
            codes,
            ..
        } = counts;
        (*service, *operation, codes.clone())
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (
                "secretsmanager",
                "GetSecretValue",
                vec![("ResourceNotFoundException", 1), (SUCCESS, 2)]
            ),
            ("unknown", "Unknown", vec![("UnknownOperationException", 1)]),
        ]
    );
    assert_eq!((counts.under_way, counts.abandoned), (0, 0));
}

#[test]
fn a_request_is_under_way_until_it_is_answered_or_abandoned() {
    let metrics = Metrics::new();

    let (one, other) = (metrics.begin(), metrics.begin());
    let both = metrics.counts();
    drop(one);
    let gone = metrics.counts();
    other.end(number("ListSecrets"), None);
    let none = metrics.counts();

    assert_eq!((both.under_way, both.abandoned), (2, 0));
    assert_eq!((gone.under_way, gone.abandoned), (1, 1));
    assert_eq!((none.under_way, none.abandoned), (0, 1));
    assert!(both.requests.is_empty() && none.requests.len() == 1);
}

#[test]
fn a_latency_is_in_the_first_bucket_that_holds_it() {
    let metrics = Metrics::new();
    let micros = Duration::from_micros;

    for took in [
        micros(0),
        micros(50),
        micros(51),
        micros(10_000_000),
        micros(10_000_001),
    ] {
        metrics.answered(number("ListSecrets"), None, took);
    }

    let counts = metrics.counts().requests.pop().unwrap();
    let filled: Vec<_> = counts
        .latencies
        .iter()
        .enumerate()
        .filter(|(_, n)| **n > 0)
        .collect();
    assert_eq!(filled, [(0, &2), (1, &1), (15, &1), (16, &1)]);
    assert!(
        (counts.seconds - 20.000_102).abs() < 1e-9,
        "{}",
        counts.seconds
    );
    assert!(LATENCIES.is_sorted());
}

#[test]
fn threads_count_together() {
    let metrics = Metrics::new();

    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                for _ in 0..500 {
                    metrics.begin().end(number("GetSecretValue"), None);
                    metrics
                        .begin()
                        .end(number("GetSecretValue"), Some("InternalServiceError"));
                }
            });
        }
    });

    let counts = metrics.counts();
    assert_eq!(counts.requests[0].total(), 12_000);
    assert_eq!(
        counts.requests[0].codes,
        [("InternalServiceError", 6_000), (SUCCESS, 6_000)]
    );
    assert_eq!(counts.under_way, 0);
}

#[test]
fn rotations_are_counted_by_outcome_and_steps_by_name() {
    let metrics = Metrics::new();
    let (service, entry) = entry("CreateSecret");

    metrics.rotation_ended(RotationEnd::Succeeded);
    metrics.rotation_ended(RotationEnd::Abandoned);
    metrics.step_returned("setSecret", true);
    metrics.step_returned("setSecret", false);
    metrics.step_returned("anything", false);
    metrics.throttled(service, Some(entry));
    metrics
        .begin()
        .end(number("CreateSecret"), Some("ThrottlingException"));

    let counts = metrics.counts();
    assert_eq!(
        counts.rotations,
        [
            ("succeeded", 1),
            ("failed", 0),
            ("abandoned", 1),
            ("cancelled", 0)
        ]
    );
    let steps: u64 = counts
        .rotation_steps
        .iter()
        .map(|(_, _, times)| times)
        .sum();
    assert_eq!(steps, 2);
    assert!(counts.rotation_steps.contains(&("setSecret", "failed", 1)));
    assert_eq!(counts.requests[0].throttled, 1);
}
