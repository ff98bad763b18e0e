//! `GetRandomPassword`: a password that meets a recipe.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::passwords::Recipe;
use crate::secretsmanager::shapes::{BOOLEAN, EXCLUDE_CHARACTERS, PASSWORD_LENGTH};
use crate::tx::Reply;
use base::Plaintext;
use wire::json;

pub(crate) struct GetRandomPassword;

wire::input! {
    /// What `GetRandomPassword` takes.
    pub(crate) struct Input {
        password_length: Option<i64> = audited "PasswordLength" PASSWORD_LENGTH,
        exclude_characters: Option<String> = audited "ExcludeCharacters" EXCLUDE_CHARACTERS,
        exclude_numbers: Option<bool> = audited "ExcludeNumbers" BOOLEAN,
        exclude_punctuation: Option<bool> = audited "ExcludePunctuation" BOOLEAN,
        exclude_uppercase: Option<bool> = audited "ExcludeUppercase" BOOLEAN,
        exclude_lowercase: Option<bool> = audited "ExcludeLowercase" BOOLEAN,
        include_space: Option<bool> = audited "IncludeSpace" BOOLEAN,
        require_each_included_type: Option<bool> = audited "RequireEachIncludedType" BOOLEAN,
    }
}

pub(crate) struct Output(Plaintext);

impl Operation for GetRandomPassword {
    const NAME: &'static str = "GetRandomPassword";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::none(cx.account());
        let permit = cx.authorize(Action("secretsmanager:GetRandomPassword"), resource)?;

        let password = input.recipe().draw(cx.entropy())?;
        cx.note(&password);
        let recorded = cx.begin().finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(password)))
    }
}

impl Input {
    fn recipe(&self) -> Recipe {
        let default = Recipe::default();
        let included = |excluded: Option<bool>| !excluded.unwrap_or_default();
        Recipe {
            length: self
                .password_length
                .and_then(|length| usize::try_from(length).ok())
                .unwrap_or(default.length),
            exclude: self.exclude_characters.clone().unwrap_or_default(),
            uppercase: included(self.exclude_uppercase),
            lowercase: included(self.exclude_lowercase),
            numbers: included(self.exclude_numbers),
            punctuation: included(self.exclude_punctuation),
            space: self.include_space.unwrap_or(default.space),
            require_each: self
                .require_each_included_type
                .unwrap_or(default.require_each),
        }
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.plaintext("RandomPassword", &self.0);
    }
}
