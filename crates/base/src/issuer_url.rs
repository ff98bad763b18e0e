use std::fmt;
use std::net::Ipv6Addr;

/// The URL of an OpenID Connect issuer, exactly as in the `iss` claim of its tokens.
///
/// SECURITY: the one definition, for providers of IAM, for tokens and for the configuration: what
/// one of them takes, the others do, and two issuers are the same if their texts are. So there is
/// nothing in it that could be read in two ways: `https`, a host, perhaps a port and a path; no
/// user, no query, no fragment, no escapes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssuerUrl(Box<str>);

impl IssuerUrl {
    /// Reads an issuer's URL.
    ///
    /// # Errors
    /// [`NotAnIssuer`], with the text.
    pub fn parse(text: &str) -> Result<Self, NotAnIssuer> {
        if text.len() <= LONGEST && text.strip_prefix(SCHEME).is_some_and(is_bare) {
            Ok(Self(text.into()))
        } else {
            Err(NotAnIssuer(text.to_owned()))
        }
    }

    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL without its scheme, as ARNs of providers and condition keys have it.
    pub fn bare(&self) -> &str {
        self.0.strip_prefix(SCHEME).unwrap_or_default()
    }
}

impl fmt::Display for IssuerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no issuer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no issuer: write a URL like `https://issuer.example/path`, of 255 characters at most, \
     without user name, query, fragment and escapes"
)]
pub struct NotAnIssuer(pub String);

/// Whether `text` is what follows the scheme.
fn is_bare(text: &str) -> bool {
    let (authority, path) = text.split_once('/').unwrap_or((text, ""));
    is_authority(authority) && path.bytes().all(is_of_path)
}

fn is_authority(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        let is_address = address.parse::<Ipv6Addr>().is_ok();
        return is_address && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    !host.is_empty() && host.bytes().all(is_of_host) && port.is_none_or(is_port)
}

fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._".contains(&byte)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// What RFC 3986 lets stand in a path, but for `%` and `@`.
fn is_of_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:/".contains(&byte)
}

const SCHEME: &str = "https://";
/// AWS's bound for the URL of a provider.
const LONGEST: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_an_https_url_and_nothing_more() {
        let longest = format!("https://{}", "a".repeat(247));
        for url in [
            "https://issuer.example",
            "https://issuer.example/",
            "https://issuer.example:6443/a/b/",
            "https://issuer.example/a//b;c=d,e~f/(g)'!$&*+:h",
            "https://my_issuer-1.example",
            "https://Issuer.Example/A",
            "https://10.0.0.1:443",
            "https://[2001:db8::1]",
            "https://[::1]:6443/a",
            longest.as_str(),
        ] {
            let issuer = IssuerUrl::parse(url).unwrap();

            assert_eq!(issuer.as_str(), url);
            assert_eq!(format!("https://{}", issuer.bare()), issuer.to_string());
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_no_issuer() {
        let long = format!("https://{}", "a".repeat(248));
        for text in [
            "",
            "https:",
            "https://",
            "https:///a",
            "https://:1",
            "https://a:",
            "https://a:65536",
            "https://a:+1",
            "https://a:1:2",
            "https://a:b",
            "https://::1",
            "https://[::1",
            "https://[]",
            "https://[::1]a",
            "https://[::1]:",
            "https://[a]",
            "http://issuer.example",
            "HTTPS://issuer.example",
            "issuer.example",
            " https://issuer.example",
            "https://issuer.example ",
            "https://issuer example",
            "https://issuer.example/?a",
            "https://issuer.example?a",
            "https://issuer.example/#a",
            "https://issuer.example#a",
            "https://user@issuer.example",
            "https://user:word@issuer.example",
            "https://issuer.example/@a",
            "https://issuer.example/%2e",
            "https://issuer.example\\a",
            "https://issuer.example/\\a",
            "https://issuer.example/a\n",
            "https://issuer.example/<a>",
            "https://issuer.example/{a}",
            "https://issuer.example/\"a\"",
            "https://issuer.example/ä",
            "https://ä.example",
            long.as_str(),
        ] {
            assert_eq!(
                IssuerUrl::parse(text),
                Err(NotAnIssuer(text.to_owned())),
                "{text}"
            );
        }
    }
}
