//! `[tracing]`: where spans of requests are sent, and of how many.

use super::Endpoint;
use serde::Deserialize;
use std::path::PathBuf;

/// `[tracing]` as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    /// The collector's URL, without `/v1/traces`. Nothing is sent when left out.
    otlp_endpoint: Option<String>,
    /// Whom to trust there (PEM), in place of the system's authorities.
    ca_file: Option<PathBuf>,
    /// The part of requests that have spans, when their callers do not say: from 0 to 1.
    sampling: Option<f64>,
    /// As what the server is known to the collector.
    service_name: Option<String>,
}

/// How spans are sent.
#[derive(Clone, Debug)]
pub(crate) struct Traces {
    /// Where to.
    pub(crate) endpoint: Endpoint,
    /// Whom to trust there. `None`: the system's authorities.
    pub(crate) ca_file: Option<PathBuf>,
    /// Of how many traces in 2^32.
    pub(crate) sampled: u64,
    /// The server's name.
    pub(crate) service_name: String,
}

impl PartialEq for Traces {
    fn eq(&self, other: &Self) -> bool {
        self.endpoint.target() == other.endpoint.target()
            && self.endpoint.authority() == other.endpoint.authority()
            && self.endpoint.is_https() == other.endpoint.is_https()
            && self.ca_file == other.ca_file
            && self.sampled == other.sampled
            && self.service_name == other.service_name
    }
}

impl Eq for Traces {}

/// Why `[tracing]` cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TracesError {
    /// Not a URL that spans may be sent to.
    #[error(
        "`tracing.otlp_endpoint = \"{0}\"` cannot be used: it must be an HTTPS URL, or one of HTTP on \
         a loopback address"
    )]
    Endpoint(String),
    /// Not a part of one.
    #[error("`tracing.sampling` must be from 0 to 1")]
    Sampling,
    /// The other keys have no use.
    #[error("`[tracing]` needs `otlp_endpoint`")]
    NoEndpoint,
}

impl Section {
    pub(super) fn resolve(self) -> Result<Option<Traces>, TracesError> {
        let Some(url) = self.otlp_endpoint else {
            let says_more =
                self.ca_file.is_some() || self.sampling.is_some() || self.service_name.is_some();
            return match says_more {
                true => Err(TracesError::NoEndpoint),
                false => Ok(None),
            };
        };
        let whole = format!("{}/v1/traces", url.trim_end_matches('/'));
        let endpoint = Endpoint::parse(&whole).filter(|_| !url.contains('?'));
        let sampling = self.sampling.unwrap_or(1.0);
        Ok(Some(Traces {
            endpoint: endpoint.ok_or(TracesError::Endpoint(url))?,
            ca_file: self.ca_file,
            sampled: in_2_to_the_32(sampling).ok_or(TracesError::Sampling)?,
            service_name: self
                .service_name
                .unwrap_or_else(|| String::from("strongroom")),
        }))
    }
}

fn in_2_to_the_32(part: f64) -> Option<u64> {
    if !(0.0..=1.0).contains(&part) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 2^32, both of which a u64 holds"
    )]
    let whole = (part * 4_294_967_296.0).round() as u64;
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(toml: &str) -> Result<Option<Traces>, TracesError> {
        toml::from_str::<Section>(toml).unwrap().resolve()
    }

    #[test]
    fn nothing_is_sent_unless_there_is_an_endpoint() {
        assert_eq!(resolved(""), Ok(None));
        assert_eq!(resolved("sampling = 0.5"), Err(TracesError::NoEndpoint));
    }

    #[test]
    fn an_endpoint_is_a_collector_to_which_all_is_sent() {
        let traces = resolved("otlp_endpoint = \"http://127.0.0.1:4318/\"").unwrap();

        let traces = traces.unwrap();
        assert_eq!(traces.endpoint.target(), "/v1/traces");
        assert_eq!(traces.endpoint.authority(), "127.0.0.1:4318");
        assert_eq!(traces.sampled, 1 << 32);
        assert_eq!(traces.service_name, "strongroom");
    }

    #[test]
    fn the_rest_is_read() {
        let traces = resolved(
            "otlp_endpoint = \"https://otel.example/x\"\nsampling = 0.25\nca_file = \"/ca\"\n\
             service_name = \"vault\"",
        );

        let traces = traces.unwrap().unwrap();
        assert_eq!(traces.endpoint.target(), "/x/v1/traces");
        assert_eq!(traces.sampled, 1 << 30);
        assert_eq!(traces.ca_file, Some(PathBuf::from("/ca")));
        assert_eq!(traces.service_name, "vault");
    }

    #[test]
    fn mistakes_are_told() {
        for url in ["http://otel.example:4318", "otel:4318", "https://x/?a=b"] {
            let refused = resolved(&format!("otlp_endpoint = \"{url}\""));
            assert_eq!(refused, Err(TracesError::Endpoint(url.to_owned())));
        }
        for part in ["-0.1", "1.1", "nan"] {
            let toml = format!("otlp_endpoint = \"https://x\"\nsampling = {part}");
            assert_eq!(resolved(&toml), Err(TracesError::Sampling));
        }
        assert!(toml::from_str::<Section>("endpoint = \"x\"").is_err());
    }
}
