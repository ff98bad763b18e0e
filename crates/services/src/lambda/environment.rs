//! The environment variables of a function.

use super::error::Error;
use base::Plaintext;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wire::json;
use zeroize::Zeroize;

/// Names and values, in the order of their names.
///
/// INVARIANT: no `Debug`: values may be secrets. They are overwritten when they are dropped.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Environment(Vec<(String, String)>);

impl Drop for Environment {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            value.zeroize();
        }
    }
}

impl Environment {
    /// The variables `given`.
    ///
    /// # Errors
    /// [`Error::Validation`] for a name against the model's pattern, [`Error::InvalidParameter`] for
    /// a name of Lambda's own and for more than 4 KB. SECURITY: AWS's text shows everything that was
    /// given when it is too much; ours does not.
    pub(crate) fn of(given: &BTreeMap<String, Plaintext>) -> Result<Self, Error> {
        if !given.keys().all(|name| is_name(name)) {
            return Err(Error::Validation(BAD_NAME.to_owned()));
        }
        let reserved: Vec<&str> = given
            .keys()
            .map(String::as_str)
            .filter(|name| RESERVED.contains(name))
            .collect();
        if !reserved.is_empty() {
            return Err(Error::InvalidParameter(format!(
                "{RESERVED_KEYS}{}",
                reserved.join(", ")
            )));
        }
        let mut variables = Self::default();
        let mut size = 2_usize;
        for (name, value) in given {
            let text = std::str::from_utf8(value.expose()).unwrap_or_default();
            // As JSON: two pairs of quotes, a colon and a comma.
            size = size.saturating_add(name.len() + text.len() + 6);
            if size > MOST_BYTES + 1 {
                return Err(Error::InvalidParameter(TOO_LARGE.to_owned()));
            }
            variables.0.push((name.clone(), text.to_owned()));
        }
        Ok(variables)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For a run.
    pub(crate) fn variables(&self) -> Vec<(String, Plaintext)> {
        let pairs = self.0.iter();
        pairs
            .map(|(name, value)| (name.clone(), Plaintext::from(value.clone())))
            .collect()
    }

    /// Writes them as the answers of the API show them.
    pub(crate) fn write(&self, object: &mut json::Object<'_>) {
        object.object("Environment", |environment| {
            environment.object("Variables", |variables| {
                for (name, value) in &self.0 {
                    variables.text(name, value);
                }
            });
        });
    }
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && name.len() >= 2
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

const MOST_BYTES: usize = 4_096;

/// Those that Lambda sets for every run.
const RESERVED: [&str; 23] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_METADATA_API",
    "AWS_LAMBDA_METADATA_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

const RESERVED_KEYS: &str = "Lambda was unable to configure your environment variables because the environment variables you \
     have provided contains reserved keys that are currently not supported for modification. Reserved \
     keys used in this request: ";
const TOO_LARGE: &str = "Lambda was unable to configure your environment variables because the environment variables you \
     have provided exceeded the 4KB limit.";
const BAD_NAME: &str = "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map \
     keys must satisfy constraint: [Member must satisfy regular expression pattern: \
     [a-zA-Z]([a-zA-Z0-9_])+]";

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Vec<(String, String)>, String> {
        let given = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Plaintext::from((*value).to_owned())))
            .collect();
        let made = Environment::of(&given).map_err(|error| error.to_string())?;
        Ok(made.0.clone())
    }

    #[test]
    fn variables_are_kept_in_order() {
        let kept = of(&[("b_2", "x"), ("aa", "")]).unwrap();

        let expected = [("aa", ""), ("b_2", "x")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(kept, expected);
    }

    #[test]
    fn names_of_lambda_and_names_that_are_none_are_refused() {
        for name in ["a", "1a", "a-b", "", "é1"] {
            assert_eq!(of(&[(name, "x")]), Err(BAD_NAME.to_owned()), "{name}");
        }
        for name in RESERVED.iter().filter(|name| !name.starts_with('_')) {
            let text = of(&[(name, "x")]).unwrap_err();
            assert!(text.ends_with(&format!("request: {name}")), "{text}");
        }
        assert!(RESERVED.contains(&"AWS_LAMBDA_MAX_CONCURRENCY"));
        let text = of(&[("AWS_REGION", "x"), ("AWS_LAMBDA_FUNCTION_NAME", "x")]).unwrap_err();
        assert!(
            text.ends_with("request: AWS_LAMBDA_FUNCTION_NAME, AWS_REGION"),
            "{text}"
        );
    }

    #[test]
    fn four_kilobytes_fit_and_no_more_and_nothing_of_them_is_told() {
        // `{"aa":"…"}`
        let most = "x".repeat(MOST_BYTES - 9);

        assert!(of(&[("aa", &most)]).is_ok());
        let text = of(&[("aa", &format!("{most}x"))]).unwrap_err();
        assert_eq!(text, TOO_LARGE);
    }
}
