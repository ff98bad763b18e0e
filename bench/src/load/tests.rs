use super::*;
use crate::bare::Fixture;
use crate::clock::now;
use crate::keys::Keys;
use crate::operation::Ask;
use base::Plaintext;
use std::cell::Cell;

impl Fixture {
    fn load(&self, asks: impl IntoIterator<Item = Ask>, length: Length) -> Load {
        Load {
            requests: asks
                .into_iter()
                .map(|ask| self.signer.sign(ask.of_bare(), now()).unwrap())
                .collect(),
            connections: 3,
            length,
            rate: None,
        }
    }

    fn drive(&self, load: Load) -> Result<Sample, Error> {
        drive(&self.endpoint, load, || Ok(Duration::ZERO))
    }
}

fn short() -> Window {
    Window {
        warm_up: Duration::from_millis(20),
        measured: Duration::from_millis(100),
    }
}

fn error(outcome: Result<Sample, Error>) -> Error {
    match outcome {
        Ok(_) => panic!("the load succeeded"),
        Err(error) => error,
    }
}

#[test]
fn each_request_is_sent_once_and_counted() {
    let server = Fixture::start(false);
    let load = server.load((0..100).map(Ask::get), Length::Once);

    let sample = server.drive(load).unwrap();

    assert_eq!(sample.requests(), 100);
}

#[test]
fn a_load_lasts_as_long_as_the_work_beside_it() {
    let server = Fixture::start(false);
    let load = server.load((0..100).map(Ask::get), Length::Repeat(short()));

    let began = instant();
    let (sample, done) = drive_during(
        &server.endpoint,
        load,
        || Ok(Duration::ZERO),
        |is_on| {
            // Longer than the load's own time to measure.
            while began.elapsed() < short().measured * 3 {
                assert!(is_on());
                std::thread::yield_now();
            }
            Ok("done")
        },
    )
    .unwrap();

    assert_eq!(done, "done");
    assert!(sample.requests() > 0);
}

#[test]
fn work_learns_that_the_load_beside_it_has_failed() {
    let server = Fixture::start(false);
    let mut load = server.load((0..100).map(Ask::get), Length::Repeat(short()));
    for request in &mut load.requests {
        request.expected = "something else".into();
    }

    let outcome = drive_during(
        &server.endpoint,
        load,
        || Ok(Duration::ZERO),
        |is_on| {
            while is_on() {
                std::thread::yield_now();
            }
            Ok(())
        },
    );

    assert!(outcome.is_err());
}

#[test]
fn work_that_fails_ends_the_load() {
    let server = Fixture::start(false);
    let load = server.load((0..100).map(Ask::get), Length::Repeat(short()));

    let outcome = drive_during::<()>(
        &server.endpoint,
        load,
        || Ok(Duration::ZERO),
        |_| Err(Error::Closed),
    );

    assert!(matches!(outcome, Err(Error::Closed)));
}

#[test]
fn a_durable_server_answers_the_same() {
    let server = Fixture::start(true);
    let load = server.load((0..20).map(|number| Ask::put(number, 1)), Length::Once);

    let sample = server.drive(load).unwrap();

    assert_eq!(sample.requests(), 20);
}

#[test]
fn a_bare_server_stands_for_kms_as_well() {
    let server = Fixture::start_as("kms", false);
    let keys = Keys::stand_in();
    let load = server.load(
        (0..20).flat_map(|number| [keys.generate(number), keys.decrypt(number)]),
        Length::Once,
    );

    let sample = server.drive(load).unwrap();

    assert_eq!(sample.requests(), 40);
}

#[test]
fn a_repeated_load_lasts_its_time_and_reads_the_processor_clock_twice() {
    let server = Fixture::start(false);
    let load = server.load([Ask::get(0)], Length::Repeat(short()));
    let readings = Cell::new(0_u32);

    let sample = drive(&server.endpoint, load, || {
        readings.set(readings.get() + 1);
        Ok(Duration::from_secs(1) * readings.get())
    })
    .unwrap();

    let figures = sample.figures();
    let cpu = figures.cpu_us * sample.requests() as f64;
    assert_eq!(readings.get(), 2);
    assert!((cpu - 1e6).abs() < 1.0, "{cpu}");
    assert!(figures.per_second > 0.0);
    assert!(figures.p99_ms >= figures.p50_ms && figures.p50_ms > 0.0);
}

#[test]
fn a_fixed_rate_is_not_exceeded() {
    let server = Fixture::start(false);
    let load = Load {
        rate: Some(100),
        ..server.load([Ask::get(0)], Length::Repeat(short()))
    };

    let sample = server.drive(load).unwrap();

    // In 120 ms at most 12 are due, and as many as there are connections may be under way.
    assert!((1..=15).contains(&sample.requests()));
}

#[test]
fn requests_that_run_out_before_the_measurement_fail_it() {
    let server = Fixture::start(false);
    let window = Window {
        warm_up: Duration::from_secs(20),
        ..short()
    };
    let load = server.load((0..5).map(Ask::get), Length::OnceWithin(window));

    let failure = error(server.drive(load));

    assert!(matches!(failure, Error::RanDry(5)), "{failure}");
}

#[test]
fn requests_that_run_out_later_end_the_measurement_early() {
    let server = Fixture::start(false);
    let window = Window {
        warm_up: Duration::ZERO,
        measured: Duration::from_secs(20),
    };
    let load = server.load((0..50).map(Ask::get), Length::OnceWithin(window));
    let began = instant();

    let outcome = server.drive(load);

    assert!(outcome.is_ok());
    assert!(began.elapsed() < window.measured);
}

#[test]
fn an_answer_about_something_else_fails_the_load() {
    let server = Fixture::start(false);
    let mut load = server.load((0..3).map(Ask::get), Length::Repeat(short()));
    load.requests
        .push(server.signer.sign(Ask::get(9), now()).unwrap());

    let failure = error(server.drive(load));

    assert!(
        matches!(&failure, Error::WrongAnswer { expected, .. } if expected.contains("000009")),
        "{failure}"
    );
}

#[test]
fn a_refusal_fails_the_load() {
    let mut server = Fixture::start(false);
    server.signer.secret_access_key = Plaintext::from(String::from("wrong"));
    let load = server.load([Ask::get(0)], Length::Repeat(short()));

    let failure = error(server.drive(load));

    assert!(
        matches!(failure, Error::Refused { status: 400, .. }),
        "{failure}"
    );
}

#[test]
fn a_server_that_is_not_there_fails_the_load_on_every_thread() {
    let mut server = Fixture::start(false);
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    server.endpoint.address = unused.local_addr().unwrap();
    drop(unused);
    let load = server.load([Ask::get(0)], Length::Repeat(short()));

    let failure = error(server.drive(load));

    assert!(matches!(failure, Error::Io { .. }), "{failure}");
}

#[test]
fn a_failing_processor_clock_stops_the_load() {
    let server = Fixture::start(false);
    let load = server.load([Ask::get(0)], Length::Repeat(short()));

    let outcome = drive(&server.endpoint, load, || {
        Err(Error::Proc(String::from("/proc/0/stat")))
    });

    assert!(matches!(error(outcome), Error::Proc(_)));
}

#[test]
fn one_question_gets_its_answer() {
    let server = Fixture::start(false);
    let request = server.signer.sign(Ask::get(0), now()).unwrap();

    let body = ask(&server.endpoint, &request).unwrap();

    assert_eq!(body.len(), 1_000);
}

#[test]
fn a_certificate_of_another_server_is_refused() {
    let mut server = Fixture::start(false);
    let other = Fixture::start(false);
    server.endpoint.tls = other.endpoint.tls.clone();
    let request = server.signer.sign(Ask::get(0), now()).unwrap();

    let refused = ask(&server.endpoint, &request);

    assert!(matches!(refused, Err(Error::Io { .. })));
}
