//! What a request gives as the code of a function.
//!
//! COMPAT: `ImageUri` names what is no zip file. AWS has container images there; here it is
//! `builtin:<template>` for a template of this server's, or the URL by which a function elsewhere is
//! invoked. Both are texts that every SDK carries.

use super::error::Error;
use super::model::BUILTIN;
use super::zip;
use crate::ports::{Executor, Executors, Package};
use aws_lc_rs::digest::{SHA256, digest};
use base::{AccountId, Plaintext};
use std::sync::Arc;

/// Whose function the code is for, and what there is to run it.
#[derive(Clone, Copy)]
pub(crate) struct Host<'a> {
    pub(crate) owner: &'a AccountId,
    pub(crate) executors: &'a Executors,
}

/// Where code can come from, as CreateFunction and UpdateFunctionCode take it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Given<'a> {
    pub(crate) zip: Option<&'a Plaintext>,
    pub(crate) image_uri: Option<&'a str>,
    pub(crate) is_in_s3: bool,
}

/// Code to be stored.
pub(crate) struct Code {
    pub(crate) form: Package,
    pub(crate) size: u64,
    pub(crate) digest: [u8; 32],
    /// The zip file, if it is one.
    pub(crate) zip: Option<Arc<[u8]>>,
}

impl Given<'_> {
    /// The code, which is for `runtime` if it is a zip file.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for no code, for two, for what is no zip file, and for what no
    /// executor takes.
    pub(crate) fn code(&self, runtime: Option<&str>, host: Host<'_>) -> Result<Code, Error> {
        if self.is_in_s3 {
            return Err(Error::unsupported("Code in S3"));
        }
        match (self.zip, self.image_uri) {
            (None, None) => Err(invalid("Please provide a source for function code.")),
            (Some(_), Some(_)) => Err(invalid(
                "Please do not provide other FunctionCode parameters when providing a ZipFile.",
            )),
            (Some(zip), None) => {
                let runtime = runtime.ok_or_else(|| invalid(RUNTIME_IS_MANDATORY))?;
                zip_file(zip.expose(), runtime, host)
            }
            (None, Some(uri)) => image(uri, host),
        }
    }
}

fn zip_file(bytes: &[u8], runtime: &str, host: Host<'_>) -> Result<Code, Error> {
    zip::examine(bytes)?;
    let form = Package::Zip {
        runtime: runtime.to_owned(),
    };
    // Where functions are switched off they can be stored all the same.
    if let Some(process) = &host.executors.process {
        process
            .accepts(host.owner, &form)
            .map_err(Error::InvalidParameter)?;
    }
    Ok(Code {
        form,
        size: bytes.len() as u64,
        digest: sha256(bytes),
        zip: Some(bytes.into()),
    })
}

fn image(uri: &str, host: Host<'_>) -> Result<Code, Error> {
    let form = match uri.strip_prefix(BUILTIN) {
        Some(template) => Package::Builtin {
            template: template.to_owned(),
        },
        None if uri.starts_with("https://") || uri.starts_with("http://") => Package::Remote {
            url: uri.to_owned(),
        },
        None => return Err(Error::unsupported("A container image")),
    };
    // SECURITY: where a function may be is for the operator to say, so a URL that no executor takes is
    // never called.
    let executor = executor_of(&form, host.executors).map_err(Error::InvalidParameter)?;
    executor
        .accepts(host.owner, &form)
        .map_err(Error::InvalidParameter)?;
    Ok(Code {
        form,
        size: 0,
        digest: sha256(uri.as_bytes()),
        zip: None,
    })
}

/// What runs functions of this package.
///
/// # Errors
/// Why nothing does, for the owner of the function.
pub(crate) fn executor_of<'a>(
    package: &Package,
    executors: &'a Executors,
) -> Result<&'a Arc<dyn Executor>, String> {
    let (executor, what) = match package {
        Package::Zip { .. } => (&executors.process, "Running functions in processes"),
        Package::Builtin { .. } => (&executors.builtin, "Running built-in functions"),
        Package::Remote { .. } => (&executors.remote, "Calling functions elsewhere"),
    };
    executor
        .as_ref()
        .ok_or_else(|| format!("{what} is switched off on this server."))
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut digested = [0; 32];
    digested.copy_from_slice(digest(&SHA256, bytes).as_ref());
    digested
}

fn invalid(text: &str) -> Error {
    Error::InvalidParameter(text.to_owned())
}

pub(crate) const RUNTIME_IS_MANDATORY: &str =
    "Runtime and Handler are mandatory parameters for functions created with deployment packages.";
