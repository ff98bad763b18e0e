//! Functions that try to reach what is not theirs, behind each isolation that this host offers.

use crate::bench::{Bench, has, python, skip};
use base::Plaintext;
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::net::TcpStream;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::process::{Child, Command, Stdio};
use strongroom_runner::{Bubblewrap, Demand, Execution};

/// Every isolation that this host has: the kernel's alone, and bubblewrap outside of it.
async fn benches() -> Vec<Bench> {
    let mut benches = vec![Bench::new().await];
    if has("bwrap") {
        let required = |settings: &mut strongroom_runner::Settings| {
            settings.bubblewrap = Bubblewrap::Required;
        };
        match Bench::try_with(required).await {
            Ok(bench) => benches.push(bench),
            Err(error) => skip(&format!("bubblewrap does not work here: {error}")),
        }
    } else {
        skip("bubblewrap is not installed");
    }
    benches
}

/// A handler that tries expressions of Python and tells what each came to: a value, or the name of
/// the exception.
fn attempts(attempts: &[&str]) -> Execution {
    let tries: Vec<String> = attempts
        .iter()
        .map(|attempt| format!("lambda: {attempt}"))
        .collect();
    python(&format!(
        "
import ctypes, os, resource, signal, socket, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(number, *arguments) == -1:
        raise OSError(ctypes.get_errno(), 'syscall')
    return 'allowed'
def handler(event, context):
    told = []
    for attempt in ({},):
        try:
            told.append(attempt())
        except Exception as error:
            told.append(type(error).__name__)
    return told
",
        tries.join(", ")
    ))
}

#[tokio::test]
async fn files_of_the_server_cannot_be_read_written_or_listed() {
    for bench in benches().await {
        let outside = bench.directory.path().join("outside");
        fs::create_dir(&outside).unwrap();
        let secret = outside.join("secret");
        fs::write(&secret, "root key").unwrap();
        // Only the isolation stands in the way.
        fs::set_permissions(&outside, Permissions::from_mode(0o777)).unwrap();
        fs::set_permissions(&secret, Permissions::from_mode(0o666)).unwrap();
        let (outside, secret) = (outside.display(), secret.display());

        let ran = bench
            .run(attempts(&[
                &format!("open('{secret}').read()"),
                &format!("open('{secret}', 'w').write('x')"),
                &format!("os.truncate('{secret}', 0)"),
                &format!("os.listdir('{outside}')"),
                &format!("open('{outside}/new', 'w')"),
                &format!("os.remove('{secret}')"),
                &format!("os.link('{secret}', os.environ['HOME'] + '/link')"),
                "os.listdir('/root')",
                "os.listdir('/home')",
                "open('/etc/shadow').read()",
                "open('/usr/local/planted', 'w')",
                "os.listdir('/dev')",
                &format!("os.chmod('{secret}', 0o600)"),
                &format!("os.chmod('{outside}', 0)"),
                &format!("os.chown('{secret}', os.getuid(), os.getgid())"),
                &format!("os.setxattr('{secret}', 'user.x', b'x')"),
            ]))
            .await;

        for told in ran.json().as_array().unwrap() {
            let refused = [
                json!("PermissionError"),
                json!("FileNotFoundError"),
                json!("OSError"),
            ];
            assert!(refused.contains(told), "{ran:#?}");
        }
        assert_eq!(fs::read_to_string(secret.to_string()).unwrap(), "root key");
        assert!(!fs::exists(format!("{outside}/new")).unwrap());
    }
}

#[tokio::test]
async fn the_private_directory_can_be_used() {
    for bench in benches().await {
        let ran = bench
            .run(attempts(&[
                "open(os.environ['TMPDIR'] + '/file', 'w').write('four')",
                "open(os.environ['TMPDIR'] + '/file').read()",
                "__import__('tempfile').mkdtemp().startswith(os.environ['HOME'])",
                "open('/dev/null', 'w').write('x')",
                "len(os.urandom(4))",
                "len(open('/dev/urandom', 'rb').read(4))",
                "subprocess.check_output(['echo', 'child'], text=True)",
                "socket.gethostbyname('localhost')",
            ]))
            .await;

        assert_eq!(
            ran.json(),
            json!([4, "four", true, 1, 4, 4, "child\n", "127.0.0.1"])
        );
    }
}

/// A process of the functions' user that waits to be ended by this test.
struct Bystander(Child);

impl Bystander {
    fn new() -> Self {
        use std::os::unix::process::CommandExt as _;
        let mut command = Command::new("sleep");
        command.arg("600").stdin(Stdio::null());
        if rustix::process::geteuid().is_root() {
            command.uid(65_534).gid(65_534);
        }
        Self(command.spawn().unwrap())
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn other_processes_cannot_be_signalled_traced_or_read() {
    let mut bystander = Bystander::new();
    let other = bystander.0.id();
    let server = std::process::id();
    for bench in benches().await {
        let ran = bench
            .run(attempts(&[
                &format!("os.kill({other}, signal.SIGKILL)"),
                &format!("os.kill({other}, signal.SIGSTOP)"),
                &format!("os.kill({server}, signal.SIGKILL)"),
                &format!("os.kill({server}, 0)"),
                "os.kill(os.getppid(), signal.SIGKILL) if os.getppid() else os.kill(1, 9)",
                &format!("open('/proc/{other}/environ').read()"),
                &format!("open('/proc/{other}/cmdline').read()"),
                &format!("open('/proc/{server}/environ').read()"),
                &format!("open('/proc/{server}/cmdline').read()"),
                &format!("os.listdir('/proc/{server}/fd')"),
                &format!("resource.prlimit({other}, resource.RLIMIT_NOFILE, (1, 1))"),
                &format!("os.setpriority(os.PRIO_PROCESS, {other}, 19)"),
                &format!("os.sched_setaffinity({other}, [0])"),
                // PTRACE_ATTACH, PTRACE_SEIZE and PTRACE_TRACEME.
                &format!("call(101, 16, {other}, 0, 0)"),
                &format!("call(101, 0x4206, {server}, 0, 0)"),
                "call(101, 0, 0, 0, 0)",
            ]))
            .await;

        for told in ran.json().as_array().unwrap() {
            let refused = [
                json!("PermissionError"),
                json!("FileNotFoundError"),
                json!("ProcessLookupError"),
            ];
            assert!(refused.contains(told), "{ran:#?}");
        }
        assert!(bystander.0.try_wait().unwrap().is_none());
    }
}

#[cfg(target_arch = "x86_64")]
#[tokio::test]
async fn calls_that_no_function_needs_are_refused() {
    for bench in benches().await {
        let ran = bench
            .run(attempts(&[
                "os.setsid()",
                "os.setpgid(0, 0)",
                "call(272, 0x10000000)", // unshare(CLONE_NEWUSER)
                "call(56, 0x10000000 | 17, 0, 0, 0, 0)", // clone(CLONE_NEWUSER)
                "call(165, 0, 0, 0, 0, 0)", // mount
                "call(321, 0, 0, 0)",    // bpf
                "call(425, 1, 0)",       // io_uring_setup
                "call(323, 0)",          // userfaultfd
                "call(29, 0, 4096, 0o1600)", // shmget
                "call(250, 0, 0, 0)",    // keyctl
                "socket.socket(socket.AF_UNIX)",
                "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
                "call(435, 0, 0)",       // clone3
                "call(319, b'x', 0)",    // memfd_create
                "call(0x40000000 | 39)", // getpid in the second set of numbers
            ]))
            .await;

        let mut expected = vec![json!("PermissionError"); 12];
        expected.extend(vec![json!("OSError"); 3]);
        assert_eq!(ran.json(), Value::from(expected), "{ran:#?}");
    }
}

#[tokio::test]
async fn sockets_of_the_server_cannot_be_reached_or_imitated() {
    for bench in benches().await {
        let path = bench.directory.path().join("admin.sock");
        let _admin = UnixListener::bind(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o777)).unwrap();

        let ran = bench
            .run(attempts(&[
                &format!(
                    "socket.socket(socket.AF_UNIX).connect('{}')",
                    path.display()
                ),
                "socket.create_server(('127.0.0.1', 0))",
                "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
                "len(socket.socketpair())",
            ]))
            .await;

        let refused = "PermissionError";
        assert_eq!(ran.json(), json!([refused, refused, refused, 2]));
    }
}

#[tokio::test]
async fn no_open_file_of_the_server_is_inherited() {
    let leaked = fs::File::open("/etc/hostname").unwrap();
    rustix::io::fcntl_setfd(&leaked, rustix::io::FdFlags::empty()).unwrap();
    for bench in benches().await {
        let ran = bench
            .run(attempts(&[
                "sorted(os.readlink('/proc/self/fd/' + n).split(':')[0] \
                 for n in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + n))",
                &format!("os.fstat({})", leaked.as_raw_fd().max(20)),
                "os.stat('/proc/self/fd/1') == os.stat('/proc/self/fd/2')",
            ]))
            .await;

        let told = ran.json();
        let open = told[0].as_array().unwrap();
        let known = |name: &Value| {
            let name = name.as_str().unwrap();
            name == "pipe" || name == "socket" || name == "/dev/null" || name.starts_with("/proc/")
        };
        assert!(open.iter().all(known), "{ran:#?}");
        assert_eq!(told[1], json!("OSError"), "{ran:#?}");
        assert_eq!(told[2], json!(true), "{ran:#?}");
    }
}

#[tokio::test]
async fn the_runtime_api_serves_nobody_else() {
    let bench = Bench::new().await;
    let source = "
import os, time
def handler(event, context):
    print('API', os.environ['AWS_LAMBDA_RUNTIME_API'], flush=True)
    path = os.environ['HOME'] + '/../../../go'
    for _ in range(1000):
        time.sleep(0.01)
        if os.path.exists(path): return 'mine'
    return 'never told'
";
    let mut execution = python(source);
    execution.payload = Plaintext::from(String::from("\"the event\""));
    let go = bench.directory.path().join("go");
    let intruder = tokio::task::spawn_blocking(move || {
        // The port shows in the kernel's table as the one that listens next to ours.
        let answers: Vec<Vec<u8>> = listening().into_iter().filter_map(ask).collect();
        fs::write(go, "").unwrap();
        answers
    });

    let ran = bench.run(execution).await;

    let answers = intruder.await.unwrap();
    assert_eq!(ran.json(), json!("mine"), "{ran:#?}");
    for answer in answers {
        assert_eq!(String::from_utf8_lossy(&answer), "");
    }
}

/// Ports that this process listens on, once there is one.
fn listening() -> Vec<u16> {
    for _ in 0..1000 {
        let table = fs::read_to_string("/proc/self/net/tcp").unwrap();
        let ports: Vec<u16> = table
            .lines()
            .skip(1)
            .filter_map(|line| {
                let mut fields = line.split_ascii_whitespace().skip(1);
                let local = fields.next()?;
                let listens = fields.nth(1)? == "0A";
                let inode = fields.nth(5)?;
                let own = listens && own_socket(inode);
                own.then(|| u16::from_str_radix(local.split_once(':').unwrap().1, 16).unwrap())
            })
            .collect();
        if !ports.is_empty() {
            return ports;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    panic!("no port");
}

fn own_socket(inode: &str) -> bool {
    let wanted = format!("socket:[{inode}]");
    fs::read_dir("/proc/self/fd")
        .unwrap()
        .flatten()
        .any(|entry| fs::read_link(entry.path()).is_ok_and(|to| to.as_os_str() == wanted.as_str()))
}

/// Asks for the event on `port`, which may be of another test.
fn ask(port: u16) -> Option<Vec<u8>> {
    use std::io::{Read as _, Write as _};
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let limit = Some(std::time::Duration::from_secs(5));
    stream.set_read_timeout(limit).unwrap();
    let request = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).ok()?;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Some(answer)
}

#[tokio::test]
async fn what_is_in_force_is_told() {
    let bench = Bench::new().await;

    let found = bench.runner.check();

    assert!(found.landlock >= 6 || found.user.is_some(), "{found:?}");
    assert!(found.seccomp && !found.bubblewrap, "{found:?}");
    assert_eq!(found.user.is_some(), rustix::process::geteuid().is_root());
    assert!(!bench.runner.runtimes().is_empty());
}

#[tokio::test]
async fn no_privilege_is_kept_or_gained() {
    for bench in benches().await {
        let status = "dict(l.split(':', 1) for l in open('/proc/self/status'))";
        let named = format!(
            "[{status}[n].strip() for n in ('NoNewPrivs', 'Seccomp', 'CapPrm', 'CapEff', 'CapAmb')]"
        );

        let ran = bench
            .run(attempts(&[
                &named,
                "os.getuid() != 0 and os.getgid() != 0",
                "os.setuid(0)",
                "resource.setrlimit(resource.RLIMIT_NOFILE, (9999, 9999))",
                "resource.getrlimit(resource.RLIMIT_CORE)",
                "os.umask(0)",
            ]))
            .await;

        let none = "0000000000000000";
        let told = ran.json();
        // In a namespace without a root, there is none to become.
        let refused = [json!("PermissionError"), json!("OSError")];
        assert!(refused.contains(&told[2]), "{ran:#?}");
        assert_eq!(
            told,
            json!([
                ["1", "2", none, none, none],
                true,
                told[2],
                "ValueError",
                [0, 0],
                0o077
            ]),
            "{ran:#?}"
        );
    }
}

#[tokio::test]
async fn bubblewrap_that_is_required_must_be_there() {
    let refused = Bench::try_with(|settings| {
        settings.bubblewrap = Bubblewrap::Required;
        settings.search = Vec::new();
    });

    let told = refused.await.err().unwrap().to_string();

    assert_eq!(
        told,
        "functions cannot be isolated on this host: bubblewrap is not installed"
    );
}

#[tokio::test]
async fn a_launcher_that_does_not_isolate_is_refused() {
    for demand in [Demand::Strict, Demand::BestEffort] {
        let refused = Bench::try_with(|settings| {
            settings.launcher.program = "/bin/true".into();
            settings.bubblewrap = Bubblewrap::Off;
            settings.demand = demand;
        });

        let told = refused.await.err().unwrap().to_string();

        assert_eq!(
            told,
            "functions cannot be isolated on this host: the launcher says ``"
        );
    }
}

#[tokio::test]
async fn preloading_a_library_happens_only_behind_the_isolation() {
    for bench in benches().await {
        let mut execution = attempts(&["os.environ['LD_PRELOAD']"]);
        let library = String::from("/nonexistent/evil.so");
        execution.environment = vec![(String::from("LD_PRELOAD"), library)];

        let ran = bench.run(execution).await;

        // The dynamic loader complains once for each program that it loads: only the runtime.
        assert_eq!(ran.json(), json!(["/nonexistent/evil.so"]));
        assert_eq!(ran.log.matches("evil.so").count(), 1, "{ran:#?}");
    }
}

#[tokio::test]
async fn a_second_runner_does_not_take_the_same_directory() {
    let bench = Bench::new().await;
    let scratch = bench.directory.path().join("scratch");

    let refused = Bench::try_with(|settings| settings.scratch = scratch).await;

    let error = refused.err().unwrap();
    assert_eq!(error.to_string(), "could not prepare the scratch directory");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "another runner uses it");
}
