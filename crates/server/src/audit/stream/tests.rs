use super::*;
use crate::audit::fixtures::LogRig;
use crate::config::SyncPolicy;
use std::io::Write as _;

/// A log and a reader of it.
struct Rig(LogRig);

impl Rig {
    fn new(segment_bytes: u64) -> Self {
        Self(LogRig::new(segment_bytes))
    }

    async fn append(&self, count: u64) {
        self.0.append(count).await;
    }

    /// A reader from a start after this one.
    fn another(&self) -> LogStream {
        LogStream::new(self.0.dir.path(), self.0.sink.synced())
    }

    fn segments(&self) -> Vec<PathBuf> {
        self.0.segments()
    }

    async fn numbers(&self, after: u64, most: usize) -> Vec<u64> {
        numbers(&self.0.stream, after, most).await
    }
}

async fn numbers(stream: &LogStream, after: u64, most: usize) -> Vec<u64> {
    let events = stream.read(after, most).await.unwrap();
    events.iter().map(|event| event.sequence).collect()
}

/// All that there is behind `after`, taken `most` at a time.
async fn all(stream: &LogStream, mut after: u64, most: usize) -> Vec<u64> {
    let mut all = Vec::new();
    loop {
        let some = numbers(stream, after, most).await;
        let Some(last) = some.last() else {
            return all;
        };
        assert!(some.len() <= most);
        after = *last;
        all.extend(some);
    }
}

#[tokio::test]
async fn events_come_in_order_over_all_segments_and_as_they_were() {
    let rig = Rig::new(300);
    rig.append(20).await;

    let events = rig.0.stream.read(0, 1_000).await.unwrap();

    assert!(rig.segments().len() > 3);
    let expected: Vec<StreamedEvent> = (1..=20)
        .map(|sequence| StreamedEvent {
            sequence,
            record: format!("{{\"n\":{}}}", sequence - 1).into(),
        })
        .collect();
    assert_eq!(events, expected);
    assert_eq!(rig.0.stream.newest(), 20);
}

#[tokio::test]
async fn a_reader_gets_every_number_once_wherever_it_begins_and_however_little_it_takes() {
    let rig = Rig::new(300);
    rig.append(20).await;

    for after in 0..=21 {
        for most in [1, 3, 7, 100] {
            let expected: Vec<u64> = (after + 1..=20).collect();
            let from_a_place = all(&rig.0.stream, after, most).await;
            let from_a_search = all(&rig.another(), after, most).await;
            assert_eq!((from_a_place, from_a_search), (expected.clone(), expected));
        }
    }
}

#[tokio::test]
async fn who_asks_again_for_the_same_after_a_start_does_not_search_again() {
    let rig = Rig::new(1 << 20);
    rig.append(10).await;
    let another = rig.another();

    let asked = [numbers(&another, 5, 1).await, numbers(&another, 5, 1).await];

    assert_eq!(asked, [[6], [6]]);
    let place = another.files.places.lock().behind(5).unwrap();
    assert!(place.offset > 0);
}

#[tokio::test]
async fn what_is_not_synced_is_not_given() {
    let rig = Rig(LogRig::with(SyncPolicy::Interval, 1 << 20));
    rig.append(3).await;

    let written = fs::read_to_string(rig.segments().first().unwrap()).unwrap();
    let given = rig.numbers(0, 10).await;
    rig.0.sink.close();

    assert_eq!(written.lines().count(), 3);
    assert!(given.is_empty());
    assert_eq!(rig.numbers(0, 10).await, [1, 2, 3]);
}

#[tokio::test]
async fn one_read_is_bounded_in_bytes_and_never_empty() {
    let rig = Rig::new(1 << 20);
    rig.append(10).await;

    let one = rig.0.stream.lines(0, 10, 1).await.unwrap();
    let length = one[0].bytes.len();
    let three = rig.0.stream.lines(1, 10, 2 * length + 1).await.unwrap();

    assert_eq!(one.len(), 1);
    assert_eq!(three.len(), 3);
}

#[tokio::test]
async fn a_line_is_given_with_its_place_in_the_chain() {
    let rig = Rig::new(1 << 20);
    rig.append(2).await;

    let lines = rig.0.stream.lines(0, 10, MOST_BYTES).await.unwrap();

    let written = fs::read_to_string(rig.segments().first().unwrap()).unwrap();
    let given: Vec<u8> = lines.iter().flat_map(|line| line.bytes.to_vec()).collect();
    assert_eq!(String::from_utf8(given).unwrap(), written);
    let text = String::from_utf8(lines[1].text().to_vec()).unwrap();
    assert!(text.ends_with(&format!(
        "\"chain\":{{\"sequence\":2,\"hash\":\"{}\"}}}}",
        lines[1].hash
    )));
    assert_eq!(lines[1].event().unwrap(), b"{\"n\":1}");
}

#[tokio::test]
async fn segments_that_are_deleted_are_passed_over_by_who_had_a_place_there_too() {
    let rig = Rig::new(300);
    rig.append(20).await;
    let first = rig.numbers(0, 1).await;
    let segments = rig.segments();
    for path in &segments[..3] {
        fs::remove_file(path).unwrap();
    }

    let (going_on, new) = (rig.numbers(1, 100).await, all(&rig.another(), 0, 4).await);

    assert_eq!(first, [1]);
    let left: u64 = FileName::parse(segments[3].file_name().unwrap().to_str().unwrap())
        .and_then(|name| match name {
            FileName::Segment(first) => Some(first),
            _ => None,
        })
        .unwrap();
    let expected: Vec<u64> = (left..=20).collect();
    assert_eq!((going_on, new), (expected.clone(), expected));
}

#[tokio::test]
async fn what_is_no_line_of_the_log_is_passed_over() {
    let rig = Rig::new(300);
    rig.append(20).await;
    let segments = rig.segments();
    let text = fs::read_to_string(&segments[1]).unwrap();
    let number = text.lines().count() as u64;
    fs::write(&segments[1], text.replacen("{\"n\"", "#\"n\"", 1)).unwrap();
    let mut torn = fs::OpenOptions::new().append(true).open(&segments[2]);
    torn.as_mut().unwrap().write_all(b"{\"torn").unwrap();

    let read = rig.numbers(0, 100).await;
    let again = rig.numbers(0, 100).await;

    assert!(number > 0);
    assert_eq!(read.len(), 19);
    assert_eq!(read, again);
    assert_eq!(rig.0.stream.files.told.lock().len(), 2);
}

#[tokio::test]
async fn a_line_of_an_earlier_number_is_not_given_again() {
    let rig = Rig::new(300);
    rig.append(20).await;
    let segments = rig.segments();
    let first = fs::read(&segments[0]).unwrap();
    let mut appended = fs::OpenOptions::new().append(true).open(&segments[1]);
    appended.as_mut().unwrap().write_all(&first).unwrap();

    let read = rig.numbers(0, 100).await;

    assert_eq!(read, (1..=20).collect::<Vec<u64>>());
}

#[tokio::test]
async fn who_waits_is_told_of_what_was_synced() {
    let rig = Rig::new(300);
    rig.append(1).await;

    rig.0.stream.grown(0).await;
    let (second, ()) = tokio::join!(
        async {
            rig.0.stream.grown(1).await;
            rig.numbers(1, 10).await
        },
        rig.append(1)
    );

    assert_eq!(second, [2]);
}

#[tokio::test]
async fn a_reader_beside_writers_gets_everything_in_order() {
    let rig = Rig::new(2_000);
    let reading = async {
        let mut read = Vec::new();
        while read.len() < 600 {
            let after = read.last().copied().unwrap_or(0);
            rig.0.stream.grown(after).await;
            read.extend(rig.numbers(after, 17).await);
        }
        read
    };

    let (read, ..) = tokio::join!(reading, rig.append(200), rig.append(200), rig.append(200));

    assert_eq!(read, (1..=600).collect::<Vec<u64>>());
}
