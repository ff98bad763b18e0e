mod accepting;
mod keys;
mod sealed;

use super::delivery::{BATCH, event_id};
use super::*;
use crate::audit::signer::SigningKeys;
use crate::outside::SystemClock;
use ::audit::{ChainedLine, HISTORY, RETENTION, SigningKey};
use parking_lot::Mutex;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

/// An outbox that checks what it is told against the file.
#[derive(Default)]
struct FakeOutbox {
    entries: Mutex<BTreeMap<u64, Vec<u8>>>,
    is_full: Mutex<bool>,
    /// The log's directory.
    dir: PathBuf,
    remembered: Mutex<Option<Position>>,
}

impl FakeOutbox {
    fn holding(dir: &Path, bodies: impl IntoIterator<Item = String>) -> Self {
        Self {
            entries: Mutex::new(
                (1..)
                    .zip(bodies.into_iter().map(String::into_bytes))
                    .collect(),
            ),
            is_full: Mutex::new(false),
            dir: dir.to_owned(),
            remembered: Mutex::new(None),
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
        let history = fs::read_to_string(self.dir.join(HISTORY)).unwrap_or_default();
        let text = history + &all_text(&self.dir);
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
    async fn remember(&self, head: Position) -> Result<(), StoreError> {
        *self.remembered.lock() = Some(head);
        Ok(())
    }

    async fn remembered(&self) -> Result<Option<Position>, StoreError> {
        Ok(*self.remembered.lock())
    }
}

fn event(id: &str) -> String {
    format!(r#"{{"eventVersion":"1.08","eventID":"{id}"}}"#)
}

fn lines(ids: &[&str]) -> String {
    ids.iter().map(|id| event(id) + "\n").collect()
}

/// The events of all segments, as they were before they were chained.
fn all_text(dir: &Path) -> String {
    let mut text = Vec::new();
    for first in tail::segments(dir).unwrap() {
        let content = fs::read(dir.join(FileName::segment(first))).unwrap();
        for line in content.split_inclusive(|b| *b == b'\n') {
            text.extend(ChainedLine::parse(line).unwrap().event());
            text.push(b'\n');
        }
    }
    String::from_utf8(text).unwrap()
}

const DEPLOYMENT: &str = "111122223333";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32]).unwrap()
}

/// Who signs with the key of that seed, and signed with others before.
fn signer(replaced: Vec<(u8, u64)>, seed: u8) -> Signer {
    let replaced = replaced.into_iter();
    let keys = SigningKeys {
        key: Arc::new(key(seed)),
        replaced: { replaced.map(|(seed, first)| (key(seed).public().clone(), first)) }.collect(),
    };
    Signer::new(keys, DEPLOYMENT, Arc::new(SystemClock))
}

struct Rig {
    dir: tempfile::TempDir,
    signer: Signer,
}

impl Rig {
    /// Nothing yet.
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            signer: signer(vec![], 7),
        }
    }

    /// A log with these events, none of which is signed.
    async fn with(ids: &[&str]) -> Self {
        let rig = Self::new();
        rig.recovered(&FakeOutbox::default()).await;
        rig.write(ids);
        rig
    }

    /// Two segments: a closed one with `a` and `b`, and one with `c` and `d`, of which the store
    /// remembers the end.
    async fn signed() -> (Self, FakeOutbox) {
        let rig = Self::with(&["a", "b"]).await;
        rig.close();
        rig.write(&["c", "d"]);
        let head = rig.sign_head();
        let outbox = FakeOutbox::default();
        outbox.remember(head).await.unwrap();
        (rig, outbox)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn content(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Appends as a sealed server does.
    fn write(&self, ids: &[&str]) {
        let events: Vec<Vec<u8>> = ids.iter().map(|id| event(id).into_bytes()).collect();
        append(self.dir.path(), DEPLOYMENT, &events).unwrap();
    }

    fn stand(&self) -> Stand {
        Stand::read(self.dir.path(), DEPLOYMENT).unwrap()
    }

    /// Signs a digest of the open segment.
    fn close(&self) {
        let stand = self.stand();
        let start = stand.base().unwrap();
        let (last, first) = stand.last_line().unwrap();
        let first = first.unwrap();
        let content = self.content(&FileName::segment(first));
        let segment = ::audit::Segment {
            first_sequence: first,
            first_previous_hash: start.hash,
            last_sequence: last.sequence,
            last_hash: last.hash,
            length: content.len() as u64,
            sha256: Hash::of(&content),
            first_event_time: None,
            last_event_time: None,
        };
        let said = self
            .signer
            .sign(Some(stand.previous), Said::Segment(segment));
        self.put(&FileName::digest(first), said.unwrap());
    }

    fn sign_head(&self) -> Position {
        let stand = self.stand();
        let (position, segment) = stand.last_line().unwrap();
        let segment = segment.unwrap();
        let head = Head {
            segment,
            position,
            length: self.content(&FileName::segment(segment)).len() as u64,
        };
        let said = self.signer.sign(Some(stand.previous), Said::Head(head));
        self.put(HEAD, said.unwrap());
        position
    }

    async fn opened(&self, outbox: &FakeOutbox, accepts: bool) -> Result<Recovered, String> {
        open(self.dir.path(), &self.signer, accepts, outbox)
            .await
            .map_err(|error| error.to_string())
    }

    async fn recovered(&self, outbox: &FakeOutbox) -> String {
        self.opened(outbox, false).await.unwrap();
        all_text(self.dir.path())
    }

    /// Everything in the directory.
    fn all(&self) -> BTreeMap<String, Vec<u8>> {
        let names = tail::names(self.dir.path()).unwrap();
        let content = |name: String| (name.clone(), self.content(&name));
        names.into_iter().map(content).collect()
    }

    /// What the server says when it refuses the log as it is, and changes nothing of it.
    async fn complaint(&self, outbox: &FakeOutbox) -> String {
        let before = self.all();
        let text = self.refusal(outbox).await;
        assert!(before == self.all(), "{text}");
        text
    }

    async fn refusal(&self, outbox: &FakeOutbox) -> String {
        let text = self.opened(outbox, false).await.err().unwrap();
        let (complaint, advice) = text.split_once(". ").unwrap();
        assert!(advice.contains("--accept-audit-loss"));
        complaint.to_owned()
    }

    fn verified(&self) -> ::audit::Report {
        let keys = self.signer.public().into();
        ::audit::verify(self.dir.path(), &keys).unwrap()
    }
}

#[tokio::test]
async fn a_new_log_begins_with_signed_statements_and_for_its_owner_alone() {
    use std::os::unix::fs::MetadataExt as _;
    let rig = Rig::new();

    let recovered = rig.opened(&FakeOutbox::default(), false).await.unwrap();
    rig.write(&["a"]);

    assert_eq!(recovered.end.tip.position.sequence, 0);
    assert_eq!(rig.verified().problems, []);
    let segment = fs::metadata(rig.path(&FileName::segment(1))).unwrap();
    assert_eq!(segment.mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_whole_log_is_left_as_it_is() {
    let (rig, outbox) = Rig::signed().await;

    assert_eq!(rig.recovered(&outbox).await, lines(&["a", "b", "c", "d"]));
    assert_eq!(rig.verified().problems, []);
}

#[tokio::test]
async fn what_is_no_event_is_cut_off_the_end() {
    let long = "x".repeat(200_000);
    for torn in [
        "{\"eventID\":\"c",
        "{\"eventID\":\"c\"}",
        "{\"eventID\":\"c\"}\n",
        "\0\0\0\0",
        "\0\0\0\n",
        "not json\nnor this\n{",
        "[]\n",
        "\n\n",
        &long,
    ] {
        let rig = Rig::with(&["a", "b"]).await;
        let name = FileName::segment(1);
        rig.put(&name, [rig.content(&name), torn.into()].concat());

        let text = rig.recovered(&FakeOutbox::default()).await;

        assert_eq!(text, lines(&["a", "b"]), "{torn:?}");
    }
}

#[tokio::test]
async fn what_was_never_signed_is_cut_where_it_is_torn() {
    let (rig, outbox) = Rig::signed().await;
    let name = FileName::segment(3);
    let signed = rig.content(&name);
    rig.write(&["e", "f", "g"]);
    let mut torn = rig.content(&name);
    let within_f = signed.len() + (torn.len() - signed.len()) / 2;
    torn[within_f] = 0;
    rig.put(&name, torn);

    let text = rig.recovered(&outbox).await;

    assert_eq!(text, lines(&["a", "b", "c", "d", "e"]));
    assert_eq!(rig.verified().problems, []);
}

#[tokio::test]
async fn what_only_the_outbox_holds_is_appended_in_order() {
    let rig = Rig::with(&["a", "b"]).await;
    let outbox = FakeOutbox::holding(rig.dir.path(), [event("b"), event("c"), event("d")]);

    let text = rig.recovered(&outbox).await;

    assert_eq!(text, lines(&["a", "b", "c", "d"]));
    assert!(outbox.entries.lock().is_empty());
    assert_eq!(rig.verified().problems, []);
}

#[tokio::test]
async fn what_stands_in_a_closed_segment_is_not_appended_again() {
    let rig = Rig::with(&["a", "b"]).await;
    rig.close();
    let outbox = FakeOutbox::holding(rig.dir.path(), [event("b"), event("c")]);

    let text = rig.recovered(&outbox).await;

    assert_eq!(text, lines(&["a", "b", "c"]));
    assert_eq!(tail::segments(rig.dir.path()).unwrap(), [1, 3].into());
}

#[tokio::test]
async fn an_event_that_was_torn_comes_back_from_the_outbox() {
    let rig = Rig::with(&["a", "b"]).await;
    let name = FileName::segment(1);
    let content = rig.content(&name);
    rig.put(&name, &content[..content.len() - 10]);
    let outbox = FakeOutbox::holding(rig.dir.path(), [event("b")]);

    assert_eq!(rig.recovered(&outbox).await, lines(&["a", "b"]));
}

#[tokio::test]
async fn a_recovery_that_died_is_done_again_without_doubles() {
    let rig = Rig::new();
    let outbox = FakeOutbox::holding(rig.dir.path(), [event("a"), event("b")]);
    *outbox.is_full.lock() = true;

    let died = rig.opened(&outbox, false).await.err().unwrap();
    *outbox.is_full.lock() = false;
    let text = rig.recovered(&outbox).await;

    assert_eq!(died, "cannot read the audit events in the store");
    assert_eq!(text, lines(&["a", "b"]));
}

#[tokio::test]
async fn an_outbox_of_many_batches_is_emptied() {
    let ids: Vec<String> = (0..2 * BATCH + 1).map(|n| format!("id-{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let rig = Rig::with(&ids[..10]).await;
    let outbox = FakeOutbox::holding(rig.dir.path(), ids.iter().map(|id| event(id)));

    let text = rig.recovered(&outbox).await;

    assert_eq!(text, lines(&ids));
    assert!(outbox.entries.lock().is_empty());
}

#[tokio::test]
async fn an_entry_that_is_no_object_or_line_is_kept() {
    let rig = Rig::new();
    let entries = [String::from("{\n}"), String::from("half an {")];
    let outbox = FakeOutbox::holding(rig.dir.path(), entries);

    let text = rig.recovered(&outbox).await;

    assert_eq!(text, "{ }\n{\"unreadableEvent\":\"half an {\"}\n");
}

#[tokio::test]
async fn a_log_from_before_the_chain_becomes_its_history() {
    let rig = Rig::new();
    let whole = lines(&["a", "b"]);
    rig.put(HISTORY, whole.clone() + "{\"eventV");
    let outbox = FakeOutbox::holding(rig.dir.path(), [event("b"), event("c")]);

    let text = rig.recovered(&outbox).await;
    let again = rig.recovered(&outbox).await;
    let report = rig.verified();
    rig.put(HISTORY, whole.replace("\"a\"", "\"x\""));
    let changed = rig.verified();

    assert_eq!((&text, &again), (&lines(&["c"]), &lines(&["c"])));
    assert_eq!(
        (report.problems, report.history_bytes),
        (vec![], Some(whole.len() as u64))
    );
    assert_eq!(changed.problems[0].trouble, ::audit::Trouble::Changed);
}

#[tokio::test]
async fn a_log_that_was_put_back_is_refused() {
    let (rig, outbox) = Rig::signed().await;
    let (segment, head) = (rig.content(&FileName::segment(3)), rig.content(HEAD));
    rig.write(&["e", "f"]);
    outbox.remember(rig.sign_head()).await.unwrap();

    rig.put(&FileName::segment(3), segment);
    rig.put(HEAD, head);
    let complaint = rig.complaint(&outbox).await;

    assert_eq!(
        complaint,
        "the audit log ends with event 4, and went on to event 6"
    );
    assert_eq!(rig.verified().problems, [], "the files alone do not tell");
}

#[tokio::test]
async fn whole_segments_that_are_gone_are_missed() {
    let (rig, outbox) = Rig::signed().await;
    fs::remove_file(rig.path(&FileName::segment(3))).unwrap();
    let segment_gone = rig.complaint(&outbox).await;
    fs::remove_file(rig.path(&FileName::digest(1))).unwrap();
    let digest_gone = rig.complaint(&outbox).await;
    for name in tail::names(rig.dir.path()).unwrap() {
        fs::remove_file(rig.path(&name)).unwrap();
    }
    let all_gone = rig.complaint(&outbox).await;

    assert_eq!(
        segment_gone,
        "the audit log ends with event 2, and went on to event 4"
    );
    assert_eq!(
        digest_gone,
        "a digest that the head of the audit log names is gone"
    );
    assert_eq!(all_gone, "the audit log has lost `beginning.json`");
}

#[tokio::test]
async fn what_was_changed_is_refused() {
    let changed = async |name: String, change: &dyn Fn(&mut Vec<u8>)| {
        let (rig, outbox) = Rig::signed().await;
        let mut content = rig.content(&name);
        change(&mut content);
        rig.put(&name, content);
        rig.complaint(&outbox).await
    };
    let flip = |content: &mut Vec<u8>| content[30] ^= 1;

    assert_eq!(
        changed(FileName::segment(3), &flip).await,
        "line 1 of `00000000000000000003.log` of the audit log: event 3 or its hash was changed"
    );
    assert_eq!(
        changed(FileName::segment(3), &|content| content
            .truncate(content.len() - 9))
        .await,
        "the audit log ends with event 3, and went on to event 4"
    );
    for name in [FileName::digest(1), HEAD.into()] {
        let complaint = changed(name.clone(), &flip).await;
        assert!(complaint.contains(&name), "{complaint}");
    }
}

#[tokio::test]
async fn a_forged_tail_is_refused() {
    let (rig, outbox) = Rig::signed().await;
    fs::remove_file(rig.path(&FileName::segment(3))).unwrap();
    rig.write(&["x", "y"]);

    let complaint = rig.complaint(&outbox).await;

    assert_eq!(
        complaint,
        "event 4 of the audit log is not the one that was signed"
    );
}

#[tokio::test]
async fn another_key_is_a_complaint_and_keeps_the_old_one() {
    let (mut rig, outbox) = Rig::signed().await;
    let old = rig.signer.public();
    rig.signer = signer(vec![], 8);

    let complaint = rig.complaint(&outbox).await;
    rig.opened(&outbox, true).await.unwrap();
    rig.write(&["e"]);
    outbox.remember(rig.sign_head()).await.unwrap();
    rig.opened(&outbox, false).await.unwrap();

    assert_eq!(
        complaint,
        "`00000000000000000001.digest.json` of the audit log cannot be believed: it is signed by a \
         key that is not known here"
    );
    let mut keys: ::audit::PublicKeys = rig.signer.public().into();
    let kept = fs::read_to_string(rig.path(&format!("public-key-{}.pem", old.id()))).unwrap();
    keys.add(::audit::PublicKey::from_pem(&kept).unwrap());
    let report = ::audit::verify(rig.dir.path(), &keys).unwrap();
    assert_eq!(report.problems, []);
    assert!(!rig.path(RETENTION).exists());
}

#[tokio::test]
async fn a_start_that_refuses_leaves_unreadable_lines_where_they_are() {
    let (rig, outbox) = Rig::signed().await;
    let name = FileName::segment(3);
    let mut content = rig.content(&name);
    content.truncate(content.len() - 9);
    rig.put(
        &name,
        [content.as_slice(), b"\nnot an event\n\0\0\0"].concat(),
    );

    let complaint = rig.complaint(&outbox).await;

    assert_eq!(
        complaint,
        "line 2 of `00000000000000000003.log` of the audit log: the line has no chain member, or not in its \
         form"
    );
}

#[tokio::test]
async fn a_first_start_that_refuses_begins_nothing() {
    let rig = Rig::new();
    rig.put(HISTORY, lines(&["old"]));
    rig.write(&["a"]);
    rig.put(&FileName::segment(3), rig.content(&FileName::segment(1)));

    let complaint = rig.complaint(&FakeOutbox::default()).await;

    assert_eq!(
        complaint,
        "`00000000000000000003.log` does not follow what is before it in the audit log"
    );
    assert!(!rig.path(BEGINNING).exists() && !rig.path(HEAD).exists());
}

#[tokio::test]
async fn a_head_without_a_beginning_is_no_first_start() {
    let (rig, _) = Rig::signed().await;
    fs::remove_file(rig.path(BEGINNING)).unwrap();
    fs::remove_file(rig.path(&FileName::digest(1))).unwrap();

    let complaint = rig.complaint(&FakeOutbox::default()).await;

    assert_eq!(complaint, "the audit log has lost `beginning.json`");
}

#[tokio::test]
async fn a_server_that_died_while_it_began_begins_again() {
    let rig = Rig::with(&[]).await;
    fs::remove_file(rig.path(BEGINNING)).unwrap();

    rig.opened(&FakeOutbox::default(), false).await.unwrap();

    assert_eq!(rig.verified().problems, []);
}

#[tokio::test]
async fn what_is_no_file_is_refused_and_holds_nothing_up() {
    for name in [
        HEAD.into(),
        BEGINNING.into(),
        FileName::segment(3),
        FileName::digest(1),
    ] {
        let (rig, outbox) = Rig::signed().await;
        fs::remove_file(rig.path(&name)).unwrap();
        let made = Command::new("mkfifo").arg(rig.path(&name)).status();
        assert!(made.unwrap().success());

        let refused = rig.opened(&outbox, true).await.err().unwrap();
        let sealed = append(rig.dir.path(), DEPLOYMENT, &[b"{}".to_vec()]);

        let told = format!("`{}` is not a file", rig.path(&name).display());
        assert_eq!(refused, told);
        assert_eq!(sealed.unwrap_err().to_string(), told);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_log_cut_anywhere_is_mended_or_refused(signed in 0_usize..4, more in 0_usize..4, cut in any::<prop::sample::Index>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let ids: Vec<String> = (0..=signed + more).map(|n| n.to_string()).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let rig = Rig::with(&ids[..=signed]).await;
            let outbox = FakeOutbox::default();
            outbox.remember(rig.sign_head()).await.unwrap();
            let name = FileName::segment(1);
            let signed_length = rig.content(&name).len();
            rig.write(&ids[signed + 1..]);
            let mut content = rig.content(&name);
            content.truncate(cut.index(content.len() + 1));
            let whole = content.iter().filter(|b| **b == b'\n').count();
            rig.put(&name, &content);
            let before = rig.all();

            let opened = rig.opened(&outbox, false).await;

            assert_eq!(opened.is_ok(), content.len() >= signed_length);
            if opened.is_ok() {
                assert_eq!(all_text(rig.dir.path()), lines(&ids[..whole]));
            } else {
                assert!(before == rig.all());
            }
        });
    }
}
