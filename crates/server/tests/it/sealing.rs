//! Seals: what the built binary does when somebody else keeps its root keys.

use crate::server::{Data, Server, ask, complaint, until};
use crate::signed::{Keys, a_secret, call};
use serde_json::{Value, json};
use std::fs;
use std::process::Output;

pub(crate) fn status(data: &Data) -> Value {
    data.json(&["seal", "status", "--json"])
}

pub(crate) fn shares_in(answer: &Value) -> Vec<String> {
    let shares = answer["NewShares"].as_array().unwrap();
    shares
        .iter()
        .map(|share| share.as_str().unwrap().to_owned())
        .collect()
}

/// What a command printed, when it went well.
pub(crate) fn printed(output: &Output) -> Value {
    assert!(output.status.success(), "{}", complaint(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The status that a command printed whose only share was taken, and one more is needed.
pub(crate) fn unfinished(output: &Output) -> Value {
    let told = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(
        (told.as_str(), output.status.code()),
        ("strongroom: 1 more share is needed\n", Some(3))
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

pub(crate) fn unseal(data: &Data, lines: &[&str]) -> Output {
    let input = lines
        .iter()
        .map(|line| format!("{line}\n"))
        .collect::<String>();
    data.command_with(&["seal", "unseal", "--json"], &input)
}

/// A secret under the KMS key of its account, and whoever can read it.
pub(crate) struct Reader {
    keys: Keys,
    arn: String,
}

impl Reader {
    pub(crate) fn new(data: &Data, server: &Server) -> Self {
        let keys = Keys::of_profile(data, "default");
        let arn = a_secret(data, &server.tls_address(), &keys, "sealed");
        Self { keys, arn }
    }

    pub(crate) fn reads(&self, data: &Data, server: &Server) -> bool {
        let body = json!({ "SecretId": self.arn });
        let address = server.tls_address();
        let answer = call(data, &address, &self.keys, "GetSecretValue", &body);
        answer.status == 200 && answer.body.contains("hunter2")
    }
}

/// A server that two of three shares open, stopped, and the shares.
pub(crate) fn in_shares() -> (Data, Reader, Vec<String>) {
    let data = Data::new();
    let server = data.start();
    let reader = Reader::new(&data, &server);
    let begun = data.json(&[
        "seal",
        "migrate",
        "--to",
        "shamir",
        "--shares",
        "3",
        "--threshold",
        "2",
        "--json",
    ]);
    data.json(&["seal", "migrate", "--finish", "--json"]);
    assert_eq!(server.stop(), Some(0));
    fs::remove_file(data.path("root.key")).unwrap();
    (data, reader, shares_in(&begun))
}

pub(crate) fn event_names(data: &Data) -> Vec<String> {
    let log = data.audit();
    let events = log.lines().map(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["eventName"].as_str().unwrap().to_owned()
    });
    events.collect()
}

#[test]
fn a_server_in_shares_starts_sealed_and_says_so() {
    let (data, _, _) = in_shares();

    let server = data.start();

    assert_eq!(server.ready["event"], "sealed");
    assert_eq!(server.get("/healthz").status, 200);
    assert_eq!(server.get("/readyz").status, 503);
    let json = ask(
        &mut server.connect(),
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-amz-json-1.1\r\n\
         x-amz-target: secretsmanager.GetSecretValue\r\ncontent-length: 2\r\n\r\n{}",
    );
    assert_eq!(json.status, 503);
    assert!(
        json.head
            .contains("content-type: application/x-amz-json-1.1\r\n")
    );
    assert!(json.head.contains("x-amzn-requestid: "));
    assert_eq!(
        json.body,
        r#"{"__type":"ServiceUnavailable","message":"The server is sealed. Its operator has to unseal it."}"#
    );
    let query = ask(
        &mut server.connect(),
        "POST / HTTP/1.1\r\nhost: localhost\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 24\r\n\r\n\
         Action=GetCallerIdentity",
    );
    assert_eq!(query.status, 503);
    assert!(
        query.body.contains("<Code>ServiceUnavailable</Code>"),
        "{}",
        query.body
    );
    let sealed = status(&data);
    assert_eq!(
        (&sealed["State"], &sealed["Seal"]),
        (&json!("sealed"), &json!("shamir"))
    );
    assert_eq!(sealed["Shares"][0]["Threshold"], 2);
    let refused = data.command(&["account", "list"]);
    assert_eq!(
        complaint(&refused),
        "the server is sealed: run `strongroom seal unseal` first"
    );
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn enough_shares_open_it_without_a_restart() {
    let (data, reader, shares) = in_shares();
    let mut server = data.start();
    server.get("/");

    let none = complaint(&unseal(&data, &["", " "]));
    assert_eq!(none, "nothing was given on standard input");
    let one = unfinished(&unseal(&data, &["", &shares[2], ""]));
    assert_eq!(
        (&one["State"], &one["Shares"][0]["Given"]),
        (&json!("sealed"), &json!(1))
    );
    let two = printed(&unseal(&data, &["", &shares[0]]));

    assert_eq!(two["State"], "open");
    assert_eq!(server.next_line()["event"], "ready");
    assert_eq!(server.get("/readyz").status, 200);
    assert!(reader.reads(&data, &server));
    let again = printed(&unseal(&data, &[]));
    assert_eq!(again["State"], "open");
    let names = event_names(&data);
    for name in ["StartSealed", "Unseal", "EndSealed"] {
        assert!(names.iter().any(|one| one == name), "{name}: {names:?}");
    }
    let log = data.audit();
    assert!(log.contains(r#""refusedRequests":1"#));
    for share in &shares {
        assert!(!log.contains(share.as_str()));
    }
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn what_a_sealed_server_refuses_is_on_file() {
    let (data, _, shares) = in_shares();
    let ask_for = |server: &Server, operation: &str| {
        let target = format!(
            "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-amz-json-1.1\r\n\
             x-amz-target: secretsmanager.{operation}\r\ncontent-length: 2\r\n\r\n{{}}"
        );
        ask(&mut server.connect(), &target)
    };
    let server = data.start();

    let answer = ask_for(&server, "GetSecretValue");
    until(|| {
        data.audit()
            .contains("GetSecretValue\",\"awsRegion\":\"unknown")
    });
    server.kill();
    let server = data.start();
    ask_for(&server, "ListSecrets");
    assert_eq!(server.stop(), Some(0));
    let mut server = data.start();
    ask_for(&server, "DescribeSecret");
    printed(&unseal(&data, &[&shares[1], &shares[2]]));
    server.next_line();
    assert_eq!(server.stop(), Some(0));

    let log = data.audit();
    let events: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |name: &str| events.iter().rfind(|one| one["eventName"] == name).unwrap();
    let refused = events
        .iter()
        .find(|one| one["errorCode"] == "ServiceUnavailable")
        .unwrap();
    assert_eq!(
        (&refused["eventName"], &refused["userIdentity"]),
        (&json!("GetSecretValue"), &json!({ "type": "Unknown" }))
    );
    let id = format!(
        "x-amzn-requestid: {}\r\n",
        refused["requestID"].as_str().unwrap()
    );
    assert!(answer.head.contains(&id), "{}", answer.head);
    for name in ["ListSecrets", "DescribeSecret"] {
        assert_eq!(of(name)["errorCode"], "ServiceUnavailable");
    }
    for name in ["StopSealed", "EndSealed"] {
        assert_eq!(
            of(name)["requestParameters"],
            json!({ "refusedRequests": 1, "omittedEvents": 0 })
        );
    }
}

#[test]
fn a_wrong_share_is_refused_and_told() {
    let (data, reader, shares) = in_shares();
    let (_, _, others) = in_shares();
    let server = data.start();
    let (start, sum) = shares[0].rsplit_once('-').unwrap();
    let mistyped = format!("{start}a-{sum}");

    let foreign = complaint(&unseal(&data, &[&others[0]]));
    let mistyped = complaint(&unseal(&data, &[&mistyped]));
    let nonsense = complaint(&unseal(&data, &["hunter2"]));

    assert!(foreign.contains("belongs to the set"), "{foreign}");
    assert_eq!(
        mistyped,
        "the share has a typing error: its checksum does not fit; copy it again"
    );
    assert_eq!(nonsense, "this is not a share: one looks like `srs1-…`");
    assert_eq!(status(&data)["Shares"][0]["Given"], 0);
    let log = data.audit();
    assert!(!log.contains(&others[0]) && !log.contains("hunter2"));
    printed(&unseal(&data, &[&shares[1], &shares[2]]));
    assert!(reader.reads(&data, &server));
}

#[test]
fn recovery_shares_open_what_its_seal_does_not() {
    let data = Data::new();
    let server = data.start();
    let reader = Reader::new(&data, &server);
    let made = data.json(&[
        "seal",
        "recovery-shares",
        "--shares",
        "3",
        "--threshold",
        "2",
        "--json",
    ]);
    let shares = shares_in(&made);
    assert_eq!(status(&data)["Recovery"]["Threshold"], 2);
    data.json(&["seal", "rotate", "--root", "--json"]);
    assert_eq!(server.stop(), Some(0));
    fs::remove_file(data.path("root.key")).unwrap();

    let config = data.config("[seal]\nkey_file = \"root.key\"\n");
    let server = data.start_with(&["--config", &config]);
    let sealed = status(&data);
    let missing = format!(
        "there is no root key file `{}`",
        data.dir().join("root.key").display()
    );
    assert_eq!(sealed["Notice"], missing, "nobody is told to restore it");
    let opened = printed(&unseal(&data, &[&shares[0], &shares[1]]));

    assert!(
        opened["Notice"]
            .as_str()
            .unwrap()
            .contains("strongroom seal migrate")
    );
    assert!(reader.reads(&data, &server));
    let refused = data.command(&["seal", "rotate", "--root"]);
    assert!(complaint(&refused).contains("run `strongroom seal migrate`"));
    let to_file = "seal migrate --to file --key-file new.key --json";
    let to_file: Vec<&str> = to_file.split(' ').collect();
    let unnamed = complaint(&data.command(&to_file));
    assert!(
        unnamed.contains("change `seal.key_file` in the configuration file first"),
        "{unnamed}"
    );
    assert!(!data.path("new.key").exists());
    let config = data.config("[seal]\nkey_file = \"new.key\"\n");
    let moved = data.json(&to_file);
    assert_eq!(
        (&moved["Seal"], &moved["Notice"]),
        (&json!("file"), &Value::Null)
    );
    assert_eq!(server.stop(), Some(0));
    let server = data.start_with(&["--config", &config]);
    assert_eq!(server.ready["event"], "ready");
    assert!(reader.reads(&data, &server));
}

#[test]
fn a_passphrase_from_the_environment_is_taken_out_of_it() {
    let data = Data::new();
    let config =
        data.config("[seal]\nkind = \"passphrase\"\npassphrase.from = \"env:SEAL_WORDS\"\n");
    let flags = ["--config", config.as_str()];
    let right = [("SEAL_WORDS", "correct horse battery")];
    let server = data.start_in(&flags, &right);
    let reader = Reader::new(&data, &server);

    let environment = fs::read(format!("/proc/{}/environ", server.id())).unwrap();
    assert!(!String::from_utf8_lossy(&environment).contains("correct horse"));
    let input = fs::read_link(format!("/proc/{}/fd/0", server.id())).unwrap();
    assert_eq!(input, fs::read_link("/proc/self/fd/0").unwrap());
    let open = fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap();
    let mut names = open.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    assert!(!names.any(|name| name.to_string_lossy().contains("memfd")));
    assert!(!data.path("root.key").exists());
    assert_eq!(data.mode("seal.json"), 0o600);
    assert_eq!(server.stop(), Some(0));

    let server = data.start_in(&flags, &right);
    assert_eq!(server.ready["event"], "ready");
    assert!(reader.reads(&data, &server));
    assert_eq!(server.stop(), Some(0));

    let server = data.start_in(&flags, &[("SEAL_WORDS", "incorrect horse battery")]);
    assert_eq!(server.ready["event"], "sealed");
    let refused = complaint(&unseal(&data, &["wrong wrong wrong"]));
    assert_eq!(
        refused,
        "the passphrase is wrong, or `seal.json` was damaged"
    );
    printed(&unseal(&data, &["correct horse battery"]));
    assert!(reader.reads(&data, &server));
    assert!(!data.audit().contains("horse"));
}

#[test]
fn a_rotated_root_key_takes_ring_and_kms_keys_with_it() {
    let data = Data::new();
    let server = data.start();
    let reader = Reader::new(&data, &server);

    let rotated = data.json(&["seal", "rotate", "--root", "--json"]);
    data.json(&["seal", "rotate", "--json"]);

    assert_eq!(rotated["RootKeys"].as_array().unwrap().len(), 2);
    assert_ne!(rotated["RootKey"], rotated["RootKeys"][0]["Fingerprint"]);
    until(|| {
        let status = status(&data);
        status["KmsKeysUnderOlderRootKeys"] == 0 && status["RecordsUnderOlderKeys"] == 0
    });
    assert!(
        event_names(&data)
            .iter()
            .any(|name| name == "ResealKeyMaterial")
    );
    assert!(reader.reads(&data, &server));
    server.kill();
    let server = data.start();
    assert!(reader.reads(&data, &server));
    assert_eq!(status(&data)["RootKeys"], rotated["RootKeys"]);
    let table = String::from_utf8(data.command(&["seal", "status"]).stdout).unwrap();
    assert!(
        table.contains("\nROOT KEY  FINGERPRINT       CREATED"),
        "{table}"
    );
}
