//! `AssumeRoleWithWebIdentity`: credentials of a role for the holder of an OpenID Connect token,
//! such as a Kubernetes service account.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
//!
//! Nobody signs the request: the token proves who calls. The provider must be one of the account in
//! which the role is.

use crate::authorize::{Action, Permit};
use crate::context::Keys;
use crate::cx::OpenCx;
use crate::identity::model::OidcProvider;
use crate::identity::{Session, SessionSubject, WebIdentity};
use crate::operation::OpenOperation;
use crate::sts::error::Error;
use crate::sts::lending::{Loan, lend, seconds_of_role};
use crate::sts::narrowing::Narrowing;
use crate::sts::ops::assume_role::{SET_SOURCE_IDENTITY, TAG_SESSION};
use crate::sts::session_tags::SessionTags;
use crate::sts::shapes::{
    ARN, POLICY, POLICY_ARNS, PROVIDER_ID, PolicyArn, ROLE_DURATION, SESSION_NAME, TOKEN_SIZE,
    WEB_IDENTITY_TOKEN,
};
use crate::sts::target::RoleTarget;
use crate::sts::web_identity::{
    Claims, Provider, SOURCE_IDENTITY, TAGS, WebIdentities, WebIdentityError,
};
use crate::tx::{Reply, Tx};
use base::{AccountId, CommonError, Plaintext};
use serde_json::Value;
use wire::{patterns, xml};

pub(crate) struct AssumeRoleWithWebIdentity;

wire::input! {
    /// What `AssumeRoleWithWebIdentity` takes.
    pub(crate) struct Input {
        role_arn: String = required audited "RoleArn" ARN,
        session_name: String = required audited "RoleSessionName" SESSION_NAME,
        token: Plaintext = required "WebIdentityToken" WEB_IDENTITY_TOKEN,
        provider_id: Option<String> = audited "ProviderId" PROVIDER_ID,
        policy_arns: Option<Vec<PolicyArn>> = audited "PolicyArns" POLICY_ARNS,
        policy: Option<String> = audited "Policy" POLICY,
        duration_seconds: Option<i64> = audited "DurationSeconds" ROLE_DURATION,
        minimum_size: Option<i64> = audited "MinimumSessionTokenSize" TOKEN_SIZE,
    }
}

pub(crate) struct Output {
    loan: Loan,
    /// The ARN of the provider that vouched.
    provider: String,
    claims: Claims,
}

impl OpenOperation for AssumeRoleWithWebIdentity {
    const NAME: &'static str = "AssumeRoleWithWebIdentity";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &OpenCx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        input.is_supported()?;
        let mut tx = cx.begin();
        let target = RoleTarget::find(&mut tx, &input.role_arn).await?;
        let narrowing = Narrowing::parse(input.policy.as_deref(), input.policy_arns.as_deref())?;
        let (provider, claims) = proven(cx, &mut tx, target.account(), &input.token).await?;
        let caller = cx.vouched(web_identity(&provider, &claims));
        check_source_identity(&claims)?;
        let tags = session_tags(&claims)?;
        let permit = authorize(cx, caller, input, &target, &tags, &claims)?;

        let role = target.existing(&permit)?;
        let seconds = seconds_of_role(input.duration_seconds, role, false)?;
        let narrowing = narrowing.existing(&mut tx, &role.account).await?;
        let subject = SessionSubject::Role {
            name: role.name.clone(),
            id: role.id.clone(),
        };
        let session = Session {
            name: Some(input.session_name.clone()),
            policy: narrowing.policy,
            policy_arns: narrowing.policy_arns,
            tags: tags.tags,
            transitive_tag_keys: tags.transitive,
            source_identity: claims.source_identity.clone(),
            federated_provider: Some(caller.provider.clone()),
            claims: caller.claims.clone(),
            ..Session::of(&role.account, subject, cx.now(), seconds)
        };
        let loan = lend(cx.sessions(), cx.entropy(), session)?;
        let event = cx
            .event(&permit)
            .responding(shown(&loan, &caller.provider, &claims));
        let recorded = tx.finish(event).await?;

        Ok(recorded.reply(Output {
            loan,
            provider: provider.arn(),
            claims,
        }))
    }
}

impl Input {
    /// Refuses what nobody can have here.
    fn is_supported(&self) -> Result<(), Error> {
        if self.provider_id.is_some() {
            return Err(Error::NotSupported("ProviderId"));
        }
        if self.minimum_size.is_some() {
            return Err(Error::NotSupported("MinimumSessionTokenSize"));
        }
        Ok(())
    }
}

/// What the token says, once it is proven by a provider of `account`.
async fn proven(
    cx: &OpenCx<'_>,
    tx: &mut Tx<'_>,
    account: &AccountId,
    token: &Plaintext,
) -> Result<(OidcProvider, Claims), Error> {
    let issuer = WebIdentities::claimed_issuer(token)?;
    let unknown = || WebIdentityError::NoProvider(issuer.to_string());
    let found = tx
        .get::<OidcProvider>(&OidcProvider::key_of(account, issuer.bare()))
        .await
        .map_err(CommonError::from)?;
    let provider = found.ok_or_else(unknown)?.record;
    let agreed = Provider {
        issuer: &issuer,
        client_ids: &provider.client_ids,
    };
    let claims = cx
        .app
        .web_identities
        .verify(agreed, token, cx.now())
        .await?;
    Ok((OidcProvider::clone(&provider), claims))
}

fn web_identity(provider: &OidcProvider, claims: &Claims) -> WebIdentity {
    let keys = claims.condition_keys().into_iter();
    WebIdentity {
        provider: provider.arn(),
        audience: claims.audience.clone(),
        subject: claims.subject.clone(),
        claims: keys
            .flat_map(|(key, values)| values.into_iter().map(move |value| (key.clone(), value)))
            .collect(),
    }
}

/// What the token says of it must be what a request could say.
fn check_source_identity(claims: &Claims) -> Result<(), WebIdentityError> {
    let is_name = |text: &String| {
        (patterns::SESSION_NAME.matches)(text) && (2..=64).contains(&text.chars().count())
    };
    match &claims.source_identity {
        Some(text) if !is_name(text) => Err(WebIdentityError::Claim(SOURCE_IDENTITY)),
        Some(_) | None => Ok(()),
    }
}

/// The tags in the token, which are what a request could give.
fn session_tags(claims: &Claims) -> Result<SessionTags, Error> {
    let given = &claims.session_tags;
    if !given.are_well_formed() {
        return Err(WebIdentityError::Claim(TAGS).into());
    }
    let pairs: Vec<_> = given
        .principal
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    Ok(SessionTags::default().with(&pairs, &given.transitive)?)
}

fn authorize(
    cx: &OpenCx<'_>,
    caller: &WebIdentity,
    input: &Input,
    target: &RoleTarget,
    tags: &SessionTags,
    claims: &Claims,
) -> Result<Permit, Error> {
    let keys = Keys::none()
        .text("sts:rolesessionname", input.session_name.as_str())
        .opt_text("sts:sourceidentity", claims.source_identity.as_deref());
    let keys = tags.told(keys);
    let resource = target.resource();
    let ask = |action| cx.trusts(caller, action, &resource, &keys);
    let permit = ask(Action("sts:AssumeRoleWithWebIdentity"))?;
    if !tags.is_empty() {
        ask(TAG_SESSION)?;
    }
    if claims.source_identity.is_some() {
        ask(SET_SOURCE_IDENTITY)?;
    }
    Ok(permit)
}

fn shown(loan: &Loan, provider: &str, claims: &Claims) -> Value {
    let mut shown = loan.shown();
    let said = [
        ("subjectFromWebIdentityToken", claims.subject.as_str()),
        ("provider", provider),
        ("audience", claims.audience.as_str()),
    ];
    if let Some(members) = shown.as_object_mut() {
        members.extend(said.map(|(name, text)| (name.to_owned(), Value::from(text))));
    }
    shown
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        self.loan.write_credentials(result);
        result.text("SubjectFromWebIdentityToken", &self.claims.subject);
        self.loan.write_role_user(result);
        // COMPAT: AWS's reference promises the token's `iss`; AWS answers the ARN of the provider.
        result.text("Provider", &self.provider);
        result.text("Audience", &self.claims.audience);
        self.loan.write_source_identity(result);
    }
}
