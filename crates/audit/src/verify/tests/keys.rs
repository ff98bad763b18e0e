//! Keys that were replaced.

use super::*;

/// Three segments under the first key, two under the second, and an open one with a head.
fn with_two_keys() -> Log {
    let mut log = Log::usual();
    log.close();
    log.replace_key(8);
    for _ in 0..2 {
        log.write(3);
        log.close();
    }
    log.write(2);
    log.sign_head();
    log
}

/// The first event of the second key.
const FIRST: u64 = 21;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32]).unwrap()
}

fn public(seeds: &[u8]) -> PublicKeys {
    let mut keys = PublicKeys::default();
    for seed in seeds {
        keys.add(key(*seed).public().clone());
    }
    keys
}

fn problems(log: &Log, seeds: &[u8]) -> Vec<String> {
    let report = verify(log.dir.path(), &public(seeds)).unwrap();
    report.problems.iter().map(shown).collect()
}

fn shown(problem: &Problem) -> String {
    let name = problem.file.trim_start_matches('0');
    format!("{name}: {}", problem.trouble)
}

/// What `seed` says in the place of what there is.
fn forge(log: &Log, seed: u8, name: &str, previous: Option<Hash>, said: Said) {
    let key = key(seed);
    let statement = Statement::new(&key, DEPLOYMENT, TIME.into(), previous, said);
    log.put(name, statement.sign(&key).unwrap());
}

const REPLACED: &str = "it is signed by a key that was replaced before";

#[test]
fn either_key_verifies_the_whole_log() {
    let log = with_two_keys();

    for known in [&[7, 8][..], &[7], &[8]] {
        let report = verify(log.dir.path(), &public(known)).unwrap();

        assert_eq!(report.problems, [], "{known:?}");
        assert_eq!((report.events, report.unsigned_events), (28, 0));
        let changed = KeyChanged {
            first: FIRST,
            replaced: key(7).public().id(),
            next: key(8).public().id(),
            time: TIME.to_owned(),
        };
        assert_eq!(report.key_changes, [changed]);
    }
}

#[test]
fn keys_are_followed_over_several_changes() {
    let mut log = with_two_keys();
    log.close();
    log.replace_key(9);
    // Nothing came behind it but a head.
    log.sign_head();

    for known in [7, 8, 9] {
        assert_eq!(problems(&log, &[known]), [""; 0], "{known}");
    }
    let strange = verify(log.dir.path(), &public(&[10]));
    assert!(matches!(strange, Err(VerifyError::NothingSigned)));
}

#[test]
fn segments_of_both_keys_are_verified_by_themselves() {
    let log = with_two_keys();
    let paths =
        |names: &[String]| -> Vec<PathBuf> { names.iter().map(|name| log.path(name)).collect() };
    let old = paths(&[FileName::segment(1)]);
    let across = paths(&[
        FileName::segment(16),
        FileName::key(FIRST),
        FileName::segment(FIRST),
    ]);

    let of_old = verify_files(&old, &public(&[7])).unwrap();
    let of_both = verify_files(&across, &public(&[7])).unwrap();
    let of_new = verify_files(&across, &public(&[8])).unwrap();

    assert_eq!((of_old.problems, of_old.events), (vec![], 5));
    assert_eq!((of_both.problems, of_both.events), (vec![], 8));
    assert_eq!((of_new.problems, of_new.events), (vec![], 8));
}

#[test]
fn a_server_that_died_before_it_signed_with_the_new_key_leaves_no_problem() {
    let mut log = Log::usual();
    log.close();
    log.sign_head();

    log.replace_key(8);

    assert_eq!(problems(&log, &[7]), [""; 0]);
    assert_eq!(problems(&log, &[7, 8]), [""; 0]);
}

#[test]
fn a_key_that_was_replaced_signs_nothing_any_more() {
    let log = with_two_keys();
    let digest = FileName::digest(FIRST);
    let (content, head) = (log.content(&digest), log.content(HEAD));
    let opened = Statement::peek(&content).unwrap().statement;
    forge(&log, 7, &digest, opened.previous, opened.said);

    let of_digest = problems(&log, &[7, 8]);
    log.put(&digest, content);
    let opened = Statement::peek(&head).unwrap().statement;
    forge(&log, 7, HEAD, opened.previous, opened.said);
    let of_head = problems(&log, &[7]);

    let of_digest: Vec<&String> = of_digest
        .iter()
        .filter(|text| text.contains("digest"))
        .collect();
    assert_eq!(of_digest[0], &format!("{FIRST}.digest.json: {REPLACED}"));
    assert_eq!(of_head, [format!("head.json: {REPLACED}")]);
}

#[test]
fn a_key_that_was_replaced_excuses_no_deletion() {
    let log = with_two_keys();
    let retention = || {
        Said::Retention(Retention {
            deleted_through: 5,
            history: false,
        })
    };
    log.remove(&FileName::segment(1));
    forge(&log, 7, RETENTION, None, retention());

    let by_old = problems(&log, &[7, 8]);
    forge(&log, 8, RETENTION, None, retention());
    let by_new = problems(&log, &[7, 8]);

    assert_eq!(by_old, [format!("retention.json: {REPLACED}")]);
    assert_eq!(by_new, [""; 0]);
}

#[test]
fn what_was_deleted_may_wait_for_the_new_key_as_long_as_the_head_does() {
    let mut log = Log::usual();
    log.close();
    log.remove(&FileName::segment(1));
    let said = Said::Retention(Retention {
        deleted_through: 5,
        history: false,
    });
    forge(&log, 7, RETENTION, None, said);
    log.sign_head();

    log.replace_key(8);

    assert_eq!(problems(&log, &[7, 8]), [""; 0]);
}

#[test]
fn what_the_old_key_said_cannot_be_said_again_by_who_has_it() {
    let log = with_two_keys();
    let digest = FileName::digest(16);
    let opened = Statement::peek(&log.content(&digest)).unwrap().statement;
    let key = key(7);
    let later = String::from("2026-01-02T03:04:06Z");
    let forged = Statement::new(&key, DEPLOYMENT, later, opened.previous, opened.said);
    log.put(&digest, forged.sign(&key).unwrap());

    for known in [&[7][..], &[8], &[7, 8]] {
        let found = problems(&log, known);

        let expected =
            format!("{FIRST}.key.json: the statement before it is missing or was changed");
        assert_eq!(found, [expected], "{known:?}");
    }
}

#[test]
fn nobody_names_a_key_but_the_one_that_signs() {
    let mut log = Log::usual();
    log.close();
    log.sign_head();
    let change = KeyChange {
        after: log.chain.position(),
        replaced: log.key.public().clone(),
        next: key(8).public().clone(),
    };
    let name = FileName::key(change.first());
    forge(&log, 8, &name, log.previous, Said::Key(change.clone()));
    log.key = key(8);
    log.write(2);
    log.close();
    log.sign_head();

    let by_old = problems(&log, &[7]);
    // The statement of the key is believed by nobody, and what is before it neither.
    let by_new = problems(&log, &[8]);

    assert!(
        by_old.iter().any(|text| text.starts_with("21.key.json")),
        "{by_old:?}"
    );
    assert!(
        by_old.iter().any(|text| text.starts_with("head.json")),
        "{by_old:?}"
    );
    assert!(
        by_new.iter().any(|text| text.starts_with("beginning.json")),
        "{by_new:?}"
    );
}

#[test]
fn a_removed_statement_of_a_key_is_missed() {
    let log = with_two_keys();
    log.remove(&FileName::key(FIRST));

    let found = problems(&log, &[7, 8]);

    let expected =
        format!("{FIRST}.digest.json: the statement before it is missing or was changed");
    assert_eq!(found, [expected]);
    assert!(!problems(&log, &[7]).is_empty());
    assert!(!problems(&log, &[8]).is_empty());
}

proptest! {
    #[test]
    fn every_bit_of_the_statement_of_a_key_counts(at in any::<prop::sample::Index>(), bit in 0..8) {
        let log = with_two_keys();
        let name = FileName::key(FIRST);
        let mut content = log.content(&name);

        let at = at.index(content.len());
        content[at] ^= 1_u8 << bit;
        log.put(&name, content);

        for known in [&[7][..], &[8], &[7, 8]] {
            let outcome = verify(log.dir.path(), &public(known));
            prop_assert!(outcome.is_err() || !outcome.unwrap().problems.is_empty());
        }
    }
}
