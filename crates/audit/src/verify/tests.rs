mod entries;
mod heads;
mod keys;

use super::*;
use crate::chain::{Chain, ChainedLine};
use crate::keys::SigningKey;
use crate::names::{BEGINNING, FileName, HISTORY, PUBLIC_KEY, RETENTION};
use crate::statement::{Beginning, History, KeyChange, Loss, Said, Segment};
use proptest::prelude::*;
use std::fs;

const DEPLOYMENT: &str = "111122223333";
const TIME: &str = "2026-01-02T03:04:05Z";

/// Writes a log as a server does.
struct Log {
    dir: tempfile::TempDir,
    key: SigningKey,
    chain: Chain,
    previous: Option<Hash>,
    /// When it is said.
    time: &'static str,
    /// The first line of the open segment, what its first line is chained to, and its length.
    open: Option<(Position, u64)>,
}

impl Log {
    fn new(history: Option<&str>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let history = history.map(|text| {
            fs::write(dir.path().join(HISTORY), text).unwrap();
            History {
                length: text.len() as u64,
                sha256: Hash::of(text.as_bytes()),
            }
        });
        let position = Position::beginning(DEPLOYMENT, history.as_ref());
        let mut log = Self {
            dir,
            key: SigningKey::from_seed(&[7; 32]).unwrap(),
            chain: Chain::after(DEPLOYMENT, position),
            previous: None,
            time: TIME,
            open: None,
        };
        log.say(BEGINNING, Said::Beginning(Beginning { history, position }));
        log.sign_head();
        log
    }

    /// Three closed segments and an open one, with a signed head.
    fn usual() -> Self {
        let mut log = Self::new(Some("{\"before\":1}\n"));
        for _ in 0..3 {
            log.write(5);
            log.close();
        }
        log.write(5);
        log.sign_head();
        log
    }

    fn keys(&self) -> PublicKeys {
        self.key.public().clone().into()
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

    fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    fn say(&mut self, name: &str, said: Said) {
        let is_linked = !matches!(said, Said::Head(_) | Said::Retention(_));
        let statement =
            Statement::new(&self.key, DEPLOYMENT, self.time.into(), self.previous, said);
        let content = statement.sign(&self.key).unwrap();
        if is_linked {
            self.previous = Some(Hash::of(&content));
        }
        self.put(name, content);
    }

    fn write(&mut self, events: u64) {
        self.write_at(TIME, events);
    }

    fn write_at(&mut self, time: &str, events: u64) {
        let before = self.chain.position();
        let (start, _) = *self.open.get_or_insert((before, 0));
        let name = FileName::segment(start.sequence + 1);
        let mut content = fs::read(self.path(&name)).unwrap_or_default();
        for n in 0..events {
            let event = format!("{{\"eventTime\":\"{time}\",\"n\":{n}}}");
            self.chain.append(event.as_bytes(), &mut content).unwrap();
        }
        self.open = Some((start, content.len() as u64));
        self.put(&name, content);
    }

    fn close(&mut self) {
        let (start, length) = self.open.take().unwrap();
        let first = start.sequence + 1;
        let last = self.chain.position();
        let segment = Segment {
            first_sequence: first,
            first_previous_hash: start.hash,
            last_sequence: last.sequence,
            last_hash: last.hash,
            length,
            sha256: Hash::of(&self.content(&FileName::segment(first))),
            first_event_time: None,
            last_event_time: None,
        };
        self.say(&FileName::digest(first), Said::Segment(segment));
    }

    /// Gives the log another key, whose seed is so many times `seed`. Without a head behind it.
    fn replace_key(&mut self, seed: u8) {
        let next = SigningKey::from_seed(&[seed; 32]).unwrap();
        let change = KeyChange {
            after: self.chain.position(),
            replaced: self.key.public().clone(),
            next: next.public().clone(),
        };
        self.say(&FileName::key(change.first()), Said::Key(change));
        self.key = next;
    }

    fn sign_head(&mut self) {
        let (segment, length) = self
            .open
            .map_or((0, 0), |(start, length)| (start.sequence + 1, length));
        let position = self.chain.position();
        let head = Head {
            segment,
            position,
            length,
        };
        self.say(HEAD, Said::Head(head));
    }

    fn lose(&mut self, count: u64) {
        let before = self.chain.position();
        let last = Position {
            sequence: before.sequence + count,
            hash: Hash::of(b"lost"),
        };
        let loss = Loss {
            after: before,
            last,
            reason: String::from("restored"),
            beginning: !self.path(BEGINNING).exists(),
        };
        self.say(&FileName::loss(before.sequence + 1), Said::Loss(loss));
        self.chain.set(last);
    }

    /// Goes on behind the digest before the last statement, as if the latter had not been said.
    fn without_last_statement(mut self) -> Self {
        let names = self.names();
        let digest = names.iter().rfind(|name| name.ends_with(".digest.json"));
        self.previous = digest.map(|name| Hash::of(&self.content(name)));
        self.chain.set(self.position_of(10));
        self
    }

    fn position_of(&self, sequence: u64) -> Position {
        let find = |name: &String| {
            let lines = lines(&self.content(name));
            let mut positions = lines
                .iter()
                .filter_map(|line| Some(ChainedLine::parse(line)?.position));
            positions.find(|position| position.sequence == sequence)
        };
        self.names().iter().find_map(find).unwrap()
    }

    fn retain(&mut self, through: u64) {
        let said = Said::Retention(Retention {
            deleted_through: through,
            history: through > 0,
        });
        self.say(RETENTION, said);
    }

    fn verified(&self) -> Report {
        verify(self.dir.path(), &self.keys()).unwrap()
    }

    /// The problems, as they are shown.
    fn problems(&self) -> Vec<String> {
        shown(&self.verified())
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Whether the log is found to be other than it was.
    fn is_found_out(&self) -> bool {
        match verify(self.dir.path(), &self.keys()) {
            Ok(report) => !report.problems.is_empty(),
            Err(_) => true,
        }
    }
}

fn shown(report: &Report) -> Vec<String> {
    let shown = |problem: &Problem| {
        let line = problem.line.map(|line| format!(":{line}"));
        let (file, trouble) = (problem.file.trim_start_matches('0'), &problem.trouble);
        format!("{file}{}: {trouble}", line.unwrap_or_default())
    };
    report.problems.iter().map(shown).collect()
}

fn lines(content: &[u8]) -> Vec<Vec<u8>> {
    content
        .split_inclusive(|b| *b == b'\n')
        .map(<[u8]>::to_vec)
        .collect()
}

#[test]
fn an_untouched_log_verifies() {
    let log = Log::usual();

    let report = log.verified();

    assert_eq!(shown(&report), [""; 0]);
    assert_eq!((report.events, report.segments), (20, 4));
    assert_eq!(report.deployment.as_deref(), Some(DEPLOYMENT));
    assert_eq!(report.first_event_time.as_deref(), Some(TIME));
    assert_eq!(report.head.unwrap().sequence, 20);
    assert_eq!((report.unsigned_events, report.has_torn_end), (0, false));
    assert_eq!(report.history_bytes, Some(13));
}

#[test]
fn a_log_without_events_verifies() {
    assert_eq!(Log::new(None).problems(), [""; 0]);
}

#[test]
fn what_comes_after_the_head_is_not_signed_yet() {
    let mut log = Log::usual();
    log.write(3);
    let name = FileName::segment(16);
    let mut content = log.content(&name);
    content.extend_from_slice(b"{\"half\":");
    log.put(&name, content);

    let report = log.verified();

    assert_eq!(shown(&report), [""; 0]);
    assert_eq!((report.unsigned_events, report.has_torn_end), (3, true));
}

#[test]
fn a_segment_that_is_closed_and_has_no_digest_yet_is_no_problem() {
    let mut log = Log::usual();
    log.open = None;
    log.write(5);
    log.sign_head();

    assert_eq!(log.problems(), [""; 0]);
}

#[test]
fn an_edit_is_named_with_its_line() {
    let log = Log::usual();
    let name = FileName::segment(6);
    let text = String::from_utf8(log.content(&name)).unwrap();
    log.put(&name, text.replace("\"n\":2", "\"n\":7"));

    let edited = log.problems();

    assert_eq!(edited, ["6.log:3: event 8 or its hash was changed"]);
}

#[test]
fn lines_removed_added_and_moved_are_named() {
    let with_lines = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let log = Log::usual();
        let name = FileName::segment(6);
        let mut lines = lines(&log.content(&name));
        change(&mut lines);
        log.put(&name, lines.concat());
        log.problems()
    };

    let removed = with_lines(&|lines| drop(lines.remove(1)));
    let cut = with_lines(&|lines| lines.truncate(3));
    let added = with_lines(&|lines| lines.push(b"{}\n".to_vec()));
    let twice = with_lines(&|lines| lines.push(lines[4].clone()));
    let swapped = with_lines(&|lines| lines.swap(1, 2));
    let emptied = with_lines(&Vec::clear);

    assert_eq!(removed, ["6.log:2: events 7 to 7 are missing"]);
    assert_eq!(
        cut,
        ["6.log:4: it ends with event 8, and went on to event 10"]
    );
    assert_eq!(
        added,
        ["6.log:6: it goes on after event 10, which was its last"]
    );
    assert_eq!(twice, added);
    assert_eq!(swapped, ["6.log:2: events 7 to 7 are missing"]);
    assert_eq!(
        emptied,
        ["6.log:1: it ends with event 5, and went on to event 10"]
    );
}

#[test]
fn files_removed_and_added_are_named() {
    let without = |name: &str| {
        let log = Log::usual();
        log.remove(name);
        log.problems()
    };
    let log = Log::usual();
    fs::copy(
        log.path(&FileName::segment(6)),
        log.path(&FileName::segment(8)),
    )
    .unwrap();

    assert_eq!(
        without(&FileName::segment(6)),
        ["6.log: the file is missing"]
    );
    assert_eq!(
        without(&FileName::digest(6)),
        ["11.digest.json: the statement before it is missing or was changed"]
    );
    assert_eq!(
        without(&FileName::digest(11)),
        ["head.json: the statement before it is missing or was changed"]
    );
    assert_eq!(
        without(&FileName::segment(16)),
        ["16.log: the file is missing"]
    );
    assert_eq!(without(HEAD), ["head.json: the file is missing"]);
    assert_eq!(without(HISTORY), ["audit.log: the file is missing"]);
    assert_eq!(without(BEGINNING)[0], "beginning.json: the file is missing");
    assert_eq!(
        log.problems(),
        ["8.log: event 8 stands where event 11 should"]
    );
}

#[test]
fn a_segment_removed_with_its_digest_leaves_a_gap() {
    let log = Log::usual();
    log.remove(&FileName::segment(6));
    log.remove(&FileName::digest(6));

    let problems = log.problems();

    assert_eq!(
        problems,
        ["11.digest.json: the statement before it is missing or was changed"]
    );
}

#[test]
fn the_end_cannot_be_cut_off_before_the_head() {
    let log = Log::usual();
    let name = FileName::segment(16);
    let content = log.content(&name);
    for length in 0..content.len() {
        log.put(&name, &content[..length]);

        assert!(log.is_found_out(), "{length}");
    }
}

#[test]
fn a_tail_that_was_chained_anew_is_not_the_signed_one() {
    let mut log = Log::usual();
    let mut forger = Chain::after(DEPLOYMENT, log.open.unwrap().0);
    let mut forged = Vec::new();
    for _ in 0..6 {
        forger.append(b"{}", &mut forged).unwrap();
    }
    log.put(&FileName::segment(16), forged);
    log.open = None;

    assert_eq!(
        log.problems(),
        ["16.log: event 20 is not the one that was signed"]
    );
}

#[test]
fn what_retention_deleted_is_no_problem_and_what_somebody_else_deleted_is() {
    let mut log = Log::usual();
    log.retain(10);
    for first in [1, 6] {
        log.remove(&FileName::segment(first));
    }
    log.remove(HISTORY);

    let report = log.verified();
    log.remove(&FileName::segment(11));
    let more = log.problems();

    assert_eq!(shown(&report), [""; 0]);
    let events = |first, last| Gone::Events { first, last };
    assert_eq!(report.gone, [Gone::History, events(1, 5), events(6, 10)]);
    assert_eq!(more, ["11.log: the file is missing"]);
}

#[test]
fn a_loss_that_an_operator_took_note_of_is_told_and_no_problem() {
    let mut log = Log::usual();
    log.close();
    log.lose(100);
    log.write(2);
    log.sign_head();

    let report = log.verified();

    assert_eq!(shown(&report), [""; 0]);
    assert_eq!(
        (report.accepted[0].first, report.accepted[0].last),
        (21, 120)
    );
    assert_eq!(report.head.unwrap().sequence, 122);
}

#[test]
fn what_was_there_before_a_loss_cannot_be_changed_later() {
    let mut log = Log::usual();
    log.open = None;
    log.lose(100);
    log.sign_head();
    let name = FileName::segment(16);
    let whole = log.content(&name);
    let mut forger = Chain::after(DEPLOYMENT, log.position_of(15));
    let mut forged = Vec::new();
    for _ in 0..5 {
        forger.append(b"{}", &mut forged).unwrap();
    }

    let before = log.problems();
    log.put(&name, &forged);
    let changed = log.problems();
    log.put(&name, lines(&whole)[..4].concat());
    let cut = log.problems();

    assert_eq!(before, [""; 0]);
    assert_eq!(
        changed,
        ["21.loss.json: event 20 is not the one that was signed"]
    );
    assert_eq!(cut, ["21.loss.json: events 20 to 20 are missing"]);
}

#[test]
fn a_loss_without_lost_events_comes_before_the_segment_of_its_number() {
    let mut log = Log::usual();
    log.close();
    log.lose(0);
    log.write(2);
    log.sign_head();

    assert_eq!(log.problems(), [""; 0]);
}

#[test]
fn files_of_another_log_are_found_out() {
    let log = Log::usual();
    let mut other = Log::new(None);
    other.write(5);
    other.close();
    for name in [FileName::segment(1), FileName::digest(1)] {
        fs::copy(other.path(&name), log.path(&name)).unwrap();
    }

    assert!(log.is_found_out());
}

#[test]
fn some_files_can_be_verified_alone() {
    let log = Log::usual();
    let path = |first| log.path(&FileName::segment(first));

    let middle = verify_files(&[path(6), path(11)], &log.keys()).unwrap();
    let gap = verify_files(&[path(1), path(11)], &log.keys()).unwrap();
    let unsigned = verify_files(&[path(16)], &log.keys());
    let foreign = verify_files(&[log.path("x")], &log.keys());

    assert_eq!((shown(&middle), middle.events), (Vec::new(), 10));
    assert_eq!(
        shown(&gap),
        ["11.digest.json: the statement before it is missing or was changed"]
    );
    assert!(matches!(unsigned, Err(VerifyError::NothingSigned)));
    assert!(matches!(foreign, Err(VerifyError::Foreign(_))));
}

#[test]
fn nothing_is_believed_that_another_key_signed() {
    let log = Log::usual();
    let other = SigningKey::from_seed(&[8; 32]).unwrap();

    let refused = verify(log.dir.path(), &other.public().clone().into());

    assert!(matches!(refused, Err(VerifyError::NothingSigned)));
}

/// A log of some thousand events.
fn a_long_log() -> Log {
    let mut log = Log::new(Some("{\"before\":1}\n"));
    for _ in 0..8 {
        log.write(250);
        log.close();
    }
    log.write(250);
    log.retain(0);
    log.sign_head();
    log
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_bit_of_any_file_can_be_changed(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..8), 40),
    ) {
        let log = a_long_log();
        prop_assert_eq!(log.problems(), [""; 0]);
        let names = log.names();
        for (file, byte, bit) in flips {
            let name = file.get(&names);
            let whole = log.content(name);
            let mut content = whole.clone();
            let at = byte.index(content.len());
            content[at] ^= 1_u8 << bit;

            log.put(name, &content);
            let is_found_out = log.is_found_out();
            log.put(name, &whole);

            prop_assert!(is_found_out, "{} {} {}", name, at, bit);
        }
    }

    #[test]
    fn no_line_can_be_removed_repeated_or_swapped(
        which in any::<prop::sample::Index>(), one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(),
    ) {
        let log = a_long_log();
        let name = FileName::segment(1 + 250 * which.index(9) as u64);
        let whole = lines(&log.content(&name));
        let (one, other) = (one.index(whole.len()), other.index(whole.len()));
        let removed = { let mut lines = whole.clone(); lines.remove(one); lines };
        let repeated = { let mut lines = whole.clone(); lines.insert(other, lines[one].clone()); lines };
        let swapped = { let mut lines = whole.clone(); lines.swap(one, other); lines };

        for changed in [removed, repeated, swapped] {
            if changed == whole {
                continue;
            }
            log.put(&name, changed.concat());
            // Behind the head a line may stand that is not signed yet, but no line twice.
            prop_assert!(log.is_found_out());
        }
    }

    #[test]
    fn no_file_can_be_removed_or_cut(which in any::<prop::sample::Index>(), length in any::<prop::sample::Index>()) {
        let log = a_long_log();
        let names: Vec<String> = log.names().into_iter().filter(|name| name != PUBLIC_KEY && name != RETENTION).collect();
        let name = which.get(&names);
        let whole = log.content(name);

        log.put(name, &whole[..length.index(whole.len())]);
        let cut = log.is_found_out();
        log.remove(name);
        let removed = log.is_found_out();

        prop_assert!(cut && removed);
    }
}
