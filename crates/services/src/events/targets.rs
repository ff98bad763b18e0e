//! Who may be told of events.

use super::error::Error;
use super::http_shapes::is_arn_of;
use super::records::{Invoking, Target};
use super::shapes::GivenTarget;
use super::{http_parameters, input, roles};
use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::tx::Tx;
use base::Arn;

/// What an ARN of a target means.
pub(super) enum Means<'a> {
    Function,
    Topic,
    /// By its name.
    LogGroup(&'a str),
    ApiDestination,
}

/// What `arn` means. `None`: nothing that may be a target.
pub(super) fn meaning(arn: &str) -> Option<Means<'_>> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let service = parts.next()?;
    let resource = parts.nth(2)?;
    match service {
        "lambda" => resource.strip_prefix("function:").map(|_| Means::Function),
        "sns" => Some(Means::Topic),
        "logs" => {
            let group = resource.strip_prefix("log-group:")?;
            Some(Means::LogGroup(group.strip_suffix(":*").unwrap_or(group)))
        }
        "events" => is_arn_of("api-destination", arn).then_some(Means::ApiDestination),
        _ => None,
    }
}

/// The target that `given` asks for, which its caller may have.
///
/// COMPAT: of the caller's account and Region alone. There are no policies of log groups here: whoever has
/// a rule write to one has to be able to do so themselves. An API destination need not be there yet.
///
/// # Errors
/// [`Error::Validation`] for one that cannot be; the refusal in AWS's words.
pub(super) async fn parse(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    rule: &str,
    given: &GivenTarget,
) -> Result<Target, Error> {
    let refused = |reason: &str| Error::invalid(&given.arn, reason);
    let arn = Arn::parse(&given.arn).map_err(|_| refused(NO_ARN))?;
    let means = meaning(&given.arn).ok_or_else(|| refused(NO_TARGET))?;
    if arn.partition != cx.region.partition() {
        return Err(refused(NO_ARN));
    }
    if arn.account != cx.account().as_str() || arn.region != cx.region.as_str() {
        return Err(refused(
            "Targets of other accounts and Regions are not supported by this server yet.",
        ));
    }
    if given
        .dead_letter
        .as_ref()
        .is_some_and(|config| config.arn.is_some())
    {
        return Err(Error::unsupported("DeadLetterConfig"));
    }
    let invoking = match means {
        Means::ApiDestination => Some(invoking(cx, tx, rule, given).await?),
        Means::Function | Means::LogGroup(_) | Means::Topic => {
            check_tellable(cx, &means, given)?;
            None
        }
    };
    let number = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
    let retry = given.retry.as_ref();
    Ok(Target {
        id: given.id.clone(),
        arn: given.arn.clone(),
        input: input::parse(given)?,
        retries: number(retry.and_then(|retry| retry.retries)),
        seconds: number(retry.and_then(|retry| retry.seconds)),
        invoking,
    })
}

/// How the API destination is to be invoked.
async fn invoking(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    rule: &str,
    given: &GivenTarget,
) -> Result<Invoking, Error> {
    let role = given.role.as_deref().ok_or_else(|| {
        Error::Validation(format!("RoleArn is required for target {}.", given.arn))
    })?;
    let parameters = given
        .http
        .as_ref()
        .map(http_parameters::parse)
        .transpose()?;
    roles::pass(cx, tx, role, rule).await?;
    Ok(Invoking {
        role: role.to_owned(),
        parameters,
    })
}

/// Checks a target that is told without a role.
fn check_tellable(cx: &Cx<'_>, means: &Means<'_>, given: &GivenTarget) -> Result<(), Error> {
    if given.role.is_some() {
        return Err(Error::invalid(
            "RoleArn",
            "RoleArn is not supported for this target.",
        ));
    }
    if let Means::LogGroup(group) = means {
        let arn = format!(
            "arn:{}:logs:{}:{}:log-group:{group}:*",
            cx.region.partition(),
            cx.region,
            cx.account()
        );
        let resource = Resource::named(cx.account(), arn);
        cx.authorize(Action("logs:PutLogEvents"), resource)?;
    }
    if matches!(means, Means::Function) && cx.app.functions.arn_of(&given.arn).is_none() {
        return Err(Error::invalid(&given.arn, NO_ARN));
    }
    Ok(())
}

const NO_ARN: &str = "Provided Arn is not in correct format.";
const NO_TARGET: &str =
    "Targets are functions, topics, log groups and API destinations on this server.";
