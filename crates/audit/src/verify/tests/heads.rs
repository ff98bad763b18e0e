//! Older heads, and what stands behind the last one.

use super::*;

const MUCH_LATER: &str = "2026-01-02T03:04:16Z";
const SOON_AFTER: &str = "2026-01-02T03:04:15Z";

#[test]
fn an_older_head_put_back_is_older_than_the_last_digest() {
    let mut log = Log::usual();
    let older = log.content(HEAD);
    log.close();
    log.write(2);
    log.sign_head();
    let before = log.problems();

    log.put(HEAD, older);
    let after = log.problems();

    assert_eq!(before, [""; 0]);
    assert_eq!(
        after,
        [
            "head.json: it is older than `00000000000000000016.digest.json`: an older one was put in \
             its place, or the server died before it wrote the next"
        ]
    );
}

#[test]
fn a_head_that_a_server_writes_meanwhile_is_not_older() {
    let mut log = Log::usual();
    let older = log.content(HEAD);
    log.close();
    log.sign_head();
    let newer = log.content(HEAD);
    log.put(HEAD, &older);
    let path = log.path(HEAD);
    let staged = log.path("staged");

    let report = std::thread::scope(|scope| {
        let verifying = scope.spawn(|| {
            let files = Files::of_directory(log.dir.path()).unwrap();
            let keys = log.keys();
            Verification::new(files, &keys).run(Some(older)).unwrap()
        });
        fs::write(&staged, &newer).unwrap();
        fs::rename(&staged, &path).unwrap();
        verifying.join().unwrap()
    });

    assert_eq!(shown(&report), [""; 0]);
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
