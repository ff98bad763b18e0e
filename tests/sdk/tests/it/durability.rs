//! Stopping under load, and a full disk.

use crate::mount::OwnMount;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;
use strongroom_sdk_tests::{Client, Dice, Launch, Server, duplicates, until};

#[test]
fn a_stop_under_load_loses_no_answered_write() {
    let mut server = Server::start();
    let (progress, answered) = mpsc::channel();
    let writers: Vec<_> = (0..4)
        .map(|n| start_writer(server.client(), n, &progress))
        .collect();
    drop(progress);
    for _ in 0..200 {
        answered.recv_timeout(PATIENCE).unwrap();
    }

    server.ask_to_stop();
    let written: Vec<Written> = writers
        .into_iter()
        .flat_map(|w| w.join().unwrap())
        .collect();
    let status = server.wait();
    server.start_again();

    assert!(status.success(), "{status}");
    let mut client = server.client();
    for one in &written {
        assert_eq!(read(&mut client, &one.name), one.value);
    }
    let events = server.audit_log().new_events();
    let requests = written.iter().map(|one| &one.request_id);
    assert_eq!(duplicates(&events, requests), Vec::<String>::new());
}

#[test]
#[cfg_attr(
    not(own_mounts),
    ignore = "this machine lets us mount nothing, so no disk can be full"
)]
fn a_full_disk_refuses_until_there_is_room() {
    let mount = OwnMount::new("12m");
    let mut server = Launch::default()
        .by(mount.wrapper())
        .data_dir(&mount.inside().join("data"), &mount.outside().join("data"))
        .start();
    let mut client = server.client();
    let mut trial = FullDisk::default();
    for n in 0..20 {
        assert_eq!(trial.write(&mut client, &format!("before/{n}")), 200);
    }

    let filler = mount.fill();
    let refusals = trial.write_until_refused(&mut client);
    trial.write_and_read_while_full(&mut client);
    std::fs::remove_file(filler).unwrap();
    until("writes are taken again", || {
        trial.write(&mut client, "after/first") == 200
    });
    for n in 0..20 {
        assert_eq!(trial.write(&mut client, &format!("after/{n}")), 200);
    }

    assert!(refusals > 0);
    assert!(server.is_running());
    trial.check(&mut client);
    assert!(server.stop().success());
    server.start_again();
    trial.check(&mut server.client());
    trial.check_audit(&server);
}

/// A write that was answered.
struct Written {
    name: String,
    value: String,
    request_id: String,
}

/// What was asked of a server while its disk was full and after.
#[derive(Default)]
struct FullDisk {
    /// What was acknowledged: values by name.
    taken: BTreeMap<String, String>,
    /// What was refused: values by name. It may be there, but then wholly.
    refused: BTreeMap<String, String>,
    /// The request ids of what was acknowledged.
    answered: Vec<String>,
}

impl FullDisk {
    /// Creates a secret and gives the status.
    fn write(&mut self, client: &mut Client, name: &str) -> u16 {
        // A second try at a name gets a name of its own: the first may have been carried out.
        let name = format!("{name}/{}", self.refused.len());
        let mut dice = Dice::new(Dice::fresh_seed());
        let value = dice.letters(1_000);
        let body =
            json!({ "Name": name, "SecretString": value, "ClientRequestToken": dice.token() });
        let answer = client
            .call("CreateSecret", &body)
            .expect("a full disk is no reason to hang up");
        match answer.status {
            200 => {
                self.taken.insert(name, value);
                self.answered.push(answer.request_id);
            }
            500 => {
                assert_eq!(answer.error(), "InternalServiceError");
                self.refused.insert(name, value);
            }
            status => panic!("{status}: {}", answer.text),
        }
        answer.status
    }

    /// There is some room left in the files: uses it up.
    fn write_until_refused(&mut self, client: &mut Client) -> usize {
        for n in 0..MOST_WRITES {
            self.write(client, &format!("while/{n}"));
            if !self.refused.is_empty() {
                break;
            }
        }
        self.refused.len()
    }

    fn write_and_read_while_full(&mut self, client: &mut Client) {
        for n in 0..5 {
            self.write(client, &format!("full/{n}"));
            let body = json!({ "SecretId": format!("before/{n}/0") });
            let answer = client.call("GetSecretValue", &body).expect("it answers");
            match answer.status {
                200 => {
                    let value = &self.taken[body["SecretId"].as_str().unwrap()];
                    assert_eq!(answer.json()["SecretString"], value.as_str());
                    self.answered.push(answer.request_id);
                }
                500 => assert_eq!(answer.error(), "InternalServiceError"),
                status => panic!("{status}: {}", answer.text),
            }
        }
    }

    /// What was acknowledged is there; what was refused is there wholly or not at all.
    fn check(&mut self, client: &mut Client) {
        for (name, value) in &self.taken {
            assert_eq!(read(client, name), *value);
        }
        for (name, value) in &self.refused {
            let answer = client
                .call("GetSecretValue", &json!({ "SecretId": name }))
                .unwrap();
            match answer.status {
                200 => assert_eq!(answer.json()["SecretString"], value.as_str(), "{name}"),
                _ => assert_eq!(answer.error(), "ResourceNotFoundException", "{name}"),
            }
            self.answered.push(answer.request_id);
        }
    }

    /// What was acknowledged has its event, and so has what was refused and is there all the same.
    fn check_audit(&self, server: &Server) {
        let mut log = server.audit_log();
        let events = log.new_events();
        assert!(log.ends_whole());
        assert_eq!(duplicates(&events, &self.answered), Vec::<String>::new());
        let mut client = server.client();
        for name in self.refused.keys() {
            let answer = client
                .call("DescribeSecret", &json!({ "SecretId": name }))
                .unwrap();
            let created = |event: &&Value| {
                event["eventName"] == "CreateSecret"
                    && event["requestParameters"]["name"] == name.as_str()
                    && event["errorCode"].is_null()
            };
            let count = events.iter().filter(created).count();
            assert_eq!(count, usize::from(answer.status == 200), "{name}");
        }
    }
}

fn start_writer(
    mut client: Client,
    number: usize,
    progress: &Sender<()>,
) -> std::thread::JoinHandle<Vec<Written>> {
    let progress = progress.clone();
    std::thread::spawn(move || {
        let mut dice = Dice::new(Dice::fresh_seed());
        let mut written = Vec::new();
        loop {
            let name = format!("{number}/{}", written.len());
            let value = dice.letters(40);
            let token = dice.token();
            let body = json!({ "Name": name, "SecretString": value, "ClientRequestToken": token });
            let Ok(answer) = client.call("CreateSecret", &body) else {
                return written;
            };
            assert_eq!(answer.status, 200, "{}", answer.text);
            written.push(Written {
                name,
                value,
                request_id: answer.request_id,
            });
            let _ = progress.send(());
        }
    })
}

fn read(client: &mut Client, name: &str) -> String {
    let value = client.ok("GetSecretValue", &json!({ "SecretId": name }));
    value["SecretString"]
        .as_str()
        .expect("it is a text")
        .to_owned()
}

/// More than the room that is left inside the files of a full disk.
const MOST_WRITES: usize = 2_000;
/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(60);
