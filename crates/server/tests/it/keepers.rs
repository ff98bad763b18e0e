//! Seals that something outside the server keeps: a program, a token.

use crate::sealing::{Reader, status};
use crate::server::{Data, complaint};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn a_program_that_fails_can_be_tried_again() {
    let data = Data::new();
    let program = data.beside("key");
    let prints = "#!/bin/sh\necho AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
    let write = |text: &str| {
        fs::write(&program, text).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    };
    write(prints);
    let config = data.config(&format!(
        "[seal]\nkind = \"command\"\n[seal.command]\nargv = [\"{}\"]\nmode = \"print\"\n",
        program.display()
    ));
    let flags = ["--config", config.as_str()];
    let server = data.start_with(&flags);
    let reader = Reader::new(&data, &server);
    server.kill();
    write("#!/bin/sh\nexit 7\n");

    let mut server = data.start_with(&flags);
    assert_eq!(server.ready["event"], "sealed");
    let refused = data.command(&["seal", "unseal", "--retry"]);
    assert!(complaint(&refused).contains("failed (exit status: 7)"));
    write(prints);
    data.json(&["seal", "unseal", "--retry", "--json"]);

    assert_eq!(server.next_line()["event"], "ready");
    assert!(reader.reads(&data, &server));
}

/// Against SoftHSM2, from Debian's package `softhsm2`. Without it the test says so and passes, unless
/// `STRONGROOM_NEEDS_SOFTHSM` is set, as `./test` does once it has installed the package.
#[test]
fn a_token_keeps_the_root_keys() {
    let Some(module) = softhsm() else {
        assert!(!is_needed(), "softhsm2 is not installed");
        return;
    };
    let data = Data::new();
    let settings = a_token(&data);
    let config = data.config(&format!(
        "[seal.pkcs11]\nmodule = \"{}\"\ntoken = \"keys\"\nkey = \"strongroom\"\n\
         pin = \"env:TOKEN_PIN\"\n",
        module.display()
    ));
    let flags = ["--config", config.as_str()];
    let settings = settings.display().to_string();
    let variables = [
        ("SOFTHSM2_CONF", settings.as_str()),
        ("TOKEN_PIN", "1234567"),
    ];
    let server = data.start_in(&flags, &variables);
    let reader = Reader::new(&data, &server);

    let moved = data.json(&["seal", "migrate", "--to", "pkcs11", "--json"]);
    data.json(&["seal", "rotate", "--root", "--json"]);
    assert_eq!(
        (&moved["Seal"], &moved["State"]),
        (&json!("pkcs11"), &json!("open"))
    );
    assert_eq!(server.stop(), Some(0));
    fs::remove_file(data.path("root.key")).unwrap();

    let wrong = [
        ("SOFTHSM2_CONF", settings.as_str()),
        ("TOKEN_PIN", "7777777"),
    ];
    let server = data.start_in(&flags, &wrong);
    assert_eq!(server.ready["event"], "sealed");
    let notice = status(&data)["Notice"].as_str().unwrap().to_owned();
    assert!(notice.contains("the PIN is wrong"), "{notice}");
    assert_eq!(server.stop(), Some(0));

    let server = data.start_in(&flags, &variables);
    assert_eq!(server.ready["event"], "ready");
    assert!(reader.reads(&data, &server));
    assert_eq!(server.stop(), Some(0));
}

#[expect(
    clippy::disallowed_methods,
    reason = "`./test` says so by the environment"
)]
fn is_needed() -> bool {
    std::env::var_os("STRONGROOM_NEEDS_SOFTHSM").is_some()
}

fn softhsm() -> Option<PathBuf> {
    [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    ]
    .into_iter()
    .map(PathBuf::from)
    .find(|path| path.exists())
}

/// Makes a token called `keys` with an AES key called `strongroom`. Gives SoftHSM's configuration.
fn a_token(data: &Data) -> PathBuf {
    let tokens = data.beside("tokens");
    fs::create_dir(&tokens).unwrap();
    let settings = data.beside("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nlog.level = ERROR\n",
        tokens.display()
    );
    fs::write(&settings, text).unwrap();
    let key = data.beside("aes.key");
    fs::write(&key, [7; 32]).unwrap();
    let pin = ["--pin", "1234567"];
    let made = [
        "--init-token",
        "--free",
        "--label",
        "keys",
        "--so-pin",
        "7654321",
    ];
    softhsm_util(&settings, &[&made, &pin[..]].concat());
    let key = key.display().to_string();
    let imported = [
        "--import",
        &key,
        "--aes",
        "--token",
        "keys",
        "--label",
        "strongroom",
        "--id",
        "01",
    ];
    softhsm_util(&settings, &[&imported, &pin[..]].concat());
    settings
}

fn softhsm_util(settings: &Path, arguments: &[&str]) {
    let output = Command::new("softhsm2-util")
        .env("SOFTHSM2_CONF", settings)
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}
