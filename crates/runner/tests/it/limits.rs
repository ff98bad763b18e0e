//! Functions that use too much, or do not end.

use crate::bench::{Bench, has, node, python, script, skip};
use rustix::process::Pid;
use serde_json::json;
use std::time::Duration;
use strongroom_runner::{Bubblewrap, Execution, Settings};

/// Numbers that the function printed as `pid N`, as the host numbers them.
fn printed(log: &str) -> Vec<Pid> {
    log.lines()
        .filter_map(|line| line.strip_prefix("pid ")?.trim().parse().ok())
        .filter_map(Pid::from_raw)
        .collect()
}

/// Whether it is there, and not only as a zombie that the host's first process has yet to reap.
fn lives(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_pid()));
    let stat = stat.unwrap_or_default();
    let state = stat
        .rsplit(')')
        .next()
        .and_then(|rest| rest.trim().chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

fn short(mut execution: Execution) -> Execution {
    execution.timeout = Duration::from_secs(1);
    execution
}

#[tokio::test]
async fn a_function_that_hangs_is_ended_with_its_children() {
    let bench = Bench::new().await;
    let source = "
import os, signal, subprocess, time
def handler(event, context):
    for number in range(1, 32):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_IGN)
    print('pid', os.getpid())
    print('pid', subprocess.Popen(['sleep', '600']).pid)
    if os.fork() == 0:
        if os.fork() == 0:
            os.close(1)
            time.sleep(600)
        os._exit(0)
    time.sleep(600)
";

    let ran = bench.run(short(python(source))).await;

    assert_eq!(ran.outcome, "timed out", "{ran:#?}");
    let pids = printed(&ran.log);
    assert_eq!(pids.len(), 2, "{ran:#?}");
    for pid in pids {
        assert!(!lives(pid), "{pid:?} lives");
    }
}

#[tokio::test]
async fn a_function_gives_way_to_the_server() {
    let bench = Bench::new().await;
    let own = rustix::process::nice(0).unwrap();
    let source = "
import os
def handler(event, context):
    return os.nice(0)
";

    let ran = bench.run(python(source)).await;

    assert_eq!(ran.json(), json!((own + 10).min(19)));
}

#[tokio::test]
async fn children_do_not_outlive_a_function_that_answered() {
    let bench = Bench::new().await;
    let source = "
import os, subprocess, time
def handler(event, context):
    child = subprocess.Popen(['sh', '-c', 'trap \"\" HUP TERM; sleep 600 & sleep 600'])
    if os.fork() == 0:
        print('pid', os.getpid(), flush=True)
        if os.fork() == 0:
            print('pid', os.getpid(), flush=True)
            time.sleep(600)
        os._exit(0)
    time.sleep(0.2)
    print('pid', child.pid)
    return 'done'
";

    let ran = bench.run(python(source)).await;

    assert_eq!(ran.json(), json!("done"));
    let pids = printed(&ran.log);
    assert_eq!(pids.len(), 3, "{ran:#?}");
    for pid in pids {
        assert!(!lives(pid), "{pid:?} lives");
    }
}

#[tokio::test]
async fn a_dropped_invocation_ends_its_function() {
    let bench = Bench::new().await;
    let marker = format!("6{:05}", std::process::id() % 100_000);
    let running = bench.runner.run(script(&format!("sleep {marker}")), &[]);

    let ended = tokio::time::timeout(Duration::from_secs(30), async {
        tokio::select! {
            _ = running => panic!("it sleeps"),
            () = until(|| sleeping(&marker)) => {}
        }
    });

    ended.await.unwrap();
    assert!(!sleeping(&marker));
    bench.nothing_is_left();
}

#[tokio::test]
async fn namespaces_end_with_everything_in_them() {
    let required = |settings: &mut Settings| settings.bubblewrap = Bubblewrap::Required;
    let Ok(bench) = Bench::try_with(required).await else {
        return skip("bubblewrap does not work here");
    };
    let marker = format!("5{:05}", std::process::id() % 100_000);
    let source = format!(
        "
import os, subprocess, time
def handler(event, context):
    print('pid', os.getpid())
    open('/tmp/file', 'w').close() if os.access('/tmp', os.W_OK) else None
    if os.fork() == 0:
        subprocess.Popen(['sleep', '{marker}'])
        os._exit(0)
    if event: time.sleep(600)
    time.sleep(0.3)
    os.kill(os.getpid(), 11)
"
    );
    let mut hangs = short(python(&source));
    hangs.payload = String::from("1").into();

    let hung = bench.run(hangs).await;
    let killed = bench.run(python(&source)).await;

    assert_eq!(hung.outcome, "timed out", "{hung:#?}");
    assert_eq!(killed.outcome, "killed 11", "{killed:#?}");
    assert!(printed(&hung.log)[0].as_raw_pid() < 10, "{hung:#?}");
    assert!(hung.max_memory_bytes > 1 << 20, "{hung:#?}");
    assert!(!sleeping(&marker));
}

async fn until(mut fact: impl FnMut() -> bool) {
    while !fact() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn sleeping(marker: &str) -> bool {
    let wanted = format!("sleep\0{marker}\0");
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .any(|process| {
            std::fs::read(process.path().join("cmdline"))
                .is_ok_and(|found| found == wanted.as_bytes())
        })
}

#[tokio::test]
async fn a_start_that_hangs_has_a_limit_of_its_own() {
    let bench = Bench::with(|settings| settings.limits.init = Duration::from_secs(1)).await;

    let ran = bench.run(script("sleep 600")).await;

    assert_eq!(ran.outcome, "timed out", "{ran:#?}");
    assert_eq!(ran.init_duration, None);
}

#[tokio::test]
async fn memory_is_limited_for_all_processes_together() {
    let bench = Bench::new().await;
    let alone =
        "def handler(e, c):\n    kept = []\n    while True: kept.append(bytearray(1 << 20))";
    let together = "
import os, time
def handler(e, c):
    for _ in range(5):
        if os.fork() == 0:
            kept = bytearray(60 << 20)
            time.sleep(600)
    time.sleep(600)
";

    for source in [alone, together] {
        let ran = bench.run(python(source)).await;

        assert_eq!(ran.outcome, "out of memory", "{ran:#?}");
        assert!(ran.max_memory_bytes > 256 << 20, "{ran:#?}");
    }
}

#[tokio::test]
async fn a_single_large_allocation_fails_inside_the_function() {
    let bench = Bench::new().await;
    let ran = bench
        .run(python(
            "def handler(e, c):\n    return len(bytearray(8 << 30))",
        ))
        .await;

    assert_eq!(ran.error_type, "MemoryError", "{ran:#?}");
}

#[tokio::test]
async fn node_has_enough_memory_to_start_in_the_least_that_lambda_offers() {
    if !has("node") {
        return skip("node is not installed");
    }
    let bench = Bench::new().await;
    let mut execution = node("exports.handler = async () => 'small'");
    execution.memory_mib = 128;

    assert_eq!(bench.run(execution).await.json(), json!("small"));
}

#[tokio::test]
async fn the_disk_is_limited() {
    let bench = Bench::with(|settings| settings.limits.disk_bytes = 32 << 20).await;
    let one = "
import os
def handler(e, c):
    with open(os.environ['HOME'] + '/one', 'wb') as file:
        for _ in range(64): file.write(bytes(1 << 20))
";
    let many = "
import os, time
def handler(e, c):
    for n in range(64):
        with open(os.environ['HOME'] + '/%d' % n, 'wb') as file: file.write(bytes(1 << 20))
    time.sleep(600)
";
    let deleted = "
import os, time
def handler(e, c):
    kept = []
    for n in range(64):
        kept.append(open(os.environ['HOME'] + '/x', 'wb'))
        kept[-1].write(bytes(1 << 20))
        os.remove(os.environ['HOME'] + '/x')
    time.sleep(600)
";

    let one = bench.run(python(one)).await;
    assert_eq!(one.error_type, "OSError", "{one:#?}");
    for source in [many, deleted] {
        let ran = bench.run(python(source)).await;

        assert_eq!(ran.error_type, "Sandbox.StorageExceeded", "{ran:#?}");
    }
}

#[tokio::test]
async fn processes_are_limited() {
    let bench = Bench::with(|settings| settings.limits.processes = 20).await;
    let source = "
import os, time
def handler(e, c):
    for _ in range(40):
        if os.fork() == 0: time.sleep(600)
    time.sleep(600)
";

    let ran = bench.run(python(source)).await;

    assert_eq!(ran.error_type, "Sandbox.TooManyProcesses", "{ran:#?}");
}

#[tokio::test]
async fn a_response_may_have_six_mebibytes() {
    let bench = Bench::new().await;
    let returning = |size: usize| python(&format!("def handler(e, c): return 'x' * {size}"));

    let largest = bench.run(returning((6 << 20) + 98)).await;
    let larger = bench.run(returning((6 << 20) + 99)).await;

    assert_eq!(largest.response.len(), (6 << 20) + 100);
    assert_eq!(
        larger.error_type, "Function.ResponseSizeTooLarge",
        "{}",
        larger.outcome
    );
    assert_eq!(
        larger.message,
        "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
    );
}

#[tokio::test]
async fn an_event_may_have_six_mebibytes() {
    let bench = Bench::new().await;
    let with = |size: usize| {
        let mut execution = python("def handler(e, c): return len(e)");
        execution.payload = format!("\"{}\"", "x".repeat(size - 2)).into();
        execution
    };

    let largest = bench.run(with(6 << 20)).await;
    let larger = bench.runner.run(with((6 << 20) + 1), &[]).await;

    assert_eq!(largest.json(), json!((6 << 20) - 2));
    assert_eq!(
        larger.err().unwrap().to_string(),
        "the payload has 6291457 bytes, of at most 6291456"
    );
}

#[tokio::test]
async fn a_log_is_cut_and_does_not_stop_the_function() {
    let bench = Bench::with(|settings| settings.limits.log_bytes = 100_000).await;
    let source = "
def handler(e, c):
    for n in range(100000): print('line', n)
    return 'done'
";

    let ran = bench.run(python(source)).await;

    assert_eq!(ran.json(), json!("done"));
    assert!(ran.log.len() < 110_000, "{}", ran.log.len());
    let note = "the log was cut here: of an invocation, 100000 bytes and 10000 lines are kept";
    assert!(
        ran.lines.iter().any(|line| line == note),
        "{:?}",
        ran.lines.last()
    );
}

#[tokio::test]
async fn a_directory_that_its_owner_closed_is_removed() {
    let bench = Bench::new().await;
    let source = "
import os
def handler(e, c):
    home = os.environ['HOME']
    os.makedirs(home + '/a/b')
    open(home + '/a/b/file', 'w').close()
    os.symlink('/usr', home + '/link')
    for name in ('/a/b', '/a'):
        directory = os.open(home + name, os.O_RDONLY)
        os.fchmod(directory, 0)
    try: os.listdir(home + '/a')
    except PermissionError: print('closed')
";

    let ran = bench.run(python(source)).await;

    assert!(ran.log.contains("closed"), "{ran:#?}");
    assert!(std::fs::exists("/usr/bin").unwrap());
}
