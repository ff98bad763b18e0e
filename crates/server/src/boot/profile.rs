//! `DIR/aws/config` and `DIR/aws/credentials`, in the AWS CLI's own formats.
//!
//! INVARIANT: credentials are written by the first start only. Of a configuration that is there,
//! the `endpoint_url` of the default profile is brought up to date and every other byte is kept.

use super::Deployment;
use crate::files::{self, FileError};
use services::NewAccount;
use std::path::Path;
use zeroize::Zeroizing;

/// Writes the credentials of the first account, readable by their owner only.
pub(super) fn write_credentials(path: &Path, account: &NewAccount) -> Result<(), FileError> {
    let secret = account.secret_access_key.expose();
    let mut content = Zeroizing::new(Vec::with_capacity(256 + secret.len()));
    content.extend_from_slice(b"[default]\naws_access_key_id = ");
    content.extend_from_slice(account.access_key_id.as_bytes());
    content.extend_from_slice(b"\naws_secret_access_key = ");
    content.extend_from_slice(secret);
    content.push(b'\n');
    files::write(path, 0o600, &content)
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
mod tests {
    use super::*;

    const NEW: &str = "https://127.0.0.1:9";

    #[test]
    fn only_the_default_profiles_endpoint_changes() {
        let config = "# mine\n[profile dev]\nendpoint_url = http://dev\n\n[default]\nregion = x\n\
                      s3 =\n  endpoint_url = http://s3\nendpoint_url=http://old\noutput = json\n";

        let written = with_endpoint(config, NEW).unwrap();

        assert_eq!(
            written,
            "# mine\n[profile dev]\nendpoint_url = http://dev\n\n[default]\nregion = x\n\
             s3 =\n  endpoint_url = http://s3\nendpoint_url = https://127.0.0.1:9\noutput = json\n"
        );
    }

    #[test]
    fn a_missing_endpoint_is_added_below_the_header() {
        assert_eq!(
            with_endpoint("[default]\nregion = x\n[profile b]\n", NEW).unwrap(),
            "[default]\nendpoint_url = https://127.0.0.1:9\nregion = x\n[profile b]\n"
        );
        assert_eq!(
            with_endpoint("[default]", NEW).unwrap(),
            "[default]\nendpoint_url = https://127.0.0.1:9\n"
        );
    }

    #[test]
    fn nothing_is_written_when_nothing_would_change() {
        let current = "[default]\nendpoint_url = https://127.0.0.1:9\n";

        assert_eq!(with_endpoint(current, NEW), None);
        assert_eq!(with_endpoint("[profile a]\nregion = x\n", NEW), None);
        assert_eq!(with_endpoint("", NEW), None);
    }

    #[test]
    fn a_commented_endpoint_is_not_taken_for_one() {
        assert_eq!(
            with_endpoint("[default]\n#endpoint_url = no\n", NEW).unwrap(),
            "[default]\nendpoint_url = https://127.0.0.1:9\n#endpoint_url = no\n"
        );
    }
}
