use super::super::filter::filter;
use super::*;

/// Three files of three events each.
fn a_log() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let names = [HISTORY.into(), FileName::segment(1), FileName::segment(4)];
    for (number, name) in names.iter().enumerate() {
        let line = |n| {
            let n = 3 * number + n;
            format!("{{\"eventTime\":\"2026-01-02T03:04:0{n}Z\",\"eventName\":\"E{n}\"}}\n")
        };
        fs::write(dir.path().join(name), (0..3).map(line).collect::<String>()).unwrap();
    }
    fs::write(dir.path().join("head.json"), "{}").unwrap();
    dir
}

fn wanted<'a>(filters: &'a [Filter], since: Option<&str>) -> Wanted<'a> {
    Wanted {
        filters,
        since: since.map(str::to_owned),
        json: false,
    }
}

/// The names of the events that are printed, and where the next look goes on.
fn printed(dir: &Path, wanted: &Wanted<'_>, most: Option<usize>) -> (Vec<String>, At) {
    let mut out = Vec::new();
    let at = print_those_there(dir, wanted, most, &mut out).unwrap();
    (names(out), at)
}

fn names(out: Vec<u8>) -> Vec<String> {
    let text = String::from_utf8(out).unwrap();
    let name = |line: &str| line.split("  ").nth(1).unwrap().to_owned();
    text.lines().map(name).collect()
}

#[test]
fn events_of_all_files_come_in_their_order() {
    let log = a_log();

    let (all, _) = printed(log.path(), &wanted(&[], None), None);
    let (last, _) = printed(log.path(), &wanted(&[], None), Some(4));
    let (none, _) = printed(log.path(), &wanted(&[], None), Some(0));

    assert_eq!(all, (0..9).map(|n| format!("E{n}")).collect::<Vec<_>>());
    assert_eq!(last, ["E5", "E6", "E7", "E8"]);
    assert_eq!(none, [""; 0]);
}

#[test]
fn only_what_is_wanted_is_printed() {
    let log = a_log();
    let filters = [
        filter("eventName=E*").unwrap(),
        filter("eventTime=*4Z").unwrap(),
    ];

    let (filtered, _) = printed(log.path(), &wanted(&filters, None), Some(10));
    let since = moment("2026-01-02T03:04:07Z").unwrap();
    let (late, _) = printed(log.path(), &wanted(&[], Some(&since)), None);

    assert_eq!(filtered, ["E4"]);
    assert_eq!(late, ["E7", "E8"]);
}

#[test]
fn with_json_lines_are_printed_as_they_are() {
    let log = a_log();
    let mut out = Vec::new();
    let wanted = Wanted {
        json: true,
        ..wanted(&[], None)
    };

    print_those_there(log.path(), &wanted, Some(3), &mut out).unwrap();

    assert_eq!(
        out,
        fs::read(log.path().join(FileName::segment(4))).unwrap()
    );
}

#[test]
fn what_comes_is_followed_into_the_next_segment() {
    let log = a_log();
    let wanted = wanted(&[], None);
    let (_, at) = printed(log.path(), &wanted, Some(0));
    let path = log.path().join(FileName::segment(4));
    let line = |n: u32| format!("{{\"eventTime\":\"T\",\"eventName\":\"N{n}\"}}\n");
    let before = fs::read_to_string(&path).unwrap();

    let mut out = Vec::new();
    fs::write(&path, before.clone() + &line(1) + "{\"half").unwrap();
    let at = print_new(log.path(), at, &wanted, &mut out).unwrap();
    fs::write(&path, before + &line(1) + &line(2)).unwrap();
    fs::write(log.path().join(FileName::segment(9)), line(3)).unwrap();
    let at = print_new(log.path(), at, &wanted, &mut out).unwrap();
    print_new(log.path(), at, &wanted, &mut out).unwrap();

    assert_eq!(names(out), ["N1", "N2", "N3"]);
}

#[test]
fn a_time_is_a_moment_a_day_or_a_while() {
    assert_eq!(moment("2026-01-02").unwrap(), "2026-01-02T00:00:00Z");
    assert!(moment("15m").unwrap() < moment("0s").unwrap());
    for text in ["", "x", "2026", "2026-13-01", "-5m", "5w"] {
        assert!(moment(text).is_err(), "{text}");
    }
}
