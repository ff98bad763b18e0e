use super::*;
use crate::test_entropy::Seeded;
use base::Timestamp;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use tempfile::TempDir;

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(Seeded::new(1))
}

fn bundle() -> RootBundle {
    RootBundle::generate(entropy(), Timestamp::from_millis(7)).unwrap()
}

/// A program of a shell's `lines`, and the directory that it is in.
struct Program(TempDir);

impl Program {
    fn of(lines: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("program");
        fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        Self(directory)
    }

    fn seal(&self, mode: CommandMode) -> CommandSeal {
        self.seal_within(mode, Duration::from_secs(30))
    }

    fn seal_within(&self, mode: CommandMode, timeout: Duration) -> CommandSeal {
        let program = self.0.path().join("program").display().to_string();
        let argv = vec![program, String::from("an argument; with $HOME")];
        CommandSeal::new(argv, mode, timeout, entropy())
    }

    /// Returns when the process is gone whose number the program wrote into the file `child`.
    fn wait_for_its_childs_end(&self) {
        let child = fs::read_to_string(self.0.path().join("child")).unwrap();
        let gone = || {
            let stat = fs::read_to_string(format!("/proc/{}/stat", child.trim()));
            stat.map_or(true, |stat| stat.contains(") Z "))
        };
        while !gone() {
            thread::yield_now();
        }
    }

    /// What wrapping says, with the program's path left out.
    fn refusal(&self, mode: CommandMode) -> String {
        let refused = self.seal(mode).wrap(&bundle()).err().unwrap().to_string();
        refused.replace(&self.0.path().display().to_string(), "DIR")
    }
}

const PRINTS: &str = "echo AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[test]
fn a_program_prints_the_key() {
    let program = Program::of(PRINTS);
    let bundle = bundle();

    let envelope = program.seal(CommandMode::Print).wrap(&bundle).unwrap();

    let again = program.seal(CommandMode::Print);
    assert!(again.unwrap(&envelope).unwrap().is_same_as(&bundle));
    assert_eq!(envelope.text("mode").unwrap(), "print");
}

#[test]
fn a_program_that_prints_another_key_is_told() {
    let envelope = Program::of(PRINTS)
        .seal(CommandMode::Print)
        .wrap(&bundle())
        .unwrap();
    let other = Program::of(&PRINTS.replace("AAEC", "AAED"));

    let refused = other.seal(CommandMode::Print).unwrap(&envelope).err();

    assert_eq!(
        refused.unwrap().to_string(),
        "the key of the seal command does not open `seal.json`; it gives another key than when the \
         seal was made"
    );
}

/// The program keeps the key in a file and gives a ticket for it.
#[test]
fn a_program_wraps_a_key_and_opens_it() {
    let program = Program::of(KEEPS);
    let bundle = bundle();

    let envelope = program.seal(CommandMode::Wrap).wrap(&bundle).unwrap();

    let again = program.seal(CommandMode::Wrap);
    assert!(again.unwrap(&envelope).unwrap().is_same_as(&bundle));
    assert_eq!(envelope.bytes("wrapped_key").unwrap(), b"ticket");
    fs::write(
        program.0.path().join("kept"),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    )
    .unwrap();
    let refused = program.seal(CommandMode::Wrap).unwrap(&envelope).err();
    assert!(matches!(
        refused,
        Some(SealFailure::WrongKey(SealKind::Command))
    ));
}

#[test]
fn a_seal_that_opened_wraps_without_the_program() {
    let program = Program::of(KEEPS);
    let envelope = program.seal(CommandMode::Wrap).wrap(&bundle()).unwrap();
    let seal = program.seal(CommandMode::Wrap);
    let opened = seal.unwrap(&envelope).unwrap();
    fs::remove_file(program.0.path().join("program")).unwrap();

    let next = seal.wrap(&opened).unwrap();

    assert!(seal.unwrap(&next).unwrap().is_same_as(&opened));
}

#[test]
fn a_program_has_no_shell_and_no_environment() {
    let program = Program::of(&format!(
        "echo \"$1\" >\"$(dirname \"$0\")/saw\"; env | sort >>\"$(dirname \"$0\")/saw\"; pwd >>\
         \"$(dirname \"$0\")/saw\"\n{PRINTS}"
    ));

    program.seal(CommandMode::Print).wrap(&bundle()).unwrap();

    let saw = fs::read_to_string(program.0.path().join("saw")).unwrap();
    let (argument, rest) = saw.split_once('\n').unwrap();
    assert_eq!(argument, "an argument; with $HOME");
    let names: Vec<&str> = rest
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.0))
        .collect();
    // The shell itself adds PWD and the like.
    assert!(
        names
            .iter()
            .all(|name| ["PATH", "PWD", "_", "OLDPWD", "SHLVL"].contains(name)),
        "{saw}"
    );
    assert!(saw.ends_with("/\n"));
}

#[test]
fn a_program_that_does_not_do_its_work_is_told() {
    let by_hand = "; run it by hand as the server's user to see why";
    let key = "answered something else than a key of 32 bytes in base64";
    for (lines, mode, said) in [
        ("exit 3", CommandMode::Print, "failed (exit status: 3)"),
        (
            "kill -9 $$",
            CommandMode::Print,
            "failed (signal: 9 (SIGKILL))",
        ),
        ("true", CommandMode::Print, key),
        ("echo hunter2", CommandMode::Print, key),
        (
            "echo AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
            CommandMode::Print,
            key,
        ),
        (
            "head -c 100000 /dev/zero",
            CommandMode::Print,
            "answered something else than a short text",
        ),
        (
            "yes",
            CommandMode::Print,
            "answered something else than a short text",
        ),
        (
            "echo '{\"plaintext\":\"\"}'",
            CommandMode::Wrap,
            "answered something else than `{\"ciphertext\":\"…\"}` with base64",
        ),
    ] {
        let refused = Program::of(lines).refusal(mode);

        assert_eq!(
            refused,
            format!("the seal command `DIR/program` {said}{by_hand}"),
            "{lines}"
        );
    }
}

#[test]
fn a_program_that_hangs_is_ended_with_its_children() {
    let program = Program::of("sleep 1000 & echo $! >\"$(dirname \"$0\")/child\"; sleep 1000");
    let seal = program.seal_within(CommandMode::Print, Duration::from_secs(1));

    let refused = seal.wrap(&bundle()).err().unwrap().to_string();

    assert!(
        refused.contains("did not end within 1 seconds"),
        "{refused}"
    );
    program.wait_for_its_childs_end();
}

#[test]
fn what_a_program_leaves_behind_is_ended() {
    let program = Program::of(&format!(
        "sleep 1000 >/dev/null & echo $! >\"$(dirname \"$0\")/child\"\n{PRINTS}"
    ));

    program.seal(CommandMode::Print).wrap(&bundle()).unwrap();

    program.wait_for_its_childs_end();
}

/// Else its number could be another program's by the time that the group is signalled.
#[test]
fn a_program_that_ended_is_not_reaped_before_its_group_is_signalled() {
    let program = Program::of("echo done");
    let mut child = program.seal(CommandMode::Print).start().unwrap();
    let id = Pid::from_child(&child);
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());

    let output = attend(id, stdin, stdout, b"input").unwrap();

    assert_eq!(output.expose(), b"done\n");
    kill_process_group(id, Signal::KILL).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(kill_process_group(id, Signal::KILL).is_err());
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let argv = vec![String::from("/nowhere/program")];
    let seal = CommandSeal::new(argv, CommandMode::Print, Duration::from_secs(1), entropy());

    let refused = seal.wrap(&bundle()).err().unwrap().to_string();

    assert!(
        refused.starts_with("the seal command `/nowhere/program` cannot be started: No such file"),
        "{refused}"
    );
    let none = CommandSeal::new(
        Vec::new(),
        CommandMode::Print,
        Duration::from_secs(1),
        entropy(),
    );
    assert!(none.wrap(&bundle()).is_err());
}

#[test]
fn an_envelope_of_the_other_mode_is_told() {
    let program = Program::of(PRINTS);
    let envelope = program.seal(CommandMode::Print).wrap(&bundle()).unwrap();

    let refused = program
        .seal(CommandMode::Wrap)
        .unwrap(&envelope)
        .err()
        .unwrap();

    assert!(refused.to_string().contains("is damaged (`mode`)"));
}

#[test]
fn no_refusal_shows_what_the_program_wrote() {
    let refused = Program::of("echo hunter2hunter2")
        .seal(CommandMode::Print)
        .wrap(&bundle());

    let shown = format!("{0} {0:?}", refused.err().unwrap());

    assert!(!shown.contains("hunter2"), "{shown}");
}

const KEEPS: &str = r#"
cd "$(dirname "$0")" || exit 1
read -r line
case "$line" in
    '{"operation":"wrap","version":1,"plaintext":"'*)
        echo "$line" | sed 's/.*"plaintext":"\([^"]*\)".*/\1/' >kept
        echo '{"ciphertext":"dGlja2V0"}'
        ;;
    '{"operation":"unwrap","version":1,"ciphertext":"dGlja2V0"}')
        printf '{"plaintext":"%s"}\n' "$(cat kept)"
        ;;
    *) exit 2 ;;
esac
"#;
