use super::*;

fn series(per_second: f64) -> Option<Series> {
    Series::of(vec![Figures {
        per_second,
        cpu_us: 1e6 / per_second,
        p50_ms: 0.25,
        p99_ms: 500.0 / per_second,
    }])
}

fn comparison(operation: Operation, server: Option<Series>, bare: Option<Series>) -> Comparison {
    Comparison {
        operation,
        connections: 16,
        rate: None,
        answer_bytes: 400,
        server,
        bare,
    }
}

fn report() -> Report {
    let paced = Comparison {
        rate: Some(1_000),
        ..comparison(Operation::Get, series(1_000.0), series(1_000.0))
    };
    Report {
        machine: Machine {
            cores: 2,
            kernel: String::from("6.1.0"),
        },
        rounds: 1,
        seconds: 2.0,
        footprints: vec![
            Footprint {
                secrets: 0,
                start_up_ms: 31.25,
                started_mib: 12.0,
                read_mib: None,
                loaded_mib: None,
            },
            Footprint {
                secrets: 1_000,
                start_up_ms: 32.0,
                started_mib: 12.5,
                read_mib: Some(13.0),
                loaded_mib: Some(14.0),
            },
        ],
        sizes: vec![Size {
            secrets: Some(1_000),
            comparisons: vec![
                comparison(Operation::Get, series(40_000.0), series(50_000.0)),
                paced,
                comparison(Operation::Batch, series(8_000.0), None),
            ],
        }],
    }
}

#[test]
fn the_tables_say_everything() {
    let text = report().to_text();

    assert_eq!(
        text,
        "\
2 cores, Linux 6.1.0; rounds: 1 of 2 s each, medians shown
bare: the least that such a server can do, here and now; ratio: ours to bare

1,000 secrets
operation                  conns   req/s    bare  ratio  cpu us  bare  ratio  p50 ms   bare  p99 ms   bare  ratio
GetSecretValue                16  40,000  50,000   0.80    25.0  20.0   1.25   0.250  0.250   0.013  0.010   1.25
GetSecretValue at 1,000/s     16   1,000   1,000   1.00       -     -      -   0.250  0.250   0.500  0.500   1.00
BatchGetSecretValue           16   8,000       -      -   125.0     -      -   0.250      -   0.062      -      -
in batches of 20: 160,000 values/s, 4.0 times as many as one by one

secrets  start-up ms  MiB started  MiB all read  MiB after load
0               31.2         12.0             -               -
1,000           32.0         12.5          13.0            14.0
"
    );
}

#[test]
fn limits_alone_leave_our_columns_empty() {
    let size = Size {
        secrets: None,
        comparisons: vec![comparison(Operation::Get, None, series(50_000.0))],
    };

    let text = size.to_text();

    let last = text.lines().last().unwrap();
    let cells: Vec<&str> = last.split_whitespace().collect();
    assert!(text.starts_with("limits of this machine\n"), "{text}");
    assert_eq!(
        cells,
        [
            "GetSecretValue",
            "16",
            "-",
            "50,000",
            "-",
            "-",
            "20.0",
            "-",
            "-",
            "0.250",
            "-",
            "0.010",
            "-"
        ]
    );
}

#[test]
fn batches_without_single_reads_are_not_compared() {
    let size = Size {
        secrets: Some(20),
        comparisons: vec![comparison(Operation::Batch, series(1.0), None)],
    };

    assert!(!size.to_text().contains("in batches"));
}

#[test]
fn no_rounds_are_no_series() {
    assert!(Series::of(Vec::new()).is_none());
}

#[test]
fn the_file_holds_each_round() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");

    write_json(&report(), &path).unwrap();

    let text = fs::read_to_string(&path).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let first = &json["sizes"][0]["comparisons"][0];
    assert_eq!(first["operation"], "GetSecretValue");
    assert_eq!(first["server"]["rounds"][0]["per_second"], 40_000.0);
    assert_eq!(first["bare"]["median"]["cpu_us"], 20.0);
    assert_eq!(json["footprints"][1]["secrets"], 1_000);
    assert!(write_json(&report(), dir.path()).is_err());
}
