//! `DIR/aws/config` and `DIR/aws/credentials`, in the AWS CLI's own formats.
//!
//! INVARIANT: what is there belongs to the operator. A start writes credentials where there are
//! none, once; of a configuration that is there, it brings the `endpoint_url` of the default
//! profile up to date. Commands replace the keys of the default profile, or add one of another
//! name. Every other byte is kept.

use super::{Deployment, Layout};
use crate::files::{self, FileError};
use base::Plaintext;
use services::NewAccount;
use std::path::Path;
use zeroize::Zeroizing;

/// Writes the credentials of the first account, readable by their owner only.
pub(super) fn write_credentials(path: &Path, account: &NewAccount) -> Result<(), FileError> {
    let mut content = Zeroizing::new(b"[default]\n".to_vec());
    content.extend_from_slice(&settings(
        &account.access_key_id,
        &account.secret_access_key,
    ));
    files::write(path, 0o600, &content)
}

/// Why a profile cannot be added.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProfileError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Not a name that every AWS client takes.
    #[error("`{0}` cannot name a profile: use letters, digits and `-_.`")]
    Name(String),
    /// There is one of this name.
    #[error("there is a profile `{0}` already")]
    Exists(String),
}

/// Replaces the keys of the default profile in a credentials file that has one. A file that was
/// moved away stays away.
pub(crate) fn renew_default(path: &Path, account: &NewAccount) -> Result<(), FileError> {
    let Some(existing) = files::read_if_there(path)? else {
        return Ok(());
    };
    let existing = Zeroizing::new(existing);
    let keys = settings(&account.access_key_id, &account.secret_access_key);
    match with_keys(&existing, &keys) {
        Some(content) => files::write(path, 0o600, &content),
        None => Ok(()),
    }
}

/// Errors when a profile `name` cannot be added.
pub(crate) fn refuse_profile(layout: &Layout, name: &str) -> Result<(), ProfileError> {
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if !is_name {
        return Err(ProfileError::Name(name.to_owned()));
    }
    let in_credentials = has_header(&layout.aws_credentials(), &format!("[{name}]"))?;
    if in_credentials || has_header(&layout.aws_config(), &format!("[profile {name}]"))? {
        return Err(ProfileError::Exists(name.to_owned()));
    }
    Ok(())
}

/// Adds a profile that differs from the default one in its keys.
pub(crate) fn add_profile(
    layout: &Layout,
    name: &str,
    access_key_id: &str,
    secret: &Plaintext,
) -> Result<(), ProfileError> {
    refuse_profile(layout, name)?;
    let path = layout.aws_credentials();
    let before = Zeroizing::new(files::read_if_there(&path)?.unwrap_or_default());
    let header = format!("[{name}]\n");
    let keys = settings(access_key_id, secret);
    let room = before.len() + header.len() + keys.len() + 2;
    let mut content = Zeroizing::new(Vec::with_capacity(room));
    append_section(&mut content, &before, header.as_bytes(), &keys);
    files::write(&path, 0o600, &content)?;

    let path = layout.aws_config();
    let before = files::read_if_there(&path)?.unwrap_or_default();
    let defaults = default_settings(&String::from_utf8_lossy(&before));
    let header = format!("[profile {name}]\n");
    let mut content = Vec::new();
    append_section(
        &mut content,
        &before,
        header.as_bytes(),
        defaults.as_bytes(),
    );
    Ok(files::write(&path, 0o600, &content)?)
}

/// The two lines of an access key.
fn settings(access_key_id: &str, secret: &Plaintext) -> Zeroizing<Vec<u8>> {
    let secret = secret.expose();
    let mut lines = Zeroizing::new(Vec::with_capacity(128 + secret.len()));
    lines.extend_from_slice(b"aws_access_key_id = ");
    lines.extend_from_slice(access_key_id.as_bytes());
    lines.extend_from_slice(b"\naws_secret_access_key = ");
    lines.extend_from_slice(secret);
    lines.push(b'\n');
    lines
}

/// `before`, and a section after an empty line.
fn append_section(content: &mut Vec<u8>, before: &[u8], header: &[u8], lines: &[u8]) {
    content.extend_from_slice(before);
    if !before.is_empty() {
        if !before.ends_with(b"\n") {
            content.push(b'\n');
        }
        content.push(b'\n');
    }
    content.extend_from_slice(header);
    content.extend_from_slice(lines);
}

/// A credentials file with other keys in its default profile. `None` when it has none.
fn with_keys(existing: &[u8], keys: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut written = Zeroizing::new(Vec::with_capacity(existing.len() + keys.len() + 1));
    let mut in_default = false;
    let mut is_done = false;
    for line in existing.split_inclusive(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        if text.starts_with('[') {
            in_default = text.trim_end() == "[default]";
            written.extend_from_slice(line);
            if in_default && !is_done {
                if !line.ends_with(b"\n") {
                    written.push(b'\n');
                }
                written.extend_from_slice(keys);
                is_done = true;
            }
        } else if !(in_default && key_of(&text).is_some_and(is_of_a_key)) {
            written.extend_from_slice(line);
        }
    }
    is_done.then_some(written)
}

fn is_of_a_key(key: &str) -> bool {
    matches!(
        key,
        "aws_access_key_id" | "aws_secret_access_key" | "aws_session_token"
    )
}

fn has_header(path: &Path, header: &str) -> Result<bool, FileError> {
    let content = Zeroizing::new(files::read_if_there(path)?.unwrap_or_default());
    Ok(content
        .split(|byte| *byte == b'\n')
        .any(|line| line.trim_ascii_end() == header.as_bytes()))
}

/// The settings of the default profile.
fn default_settings(config: &str) -> String {
    let mut in_default = false;
    config
        .split_inclusive('\n')
        .filter(|line| {
            if line.starts_with('[') {
                in_default = line.trim_end() == "[default]";
                return false;
            }
            in_default && !line.trim().is_empty()
        })
        .collect()
}

/// Writes the configuration, or brings the endpoint in it up to date.
pub(crate) fn write_config(
    path: &Path,
    deployment: &Deployment,
    endpoint: &str,
    authority: Option<&Path>,
) -> Result<(), FileError> {
    let content = match files::read_if_there(path)? {
        None => Some(new_config(deployment, endpoint, authority)),
        // What is not text is not ours to mend.
        Some(existing) => String::from_utf8(existing)
            .ok()
            .and_then(|existing| with_endpoint(&existing, endpoint)),
    };
    match content {
        Some(content) => files::write(path, 0o600, content.as_bytes()),
        None => Ok(()),
    }
}

fn new_config(deployment: &Deployment, endpoint: &str, authority: Option<&Path>) -> String {
    let region = deployment.region();
    let mut content = format!("[default]\nregion = {region}\nendpoint_url = {endpoint}\n");
    if let Some(authority) = authority {
        content.push_str(&format!("ca_bundle = {}\n", authority.display()));
    }
    content
}

/// `config` with the default profile's endpoint set. `None` when it says so already or has no
/// default profile.
fn with_endpoint(config: &str, endpoint: &str) -> Option<String> {
    let setting = format!("endpoint_url = {endpoint}\n");
    let mut written = String::with_capacity(config.len() + setting.len());
    let mut header_end = None;
    let mut in_default = false;
    let mut is_set = false;
    for line in config.split_inclusive('\n') {
        let is_header = line.starts_with('[');
        if is_header {
            in_default = line.trim_end() == "[default]";
        }
        if in_default && !is_set && key_of(line) == Some("endpoint_url") {
            written.push_str(&setting);
            is_set = true;
        } else {
            written.push_str(line);
        }
        if is_header && in_default && header_end.is_none() {
            if !line.ends_with('\n') {
                written.push('\n');
            }
            header_end = Some(written.len());
        }
    }
    if !is_set {
        written.insert_str(header_end?, &setting);
    }
    (written != config).then_some(written)
}

/// The key of a `key = value` line. Indented lines belong to a nested section and have none.
fn key_of(line: &str) -> Option<&str> {
    if line.starts_with([' ', '\t', '#', ';']) {
        return None;
    }
    line.split_once('=').map(|(key, _)| key.trim_end())
}

#[cfg(test)]
mod tests;
