//! Functions with AWS's own runtime clients: `awslambdaric` from the virtual environment that
//! `./test` makes, and `aws-lambda-ric` where the host has it.

use crate::bench::{Bench, REQUEST_ID, execution, node, skip, zip_of};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use strongroom_runner::{Execution, Runtime};

const APP: &str = "
def handler(event, context):
    print('hello from', __import__('sys').modules['awslambdaric'].__name__)
    if event: raise ValueError('not today')
    return [context.aws_request_id, context.get_remaining_time_in_millis() > 20000]
";

/// The packages of the virtual environment and the version of its Python, if `awslambdaric` is
/// among them.
fn environment() -> Option<(PathBuf, Runtime)> {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/lib");
    fs::read_dir(library).ok()?.flatten().find_map(|entry| {
        let runtime = Runtime::parse(entry.file_name().to_str()?)?;
        let packages = entry.path().join("site-packages");
        let has = packages.join("awslambdaric").is_dir();
        has.then_some((packages, runtime))
    })
}

/// What `awslambdaric` consists of, with its own dependencies, as files of a zip.
fn client(packages: &Path) -> Vec<(String, Vec<u8>)> {
    let parts = [
        "awslambdaric",
        "runtime_client",
        "simplejson",
        "snapshot_restore_py",
    ];
    let mut files = Vec::new();
    for entry in fs::read_dir(packages).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let part = parts.iter().any(|part| name.starts_with(part));
        if part && !name.ends_with("-info") {
            collect(&entry.path(), &name, &mut files);
        }
    }
    files
}

fn collect(path: &Path, name: &str, files: &mut Vec<(String, Vec<u8>)>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap().flatten() {
            let below = entry.file_name().into_string().unwrap();
            collect(&entry.path(), &format!("{name}/{below}"), files);
        }
    } else if !name.ends_with(".pyc") {
        files.push((name.to_owned(), fs::read(path).unwrap()));
    }
}

fn with(runtime: Runtime, mut files: Vec<(String, Vec<u8>)>, event: &str) -> Execution {
    files.push((String::from("app.py"), APP.as_bytes().to_vec()));
    execution(&runtime.name(), "app.handler", zip_of(&files), event)
}

async fn works(bench: &Bench, runtime: Runtime, files: Vec<(String, Vec<u8>)>) {
    let answered = bench.run(with(runtime, files.clone(), "{}")).await;
    let failed = bench.run(with(runtime, files.clone(), "[1]")).await;
    let mut without = with(runtime, files, "{}");
    without.handler = String::from("nothing.handler");
    let without = bench.run(without).await;

    assert_eq!(answered.json(), json!([REQUEST_ID, true]));
    assert!(
        answered.log.contains("hello from awslambdaric"),
        "{answered:#?}"
    );
    assert_eq!(failed.error_type, "ValueError", "{failed:#?}");
    assert_eq!(failed.message, "not today");
    assert!(
        failed.log.contains("[ERROR] ValueError: not today\n"),
        "{failed:#?}"
    );
    assert_eq!(
        without.error_type, "Runtime.ImportModuleError",
        "{without:#?}"
    );
    assert_eq!(
        without.message,
        "Unable to import module 'nothing': No module named 'nothing'"
    );
}

#[tokio::test]
async fn a_zip_may_bring_awss_client_for_python() {
    let Some((packages, runtime)) = environment() else {
        return skip("`awslambdaric` is not in the virtual environment of the tests");
    };
    let bench = Bench::new().await;
    if bench
        .runner
        .runtimes()
        .iter()
        .all(|found| found.runtime != runtime)
    {
        return skip("the host's Python is not that of the virtual environment");
    }

    works(&bench, runtime, client(&packages)).await;
}

#[tokio::test]
async fn awss_client_for_python_is_used_where_the_host_has_it() {
    let Some((packages, runtime)) = environment() else {
        return skip("`awslambdaric` is not in the virtual environment of the tests");
    };
    let programs = packages.join("../../../bin");
    let bench = Bench::with(|settings| {
        settings.search = vec![fs::canonicalize(programs).unwrap()];
    })
    .await;
    let found = bench.runner.runtimes().first();
    if found.is_none_or(|found| found.aws_client.is_none()) {
        return skip("the functions' user cannot reach the virtual environment");
    }

    works(&bench, runtime, Vec::new()).await;
}

#[tokio::test]
async fn awss_client_for_node_is_used_where_the_host_has_it() {
    let bench = Bench::new().await;
    let node_with_client = bench
        .runner
        .runtimes()
        .iter()
        .any(|found| matches!(found.runtime, Runtime::NodeJs(_)) && found.aws_client.is_some());
    if !node_with_client {
        return skip("`aws-lambda-ric` is not installed");
    }
    let source = "exports.handler = async (event, context) => { console.log('hello'); return context.awsRequestId; }";

    let ran = bench.run(node(source)).await;

    assert_eq!(ran.json(), json!(REQUEST_ID));
    assert!(ran.log.contains("hello"), "{ran:#?}");
}
