use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

fn query(id: &str, stat: &str, more: Value) -> Value {
    let query = json!({
        "Id": id,
        "MetricStat": {
            "Metric": { "Namespace": "N", "MetricName": "M" }, "Period": 60, "Stat": stat,
        },
    });
    testkit::with(query, more)
}

fn body(queries: &[Value], more: Value) -> Value {
    let body = json!({
        "MetricDataQueries": queries, "StartTime": 1_768_478_400, "EndTime": 1_768_479_000,
    });
    testkit::with(body, more)
}

#[tokio::test]
async fn data_comes_newest_first_or_oldest_first() {
    let h = Harness::new().await;
    put(&h, &[1.0, 2.0]).await;
    h.clock.advance_seconds(120);
    put(&h, &[7.0]).await;
    let queries = [
        query("s", "Sum", json!({})),
        query("m", "Maximum", json!({ "Label": "top" })),
    ];

    let newest = ok(&h
        .cloudwatch("GetMetricData", body(&queries, json!({})))
        .await);
    let ascending = json!({ "ScanBy": "TimestampAscending" });
    let oldest = ok(&h
        .cloudwatch("GetMetricData", body(&queries, ascending))
        .await);

    let expected = json!({
        "MetricDataResults": [
            { "Id": "s", "Label": "M", "Timestamps": [1_768_478_520, 1_768_478_400],
              "Values": [7.0, 3.0], "StatusCode": "Complete" },
            { "Id": "m", "Label": "top", "Timestamps": [1_768_478_520, 1_768_478_400],
              "Values": [7.0, 2.0], "StatusCode": "Complete" },
        ],
        "Messages": [],
    });
    assert_eq!(newest, expected);
    assert_eq!(oldest["MetricDataResults"][0]["Values"], json!([3.0, 7.0]));
}

#[tokio::test]
async fn pages_together_are_the_whole() {
    let h = Harness::new().await;
    for value in 0..5 {
        put(&h, &[f64::from(value)]).await;
        h.clock.advance_seconds(60);
    }
    let queries = [query("a", "Sum", json!({})), query("b", "Sum", json!({}))];
    let (mut token, mut found, mut pages) = (Value::Null, Vec::new(), 0);

    loop {
        let mut more = json!({ "MaxDatapoints": 3, "ScanBy": "TimestampAscending" });
        if !token.is_null() {
            more["NextToken"] = token;
        }
        let page = ok(&h.cloudwatch("GetMetricData", body(&queries, more)).await);
        for result in page["MetricDataResults"].as_array().unwrap() {
            for value in result["Values"].as_array().unwrap() {
                found.push(format!("{}{value}", result["Id"].as_str().unwrap()));
            }
        }
        pages += 1;
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }

    let expected = "a0.0 a1.0 a2.0 a3.0 a4.0 b0.0 b1.0 b2.0 b3.0 b4.0";
    assert_eq!((found.join(" ").as_str(), pages), (expected, 4));
}

#[tokio::test]
async fn what_is_not_here_is_refused() {
    let h = Harness::new().await;
    let get = async |queries: &[Value]| {
        h.cloudwatch("GetMetricData", body(queries, json!({})))
            .await
    };
    let code = "InvalidParameterValueException";

    let expression = get(&[json!({ "Id": "e", "Expression": "SUM(METRICS())" })]).await;
    let percentile = get(&[query("p", "p99", json!({}))]).await;
    let twice = get(&[query("a", "Sum", json!({})), query("a", "Sum", json!({}))]).await;

    refused(
        &expression,
        400,
        code,
        "An expression is not supported by this server yet.",
    );
    refused(
        &percentile,
        400,
        code,
        "An extended statistic is not supported by this server yet.",
    );
    let text = "The values for parameter id in MetricDataQueries are not unique.";
    refused(&twice, 400, "ValidationException", text);
}

/// All pages, each with the ids and numbers of values of its results, and how often others had a turn
/// while it was made.
async fn pages(h: &Harness, queries: &[Value], more: Value) -> Vec<(Vec<(String, usize)>, usize)> {
    let (mut token, mut pages) = (Value::Null, Vec::new());
    loop {
        let mut body = body(queries, more.clone());
        if !token.is_null() {
            body["NextToken"] = token;
        }
        let (page, turns) = testkit::turns(h.cloudwatch("GetMetricData", body)).await;
        let page = ok(&page);
        let results = page["MetricDataResults"].as_array().unwrap().iter();
        let shown = results.map(|result| {
            let id = result["Id"].as_str().unwrap().to_owned();
            (id, result["Values"].as_array().unwrap().len())
        });
        pages.push((shown.collect(), turns));
        token = page["NextToken"].clone();
        if token.is_null() {
            return pages;
        }
    }
}

#[tokio::test]
async fn a_full_page_looks_at_no_more_queries() {
    let h = Harness::new().await;
    for value in 0..5 {
        put(&h, &[f64::from(value)]).await;
        h.clock.advance_seconds(60);
    }
    let many: Vec<Value> = (0..100)
        .map(|n| query(&format!("q{n}"), "Sum", json!({})))
        .collect();

    let of_two = pages(&h, &many[..2], json!({ "MaxDatapoints": 3 })).await;
    let of_many = pages(&h, &many, json!({ "MaxDatapoints": 3 })).await;

    // What the first page looks at does not depend on how many queries there are.
    assert_eq!(of_two[0], of_many[0]);
    let values: usize = of_many
        .iter()
        .flat_map(|(page, _)| page)
        .map(|one| one.1)
        .sum();
    assert_eq!((of_many.len(), values), (500_usize.div_ceil(3), 500));
}

#[tokio::test]
async fn what_one_call_looks_at_is_bounded_and_pages_are_the_whole() {
    let h = Harness::new().await;
    let buckets = much_data(&h, &h.root).await;
    // So many that a million buckets are not enough for the last.
    let count = 1_000_000 / buckets + 2;
    let queries: Vec<Value> = (0..count)
        .map(|n| {
            let mut query = query(&format!("q{n}"), "Sum", json!({}));
            query["MetricStat"]["Unit"] = json!("Count");
            query
        })
        .collect();
    let time = json!({ "StartTime": 1_768_464_000 });

    let pages = pages(&h, &queries, time).await;

    let (first, second) = (&pages[0], &pages[1]);
    assert_eq!(
        (pages.len(), first.0.len(), second.0.len()),
        (2, count - 1, 1)
    );
    assert!(first.1 >= count - 1, "{}", first.1);
    let shown: Vec<(String, usize)> = pages.into_iter().flat_map(|(page, _)| page).collect();
    let expected = (0..count).map(|n| (format!("q{n}"), 240));
    assert_eq!(shown, expected.collect::<Vec<_>>());
}
