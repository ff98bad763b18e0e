//! `[metrics]`: where counters can be read.

use serde::Deserialize;
use std::net::SocketAddr;

/// `[metrics]` as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    /// The address. Nothing listens when left out.
    listen: Option<String>,
}

impl Section {
    /// The address to listen on, of which `flag` is the first choice.
    ///
    /// SECURITY: any address will do, as what is told has neither names nor values; see SECURITY.md.
    pub(super) fn resolve(self, flag: Option<&String>) -> Result<Option<SocketAddr>, String> {
        let written = flag.cloned().or(self.listen);
        written
            .map(|text| text.parse().map_err(|_| text))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_goes_before_the_file_and_nothing_listens_without_either() {
        let file = || toml::from_str::<Section>("listen = \"0.0.0.0:9000\"").unwrap();
        let flag = String::from("127.0.0.1:9001");

        assert_eq!(Section::default().resolve(None), Ok(None));
        assert_eq!(file().resolve(None), Ok("0.0.0.0:9000".parse().ok()));
        assert_eq!(
            file().resolve(Some(&flag)),
            Ok("127.0.0.1:9001".parse().ok())
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let flag = String::from("localhost");

        assert_eq!(Section::default().resolve(Some(&flag)), Err(flag));
        assert!(toml::from_str::<Section>("port = 1").is_err());
    }
}
