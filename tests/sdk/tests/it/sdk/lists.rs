use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType, SortOrderType, Tag};
use std::collections::BTreeSet;
use strongroom_sdk_tests::Server;

#[tokio::test]
async fn every_secret_is_on_exactly_one_page() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;
    fill(&secrets, 25).await;

    let mut pages = secrets
        .list_secrets()
        .max_results(10)
        .into_paginator()
        .send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert!(page.secret_list().len() <= 10);
        names.extend(
            page.secret_list()
                .iter()
                .map(|secret| secret.name().unwrap().to_owned()),
        );
    }

    let distinct: BTreeSet<_> = names.iter().cloned().collect();
    assert_eq!((names.len(), distinct), (25, (0..25).map(name).collect()));
}

#[tokio::test]
async fn the_oldest_come_first_when_asked() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;
    fill(&secrets, 5).await;

    let list = secrets
        .list_secrets()
        .sort_order(SortOrderType::Asc)
        .send()
        .await
        .unwrap();

    let names: Vec<_> = list
        .secret_list()
        .iter()
        .map(|secret| secret.name().unwrap())
        .collect();
    assert_eq!(names, (0..5).map(name).collect::<Vec<_>>());
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;
    fill(&secrets, 4).await;
    let filter =
        |key: FilterNameStringType, value: &str| Filter::builder().key(key).values(value).build();

    let by_name = filter(FilterNameStringType::Name, "team-1/");
    let by_tag = filter(FilterNameStringType::TagValue, "even");
    let none = filter(FilterNameStringType::Description, "missing");

    assert_eq!(names(&secrets, by_name).await, [name(1), name(3)].into());
    assert_eq!(names(&secrets, by_tag).await, [name(0), name(2)].into());
    assert_eq!(names(&secrets, none).await, BTreeSet::new());
}

#[tokio::test]
async fn deleted_secrets_are_listed_only_when_asked_for() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;
    fill(&secrets, 2).await;
    secrets
        .delete_secret()
        .secret_id(name(0))
        .send()
        .await
        .unwrap();

    let without = secrets.list_secrets().send().await.unwrap();
    let with = secrets
        .list_secrets()
        .include_planned_deletion(true)
        .send()
        .await
        .unwrap();

    assert_eq!(
        (without.secret_list().len(), with.secret_list().len()),
        (1, 2)
    );
}

#[tokio::test]
async fn a_batch_gives_values_and_names_what_it_could_not_get() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;
    fill(&secrets, 3).await;
    secrets
        .delete_secret()
        .secret_id(name(2))
        .send()
        .await
        .unwrap();

    let ids = [name(0), name(1), name(2), "none".to_owned()];
    let batch = secrets
        .batch_get_secret_value()
        .set_secret_id_list(Some(ids.to_vec()));
    let batch = batch.send().await.unwrap();

    let values = batch.secret_values().iter().map(|value| {
        (
            value.name().unwrap().to_owned(),
            value.secret_string().unwrap().to_owned(),
        )
    });
    let errors = batch.errors().iter().map(|error| {
        (
            error.secret_id().unwrap().to_owned(),
            error.error_code().unwrap().to_owned(),
        )
    });
    let pairs = |pairs: [(String, &str); 2]| {
        pairs
            .into_iter()
            .map(|(name, text)| (name, text.to_owned()))
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(
        values.collect::<BTreeSet<_>>(),
        pairs([(name(0), "value 0"), (name(1), "value 1")])
    );
    assert_eq!(
        errors.collect::<BTreeSet<_>>(),
        pairs([
            (name(2), "InvalidRequestException"),
            ("none".to_owned(), "ResourceNotFoundException")
        ])
    );
}

#[tokio::test]
async fn a_batch_by_filter_comes_in_pages() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;
    fill(&secrets, 7).await;

    let filter = Filter::builder()
        .key(FilterNameStringType::Name)
        .values("team-")
        .build();
    let batch = secrets
        .batch_get_secret_value()
        .filters(filter)
        .max_results(3);
    let mut pages = batch.into_paginator().send();
    let mut values = BTreeSet::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert!(page.secret_values().len() <= 3);
        values.extend(
            page.secret_values()
                .iter()
                .map(|one| one.secret_string().unwrap().to_owned()),
        );
    }

    assert_eq!(values, (0..7).map(|n| format!("value {n}")).collect());
}

async fn fill(secrets: &Client, count: usize) {
    for n in 0..count {
        let parity = if n % 2 == 0 { "even" } else { "odd" };
        let tag = Tag::builder().key("parity").value(parity).build();
        let create = secrets
            .create_secret()
            .name(name(n))
            .secret_string(format!("value {n}"));
        create.tags(tag).send().await.unwrap();
    }
}

fn name(n: usize) -> String {
    format!("team-{}/db-{n:02}", n % 2)
}

async fn names(secrets: &Client, filter: Filter) -> BTreeSet<String> {
    let list = secrets.list_secrets().filters(filter).send().await.unwrap();
    list.secret_list()
        .iter()
        .map(|secret| secret.name().unwrap().to_owned())
        .collect()
}
