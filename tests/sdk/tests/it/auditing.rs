//! Every answered request has exactly one event, whatever crashes come between; the log verifies; and no bit of
//! it can be flipped unnoticed.
//!
//! `STRONGROOM_AUDIT_REQUESTS` says how many requests (20,000), `STRONGROOM_AUDIT_SEED` repeats the choices.

use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;
use strongroom_sdk_tests::{Client, Dice, Keys, Launch, Server, binary_path, number};

#[test]
fn every_answer_has_one_event_through_crashes_and_no_bit_can_be_flipped() {
    let requests = number("STRONGROOM_AUDIT_REQUESTS").unwrap_or(20_000);
    let seed = number("STRONGROOM_AUDIT_SEED").unwrap_or_else(Dice::fresh_seed);
    let mut dice = Dice::new(seed);
    let segment_bytes = (requests * 1_000 / SEGMENTS).max(64 << 10);
    let config = format!("[audit]\nsegment_bytes = {segment_bytes}\n");
    let mut server = Launch::default()
        .flag("--log")
        .flag("warn")
        .config(&config)
        .start();
    let mut answered = Vec::new();
    for name in NAMES {
        let body = json!({ "Name": name, "SecretString": "hunter2" });
        let answer = server.client().call("CreateSecret", &body).unwrap();
        answered.push(answer.request_id);
    }

    while (answered.len() as u64) < requests {
        let until_the_crash = 1 + dice.below(usize::try_from(2 * requests / CRASHES).unwrap());
        let new = load(&mut server, until_the_crash, &mut dice);
        answered.extend(new);
        server.start_again();
    }
    assert!(server.stop().success());

    let calls = calls(&server);
    let wrong: Vec<_> = answered
        .iter()
        .filter(|id| calls.get(id.as_str()) != Some(&1))
        .collect();
    assert_eq!(wrong, Vec::<&String>::new(), "seed {seed}");
    let report = server.verified_audit_log();
    assert_eq!(report["unsignedEvents"], 0, "{report}");
    let flips = flip_bits(&server, &mut dice);
    let say = format!(
        "{} answers through crashes, {} calls in the log, {flips} flipped bits found\n",
        answered.len(),
        calls.len(),
    );
    let _ = std::io::stderr().write_all(say.as_bytes());
}

/// Several clients ask until the server was killed, which is after so many answers. Gives the ids of all answers.
fn load(server: &mut Server, answers: usize, dice: &mut Dice) -> Vec<String> {
    let (told, heard) = mpsc::channel();
    std::thread::scope(|scope| {
        for number in 0..CLIENTS {
            let asking = Asking {
                client: server.client(),
                stranger: stranger(server),
                dice: Dice::new(dice.below(usize::MAX >> 1) as u64 + number),
            };
            let told = told.clone();
            scope.spawn(move || asking.run(&told));
        }
        drop(told);
        let mut ids: Vec<String> = (0..answers)
            .map(|_| heard.recv_timeout(PATIENCE).expect("it goes on answering"))
            .collect();
        server.kill();
        ids.extend(heard.iter());
        ids
    })
}

/// Somebody whose key nobody knows.
fn stranger(server: &Server) -> Client {
    let keys = Keys {
        id: String::from("AKIAUNKNOWNUNKNOWN00"),
        ..server.keys()
    };
    Client::new(server.plain(), keys, server.region())
}

struct Asking {
    client: Client,
    stranger: Client,
    dice: Dice,
}

impl Asking {
    fn run(mut self, told: &Sender<String>) {
        loop {
            let name = *self.dice.pick(&NAMES);
            let id = json!({ "SecretId": name });
            let answer = match self.dice.below(40) {
                0 => self
                    .client
                    .call("GetSecretValue", &json!({ "SecretId": "nothing" })),
                1 => self.stranger.call("GetSecretValue", &id),
                2 => self
                    .client
                    .call("GetSecretValue", &json!({ "SecretId": 7 })),
                3 => self.client.call("NoSuchOperation", &id),
                4 => {
                    let put = json!({ "SecretId": name, "SecretString": "again" });
                    self.client.call("PutSecretValue", &put)
                }
                _ => self.client.call("GetSecretValue", &id),
            };
            let Ok(answer) = answer else {
                return;
            };
            if told.send(answer.request_id).is_err() {
                return;
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_type: String,
    event_source: String,
    #[serde(rename = "requestID")]
    request_id: String,
}

/// How many events each request to Secrets Manager has.
fn calls(server: &Server) -> HashMap<String, u32> {
    let mut calls = HashMap::new();
    for segment in segments(server) {
        for line in BufReader::new(File::open(segment).unwrap()).lines() {
            let event: Event = serde_json::from_str(&line.unwrap()).expect("a line is an event");
            if event.event_type == "AwsApiCall" && event.event_source.starts_with("secretsmanager.")
            {
                *calls.entry(event.request_id).or_default() += 1;
            }
        }
    }
    calls
}

fn segments(server: &Server) -> Vec<PathBuf> {
    let entries = fs::read_dir(server.data_dir().join("audit")).unwrap();
    let mut segments: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    segments.sort();
    segments
}

/// Flips bits of every segment, one at a time, and has each found. Gives how many.
fn flip_bits(server: &Server, dice: &mut Dice) -> usize {
    let mut flips = 0;
    for segment in segments(server) {
        let whole = fs::read(&segment).unwrap();
        if whole.is_empty() {
            continue;
        }
        assert_eq!(complaint(&segment), None);
        for _ in 0..FLIPS {
            let mut changed = whole.clone();
            changed[dice.below(whole.len())] ^= 1 << dice.below(8);
            fs::write(&segment, &changed).unwrap();
            assert!(
                complaint(&segment).is_some(),
                "a flipped bit of {}",
                segment.display()
            );
            flips += 1;
        }
        fs::write(&segment, &whole).unwrap();
        assert_eq!(complaint(&segment), None);
    }
    flips
}

/// What `strongroom audit verify` has against a segment. One that is not closed is signed with the whole log.
fn complaint(segment: &Path) -> Option<String> {
    let mut command = Command::new(binary_path());
    command.args(["audit", "verify"]);
    match segment.with_extension("digest.json").exists() {
        true => command.arg(segment),
        false => {
            let data_dir = segment.parent().and_then(Path::parent).unwrap();
            command.arg("--data-dir").arg(data_dir)
        }
    };
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (!output.status.success()).then_some(said)
}

const NAMES: [&str; 4] = ["db/one", "db/two", "api", "web"];
const CLIENTS: u64 = 6;
/// About how many times the server is killed.
const CRASHES: u64 = 12;
/// About how many segments the log has.
const SEGMENTS: u64 = 12;
/// How many bits of each segment are flipped.
const FLIPS: usize = 6;
/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(60);
