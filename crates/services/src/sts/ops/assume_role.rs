//! `AssumeRole`: credentials of a role for a while, for whom the role trusts.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use crate::authorize::{Action, Permit};
use crate::context::Keys;
use crate::cx::Cx;
use crate::identity::{Identity, Session, SessionSubject};
use crate::operation::Operation;
use crate::sts::error::Error;
use crate::sts::lending::{Loan, lend, seconds_of_role};
use crate::sts::narrowing::Narrowing;
use crate::sts::session_tags::SessionTags;
use crate::sts::shapes::{
    ARN, EXTERNAL_ID, POLICY, POLICY_ARNS, PROVIDED_CONTEXTS, PolicyArn, ProvidedContext,
    ROLE_DURATION, SERIAL_NUMBER, SESSION_NAME, SOURCE_IDENTITY, TAG_KEYS, TAGS, TOKEN_CODE,
    TOKEN_SIZE, Tag,
};
use crate::sts::target::RoleTarget;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct AssumeRole;

wire::input! {
    /// What `AssumeRole` takes.
    pub(crate) struct Input {
        role_arn: String = required audited "RoleArn" ARN,
        session_name: String = required audited "RoleSessionName" SESSION_NAME,
        policy_arns: Option<Vec<PolicyArn>> = audited "PolicyArns" POLICY_ARNS,
        policy: Option<String> = audited "Policy" POLICY,
        duration_seconds: Option<i64> = audited "DurationSeconds" ROLE_DURATION,
        tags: Option<Vec<Tag>> = audited "Tags" TAGS,
        transitive_tag_keys: Option<Vec<String>> = audited "TransitiveTagKeys" TAG_KEYS,
        external_id: Option<String> = audited "ExternalId" EXTERNAL_ID,
        serial_number: Option<String> = audited "SerialNumber" SERIAL_NUMBER,
        token_code: Option<String> = "TokenCode" TOKEN_CODE,
        source_identity: Option<String> = audited "SourceIdentity" SOURCE_IDENTITY,
        provided_contexts: Option<Vec<ProvidedContext>> =
            audited "ProvidedContexts" PROVIDED_CONTEXTS,
        minimum_size: Option<i64> = audited "MinimumSessionTokenSize" TOKEN_SIZE,
    }
}

pub(crate) struct Output(Loan);

impl Operation for AssumeRole {
    const NAME: &'static str = "AssumeRole";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        input.is_supported(cx)?;
        let mut tx = cx.begin();
        let target = RoleTarget::find(&mut tx, &input.role_arn).await?;
        let terms = Terms::of(input, cx.principal.session())?;
        let permit = terms.authorize(cx, input, &target)?;

        let role = target.existing(&permit)?;
        let is_chained = matches!(cx.principal.identity(), Identity::Role(_));
        let seconds = seconds_of_role(input.duration_seconds, role, is_chained)?;
        let narrowing = terms.narrowing.existing(&mut tx, &role.account).await?;
        let subject = SessionSubject::Role {
            name: role.name.clone(),
            id: role.id.clone(),
        };
        let session = Session {
            name: Some(input.session_name.clone()),
            policy: narrowing.policy,
            policy_arns: narrowing.policy_arns,
            tags: terms.tags.tags,
            transitive_tag_keys: terms.tags.transitive,
            source_identity: terms.source_identity,
            ..Session::of(&role.account, subject, cx.now(), seconds)
        };
        let loan = lend(cx.sessions(), cx.entropy(), session)?;
        loan.note(cx);
        let event = cx.event(&permit).responding(loan.shown());
        let recorded = tx.finish(event).await?;

        Ok(recorded.reply(Output(loan)))
    }
}

impl Input {
    /// Refuses what nobody can have here.
    fn is_supported(&self, cx: &Cx<'_>) -> Result<(), Error> {
        if matches!(cx.principal.identity(), Identity::Root) {
            return Err(Error::RootCaller);
        }
        if self.serial_number.is_some() || self.token_code.is_some() {
            return Err(Error::NoSuchDevice);
        }
        if self.provided_contexts.is_some() {
            return Err(Error::NotSupported("ProvidedContexts"));
        }
        if self.minimum_size.is_some() {
            return Err(Error::NotSupported("MinimumSessionTokenSize"));
        }
        Ok(())
    }
}

/// What the session is to be, from the request and from the session that asks for it.
struct Terms {
    narrowing: Narrowing,
    tags: SessionTags,
    source_identity: Option<String>,
}

impl Terms {
    fn of(input: &Input, caller: Option<&Session>) -> Result<Self, Error> {
        let given = input.tags.as_deref().unwrap_or_default().iter();
        let given: Vec<_> = given
            .map(|tag| (tag.key.as_str(), tag.value.as_str()))
            .collect();
        let transitive = input.transitive_tag_keys.as_deref().unwrap_or_default();
        let before = caller.and_then(|caller| caller.source_identity.as_ref());
        let asked = input.source_identity.as_ref();
        if before.is_some() && asked.is_some() && before != asked {
            return Err(Error::SourceIdentityIsSet);
        }
        Ok(Self {
            narrowing: Narrowing::parse(input.policy.as_deref(), input.policy_arns.as_deref())?,
            tags: SessionTags::handed_on(caller).with(&given, transitive)?,
            source_identity: before.or(asked).cloned(),
        })
    }

    /// COMPAT: tags and a source identity need permissions of their own, also those that go on from
    /// the caller's session; all of them count as given by this request.
    fn authorize(&self, cx: &Cx<'_>, input: &Input, target: &RoleTarget) -> Result<Permit, Error> {
        let keys = Keys::none()
            .text("sts:rolesessionname", input.session_name.as_str())
            .opt_text("sts:externalid", input.external_id.as_deref())
            .opt_text("sts:sourceidentity", self.source_identity.as_deref());
        let keys = self.tags.told(keys);
        let ask = |action| cx.authorize_with(action, target.resource(), &keys);
        let permit = ask(Action("sts:AssumeRole"))?;
        if !self.tags.is_empty() {
            ask(TAG_SESSION)?;
        }
        if self.source_identity.is_some() {
            ask(SET_SOURCE_IDENTITY)?;
        }
        Ok(permit)
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        self.0.write_credentials(result);
        self.0.write_role_user(result);
        self.0.write_source_identity(result);
    }
}

/// The action that tags a session.
pub(super) const TAG_SESSION: Action = Action("sts:TagSession");
/// The action that says who it is behind a session.
pub(super) const SET_SOURCE_IDENTITY: Action = Action("sts:SetSourceIdentity");
