use super::*;
use crate::test_entropy::Seeded;
use proptest::prelude::*;

fn key(seed: u64) -> KeyBytes {
    KeyBytes::generate(&Seeded::new(seed)).unwrap()
}

fn shares_of(key: &KeyBytes, shares: u8, threshold: u8) -> Vec<Share> {
    split(key, shares, threshold, &Seeded::new(99)).unwrap()
}

fn combined(shares: Vec<Share>) -> Result<Vec<u8>, ShareError> {
    combine(&shares).map(|key| key.expose().to_vec())
}

fn copy(share: &Share) -> Share {
    Share::parse(share.to_text().expose()).unwrap()
}

fn text_of(share: &Share) -> String {
    String::from_utf8(share.to_text().expose().to_vec()).unwrap()
}

#[test]
fn every_choice_of_enough_shares_gives_the_key() {
    let key = key(1);
    let shares = shares_of(&key, 5, 3);
    for a in 0..5 {
        for b in 0..5 {
            for c in 0..5 {
                let chosen = [a, b, c].map(|one| copy(&shares[one]));

                let found = combined(chosen.into());

                let distinct = a != b && b != c && a != c;
                assert_eq!(found.is_ok(), distinct, "{a} {b} {c}");
                if distinct {
                    assert_eq!(found.unwrap(), key.expose());
                }
            }
        }
    }
}

#[test]
fn fewer_shares_give_nothing() {
    let shares = shares_of(&key(1), 5, 3);

    let found = combined(shares.into_iter().take(2).collect());

    assert_eq!(found, Err(ShareError::DoNotFit));
    assert_eq!(combined(Vec::new()), Err(ShareError::DoNotFit));
}

/// Whatever the key was, there is a share that makes it of the ones that are known: so they tell
/// nothing of it.
#[test]
fn one_share_too_few_fits_every_key() {
    let key = key(1);
    let shares = shares_of(&key, 2, 2);
    let (known, unknown) = (&shares[0], &shares[1]);

    let mut seen = [false; 256];
    for value in 0..=u8::MAX {
        let weight = |one: &Share| weight_of(one, &shares);
        let first = weight(known).times(Element(known.body()[0]));
        let made = first.plus(weight(unknown).times(Element(value))).0;
        seen[usize::from(made)] = true;
    }

    assert!(seen.iter().all(|seen| *seen));
}

#[test]
fn numbers_that_make_no_sense_are_refused() {
    for (shares, threshold) in [(0, 0), (1, 1), (5, 1), (5, 0), (3, 4)] {
        let refused = split(&key(1), shares, threshold, &Seeded::new(1)).err();

        assert_eq!(refused, Some(ShareError::Count { shares, threshold }));
    }
    assert_eq!(shares_of(&key(1), 255, 255).len(), 255);
}

#[test]
fn shares_of_two_keys_do_not_combine() {
    let mut mixed = shares_of(&key(1), 3, 2);
    mixed.truncate(1);
    mixed.extend(shares_of(&key(2), 3, 2).into_iter().skip(1));

    assert_eq!(combined(mixed), Err(ShareError::DoNotFit));
}

#[test]
fn a_forged_share_with_a_good_checksum_does_not_combine() {
    let shares = shares_of(&key(1), 3, 2);
    let other = shares_of(&key(2), 3, 2);
    let body = KeyBytes::of(other[1].body()).unwrap();
    let forged = Share::of(shares[1].set_bytes(), 2, 2, body);

    assert_eq!(
        combined(vec![copy(&shares[0]), forged]),
        Err(ShareError::DoNotFit)
    );
}

/// The form is a promise to those who keep shares on paper.
#[test]
fn a_share_is_one_line_of_a_fixed_form() {
    let body = KeyBytes::of(&(0..32).collect::<Vec<u8>>()).unwrap();
    let share = Share::of([0xab; 8], 3, 12, body);

    assert_eq!(text_of(&share), LINE);
    let read = Share::parse(LINE.as_bytes()).unwrap();
    assert_eq!((read.threshold(), read.number()), (3, 12));
    assert_eq!(
        (read.set(), read.body()),
        (String::from("abababababababab"), share.body())
    );
}

#[test]
fn a_share_may_be_typed_in_capitals_and_with_blanks_around() {
    let typed = format!("  {}\r\n", LINE.to_uppercase());

    assert_eq!(text_of(&Share::parse(typed.as_bytes()).unwrap()), LINE);
}

#[test]
fn every_typing_error_is_told() {
    for position in 5..LINE.len() {
        for typed in [b'0', b'a', b'-', b'z'] {
            let mut line = LINE.as_bytes().to_vec();
            if line[position] == typed {
                continue;
            }
            line[position] = typed;

            let refused = Share::parse(&line).err();

            let told = [Some(ShareError::Damaged), Some(ShareError::NotAShare)];
            assert!(told.contains(&refused), "{position} {typed}");
        }
    }
    let hint = ShareError::Damaged.to_string();
    assert_eq!(
        hint,
        "the share has a typing error: its checksum does not fit; copy it again"
    );
}

#[test]
fn what_is_no_share_is_told() {
    for text in [
        "",
        "hunter2",
        "srs2-ab-1-1-a-b",
        "srs1",
        "srs1-",
        &"srs1-".repeat(1_000),
    ] {
        let refused = Share::parse(text.as_bytes()).err();

        assert_eq!(refused, Some(ShareError::NotAShare), "{text}");
    }
}

#[test]
fn no_refusal_shows_a_share() {
    let damaged = LINE.replace("aaaq", "aaar");

    let refused = Share::parse(damaged.as_bytes()).err().unwrap();

    assert!(!format!("{refused} {refused:?}").contains("aaar"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_split_key_comes_back(seed: u64, threshold in 2_u8..20, more in 0_u8..20, skip in 0_usize..20) {
        let key = key(seed);
        let total = threshold + more;
        let shares = split(&key, total, threshold, &Seeded::new(seed ^ 5)).unwrap();

        let skip = skip.min(usize::from(more));
        let found = combined(shares.into_iter().skip(skip).collect()).unwrap();

        prop_assert_eq!(found, key.expose());
    }

    #[test]
    fn reading_a_share_never_panics(text in prop::collection::vec(any::<u8>(), 0..200), line in "srs1(-[a-z0-9]{0,60}){0,7}") {
        let _ = Share::parse(&text);
        let _ = Share::parse(line.as_bytes());
    }
}

const LINE: &str =
    "srs1-abababababababab-3-12-aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dypq-a6175632";
