//! `[[endpoint]]`: private endpoints, each with an id, a network, addresses and a policy.

use super::{ConfigError, addresses};
use serde::Deserialize;
use services::{PolicyProblems, PrivateEndpoint};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `[[endpoint]]` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    /// Its id: `vpce-` and 8 to 17 hexadecimal digits.
    id: String,
    /// The id of its network: `vpc-` and 8 to 17 hexadecimal digits.
    vpc: String,
    /// HTTPS addresses.
    listen: Vec<String>,
    /// A file with its policy; everything is let through when left out.
    policy_file: Option<PathBuf>,
}

/// A private endpoint and where it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Private {
    /// What requests that come in here carry.
    pub(crate) endpoint: Arc<PrivateEndpoint>,
    /// HTTPS addresses; never none.
    pub(crate) listen: Vec<SocketAddr>,
}

/// Why `[[endpoint]]` cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrivateError {
    /// Not an id.
    #[error("`{0}` is no id of a private endpoint: write it like `vpce-0123456789abcdef0`")]
    Id(String),
    /// Not a network's id.
    #[error("`{0}` is no id of a network: write it like `vpc-0123456789abcdef0`")]
    Vpc(String),
    /// Named more than once.
    #[error("the private endpoint `{0}` has more than one `[[endpoint]]` section")]
    Twice(String),
    /// Nowhere to be reached.
    #[error("the private endpoint `{0}` has no address in `listen`")]
    NoAddress(String),
    /// SECURITY: a connection would belong to one of two at random.
    #[error("`{0}` is listened on more than once")]
    Shared(SocketAddr),
    /// The policy cannot be read.
    #[error("cannot read the policy file `{}` of the private endpoint `{id}`", .path.display())]
    Unreadable {
        /// Whose.
        id: String,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The policy is none.
    #[error("the policy file `{}` of the private endpoint `{id}` has a mistake", .path.display())]
    Policy {
        /// Whose.
        id: String,
        /// Which file.
        path: PathBuf,
        /// All mistakes, with line and column.
        #[source]
        source: PolicyProblems,
    },
}

impl Private {
    /// Reads all sections. `public` are the addresses that are taken already.
    pub(super) fn resolve(
        sections: Vec<Section>,
        public: impl Iterator<Item = SocketAddr>,
    ) -> Result<Vec<Self>, ConfigError> {
        let mut taken: Vec<SocketAddr> = public.collect();
        let mut known: Vec<Self> = Vec::new();
        for section in sections {
            let private = Self::of(section)?;
            let id = private.endpoint.id();
            if known.iter().any(|other| other.endpoint.id() == id) {
                return Err(PrivateError::Twice(id.to_owned()).into());
            }
            for address in &private.listen {
                // Port 0 picks another port each time.
                if address.port() != 0 && taken.contains(address) {
                    return Err(PrivateError::Shared(*address).into());
                }
                taken.push(*address);
            }
            known.push(private);
        }
        Ok(known)
    }

    fn of(section: Section) -> Result<Self, ConfigError> {
        let Section {
            id,
            vpc,
            listen,
            policy_file,
        } = section;
        if !is_id(&id, "vpce-") {
            return Err(PrivateError::Id(id).into());
        }
        if !is_id(&vpc, "vpc-") {
            return Err(PrivateError::Vpc(vpc).into());
        }
        if listen.is_empty() {
            return Err(PrivateError::NoAddress(id).into());
        }
        let endpoint = match policy_file {
            Some(path) => with_policy(id, vpc, &path)?,
            None => PrivateEndpoint::new(id.clone(), vpc, None).map_err(|source| {
                PrivateError::Policy {
                    id,
                    path: PathBuf::new(),
                    source,
                }
            })?,
        };
        Ok(Self {
            endpoint: Arc::new(endpoint),
            listen: addresses(listen)?,
        })
    }
}

fn with_policy(id: String, vpc: String, path: &Path) -> Result<PrivateEndpoint, PrivateError> {
    let path = path.to_owned();
    match std::fs::read_to_string(&path) {
        Ok(text) => PrivateEndpoint::new(id.clone(), vpc, Some(&text))
            .map_err(|source| PrivateError::Policy { id, path, source }),
        Err(source) => Err(PrivateError::Unreadable { id, path, source }),
    }
}

fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|digits| {
        (8..=17).contains(&digits.len())
            && digits
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests;
