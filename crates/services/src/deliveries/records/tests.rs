use super::*;
use crate::fixtures;
use proptest::prelude::*;
use store::Record as _;

fn at() -> Timestamp {
    Timestamp::from_millis(1_768_478_400_123)
}

/// One that failed once, and that a worker is at again.
fn job() -> Job {
    let mut job = Job::due_at(Some(at()));
    let first = job.claim("node-1", at(), 60_000).unwrap();
    job.retry(&first, at().plus_seconds(1)).unwrap();
    job.claim("node-2", at().plus_seconds(1), 60_000).unwrap();
    job
}

fn url() -> Destination {
    let kind = (String::from("content-type"), String::from("text/plain"));
    Destination::Url {
        url: String::from("https://hooks.example/alarms"),
        headers: vec![kind],
        body: String::from("{}"),
    }
}

fn mail() -> Destination {
    Destination::Mail {
        to: String::from("ann@example.org"),
        subject: String::from("Alarm"),
        body: String::from("it rings"),
    }
}

fn function(by: Sender) -> Destination {
    Destination::Function(CalledFunction {
        arn: String::from("arn:aws:lambda:eu-central-1:123456789012:function:told"),
        payload: String::from("{}"),
        by,
        source_arn: String::from("arn:aws:sns:eu-central-1:123456789012:alarms"),
        source_account: AccountId::parse("123456789012").unwrap(),
        failed_runs: 2,
    })
}

fn api_destination() -> Destination {
    let pair = (String::from("of"), String::from("r"));
    Destination::Api(InvokedDestination {
        arn: String::from(
            "arn:aws:events:eu-central-1:123456789012:api-destination/pager/66666666",
        ),
        role: String::from("arn:aws:iam::123456789012:role/hooks"),
        path: vec![String::from("db")],
        headers: vec![pair.clone()],
        query: vec![pair],
        body: String::from("{}"),
    })
}

fn delivery() -> Delivery {
    Delivery {
        account: AccountId::parse("123456789012").unwrap(),
        region: RegionName::parse("eu-central-1").unwrap(),
        id: String::from("11111111-2222-4333-8444-555555555555"),
        source: String::from("arn:aws:events:eu-central-1:123456789012:rule/rotated"),
        destination: function(Sender::Sns),
        patience: Patience::Rule {
            retries: 3,
            seconds: 3_600,
        },
        made: at(),
        job: job(),
    }
}

fn dead_letter() -> DeadLetter {
    let died = at().plus_seconds(60);
    delivery().into_dead(died, "the endpoint answered 503")
}

#[test]
fn what_was_stored_is_read() {
    fixtures::assert_reads(1, &delivery());
    fixtures::assert_reads(1, &dead_letter());
}

#[test]
fn records_are_filed_under_what_names_them() {
    let (delivery, letter) = (delivery(), dead_letter());
    let until = at().plus_seconds(61);

    let key = Delivery::key_of(&delivery.account, &delivery.id);
    assert_eq!(delivery.key(), key);
    assert_eq!(
        delivery.columns(),
        [Value::from(delivery.lane()), Value::Int(until.as_millis())]
    );
    assert_eq!(letter.key(), key);
    assert_eq!(
        letter.columns(),
        [Value::Int(at().plus_seconds(60).as_millis())]
    );
}

#[test]
fn a_dead_letter_has_nothing_of_the_message() {
    let dead = Delivery {
        destination: Destination::Url {
            url: String::from("https://user:hunter2@hooks.example/T0/hunter2?token=hunter2"),
            headers: vec![(String::from("x-token"), String::from("hunter2"))],
            body: String::from("hunter2"),
        },
        ..delivery()
    }
    .into_dead(at(), &"x".repeat(LONGEST_REASON + 1));

    assert_eq!(
        dead,
        DeadLetter {
            account: delivery().account,
            region: delivery().region,
            id: delivery().id,
            source: delivery().source,
            endpoint: String::from("https://hooks.example/"),
            made: at(),
            died: at(),
            attempts: 2,
            why: "x".repeat(LONGEST_REASON),
        }
    );
}

#[test]
fn what_is_shown_of_a_url_is_its_host() {
    for (url, shown) in [
        (
            "https://hooks.example:8443/T0/secret?token=x",
            "https://hooks.example:8443/",
        ),
        ("http://user:password@127.0.0.1?x", "http://127.0.0.1/"),
        ("https://hooks.example#x", "https://hooks.example/"),
        ("nonsense", "nonsense/"),
    ] {
        let destination = Destination::Url {
            url: url.to_owned(),
            headers: Vec::new(),
            body: String::new(),
        };

        assert_eq!(destination.shown(), shown);
    }
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&delivery());
    fixtures::write(&dead_letter());
}

proptest! {
    #[test]
    fn records_survive_being_stored(text in ".{0,40}", number: u32, millis: i64) {
        let moment = Timestamp::from_millis(millis);
        let functions = [function(Sender::Events), function(Sender::Sns)];
        let others = [url(), mail(), api_destination()];
        let patiences = [Patience::Subscription, Patience::Mail];
        for destination in functions.into_iter().chain(others) {
            for patience in patiences {
                fixtures::assert_survives(&Delivery {
                    source: text.clone(),
                    destination: destination.clone(),
                    patience,
                    job: Job::due_at(Some(moment)),
                    ..delivery()
                });
            }
        }
        fixtures::assert_survives(&DeadLetter {
            attempts: number,
            died: moment,
            why: text,
            ..dead_letter()
        });
    }
}
