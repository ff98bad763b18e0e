use super::*;
use parking_lot::Mutex;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;

/// An outbox that checks what it is told against the file.
#[derive(Default)]
struct FakeOutbox {
    entries: Mutex<BTreeMap<u64, Vec<u8>>>,
    is_full: Mutex<bool>,
    file: Option<PathBuf>,
}

impl FakeOutbox {
    fn holding(file: &Path, bodies: impl IntoIterator<Item = String>) -> Self {
        Self {
            entries: Mutex::new(
                (1..)
                    .zip(bodies.into_iter().map(String::into_bytes))
                    .collect(),
            ),
            is_full: Mutex::new(false),
            file: Some(file.to_owned()),
        }
    }
}

impl Outbox for FakeOutbox {
    async fn oldest(&self, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let entries = self.entries.lock();
        Ok(entries
            .iter()
            .take(limit)
            .map(|(number, body)| (*number, body.clone()))
            .collect())
    }

    async fn done(&self, numbers: Vec<u64>) -> Result<(), StoreError> {
        let text = fs::read_to_string(self.file.as_ref().unwrap()).unwrap();
        let mut entries = self.entries.lock();
        for number in &numbers {
            let id = event_id(&entries[number]);
            assert!(
                id.is_none_or(|id| text.contains(&id)),
                "{number} is not in the file"
            );
        }
        if *self.is_full.lock() {
            return Err(StoreError::Full);
        }
        entries.retain(|number, _| !numbers.contains(number));
        Ok(())
    }
}

fn event(id: &str) -> String {
    format!(r#"{{"eventVersion":"1.08","eventID":"{id}"}}"#)
}

fn lines(ids: &[&str]) -> String {
    ids.iter().map(|id| event(id) + "\n").collect()
}

struct Rig {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

impl Rig {
    fn with(content: impl AsRef<[u8]>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("audit.log");
        fs::write(&path, content).unwrap();
        Self { _dir: dir, path }
    }

    /// Opens the log with nothing in the outbox, and gives what is in it then.
    async fn mended(&self) -> Vec<u8> {
        let (_, length) = open(&self.path, &FakeOutbox::default()).await.unwrap();
        let content = fs::read(&self.path).unwrap();
        assert_eq!(length, content.len() as u64);
        content
    }

    async fn recovered(&self, outbox: &FakeOutbox) -> String {
        open(&self.path, outbox).await.unwrap();
        fs::read_to_string(&self.path).unwrap()
    }
}

#[tokio::test]
async fn a_log_that_is_not_there_is_made_for_its_owner_alone() {
    use std::os::unix::fs::MetadataExt as _;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.log");

    let (_, length) = open(&path, &FakeOutbox::default()).await.unwrap();

    assert_eq!(length, 0);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_whole_log_is_left_as_it_is() {
    let whole = lines(&["a", "b"]);

    assert_eq!(Rig::with(&whole).mended().await, whole.as_bytes());
}

#[tokio::test]
async fn what_is_no_event_is_cut_off_the_end() {
    let long = "x".repeat(200_000);
    for torn in [
        "{\"eventID\":\"c",
        "{\"eventID\":\"c\"}",
        "\0\0\0\0",
        "\0\0\0\n",
        "not json\nnor this\n{",
        "[]\n",
        "\n\n",
        &long,
    ] {
        let whole = lines(&["a", "b"]);
        let rig = Rig::with(format!("{whole}{torn}"));

        assert_eq!(rig.mended().await, whole.as_bytes(), "{torn:?}");
    }
}

#[tokio::test]
async fn a_log_of_nothing_but_half_an_event_becomes_empty() {
    assert_eq!(Rig::with("{\"eventID\"").mended().await, b"");
}

#[tokio::test]
async fn what_only_the_outbox_holds_is_appended_in_order() {
    let rig = Rig::with(lines(&["a", "b"]));
    let outbox = FakeOutbox::holding(&rig.path, [event("b"), event("c"), event("d")]);

    let text = rig.recovered(&outbox).await;

    assert_eq!(text, lines(&["a", "b", "c", "d"]));
    assert!(outbox.entries.lock().is_empty());
}

#[tokio::test]
async fn an_event_that_was_torn_comes_back_from_the_outbox() {
    let rig = Rig::with(lines(&["a"]) + "{\"eventVersion\":\"1.08\",\"event");
    let outbox = FakeOutbox::holding(&rig.path, [event("b")]);

    assert_eq!(rig.recovered(&outbox).await, lines(&["a", "b"]));
}

#[tokio::test]
async fn a_recovery_that_died_is_done_again_without_doubles() {
    let rig = Rig::with("");
    let outbox = FakeOutbox::holding(&rig.path, [event("a"), event("b")]);
    *outbox.is_full.lock() = true;

    let died = open(&rig.path, &outbox).await.map(|_| ()).unwrap_err();
    *outbox.is_full.lock() = false;
    let text = rig.recovered(&outbox).await;

    assert_eq!(
        died.to_string(),
        "cannot read the audit events in the store"
    );
    assert_eq!(text, lines(&["a", "b"]));
}

#[tokio::test]
async fn an_outbox_of_many_batches_is_emptied() {
    let ids: Vec<String> = (0..2 * BATCH + 1).map(|n| format!("id-{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let rig = Rig::with(lines(&ids[..10]));
    let outbox = FakeOutbox::holding(&rig.path, ids.iter().map(|id| event(id)));

    let text = rig.recovered(&outbox).await;

    assert_eq!(text, lines(&ids));
    assert!(outbox.entries.lock().is_empty());
}

#[tokio::test]
async fn an_entry_that_is_no_line_becomes_one() {
    let rig = Rig::with("");
    let outbox = FakeOutbox::holding(&rig.path, [String::from("{\n}")]);

    assert_eq!(rig.recovered(&outbox).await, "{ }\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_log_cut_anywhere_is_mended_to_its_whole_events(count in 0_usize..6, cut in any::<prop::sample::Index>()) {
        let ids: Vec<String> = (0..count).map(|n| n.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut content = lines(&ids);
        content.truncate(cut.index(content.len() + 1));
        let whole = content.rfind('\n').map_or(0, |at| at + 1);

        let mended = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(Rig::with(&content).mended());

        prop_assert_eq!(mended, &content.as_bytes()[..whole]);
    }
}
