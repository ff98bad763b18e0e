//! Grantees and retiring principals: who is meant, bound to the unique id of the moment.

use super::error::Error;
use crate::document::ResourceDocument;
use crate::identity::known_principals;
use crate::tx::Tx;
use serde_json::json;

/// The document that lets `arn` in, as [`Grant::document`] keeps it.
///
/// COMPAT: as on AWS the principal is named by its ARN, and has to be there.
///
/// # Errors
/// [`Error::InvalidArn`] for who is nobody; a failure of the store.
///
/// [`Grant::document`]: super::grants::Grant::document
pub(crate) async fn document(tx: &mut Tx<'_>, arn: &str) -> Result<ResourceDocument, Error> {
    let nobody = || Error::InvalidArn(format!("ARN does not refer to a valid principal: {arn}"));
    // SECURITY: a number of an account or a unique id is a principal as well, but no list of grants
    // would ever find the caller by it.
    if !arn.starts_with("arn:") {
        return Err(nobody());
    }
    let text = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": { "AWS": arn },
            "Action": "kms:*",
            "Resource": "*",
        },
    });
    let document = ResourceDocument::parse(&text.to_string()).map_err(|_| nobody())?;
    let principals = known_principals::look_up(tx, &document).await?;
    if !principals.unknown.is_empty() {
        return Err(nobody());
    }
    Ok(document.bound_to(principals.ids))
}
