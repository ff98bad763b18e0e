use aws_sdk_secretsmanager::Client;
use std::collections::BTreeMap;
use strongroom_sdk_tests::Server;

#[tokio::test]
async fn labels_follow_the_newest_value() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;
    let first = secrets
        .create_secret()
        .name("db")
        .secret_string("one")
        .send()
        .await
        .unwrap();
    let first = first.version_id().unwrap().to_owned();

    let put = secrets
        .put_secret_value()
        .secret_id("db")
        .secret_string("two");
    let second = put.send().await.unwrap();
    let update = secrets
        .update_secret()
        .secret_id("db")
        .secret_string("three");
    let third = update
        .send()
        .await
        .unwrap()
        .version_id()
        .unwrap()
        .to_owned();

    assert_eq!(second.version_stages(), ["AWSCURRENT"]);
    let second = second.version_id().unwrap().to_owned();
    let labels = [(third.clone(), "AWSCURRENT"), (second, "AWSPREVIOUS")];
    assert_eq!(stages(&secrets).await, with_labels(&labels));
    let previous = secrets
        .get_secret_value()
        .secret_id("db")
        .version_stage("AWSPREVIOUS");
    assert_eq!(previous.send().await.unwrap().secret_string(), Some("two"));
    let deprecated = secrets.get_secret_value().secret_id("db").version_id(first);
    assert_eq!(
        deprecated.send().await.unwrap().secret_string(),
        Some("one")
    );
    let current = secrets
        .get_secret_value()
        .secret_id("db")
        .send()
        .await
        .unwrap();
    assert_eq!(current.version_id(), Some(third.as_str()));
}

#[tokio::test]
async fn a_label_is_moved_and_the_move_taken_back() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;
    let old = secrets
        .create_secret()
        .name("db")
        .secret_string("one")
        .send()
        .await
        .unwrap();
    let old = old.version_id().unwrap();
    let new = secrets
        .put_secret_value()
        .secret_id("db")
        .secret_string("two");
    let new = new.version_stages("BLUE").send().await.unwrap();
    let new = new.version_id().unwrap();
    let move_current = |from: &str, to: &str| {
        let call = secrets.update_secret_version_stage().secret_id("db");
        call.version_stage("AWSCURRENT")
            .remove_from_version_id(from)
            .move_to_version_id(to)
            .send()
    };

    move_current(old, new).await.unwrap();
    let moved = stages(&secrets).await;
    move_current(new, old).await.unwrap();
    let taken_back = stages(&secrets).await;

    let both = |old_labels: &[&str], new_labels: &[&str]| {
        let sorted = |labels: &[&str]| {
            let mut labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
            labels.sort();
            labels
        };
        BTreeMap::from([
            (old.to_owned(), sorted(old_labels)),
            (new.to_owned(), sorted(new_labels)),
        ])
    };
    assert_eq!(moved, both(&["AWSPREVIOUS"], &["AWSCURRENT", "BLUE"]));
    assert_eq!(taken_back, both(&["AWSCURRENT"], &["AWSPREVIOUS", "BLUE"]));
}

#[tokio::test]
async fn a_call_repeated_with_its_token_changes_nothing() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;
    let token = "6f3b2a10-5f39-4e4e-9f0e-000000000001";
    let create = || {
        let call = secrets.create_secret().name("db").secret_string("one");
        call.client_request_token(token).send()
    };

    let first = create().await.unwrap();
    let again = create().await.unwrap();
    let other = secrets
        .put_secret_value()
        .secret_id("db")
        .secret_string("two");
    let other = other.client_request_token(token).send().await;

    assert_eq!(
        (first.arn(), first.version_id()),
        (again.arn(), Some(token))
    );
    assert!(
        other
            .unwrap_err()
            .into_service_error()
            .is_resource_exists_exception()
    );
    assert_eq!(
        stages(&secrets).await,
        with_labels(&[(token.to_owned(), "AWSCURRENT")])
    );
}

#[tokio::test]
async fn versions_are_listed_page_by_page() {
    let server = Server::start();
    let secrets = server.aws().await.secrets;
    secrets
        .create_secret()
        .name("db")
        .secret_string("0")
        .send()
        .await
        .unwrap();
    for n in 1..7 {
        let put = secrets
            .put_secret_value()
            .secret_id("db")
            .secret_string(n.to_string());
        put.send().await.unwrap();
    }

    let pages = secrets
        .list_secret_version_ids()
        .secret_id("db")
        .include_deprecated(true);
    let mut pages = pages.max_results(3).into_paginator().send();
    let mut sizes = Vec::new();
    let mut ids = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        sizes.push(page.versions().len());
        for version in page.versions() {
            ids.insert(
                version.version_id().unwrap().to_owned(),
                version.version_stages().len(),
            );
        }
    }

    assert_eq!(sizes, [3, 3, 1]);
    assert_eq!((ids.len(), ids.values().sum::<usize>()), (7, 2));
}

/// The labels of the secret `db`.
async fn stages(secrets: &Client) -> BTreeMap<String, Vec<String>> {
    let described = secrets
        .describe_secret()
        .secret_id("db")
        .send()
        .await
        .unwrap();
    let stages = described.version_ids_to_stages().unwrap().clone();
    let sorted = stages.into_iter().map(|(id, mut labels)| {
        labels.sort();
        (id, labels)
    });
    sorted.collect()
}

fn with_labels(labels: &[(String, &str)]) -> BTreeMap<String, Vec<String>> {
    labels
        .iter()
        .map(|(id, label)| (id.clone(), vec![(*label).to_owned()]))
        .collect()
}
