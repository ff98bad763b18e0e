use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn labels(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// `v0:[AWSPREVIOUS] v1:[AWSCURRENT]`, labels sorted, deprecated versions left out.
fn shape(versions: &Versions) -> String {
    let mut parts = Vec::new();
    for version in versions.labelled() {
        let mut stages = version.stages.clone();
        stages.sort();
        parts.push(format!("{}:[{}]", version.id, stages.join(",")));
    }
    parts.join(" ")
}

fn history(steps: &[(&str, &[&str])]) -> Versions {
    let mut versions = Versions::default();
    for (id, names) in steps {
        versions.add(id, &labels(names), MOST_LABELS).unwrap();
    }
    versions
}

#[test]
fn the_first_version_is_current_whatever_its_labels() {
    assert_eq!(shape(&history(&[("v0", &[AWSCURRENT])])), "v0:[AWSCURRENT]");
    assert_eq!(
        shape(&history(&[("v0", &["BLUE"])])),
        "v0:[AWSCURRENT,BLUE]"
    );
    assert_eq!(
        shape(&history(&[("v0", &[AWSPENDING])])),
        "v0:[AWSCURRENT,AWSPENDING]"
    );
}

#[test]
fn a_rotation_begins_with_a_version_that_has_no_value() {
    let mut versions = history(&[("v0", &[AWSCURRENT, AWSPENDING])]);

    versions.prepare("v1", MOST_LABELS).unwrap();

    assert_eq!(shape(&versions), "v0:[AWSCURRENT] v1:[AWSPENDING]");
    assert!(versions.is_valueless("v1") && !versions.is_valueless("v0"));
    assert_eq!(versions.pending().unwrap().id, "v1");
    versions
        .add("v1", &labels(&[AWSPENDING]), MOST_LABELS)
        .unwrap();
    assert_eq!(shape(&versions), "v0:[AWSCURRENT] v1:[AWSPENDING]");
    assert!(!versions.is_valueless("v1"));
    assert_eq!(versions.deprecated, 0);
}

#[test]
fn the_first_value_of_a_rotation_is_not_current_by_itself() {
    let mut versions = Versions::default();
    versions.prepare("v0", MOST_LABELS).unwrap();

    versions
        .add("v0", &labels(&[AWSPENDING]), MOST_LABELS)
        .unwrap();
    assert_eq!(shape(&versions), "v0:[AWSPENDING]");
    // One that is put in by hand is, and abandons the rotation.
    versions.add("v1", &labels(&["BLUE"]), MOST_LABELS).unwrap();

    assert_eq!(shape(&versions), "v1:[AWSCURRENT,BLUE]");
}

#[test]
fn a_version_without_a_value_that_loses_its_label_is_gone() {
    let prepared = || {
        let mut versions = history(&[("v0", &[AWSCURRENT])]);
        versions.prepare("v1", MOST_LABELS).unwrap();
        versions
    };
    let (mut by_hand, mut moved, mut removed) = (prepared(), prepared(), prepared());

    by_hand
        .add("v2", &labels(&[AWSCURRENT]), MOST_LABELS)
        .unwrap();
    moved
        .add("v2", &labels(&[AWSPENDING]), MOST_LABELS)
        .unwrap();
    removed
        .move_label(AWSPENDING, Some("v1"), None, MOST_LABELS)
        .unwrap();

    assert_eq!(shape(&by_hand), "v0:[AWSPREVIOUS] v2:[AWSCURRENT]");
    assert_eq!(shape(&moved), "v0:[AWSCURRENT] v2:[AWSPENDING]");
    assert_eq!(shape(&removed), "v0:[AWSCURRENT]");
    for versions in [by_hand, moved, removed] {
        assert_eq!(versions.deprecated, 0);
        assert!(!versions.is_valueless("v1"));
    }
}

#[test]
fn a_value_that_is_given_at_once_as_current_completes_the_version() {
    let mut versions = history(&[("v0", &[AWSCURRENT])]);
    versions.prepare("v1", MOST_LABELS).unwrap();

    versions
        .add("v1", &labels(&[AWSCURRENT]), MOST_LABELS)
        .unwrap();

    assert_eq!(shape(&versions), "v0:[AWSPREVIOUS] v1:[AWSCURRENT]");
}

#[test]
fn what_is_withdrawn_is_not_deprecated_and_keeps_labels_of_others() {
    let mut versions = history(&[("v0", &[AWSCURRENT]), ("v1", &[AWSPENDING])]);
    let mut labelled = history(&[("v0", &[AWSCURRENT]), ("v1", &[AWSPENDING, "BLUE"])]);

    assert!(versions.withdraw("v1"));
    assert!(!labelled.withdraw("v1"));

    assert_eq!(shape(&versions), "v0:[AWSCURRENT]");
    assert_eq!(versions.deprecated, 0);
    assert_eq!(shape(&labelled), "v0:[AWSCURRENT] v1:[BLUE]");
    assert!(!versions.withdraw("v9"));
}

#[test]
fn preparing_beyond_the_quota_of_labels_changes_nothing() {
    let names: Vec<String> = (0..19).map(|n| format!("L{n}")).collect();
    let mut versions = Versions::default();
    versions.add("v0", &names, MOST_LABELS).unwrap();
    let before = versions.clone();

    assert_eq!(
        versions.prepare("v1", MOST_LABELS),
        Err(Refused::TooManyLabels(MOST_LABELS))
    );

    assert_eq!(versions, before);
}

#[test]
fn a_new_current_makes_the_old_one_previous_and_the_previous_deprecated() {
    let versions = history(&[
        ("v0", &[AWSCURRENT]),
        ("v1", &[AWSCURRENT]),
        ("v2", &[AWSCURRENT]),
    ]);

    assert_eq!(shape(&versions), "v1:[AWSPREVIOUS] v2:[AWSCURRENT]");
    assert_eq!((versions.find("v0"), versions.deprecated), (None, 1));
}

#[test]
fn the_worked_example_of_the_behaviour_reference() {
    let mut versions = history(&[("v0", &[AWSCURRENT]), ("v1", &[AWSCURRENT, "PUT0"])]);
    assert_eq!(shape(&versions), "v0:[AWSPREVIOUS] v1:[AWSCURRENT,PUT0]");

    versions
        .add("v2", &labels(&[AWSPENDING, "PUT1"]), MOST_LABELS)
        .unwrap();
    versions
        .move_label(AWSCURRENT, Some("v1"), Some("v2"), MOST_LABELS)
        .unwrap();
    assert_eq!(
        shape(&versions),
        "v1:[AWSPREVIOUS,PUT0] v2:[AWSCURRENT,AWSPENDING,PUT1]"
    );

    versions
        .add("v3", &labels(&[AWSPENDING, "PUT2"]), MOST_LABELS)
        .unwrap();
    assert_eq!(
        shape(&versions),
        "v1:[AWSPREVIOUS,PUT0] v2:[AWSCURRENT,PUT1] v3:[AWSPENDING,PUT2]"
    );

    versions
        .move_label(AWSCURRENT, Some("v2"), Some("v3"), MOST_LABELS)
        .unwrap();
    assert_eq!(
        shape(&versions),
        "v1:[PUT0] v2:[AWSPREVIOUS,PUT1] v3:[AWSCURRENT,AWSPENDING,PUT2]"
    );
}

#[test]
fn a_current_that_was_pending_ends_as_previous_only() {
    let mut versions = history(&[("v0", &[AWSCURRENT]), ("v1", &[AWSPENDING])]);
    versions
        .move_label(AWSCURRENT, Some("v0"), Some("v1"), MOST_LABELS)
        .unwrap();

    versions
        .add("v2", &labels(&[AWSCURRENT]), MOST_LABELS)
        .unwrap();

    assert_eq!(shape(&versions), "v1:[AWSPREVIOUS] v2:[AWSCURRENT]");
}

#[test]
fn a_new_current_by_hand_abandons_a_pending_third_version() {
    let mut versions = history(&[("v0", &[AWSCURRENT]), ("v1", &[AWSPENDING])]);

    versions
        .add("v2", &labels(&[AWSCURRENT]), MOST_LABELS)
        .unwrap();

    assert_eq!(shape(&versions), "v0:[AWSPREVIOUS] v2:[AWSCURRENT]");
    assert_eq!((versions.find("v1"), versions.deprecated), (None, 1));
}

#[test]
fn custom_labels_of_the_old_current_stay() {
    let mut versions = history(&[("v0", &[AWSCURRENT, "BLUE"])]);

    versions
        .add("v1", &labels(&[AWSCURRENT]), MOST_LABELS)
        .unwrap();

    assert_eq!(shape(&versions), "v0:[AWSPREVIOUS,BLUE] v1:[AWSCURRENT]");
}

#[test]
fn labels_without_current_move_and_leave_current_alone() {
    let mut versions = history(&[("v0", &[AWSCURRENT]), ("v1", &["BLUE"])]);

    versions
        .add("v2", &labels(&["BLUE", "GREEN"]), MOST_LABELS)
        .unwrap();

    assert_eq!(shape(&versions), "v0:[AWSCURRENT] v2:[BLUE,GREEN]");
}

#[test]
fn rolling_back_swaps_current_and_previous() {
    let mut versions = history(&[("v0", &[AWSCURRENT]), ("v1", &[AWSCURRENT])]);

    versions
        .move_label(AWSCURRENT, Some("v1"), Some("v0"), MOST_LABELS)
        .unwrap();

    assert_eq!(shape(&versions), "v0:[AWSCURRENT] v1:[AWSPREVIOUS]");
}

#[test]
fn moving_current_away_from_a_pending_version_leaves_pending_there() {
    let mut versions = history(&[("v0", &[AWSCURRENT]), ("v1", &[AWSPENDING])]);
    versions
        .move_label(AWSCURRENT, Some("v0"), Some("v1"), MOST_LABELS)
        .unwrap();

    versions
        .move_label(AWSCURRENT, Some("v1"), Some("v0"), MOST_LABELS)
        .unwrap();

    assert_eq!(
        shape(&versions),
        "v0:[AWSCURRENT] v1:[AWSPENDING,AWSPREVIOUS]"
    );
}

#[test]
fn a_label_can_be_attached_moved_and_removed() {
    let mut versions = history(&[("v0", &[AWSCURRENT]), ("v1", &[AWSCURRENT])]);

    versions
        .move_label("BLUE", None, Some("v0"), MOST_LABELS)
        .unwrap();
    assert_eq!(shape(&versions), "v0:[AWSPREVIOUS,BLUE] v1:[AWSCURRENT]");
    versions
        .move_label("BLUE", Some("v0"), Some("v1"), MOST_LABELS)
        .unwrap();
    assert_eq!(shape(&versions), "v0:[AWSPREVIOUS] v1:[AWSCURRENT,BLUE]");
    versions
        .move_label("BLUE", None, Some("v1"), MOST_LABELS)
        .unwrap();
    versions
        .move_label("BLUE", Some("v1"), None, MOST_LABELS)
        .unwrap();
    versions
        .move_label(AWSPREVIOUS, Some("v0"), None, MOST_LABELS)
        .unwrap();
    assert_eq!(shape(&versions), "v1:[AWSCURRENT]");
}

#[test]
fn each_impossible_move_is_refused_and_changes_nothing() {
    let versions = history(&[("v0", &[AWSCURRENT]), ("v1", &["BLUE"])]);
    let held = |label: &str, holder: &str| Refused::HeldBy {
        label: label.to_owned(),
        holder: holder.to_owned(),
    };
    let not_on = |label: &str, version: &str| Refused::NotAttached {
        label: label.to_owned(),
        version: version.to_owned(),
    };
    let cases = [
        (("BLUE", None, None), Refused::NothingToDo),
        ((AWSCURRENT, None, Some("v1")), held(AWSCURRENT, "v0")),
        (("BLUE", None, Some("v0")), held("BLUE", "v1")),
        (("BLUE", Some("v0"), None), not_on("BLUE", "v0")),
        (("GREEN", Some("v0"), Some("v1")), not_on("GREEN", "v0")),
        (
            (AWSCURRENT, Some("v0"), None),
            Refused::CurrentCannotBeRemoved,
        ),
        ((AWSCURRENT, Some("v1"), None), not_on(AWSCURRENT, "v1")),
    ];

    for ((label, remove_from, move_to), refused) in cases {
        let mut tried = versions.clone();
        assert_eq!(
            tried.move_label(label, remove_from, move_to, MOST_LABELS),
            Err(refused),
            "{label}"
        );
        assert_eq!(tried, versions, "{label}");
    }
}

#[test]
fn the_twenty_first_label_is_refused() {
    let names: Vec<String> = (0..19).map(|n| format!("L{n}")).collect();
    let mut versions = Versions::default();
    versions.add("v0", &names, MOST_LABELS).unwrap();
    let full = versions.clone();

    assert_eq!(
        versions.add("v1", &labels(&["ONE-MORE"]), MOST_LABELS),
        Err(Refused::TooManyLabels(MOST_LABELS))
    );
    assert_eq!(
        versions.move_label("ONE-MORE", None, Some("v0"), MOST_LABELS),
        Err(Refused::TooManyLabels(MOST_LABELS))
    );
    assert_eq!(versions, full);
    // A new current needs room for AWSPREVIOUS too.
    assert_eq!(
        versions.add("v1", &labels(&[AWSCURRENT]), MOST_LABELS),
        Err(Refused::TooManyLabels(MOST_LABELS))
    );
}

#[test]
fn a_deprecated_version_that_gets_a_label_counts_no_more() {
    let mut versions = history(&[
        ("v0", &[AWSCURRENT]),
        ("v1", &[AWSCURRENT]),
        ("v2", &[AWSCURRENT]),
    ]);
    assert_eq!(versions.deprecated, 1);

    versions
        .move_label("BLUE", None, Some("v0"), MOST_LABELS)
        .unwrap();
    assert_eq!((versions.deprecated, versions.labelled().count()), (0, 3));
    versions
        .move_label("BLUE", Some("v0"), None, MOST_LABELS)
        .unwrap();
    assert_eq!((versions.deprecated, versions.labelled().count()), (1, 2));
}

#[test]
fn only_deprecated_versions_beyond_a_hundred_are_surplus() {
    let mut versions = Versions::default();
    for n in 0..102 {
        versions
            .add(&format!("v{n}"), &labels(&[AWSCURRENT]), MOST_LABELS)
            .unwrap();
    }
    assert_eq!(
        (versions.deprecated, versions.surplus(&Limits::default())),
        (100, 0)
    );

    versions
        .add("v102", &labels(&[AWSCURRENT]), MOST_LABELS)
        .unwrap();
    assert_eq!(versions.surplus(&Limits::default()), 1);
    versions.forget(1);
    assert_eq!(
        (versions.deprecated, versions.surplus(&Limits::default())),
        (100, 0)
    );
}

#[test]
fn more_versions_than_the_quota_are_refused() {
    let mut versions = Versions::default();
    for n in 0..=Limits::default().versions {
        assert_eq!(
            versions.within_version_quota(&Limits::default()),
            Ok(()),
            "{n}"
        );
        versions
            .add(&format!("v{n}"), &labels(&[AWSCURRENT]), MOST_LABELS)
            .unwrap();
    }
    assert_eq!(
        versions.within_version_quota(&Limits::default()),
        Err(Refused::TooManyVersions(24))
    );
}

/// The naive twin: a map from label to version, and nothing else.
#[derive(Clone, Default)]
struct Naive {
    ids: Vec<u8>,
    on: BTreeMap<String, u8>,
}

impl Naive {
    fn make_current(&mut self, id: u8) {
        let old = self.on.insert(AWSCURRENT.into(), id);
        if let Some(old) = old.filter(|old| *old != id) {
            self.on.insert(AWSPREVIOUS.into(), old);
        }
    }

    fn add(&mut self, id: u8, labels: &[String]) {
        let first = self.ids.is_empty();
        self.ids.push(id);
        if first || labels.iter().any(|l| l == AWSCURRENT) {
            self.make_current(id);
            self.on.remove(AWSPENDING);
        }
        for label in labels {
            self.on.insert(label.clone(), id);
        }
    }

    fn knows(&self, id: Option<u8>) -> bool {
        id.is_none_or(|id| self.ids.contains(&id))
    }

    fn move_label(&mut self, label: &str, from: Option<u8>, to: Option<u8>) -> bool {
        let holder = self.on.get(label).copied();
        let allowed = (from.is_some() || to.is_some())
            && (from.is_some() || holder.is_none() || holder == to)
            && (from.is_none() || from == holder)
            && (label != AWSCURRENT || to.is_some());
        if allowed {
            match to {
                Some(to) if label == AWSCURRENT => self.make_current(to),
                Some(to) => drop(self.on.insert(label.to_owned(), to)),
                None => drop(self.on.remove(label)),
            }
        }
        allowed
    }
}

#[derive(Clone, Debug)]
enum Step {
    Add(Vec<String>),
    Move(String, Option<u8>, Option<u8>),
}

fn a_label() -> impl Strategy<Value = String> {
    prop::sample::select(vec![AWSCURRENT, AWSPREVIOUS, AWSPENDING, "BLUE", "GREEN"])
        .prop_map(str::to_owned)
}

fn a_step() -> impl Strategy<Value = Step> {
    let version = || prop::option::of(0_u8..8);
    prop_oneof![
        prop::collection::vec(a_label(), 1..4).prop_map(Step::Add),
        (a_label(), version(), version()).prop_map(|(l, from, to)| Step::Move(l, from, to)),
    ]
}

proptest! {
    #[test]
    fn labels_agree_with_a_naive_map(steps in prop::collection::vec(a_step(), 1..40)) {
        let mut versions = Versions::default();
        let mut naive = Naive::default();

        for step in steps {
            match step {
                Step::Add(labels) => {
                    let id = u8::try_from(naive.ids.len()).unwrap();
                    versions.add(&id.to_string(), &labels, MOST_LABELS).unwrap();
                    naive.add(id, &labels);
                }
                // Whether the versions exist is asked before.
                Step::Move(_, from, to) if !naive.knows(from) || !naive.knows(to) => {}
                Step::Move(label, from, to) => {
                    let text = |id: Option<u8>| id.map(|id| id.to_string());
                    let (from_text, to_text) = (text(from), text(to));
                    let moved =
                        versions.move_label(&label, from_text.as_deref(), to_text.as_deref(), MOST_LABELS);
                    prop_assert_eq!(moved.is_ok(), naive.move_label(&label, from, to));
                }
            }

            let mut on = BTreeMap::new();
            for version in versions.labelled() {
                for stage in &version.stages {
                    let elsewhere = on.insert(stage.clone(), version.id.parse::<u8>().unwrap());
                    prop_assert!(elsewhere.is_none(), "a label sits on two versions");
                }
            }
            prop_assert_eq!(&on, &naive.on);
            prop_assert_eq!(on.contains_key(AWSCURRENT), !naive.ids.is_empty());
            let labelled: BTreeSet<u8> = on.values().copied().collect();
            prop_assert_eq!(versions.deprecated, naive.ids.len() - labelled.len());
        }
    }
}

const MOST_LABELS: usize = 20;
