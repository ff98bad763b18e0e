use crate::template::Engine;
use std::collections::BTreeMap;

/// What an operator sets of a rotation function: the environment variables of AWS's templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// `EXCLUDE_CHARACTERS`.
    pub exclude_characters: String,
    /// `PASSWORD_LENGTH`. `None`: 32, or less where the engine takes less.
    pub password_length: Option<u32>,
    /// `EXCLUDE_NUMBERS`.
    pub exclude_numbers: bool,
    /// `EXCLUDE_PUNCTUATION`.
    pub exclude_punctuation: bool,
    /// `EXCLUDE_UPPERCASE`.
    pub exclude_uppercase: bool,
    /// `EXCLUDE_LOWERCASE`.
    pub exclude_lowercase: bool,
    /// `REQUIRE_EACH_INCLUDED_TYPE`.
    pub require_each_included_type: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            exclude_characters: EXCLUDED.to_owned(),
            password_length: None,
            exclude_numbers: false,
            exclude_punctuation: false,
            exclude_uppercase: false,
            exclude_lowercase: false,
            require_each_included_type: true,
        }
    }
}

impl Options {
    /// The options that a function's environment says. Other variables are not looked at.
    ///
    /// # Errors
    /// [`InvalidOption`] for a length that is no number.
    pub fn from_environment(environment: &BTreeMap<String, String>) -> Result<Self, InvalidOption> {
        let default = Self::default();
        let flag = |name: &str, absent| environment.get(name).map_or(absent, |text| is_true(text));
        Ok(Self {
            exclude_characters: environment
                .get("EXCLUDE_CHARACTERS")
                .cloned()
                .unwrap_or(default.exclude_characters),
            password_length: environment
                .get("PASSWORD_LENGTH")
                .map(|text| length(text))
                .transpose()?,
            exclude_numbers: flag("EXCLUDE_NUMBERS", default.exclude_numbers),
            exclude_punctuation: flag("EXCLUDE_PUNCTUATION", default.exclude_punctuation),
            exclude_uppercase: flag("EXCLUDE_UPPERCASE", default.exclude_uppercase),
            exclude_lowercase: flag("EXCLUDE_LOWERCASE", default.exclude_lowercase),
            require_each_included_type: flag(
                "REQUIRE_EACH_INCLUDED_TYPE",
                default.require_each_included_type,
            ),
        })
    }

    /// What `GetRandomPassword` is asked for.
    ///
    /// # Errors
    /// [`InvalidOption`] for a password that is longer than the engine takes.
    pub fn password_rules(&self, engine: Engine) -> Result<PasswordRules, InvalidOption> {
        let longest = engine.longest_password();
        let length = self.password_length.unwrap_or(LENGTH.min(longest));
        if length > longest {
            return Err(InvalidOption(format!(
                "PASSWORD_LENGTH is {length}, and a password of {} has at most {longest} characters",
                engine.title()
            )));
        }
        Ok(self.rules(length, engine.impossible_characters()))
    }

    /// What `GetRandomPassword` is asked for where no engine has a say.
    pub(crate) fn free_password_rules(&self) -> PasswordRules {
        self.rules(self.password_length.unwrap_or(LENGTH), "")
    }

    fn rules(&self, length: u32, impossible: &str) -> PasswordRules {
        let mut exclude_characters = self.exclude_characters.clone();
        let missing = impossible
            .chars()
            .filter(|one| !self.exclude_characters.contains(*one));
        exclude_characters.extend(missing);
        PasswordRules {
            length,
            exclude_characters,
            exclude_numbers: self.exclude_numbers,
            exclude_punctuation: self.exclude_punctuation,
            exclude_uppercase: self.exclude_uppercase,
            exclude_lowercase: self.exclude_lowercase,
            require_each_included_type: self.require_each_included_type,
        }
    }
}

/// The parameters of `GetRandomPassword`. Spaces are never included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordRules {
    /// `PasswordLength`.
    pub length: u32,
    /// `ExcludeCharacters`.
    pub exclude_characters: String,
    /// `ExcludeNumbers`.
    pub exclude_numbers: bool,
    /// `ExcludePunctuation`.
    pub exclude_punctuation: bool,
    /// `ExcludeUppercase`.
    pub exclude_uppercase: bool,
    /// `ExcludeLowercase`.
    pub exclude_lowercase: bool,
    /// `RequireEachIncludedType`.
    pub require_each_included_type: bool,
}

/// An option that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidOption(String);

/// COMPAT: what AWS's templates read as true.
fn is_true(text: &str) -> bool {
    ["true", "1", "y", "yes"].contains(&text.to_ascii_lowercase().as_str())
}

fn length(text: &str) -> Result<u32, InvalidOption> {
    text.parse()
        .map_err(|_| InvalidOption(format!("PASSWORD_LENGTH is `{text}`, which is no number")))
}

const EXCLUDED: &str = "/@\"'\\";
const LENGTH: u32 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_environment_the_templates_defaults_hold() {
        let rules = Options::from_environment(&BTreeMap::new())
            .unwrap()
            .password_rules(Engine::Postgres)
            .unwrap();

        let expected = PasswordRules {
            length: 32,
            exclude_characters: "/@\"'\\".to_owned(),
            exclude_numbers: false,
            exclude_punctuation: false,
            exclude_uppercase: false,
            exclude_lowercase: false,
            require_each_included_type: true,
        };
        assert_eq!(rules, expected);
    }

    #[test]
    fn the_environment_says_every_option() {
        let environment = [
            ("EXCLUDE_CHARACTERS", "xyz"),
            ("PASSWORD_LENGTH", "40"),
            ("EXCLUDE_NUMBERS", "true"),
            ("EXCLUDE_PUNCTUATION", "Yes"),
            ("EXCLUDE_UPPERCASE", "1"),
            ("EXCLUDE_LOWERCASE", "no"),
            ("REQUIRE_EACH_INCLUDED_TYPE", "false"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();

        let options = Options::from_environment(&environment).unwrap();

        let expected = Options {
            exclude_characters: "xyz".to_owned(),
            password_length: Some(40),
            exclude_numbers: true,
            exclude_punctuation: true,
            exclude_uppercase: true,
            exclude_lowercase: false,
            require_each_included_type: false,
        };
        assert_eq!(options, expected);
    }

    #[test]
    fn what_an_engine_cannot_take_is_never_asked_for() {
        let options = Options {
            exclude_characters: "x\"".to_owned(),
            ..Options::default()
        };

        let oracle = options.password_rules(Engine::Oracle).unwrap();
        let redshift = options.password_rules(Engine::Redshift).unwrap();

        assert_eq!(
            (oracle.length, oracle.exclude_characters.as_str()),
            (30, "x\"")
        );
        assert_eq!(redshift.exclude_characters, "x\"/@'\\ ");
    }

    #[test]
    fn a_length_that_cannot_be_followed_is_refused() {
        let long = Options {
            password_length: Some(31),
            ..Options::default()
        };
        let word = [("PASSWORD_LENGTH".to_owned(), "long".to_owned())].into();

        assert_eq!(
            long.password_rules(Engine::Oracle).unwrap_err().to_string(),
            "PASSWORD_LENGTH is 31, and a password of Oracle has at most 30 characters"
        );
        assert_eq!(
            Options::from_environment(&word).unwrap_err().to_string(),
            "PASSWORD_LENGTH is `long`, which is no number"
        );
    }
}
