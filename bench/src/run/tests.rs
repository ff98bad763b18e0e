use super::*;
use crate::args::Invocation;
use clap::Parser;

fn cases(arguments: &[&str]) -> Vec<(Operation, usize, Option<u32>)> {
    let all = std::iter::once(&"strongroom-bench").chain(arguments);
    let settings = Invocation::parse_from(all).settings;
    let run = Run {
        settings: &settings,
        scratch: Path::new("none"),
        salt: Cell::new(1),
    };
    run.cases(1_000, &[None], &Keys::stand_in())
        .iter()
        .map(|case| (case.operation, case.connections, case.rate))
        .collect()
}

#[test]
fn by_default_everything_is_measured_and_writes_come_last() {
    let measured = cases(&["--connections", "16,64"]);

    assert_eq!(
        measured,
        [
            (Operation::Get, 16, None),
            (Operation::Get, 64, None),
            (Operation::Get, 16, Some(1_000)),
            (Operation::GetAsUser, 16, None),
            (Operation::GetAsUser, 64, None),
            (Operation::GetUnderCustomerKey, 16, None),
            (Operation::GetUnderCustomerKey, 64, None),
            (Operation::Describe, 16, None),
            (Operation::Describe, 64, None),
            (Operation::List, 16, None),
            (Operation::List, 64, None),
            (Operation::Batch, 16, None),
            (Operation::GenerateDataKey, 16, None),
            (Operation::GenerateDataKey, 64, None),
            (Operation::Decrypt, 16, None),
            (Operation::Decrypt, 64, None),
            (Operation::Put, 16, None),
            (Operation::Put, 64, None),
        ]
    );
}

#[test]
fn what_was_not_chosen_is_not_measured() {
    let measured = cases(&["--connections", "4", "--operations", "put,describe"]);

    assert_eq!(
        measured,
        [(Operation::Describe, 4, None), (Operation::Put, 4, None)]
    );
}

#[test]
fn salts_are_never_handed_out_twice() {
    let settings = Invocation::parse_from(["strongroom-bench"]).settings;
    let run = Run {
        settings: &settings,
        scratch: Path::new("none"),
        salt: Cell::new(1),
    };
    let keys = Keys::stand_in();
    let cases = run.cases(20, &[None], &keys);
    let put = cases.last().unwrap();

    let salts = [run.salts(put), run.salts(put), run.salts(put)];

    let step = put.writes as u64;
    assert!(step > 0);
    assert_eq!(salts, [1, 1 + step, 1 + 2 * step]);
}

#[test]
fn without_a_server_nothing_is_begun() {
    let dir = tempfile::tempdir().unwrap();
    let mut settings = Invocation::parse_from(["strongroom-bench"]).settings;
    settings.dir = dir.path().join("data");
    settings.server = Some(dir.path().join("strongroom"));

    let refused = all(&settings).err();

    assert!(matches!(refused, Some(Error::NoServer(_))));
    assert_eq!(fs::read_dir(&settings.dir).unwrap().count(), 0);
}
