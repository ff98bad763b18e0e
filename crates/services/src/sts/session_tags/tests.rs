use super::*;
use crate::identity::SessionSubject;
use base::{AccountId, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A session with these tags.
fn tagged(tags: &SessionTags) -> Session {
    let account = AccountId::parse("123456789012").unwrap();
    Session {
        tags: tags.tags.clone(),
        transitive_tag_keys: tags.transitive.clone(),
        ..Session::of(
            &account,
            SessionSubject::Root {
                access_key_id: String::from("AKIAROOT"),
            },
            Timestamp::from_millis(0),
            900,
        )
    }
}

fn given(tags: &[(&str, &str)], transitive: &[&str]) -> Result<SessionTags, SessionTagError> {
    SessionTags::default().with(tags, &owned(transitive))
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn shape(tags: &SessionTags) -> Vec<(&str, &str)> {
    tags.tags.iter().collect()
}

#[test]
fn transitive_tags_go_on_and_others_do_not() {
    let first = given(&[("team", "red"), ("cost", "7")], &["TEAM"]).unwrap();

    let second = SessionTags::handed_on(Some(&tagged(&first)));
    let third = second.clone().with(&[("cost", "8")], &[]).unwrap();

    assert_eq!(shape(&second), [("team", "red")]);
    assert_eq!(shape(&third), [("team", "red"), ("cost", "8")]);
    assert_eq!(third.transitive, ["TEAM"]);
}

#[test]
fn who_has_no_session_hands_nothing_on() {
    let tags = SessionTags::handed_on(None);

    assert!(tags.is_empty());
    assert_eq!(tags, SessionTags::default());
}

#[test]
fn what_does_not_go_together_is_refused() {
    let caller = tagged(&given(&[("team", "red")], &["team"]).unwrap());
    let on = |tags: &[(&str, &str)], transitive: &[&str]| {
        SessionTags::handed_on(Some(&caller)).with(tags, &owned(transitive))
    };

    assert_eq!(on(&[("Team", "red")], &[]), Err(SessionTagError::HandedOn));
    assert_eq!(
        on(&[("a", ""), ("A", "")], &[]),
        Err(SessionTagError::Duplicate)
    );
    assert_eq!(
        on(&[("tür", ""), ("TÜR", "")], &[]),
        Err(SessionTagError::Duplicate)
    );
    assert_eq!(on(&[("a", "")], &["b"]), Err(SessionTagError::NotGiven));
    assert_eq!(on(&[], &["team"]), Err(SessionTagError::NotGiven));
    assert_eq!(on(&[("AWS:a", "")], &[]), Err(SessionTagError::Reserved));
}

#[test]
fn those_handed_on_count_among_the_fifty() {
    let keys: Vec<String> = (0..50).map(|n| format!("k{n}")).collect();
    let all: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "")).collect();
    let caller = tagged(&given(&[("team", "red")], &["team"]).unwrap());

    let fifty_one = SessionTags::handed_on(Some(&caller)).with(&all, &[]);

    assert_eq!(fifty_one, Err(SessionTagError::TooMany));
    assert!(
        SessionTags::handed_on(Some(&caller))
            .with(&all[..49], &[])
            .is_ok()
    );
}

proptest! {
    #[test]
    fn no_chain_of_sessions_changes_what_is_handed_on(
        steps in prop::collection::vec(
            (prop::collection::btree_map("[a-dA-D]", "[x-z]", 0..3), prop::bool::ANY), 1..8),
    ) {
        let mut fixed: BTreeMap<String, String> = BTreeMap::new();
        let mut caller: Option<Session> = None;
        for (tags, is_transitive) in steps {
            let pairs: Vec<_> = tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            let keys: Vec<String> = if is_transitive {
                tags.keys().cloned().collect()
            } else {
                Vec::new()
            };
            let Ok(next) = SessionTags::handed_on(caller.as_ref()).with(&pairs, &keys) else {
                continue;
            };
            if is_transitive {
                let new = tags.iter().map(|(k, v)| (k.to_ascii_lowercase(), v.clone()));
                fixed.extend(new);
            }
            let now: BTreeMap<String, String> = next
                .tags
                .iter()
                .map(|(k, v)| (k.to_ascii_lowercase(), v.to_owned()))
                .collect();
            for (key, value) in &fixed {
                prop_assert_eq!(now.get(key), Some(value));
            }
            caller = Some(tagged(&next));
        }
    }
}
