//! How a function of each runtime is started.

use crate::api::Failure;
use crate::error::RunError;
use crate::execution::Execution;
use crate::runtime::{Found, Runtime};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The program that becomes the function's process.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// What it needs to read besides the code.
    pub(crate) readable: Vec<PathBuf>,
}

/// Why there is nothing to start.
pub(crate) enum NoStart {
    /// It is the function's fault.
    Function(Failure),
    /// It is this host's.
    Host(RunError),
}

/// Finds out how to start `execution`, whose code lies in `code`, with AWS's runtime client if the
/// code or the host has it, and with our own in `clients` if not.
pub(crate) fn start(
    execution: &Execution,
    found: Option<&Found>,
    code: &Path,
    clients: &Path,
) -> Result<Start, NoStart> {
    let handler = execution.handler.clone();
    match (execution.runtime, found) {
        (Runtime::Provided(_), _) => bootstrap(execution, code),
        (Runtime::Python(_), Some(found)) => Ok(python(found, handler, code, clients)),
        (Runtime::NodeJs(_), Some(found)) => {
            let memory = execution.memory_mib;
            Ok(node(found, handler, memory, code, clients))
        }
        (wanted, None) => Err(NoStart::Host(RunError::RuntimeMissing(wanted.name()))),
    }
}

fn bootstrap(execution: &Execution, code: &Path) -> Result<Start, NoStart> {
    let program = code.join("bootstrap");
    let executable = program
        .metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
    if !executable {
        return Err(NoStart::Function(Failure {
            error_type: String::from("Runtime.InvalidEntrypoint"),
            message: format!(
                "RequestId: {} Error: Couldn't find valid bootstrap(s): [{}]",
                execution.request_id,
                program.display()
            ),
            trace: Vec::new(),
        }));
    }
    Ok(Start {
        program,
        arguments: Vec::new(),
        readable: Vec::new(),
    })
}

fn python(found: &Found, handler: String, code: &Path, clients: &Path) -> Start {
    let of_aws = code.join("awslambdaric/__init__.py").is_file() || found.aws_client.is_some();
    let arguments = if of_aws {
        vec![String::from("-m"), String::from("awslambdaric"), handler]
    } else {
        vec![shown(&clients.join(PYTHON_CLIENT)), handler]
    };
    Start {
        program: found.program.clone(),
        arguments,
        readable: reading(found, clients),
    }
}

fn node(found: &Found, handler: String, memory: u32, code: &Path, clients: &Path) -> Start {
    let in_code = NODE_CLIENTS_OF_AWS.map(|client| code.join(client));
    let client = in_code
        .into_iter()
        .find(|client| client.is_file())
        .or_else(|| found.aws_client.clone())
        .unwrap_or_else(|| clients.join(NODE_CLIENT));
    // COMPAT: as in Lambda, the heap is told to stay below the function's memory.
    let heap = u64::from(memory).saturating_mul(9) / 10;
    Start {
        program: found.program.clone(),
        arguments: vec![
            format!("--max-old-space-size={heap}"),
            shown(&client),
            handler,
        ],
        readable: reading(found, clients),
    }
}

fn reading(found: &Found, clients: &Path) -> Vec<PathBuf> {
    let mut readable = found.directories.clone();
    readable.push(clients.to_owned());
    readable
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Of version 4, and of those before it.
const NODE_CLIENTS_OF_AWS: [&str; 2] = [
    "node_modules/aws-lambda-ric/index.mjs",
    "node_modules/aws-lambda-ric/bin/index.mjs",
];

/// The names of our own runtime clients.
pub(crate) const PYTHON_CLIENT: &str = "runtime_client.py";
pub(crate) const NODE_CLIENT: &str = "runtime_client.mjs";
