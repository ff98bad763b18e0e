//! Rotators as the operator deploys them: the stacks that AWS's templates make, in one step.
//!
//! The operator is nobody in an account, so what is done is done as its root, by the operations that the
//! API has. Their events carry the id of the command, whose own event names the operator.

use super::{App, Operator, OperatorError};
use crate::cloudformation::model::{Stack, Status};
use crate::gateway::{AsOperator, Refusal};
use base::{AccountId, CommonError, RegionName};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use store::Query;

/// A rotator that is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRotator {
    /// AWS's name of its template, such as `SecretsManagerRDSPostgreSQLRotationSingleUser`.
    pub template: String,
    /// What the function is called, and with a prefix the stack.
    pub name: String,
    /// The ARN of the secret with the credentials that change passwords.
    pub master_secret: Option<String>,
    /// Characters that new passwords do not have.
    pub exclude_characters: Option<String>,
}

/// A rotator that was deployed, by the operator or by a caller of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rotator {
    /// What its function is called.
    pub name: String,
    /// The name of its template.
    pub template: String,
    /// Its Region.
    pub region: RegionName,
    /// The ARN of its function: what a secret names as its rotation function.
    pub function_arn: String,
    /// The ARN of its stack.
    pub stack_id: String,
    /// The status of its stack.
    pub status: String,
    /// When it was deployed.
    pub created: String,
}

impl App {
    /// Deploys a rotator.
    ///
    /// # Errors
    /// When the account is not there; what the API would have refused; a failure of ours. Nothing has
    /// changed then.
    pub async fn enable_rotator(
        &self,
        account: &AccountId,
        region: &RegionName,
        new: &NewRotator,
        operator: &Operator,
    ) -> Result<Rotator, OperatorError> {
        super::operator::existing_account(&mut self.ledger.begin_reading(), account).await?;
        let caller = AsOperator {
            account,
            region,
            request_id: &operator.request_id,
        };
        let (service, operation) = ("serverlessrepo", "CreateCloudFormationChangeSet");
        let proposal = proposal(new);
        let proposed = self.call_as_operator(&caller, service, operation, &proposal);
        let proposed = proposed.await.map_err(refused)?;
        let proposed: Value =
            serde_json::from_slice(proposed.as_ref()).map_err(CommonError::internal)?;
        let text = |name: &str| {
            proposed
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let change_set = json!({ "ChangeSetName": text("changeSetId") });
        self.call_as_operator(&caller, CLOUDFORMATION, "ExecuteChangeSet", &change_set)
            .await
            .map_err(refused)?;
        let stack_id = text("stackId");
        let stack = self.stack(account, region, stack_id).await?;
        if stack.status == Status::CreateComplete {
            let made = Rotator::of(&stack);
            let lost = || CommonError::internal("a stack without a function was deployed");
            return Ok(made.ok_or_else(lost)?);
        }
        // Nothing was made, so the stack that says so goes too.
        let failed = json!({ "StackName": stack_id });
        self.call_as_operator(&caller, CLOUDFORMATION, "DeleteStack", &failed)
            .await
            .map_err(refused)?;
        let mut events = stack.events.iter();
        let failure = events.find(|event| event.status == Status::CreateFailed);
        let reason = failure.and_then(|event| event.reason.clone());
        Err(OperatorError::Refused(reason.unwrap_or_default()))
    }

    /// The rotators of an account, by their Regions and stacks.
    ///
    /// # Errors
    /// When the account is not there; a failure of the store.
    pub async fn list_rotators(&self, account: &AccountId) -> Result<Vec<Rotator>, OperatorError> {
        let mut tx = self.ledger.begin_reading();
        super::operator::existing_account(&mut tx, account).await?;
        let mut found = Vec::new();
        tx.every(Query::primary(1).equal(account), |stack: Arc<Stack>| {
            found.extend(Rotator::of(&stack).filter(|_| stack.is_live()));
        })
        .await?;
        Ok(found)
    }

    /// Removes a rotator, which is named by its function or by its stack.
    ///
    /// # Errors
    /// When there is no such rotator; what the API would have refused; a failure of ours.
    pub async fn disable_rotator(
        &self,
        account: &AccountId,
        region: &RegionName,
        name: &str,
        operator: &Operator,
    ) -> Result<Rotator, OperatorError> {
        let rotators = self.list_rotators(account).await?;
        let is_meant = |rotator: &Rotator| {
            rotator.region == *region
                && (rotator.name == name || stack_name(&rotator.stack_id) == Some(name))
        };
        let found = rotators.into_iter().find(is_meant);
        let rotator = found.ok_or_else(|| OperatorError::NoRotator {
            account: account.clone(),
            region: region.clone(),
            name: name.to_owned(),
        })?;
        let caller = AsOperator {
            account,
            region,
            request_id: &operator.request_id,
        };
        let named = json!({ "StackName": rotator.stack_id });
        self.call_as_operator(&caller, CLOUDFORMATION, "DeleteStack", &named)
            .await
            .map_err(refused)?;
        let stack = self.stack(account, region, &rotator.stack_id).await?;
        match stack.status {
            Status::DeleteComplete => Ok(rotator),
            _ => Err(OperatorError::Refused(stack.reason.unwrap_or_default())),
        }
    }

    async fn stack(
        &self,
        account: &AccountId,
        region: &RegionName,
        arn: &str,
    ) -> Result<Stack, OperatorError> {
        let mut parts = arn.rsplit('/');
        let (id, name) = (parts.next(), parts.next());
        let key = Stack::key_of(
            account,
            region,
            name.unwrap_or_default(),
            id.unwrap_or_default(),
        );
        let found = self.ledger.begin_reading().get::<Stack>(&key).await?;
        let lost = || CommonError::internal("a stack that was just there is gone");
        Ok(Stack::clone(&found.ok_or_else(lost)?.record))
    }
}

impl Rotator {
    /// The rotator that `stack` is, if it is one.
    fn of(stack: &Stack) -> Option<Self> {
        let application = stack
            .definition
            .tags
            .value_of("serverlessrepo:applicationId")?;
        let mut resources = stack.resources.iter();
        let function = resources.find(|it| it.kind == "AWS::Lambda::Function")?;
        let mut outputs = stack.outputs.iter();
        let output = outputs.find(|it| it.key == "RotationLambdaARN")?;
        Some(Self {
            name: function.physical_id.clone(),
            template: application.rsplit('/').next()?.to_owned(),
            region: stack.region.clone(),
            function_arn: output.value.clone(),
            stack_id: stack.arn(),
            status: stack.status.name().to_owned(),
            created: stack.created.to_iso(),
        })
    }
}

fn proposal(new: &NewRotator) -> Value {
    let given = [
        ("endpoint", Some("")),
        ("functionName", Some(new.name.as_str())),
        ("masterSecretArn", new.master_secret.as_deref()),
        ("excludeCharacters", new.exclude_characters.as_deref()),
    ];
    let given = given
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let given = given.map(|(name, value)| json!({ "name": name, "value": value }));
    json!({
        "applicationId": format!("{APPLICATIONS}{}", new.template),
        "stackName": new.name,
        "capabilities": ["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
        "parameterOverrides": given.collect::<Vec<_>>(),
    })
}

fn stack_name(arn: &str) -> Option<&str> {
    arn.split('/').nth(1)
}

fn refused(refusal: Refusal) -> OperatorError {
    match refusal.cause() {
        Some(cause) => CommonError::internal(cause.to_owned()).into(),
        None => OperatorError::Refused(refusal.message().unwrap_or(refusal.code()).to_owned()),
    }
}

const CLOUDFORMATION: &str = "cloudformation";
const APPLICATIONS: &str = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/";
