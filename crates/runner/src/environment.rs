//! The variables of a function: Lambda's, and its own.

use crate::error::RunError;
use crate::execution::Execution;
use std::path::Path;
use zeroize::Zeroizing;

/// Where things are for one invocation.
pub(crate) struct Places<'a> {
    pub(crate) task_root: &'a Path,
    pub(crate) home: &'a Path,
    pub(crate) ca_bundle: Option<&'a Path>,
    pub(crate) runtime_api: &'a str,
}

/// The complete environment of a function's process, as `NAME=value` with a zero byte after each.
///
/// INVARIANT: nothing comes from the server's own environment. The function's own variables replace
/// ours, but for those that Lambda itself sets: of these a function has none of its own.
pub(crate) fn block(
    execution: &Execution,
    places: &Places<'_>,
) -> Result<Zeroizing<Vec<u8>>, RunError> {
    let lambda = lambda(execution, places);
    let credentials = &execution.credentials;
    let credentials = [
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.as_bytes()),
        (
            "AWS_SECRET_ACCESS_KEY",
            credentials.secret_access_key.expose(),
        ),
        ("AWS_SESSION_TOKEN", credentials.session_token.expose()),
    ];
    let is_lambdas = |name: &str| {
        let names = lambda.iter().map(|(name, _)| *name);
        let mut names = names.chain(credentials.iter().map(|(name, _)| *name));
        names.any(|of_lambda| of_lambda == name)
    };
    let own = execution.environment.iter();
    let own: Vec<_> = own.filter(|(name, _)| !is_lambdas(name)).collect();
    let defaults = defaults(execution, places);
    let is_own = |name: &str| own.iter().any(|(own, _)| own == name);
    let mut block = Block::default();
    for (name, value) in &own {
        block.add(name, value.as_bytes())?;
    }
    for (name, value) in defaults.iter().filter(|(name, _)| !is_own(name)) {
        block.add(name, value.as_bytes())?;
    }
    for (name, value) in &lambda {
        block.add(name, value.as_bytes())?;
    }
    for (name, value) in credentials {
        block.add(name, value)?;
    }
    Ok(block.0)
}

/// What a function may replace.
fn defaults(execution: &Execution, places: &Places<'_>) -> Vec<(&'static str, String)> {
    let home = places.home.display().to_string();
    let mut variables = vec![
        ("PATH", String::from(PATH)),
        ("LANG", String::from("C.UTF-8")),
        ("TZ", String::from(":UTC")),
        ("HOME", home.clone()),
        ("TMPDIR", home),
        ("AWS_EC2_METADATA_DISABLED", String::from("true")),
    ];
    if let Some(endpoint) = &execution.endpoint {
        variables.push(("SECRETS_MANAGER_ENDPOINT", endpoint.clone()));
        variables.push(("AWS_ENDPOINT_URL", endpoint.clone()));
    }
    if let Some(bundle) = places.ca_bundle {
        let bundle = bundle.display().to_string();
        variables.push(("NODE_EXTRA_CA_CERTS", bundle.clone()));
        variables.push(("AWS_CA_BUNDLE", bundle));
    }
    variables
}

fn lambda(execution: &Execution, places: &Places<'_>) -> Vec<(&'static str, String)> {
    let name = execution.function_name.clone();
    vec![
        ("_HANDLER", execution.handler.clone()),
        ("LAMBDA_TASK_ROOT", places.task_root.display().to_string()),
        ("AWS_LAMBDA_RUNTIME_API", places.runtime_api.to_owned()),
        ("AWS_REGION", execution.region.clone()),
        ("AWS_DEFAULT_REGION", execution.region.clone()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
        (
            "AWS_LAMBDA_LOG_STREAM_NAME",
            execution.log_stream_name.clone(),
        ),
        ("AWS_LAMBDA_FUNCTION_NAME", name),
        ("AWS_LAMBDA_FUNCTION_VERSION", execution.version.clone()),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            execution.memory_mib.to_string(),
        ),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", String::from("on-demand")),
        (
            "AWS_EXECUTION_ENV",
            format!("AWS_Lambda_{}", execution.runtime.name()),
        ),
    ]
}

#[derive(Default)]
struct Block(Zeroizing<Vec<u8>>);

impl Block {
    fn add(&mut self, name: &str, value: &[u8]) -> Result<(), RunError> {
        let malformed = name.is_empty() || name.contains(['=', '\0']) || value.contains(&0);
        if malformed {
            return Err(RunError::MalformedVariable(name.to_owned()));
        }
        // SECURITY: room is made by copying, so that growth leaves no secret behind in freed memory.
        let more = name.len().saturating_add(value.len()).saturating_add(2);
        let wanted = self.0.len().saturating_add(more);
        if wanted > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(wanted.saturating_mul(2)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b'=');
        self.0.extend_from_slice(value);
        self.0.push(0);
        Ok(())
    }
}

const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

#[cfg(test)]
mod tests;
