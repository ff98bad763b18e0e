//! The `SecretString` of a database's credential.
//!
//! Rules kept here: what a rotation does not change stays in the secret byte for byte and in its
//! place, unknown keys too; no copy of a value outlives its use.

use crate::database::Tls;
use crate::template::Engine;
use base::Plaintext;
use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use zeroize::{Zeroize as _, Zeroizing};

/// How to reach a database and log in to it.
pub struct Credential {
    host: String,
    port: Option<u16>,
    username: String,
    password: Plaintext,
    dbname: Option<String>,
    home: Option<String>,
    master_arn: Option<String>,
    tls: Tls,
}

impl Credential {
    /// Reads a secret's value.
    ///
    /// # Errors
    /// [`MalformedSecret`] when it is not of the shape that the template expects.
    pub fn parse(engine: Engine, secret: &Plaintext) -> Result<Self, MalformedSecret> {
        let members = Members::parse(secret)?;
        let named = members.text("engine")?;
        if !named.is_some_and(|named| engine.names().contains(&named.as_str())) {
            return Err(MalformedSecret::Engine(engine));
        }
        let host = members.required("host")?;
        if !is_a_host(&host) {
            return Err(MalformedSecret::Host);
        }
        let dbname = members.text("dbname")?.filter(|name| !name.is_empty());
        if dbname.is_none() && engine.requires_dbname() {
            return Err(MalformedSecret::Missing("dbname"));
        }
        Ok(Self {
            host,
            port: members.port()?,
            username: members.required("username")?,
            password: members.secret("password")?,
            home: dbname.clone(),
            dbname,
            master_arn: members.text("masterarn")?,
            tls: members.tls()?,
        })
    }

    /// The engine that a secret's value names, if it names one.
    pub fn engine_of(secret: &Plaintext) -> Option<Engine> {
        let named = Members::parse(secret).ok()?.text("engine").ok()??;
        Engine::ALL
            .into_iter()
            .find(|engine| engine.names().contains(&named.as_str()))
    }

    /// The database's host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The database's port, if it is named.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The port on which a database of that engine is asked.
    pub(crate) fn port_of(&self, engine: Engine) -> u16 {
        self.port.unwrap_or(engine.default_port())
    }

    /// The user.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The user's password.
    pub fn password(&self) -> &Plaintext {
        &self.password
    }

    /// The database, if one is named.
    pub fn dbname(&self) -> Option<&str> {
        self.dbname.as_deref()
    }

    /// The database that keeps the user, if one is named.
    pub fn home(&self) -> Option<&str> {
        self.home.as_deref()
    }

    /// The secret of who may change this user's password.
    pub fn master_arn(&self) -> Option<&str> {
        self.master_arn.as_deref()
    }

    /// Whether connections are encrypted.
    pub fn tls(&self) -> Tls {
        self.tls
    }

    /// Encrypts the connection if `other`'s is. Never the reverse.
    pub(crate) fn encrypt_like(&mut self, other: &Self) {
        if other.tls == Tls::Verified {
            self.tls = Tls::Verified;
        }
    }

    /// Has it log in to another database. The user stays at home.
    pub(crate) fn set_dbname(&mut self, dbname: Option<&str>) {
        self.dbname = dbname.map(str::to_owned);
    }
}

/// The members of a secret that is a JSON object, as they are written.
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// No members.
    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn parse(secret: &'a Plaintext) -> Result<Self, MalformedSecret> {
        let mut reader = serde_json::Deserializer::from_slice(secret.expose());
        // SECURITY: the reader's own words repeat what it read.
        let members = reader
            .deserialize_map(InOrder)
            .map_err(|_| MalformedSecret::NotAnObject)?;
        reader.end().map_err(|_| MalformedSecret::NotAnObject)?;
        Ok(Self(members))
    }

    /// The whole secret with other members in place of its own; new ones come last.
    pub(crate) fn with(&self, changed: &[(&str, &Plaintext)]) -> Plaintext {
        let longest = changed.iter().map(|(_, new)| new.len() * 6 + 64);
        let own = self
            .0
            .iter()
            .map(|(name, raw)| name.len() * 6 + raw.get().len() + 8);
        // SECURITY: large enough from the start, so that no copy is left where it grew.
        let mut text = Vec::with_capacity(longest.chain(own).sum());
        let mut members: Vec<(&str, Zeroizing<String>)> = Vec::new();
        for (name, raw) in &self.0 {
            let new = changed.iter().find(|(changed, _)| changed == name);
            let value = match new {
                Some((_, new)) => json_text(new),
                None => Zeroizing::new(raw.get().to_owned()),
            };
            members.push((name, value));
        }
        for (name, new) in changed {
            if !self.0.iter().any(|(own, _)| own == name) {
                members.push((name, json_text(new)));
            }
        }
        for (position, (name, value)) in members.iter().enumerate() {
            text.extend_from_slice(if position == 0 { b"{" } else { b", " });
            text.extend_from_slice(json_string(name).as_bytes());
            text.extend_from_slice(b": ");
            text.extend_from_slice(value.as_bytes());
        }
        if members.is_empty() {
            text.push(b'{');
        }
        text.push(b'}');
        Plaintext::new(text)
    }

    /// A text. `null` is as absent.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<String>, MalformedSecret> {
        match self.raw(name) {
            None => Ok(None),
            Some(raw) => serde_json::from_str(raw)
                .map(Some)
                .map_err(|_| MalformedSecret::NotText(name)),
        }
    }

    pub(crate) fn required(&self, name: &'static str) -> Result<String, MalformedSecret> {
        self.text(name)?.ok_or(MalformedSecret::Missing(name))
    }

    pub(crate) fn secret(&self, name: &'static str) -> Result<Plaintext, MalformedSecret> {
        self.required(name).map(Plaintext::from)
    }

    /// COMPAT: a number, or one in quotes, as the guide shows it.
    fn port(&self) -> Result<Option<u16>, MalformedSecret> {
        let Some(raw) = self.raw("port") else {
            return Ok(None);
        };
        match raw.trim_matches('"').parse() {
            Ok(port) if port > 0 => Ok(Some(port)),
            _ => Err(MalformedSecret::Port),
        }
    }

    /// SECURITY: only a clear no means a connection in the clear. AWS's templates fall back to one
    /// when the key is absent and TLS fails, which whoever sits in between can bring about.
    fn tls(&self) -> Result<Tls, MalformedSecret> {
        let raw = self.raw("ssl").unwrap_or("true");
        match raw.trim_matches('"').to_ascii_lowercase().as_str() {
            "false" => Ok(Tls::Plain),
            "true" => Ok(Tls::Verified),
            _ => Err(MalformedSecret::Ssl),
        }
    }

    /// COMPAT: of a member given twice the last counts.
    fn raw(&self, name: &str) -> Option<&'a str> {
        self.0
            .iter()
            .rev()
            .find(|(own, _)| own == name)
            .map(|(_, raw)| raw.get())
            .filter(|raw| *raw != "null")
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            members.push((Cow::Owned(name), map.next_value()?));
        }
        Ok(members)
    }
}

/// Why a secret's value does not fit the template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedSecret {
    /// The value is no JSON object.
    #[error("the secret's value is not a JSON object")]
    NotAnObject,
    /// A key is missing.
    #[error("{0} key is missing from secret JSON")]
    Missing(&'static str),
    /// The key `engine` names another engine, or none.
    #[error(
        "Database engine must be set to '{}' in order to use this rotation lambda",
        .0.names().first().copied().unwrap_or_default()
    )]
    Engine(Engine),
    /// A key's value is no text.
    #[error("{0} key in secret JSON is not a string")]
    NotText(&'static str),
    /// The key `host` has a value that is neither a name nor an address.
    #[error("host key in secret JSON is neither a DNS name nor an IP address")]
    Host,
    /// The key `port` has a value that is none.
    #[error("port key in secret JSON is not a TCP port")]
    Port,
    /// The key `ssl` has a value that is neither true nor false.
    #[error("ssl key in secret JSON is neither true nor false")]
    Ssl,
}

/// SECURITY: drivers take a host that begins with `/` or `@` for a socket on this machine, where
/// peers may be trusted without a password, and a list of hosts for several.
fn is_a_host(host: &str) -> bool {
    let is_name = host
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    let begins_well = host
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric());
    host.len() <= LONGEST_HOST
        && (is_name && begins_well || host.parse::<std::net::Ipv6Addr>().is_ok())
}

fn json_text(value: &Plaintext) -> Zeroizing<String> {
    let mut lossy = String::from_utf8_lossy(value.expose()).into_owned();
    let text = json_string(&lossy);
    lossy.zeroize();
    text
}

/// COMPAT: as Python's `json.dumps` writes it, in ASCII.
fn json_string(text: &str) -> Zeroizing<String> {
    let mut json = Zeroizing::new(String::with_capacity(text.len() * 6 + 2));
    json.push('"');
    for unit in text.chars() {
        match unit {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            ' '..='~' => json.push(unit),
            _ => {
                let mut units = [0; 2];
                for unit in unit.encode_utf16(&mut units) {
                    json.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    json.push('"');
    json
}

const LONGEST_HOST: usize = 253;

#[cfg(test)]
mod tests;
