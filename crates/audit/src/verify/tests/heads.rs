//! Older heads, and what stands behind the last one.

use super::*;

const MUCH_LATER: &str = "2026-01-02T03:04:16Z";
const A_MINUTE_LATER: &str = "2026-01-02T03:05:05Z";
const BEFORE: &str = "2026-01-02T03:04:04Z";
const SOON_AFTER: &str = "2026-01-02T03:04:15Z";

/// A log whose head is the one from before its last digests, which came at the times `closed`.
fn with_older_head(closed: &[&'static str]) -> Log {
    let mut log = Log::usual();
    log.write(1);
    let older = log.content(HEAD);
    for time in closed {
        log.time = time;
        log.close();
        log.write(2);
    }
    log.sign_head();
    assert_eq!(log.problems(), [""; 0]);
    log.put(HEAD, older);
    log
}

#[test]
fn an_older_head_put_back_is_older_than_the_last_digest() {
    let older = |name: &str| {
        format!(
            "head.json: it is older than `{name}`: an older one was put in its place, or the server \
             died before it wrote the next"
        )
    };

    let one = with_older_head(&[MUCH_LATER]).problems();
    let two = with_older_head(&[SOON_AFTER, A_MINUTE_LATER]).problems();
    let clock_went_back = with_older_head(&[BEFORE]).problems();

    assert_eq!(one, [older(&FileName::digest(16))]);
    assert_eq!(two, [older(&FileName::digest(22))]);
    assert_eq!(clock_went_back, one);
}

#[test]
fn a_server_that_died_between_a_digest_and_the_head_leaves_no_problem() {
    let at_once = with_older_head(&[SOON_AFTER, SOON_AFTER]).problems();
    let mut idle = Log::usual();
    let head = idle.content(HEAD);
    idle.time = MUCH_LATER;
    idle.close();
    idle.sign_head();
    idle.put(HEAD, head);

    assert_eq!(at_once, [""; 0]);
    assert_eq!(idle.problems(), [""; 0]);
}

#[test]
fn a_head_that_a_server_wrote_meanwhile_is_not_older() {
    let log = with_older_head(&[MUCH_LATER]);
    let older = log.content(HEAD);
    let keys = log.keys();
    let verified = |head| {
        let files = Files::of_directory(log.dir.path()).unwrap();
        Verification::new(files, &keys).run(Some(head)).unwrap()
    };

    let before = verified(older.clone());
    log.put(HEAD, b"a newer one");
    let after = verified(older);

    assert_eq!(shown(&before).len(), 1);
    assert_eq!(shown(&after), [""; 0]);
}

#[test]
fn events_much_later_than_the_head_are_told() {
    let until = |time| {
        let mut log = Log::usual();
        log.write_at(time, 2);
        let report = log.verified();
        assert_eq!((shown(&report), report.unsigned_events), (Vec::new(), 2));
        report.unsigned_until
    };

    assert_eq!(until(TIME), None);
    assert_eq!(until(SOON_AFTER), None);
    assert_eq!(until(MUCH_LATER).as_deref(), Some(MUCH_LATER));
    assert_eq!(until("no time"), None);
}

#[test]
fn a_lost_beginning_is_a_problem_until_an_operator_takes_note() {
    let mut log = Log::new(None);
    log.write(5);
    log.close();
    log.write(5);
    log.close();
    log.lose(0);
    log.sign_head();
    log.remove(BEGINNING);
    let by_another_loss = log.problems();
    log.remove(&FileName::loss(11));
    let mut log = log.without_last_statement();

    log.lose(0);
    log.sign_head();
    let accepted = log.verified();
    log.remove(&FileName::segment(1));
    log.remove(&FileName::digest(1));
    let cut = log.problems();

    let missing = "beginning.json: the file is missing";
    assert_eq!(by_another_loss, [missing]);
    assert_eq!(shown(&accepted), [""; 0]);
    assert_eq!(accepted.accepted.len(), 1);
    assert_eq!(cut, ["6.digest.json: events 1 to 5 are missing"]);
}
