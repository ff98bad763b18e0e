//! Lists page by page: whatever is filtered, sorted or cut, walking the pages gives each secret
//! once, as a list of everything filtered and sorted by hand would.

use super::BAD_PAGE;
use crate::block_on;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Value, json};
use testkit::{Harness, token, with};

/// A secret in all that a list looks at.
#[derive(Clone, Debug)]
struct Known {
    name: String,
    description: String,
    tags: Vec<(String, String)>,
    /// Seconds that pass before it is created.
    pause: i64,
    is_deleted: bool,
    is_changed: bool,
    /// How many days later it is read, if it is.
    read: Option<i64>,
    /// What the API shows of it in the end.
    shown: Value,
}

#[derive(Clone, Debug)]
struct Question {
    filters: Vec<(&'static str, Vec<String>)>,
    sort_by: Option<&'static str>,
    order: Option<&'static str>,
    with_deleted: Option<bool>,
    size: usize,
}

fn known() -> impl Strategy<Value = Known> {
    let words = prop::collection::vec("[ab]{1,3}", 0..3).prop_map(|words| words.join(" "));
    let tags = prop::collection::btree_map("[ab]{1,2}", "[ab ]{0,3}", 0..3);
    let facts = (
        0..3_i64,
        any::<bool>(),
        any::<bool>(),
        prop::option::of(0..3_i64),
    );
    ("[ab/]{1,4}", words, tags, facts).prop_map(|(name, description, tags, facts)| Known {
        name,
        description,
        tags: tags.into_iter().collect(),
        pause: facts.0,
        is_deleted: facts.1 && facts.2,
        is_changed: facts.1,
        read: facts.3,
        shown: Value::Null,
    })
}

fn question() -> impl Strategy<Value = Question> {
    let key = select(vec![
        "name",
        "description",
        "tag-key",
        "tag-value",
        "all",
        "primary-region",
    ]);
    let filter = (key, prop::collection::vec("!?[ab/ ]{1,3}", 1..3));
    let sorts = vec![
        "created-date",
        "last-accessed-date",
        "last-changed-date",
        "name",
    ];
    (
        prop::collection::vec(filter, 0..3),
        prop::option::of(select(sorts)),
        prop::option::of(select(vec!["asc", "desc"])),
        prop::option::of(any::<bool>()),
        1..6_usize,
    )
        .prop_map(|(filters, sort_by, order, with_deleted, size)| Question {
            filters,
            sort_by,
            order,
            with_deleted,
            size,
        })
}

impl Question {
    fn body(&self) -> Value {
        let filters: Vec<Value> = self
            .filters
            .iter()
            .map(|(key, values)| json!({ "Key": key, "Values": values }))
            .collect();
        json!({
            "Filters": filters,
            "SortBy": self.sort_by,
            "SortOrder": self.order,
            "IncludePlannedDeletion": self.with_deleted,
            "MaxResults": self.size,
        })
    }

    /// The names that are due, filtered and sorted the plain way.
    fn answer(&self, known: &[Known]) -> Vec<String> {
        let mut due: Vec<&Known> = known
            .iter()
            .filter(|one| self.with_deleted == Some(true) || !one.is_deleted)
            .filter(|one| {
                self.filters
                    .iter()
                    .all(|(key, values)| accepts(one, key, values))
            })
            .collect();
        due.sort_by_key(|one| (self.place(one), one.name.clone()));
        if self.order == Some("desc") {
            due.reverse();
        }
        due.into_iter().map(|one| one.name.clone()).collect()
    }

    fn place(&self, one: &Known) -> i64 {
        let member = match self.sort_by {
            Some("name") => return 0,
            Some("last-accessed-date") => "LastAccessedDate",
            Some("last-changed-date") => "LastChangedDate",
            _ => "CreatedDate",
        };
        one.shown[member].as_i64().unwrap_or_default()
    }
}

fn accepts(one: &Known, key: &str, values: &[String]) -> bool {
    values.iter().any(|value| match value.strip_prefix('!') {
        Some(rest) => !matches(one, key, rest),
        None => matches(one, key, value),
    })
}

fn matches(one: &Known, key: &str, wanted: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(['/', ' '])
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let mut searched = words(&one.description);
    match key {
        "name" => return one.name.starts_with(wanted),
        "tag-key" => return one.tags.iter().any(|(key, _)| key.starts_with(wanted)),
        "tag-value" => return one.tags.iter().any(|(_, value)| value.starts_with(wanted)),
        "primary-region" => return false,
        "all" => {
            searched.extend(words(&one.name));
            for (key, value) in &one.tags {
                searched.extend(words(key));
                searched.extend(words(value));
            }
        }
        _ => {}
    }
    let wanted = words(wanted);
    !wanted.is_empty()
        && wanted
            .iter()
            .all(|wanted| searched.iter().any(|word| word.starts_with(wanted)))
}

/// Creates what is `known`, each name once, and completes it by what the API shows.
async fn populated(mut known: Vec<Known>) -> (Harness, Vec<Known>) {
    let h = Harness::new().await;
    let mut names = std::collections::HashSet::new();
    known.retain(|one| names.insert(one.name.clone()));
    for one in &known {
        h.clock.advance_seconds(one.pause);
        let tag = |(key, value): &(String, String)| json!({ "Key": key, "Value": value });
        let body = json!({
            "Name": one.name, "SecretString": "x", "ClientRequestToken": token(0),
            "Description": one.description, "Tags": one.tags.iter().map(tag).collect::<Vec<_>>(),
        });
        h.call("CreateSecret", body).await.ok();
    }
    for one in &known {
        h.clock.advance_days(one.read.unwrap_or_default());
        if one.read.is_some() {
            h.value(&one.name).await;
        }
        if one.is_changed {
            h.call("UpdateSecret", json!({ "SecretId": one.name }))
                .await
                .ok();
        }
        if one.is_deleted {
            h.call("DeleteSecret", json!({ "SecretId": one.name }))
                .await
                .ok();
        }
    }
    for one in &mut known {
        one.shown = h.describe(&one.name).await;
    }
    (h, known)
}

/// Walks the pages; gives the names in the order in which they came, and the size of each page.
async fn walk(h: &Harness, mut body: Value) -> (Vec<String>, Vec<usize>) {
    let (mut names, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let page = h.call("ListSecrets", body.clone()).await.ok();
        let listed = page["SecretList"].as_array().unwrap();
        names.extend(
            listed
                .iter()
                .map(|one| one["Name"].as_str().unwrap().to_owned()),
        );
        sizes.push(listed.len());
        match page.get("NextToken") {
            Some(next) => body["NextToken"] = next.clone(),
            None => return (names, sizes),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pages_give_each_secret_that_is_due_once_and_in_order(
        known in prop::collection::vec(known(), 0..14),
        questions in prop::collection::vec(question(), 8),
    ) {
        let answers = block_on(async {
            let (h, known) = populated(known).await;
            let mut answers = Vec::new();
            for question in &questions {
                let (names, sizes) = walk(&h, question.body()).await;
                answers.push((names, sizes, question.answer(&known)));
            }
            answers
        });

        for ((names, sizes, due), question) in answers.into_iter().zip(questions) {
            prop_assert_eq!(names, due, "{:?}", question);
            prop_assert!(sizes.iter().all(|size| *size <= question.size));
        }
    }

    #[test]
    fn what_happens_between_two_pages_disturbs_no_other_secret(
        removed in subsequence((0..12).collect::<Vec<usize>>(), 0..6),
        after in any::<Index>(),
        size in 1..5_usize,
    ) {
        let after = after.index(12 / size);
        let names = block_on(async {
            let h = Harness::new().await;
            for n in 0..12 {
                h.a_secret(&format!("db{n:02}"), "x").await;
            }
            let mut names = Vec::new();
            let mut body = json!({ "MaxResults": size, "SortBy": "name" });
            for page_number in 0.. {
                let page = h.call("ListSecrets", body.clone()).await.ok();
                let listed = page["SecretList"].as_array().unwrap();
                names.extend(listed.iter().map(|one| one["Name"].as_str().unwrap().to_owned()));
                let Some(next) = page.get("NextToken") else { break };
                body["NextToken"] = next.clone();
                if page_number == after {
                    for n in &removed {
                        let force = json!({
                            "SecretId": format!("db{n:02}"), "ForceDeleteWithoutRecovery": true,
                        });
                        h.call("DeleteSecret", force).await.ok();
                    }
                    h.a_secret("aa-comes-before-all", "x").await;
                }
            }
            names
        });

        let mut distinct = names.clone();
        distinct.dedup();
        prop_assert_eq!(&distinct, &names);
        for n in (0..12).filter(|n| !removed.contains(n)) {
            prop_assert!(names.contains(&format!("db{n:02}")), "{} of {:?}", n, names);
        }
    }
}

#[tokio::test]
async fn a_search_among_many_gives_short_pages_and_misses_nothing() {
    let h = Harness::new().await;
    for n in 0..1_150 {
        let description = if n % 300 == 0 { "wanted" } else { "other" };
        let body = json!({
            "Name": format!("db{n:04}"), "SecretString": "x", "ClientRequestToken": token(0),
            "Description": description,
        });
        h.call("CreateSecret", body).await.ok();
    }
    let due = ["db0000", "db0300", "db0600", "db0900"];
    let filter = |value| json!([{ "Key": "description", "Values": [value] }]);

    let (names, sizes) = walk(&h, json!({ "Filters": filter("wanted") })).await;
    assert_eq!(
        (names, sizes),
        (due.map(str::to_owned).to_vec(), vec![4, 0])
    );
    let body = json!({ "Filters": filter("wanted"), "SortBy": "name", "SortOrder": "desc" });
    let (mut names, _) = walk(&h, body).await;
    names.reverse();
    assert_eq!(names, due);
    let (names, sizes) = walk(&h, json!({ "Filters": filter("nothing") })).await;
    assert_eq!((names.len(), sizes), (0, vec![0, 0]));
    let prefix = json!([{ "Key": "name", "Values": ["db"] }]);
    let (names, _) = walk(&h, json!({ "Filters": prefix, "MaxResults": 90 })).await;
    assert_eq!(names.len(), 1_150);
    let (_, sizes) = walk(&h, json!({})).await;

    assert_eq!(sizes, [vec![100; 11], vec![50]].concat());
}

#[tokio::test]
async fn a_token_fits_the_list_that_gave_it_and_no_other() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    for name in ["a", "b", "c"] {
        h.a_secret(name, "x").await;
    }
    let filters = json!([{ "Key": "name", "Values": ["!z"] }]);
    let body = json!({ "Filters": filters, "SortBy": "name", "MaxResults": 1 });
    let page = h.call("ListSecrets", body.clone()).await.ok();
    let body = with(body, json!({ "NextToken": page["NextToken"] }));
    let changes = [
        json!({ "Filters": [{ "Key": "name", "Values": ["!y"] }] }),
        json!({ "Filters": [{ "Key": "all", "Values": ["!z"] }] }),
        json!({ "Filters": null }),
        json!({ "SortBy": null }),
        json!({ "SortBy": "last-changed-date" }),
        json!({ "SortOrder": "desc" }),
        json!({ "IncludePlannedDeletion": true }),
    ];

    for change in changes {
        let reply = h.call("ListSecrets", with(body.clone(), change)).await;
        reply.refused("InvalidNextTokenException", BAD_PAGE);
    }
    for caller in [&other, &h.root.in_region("eu-west-1")] {
        let reply = h.call_as(caller, "ListSecrets", body.clone()).await;
        reply.refused("InvalidNextTokenException", BAD_PAGE);
    }
    let of_batch = json!({ "Filters": filters, "NextToken": page["NextToken"] });
    let reply = h.call("BatchGetSecretValue", of_batch).await;
    reply.refused("InvalidNextTokenException", BAD_PAGE);
    let versions = json!({ "SecretId": "a", "NextToken": page["NextToken"] });
    let reply = h.call("ListSecretVersionIds", versions).await;
    reply.refused("InvalidNextTokenException", BAD_PAGE);

    let resized = with(body, json!({ "MaxResults": 2 }));
    let rest = h.call("ListSecrets", resized).await.ok();
    assert_eq!(
        (&rest["SecretList"][0]["Name"], rest.get("NextToken")),
        (&json!("b"), None)
    );
}

#[tokio::test]
async fn a_changed_token_is_refused_wherever_it_was_changed() {
    let h = Harness::new().await;
    h.a_secret("name-of-a-secret", "x").await;
    h.a_secret("other", "x").await;
    let page = h.call("ListSecrets", json!({ "MaxResults": 1 })).await.ok();
    let next = page["NextToken"].as_str().unwrap();
    let mut changed: Vec<String> = (0..next.len())
        .map(|at| {
            let c = if next[at..].starts_with('x') {
                'y'
            } else {
                'x'
            };
            format!("{}{c}{}", &next[..at], &next[at + 1..])
        })
        .collect();
    changed.extend([
        next[1..].to_owned(),
        next[..next.len() - 1].to_owned(),
        next.repeat(2),
    ]);

    for token in changed {
        let reply = h.call("ListSecrets", json!({ "NextToken": token })).await;
        reply.refused("InvalidNextTokenException", BAD_PAGE);
    }

    let bytes = data_encoding::BASE64URL_NOPAD
        .decode(next.as_bytes())
        .unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("name-of"));
}
