//! For which function a request of the server's is made.
//!
//! SECURITY: requests are signed with the operator's key, whosever function they are made for. So each
//! says, signed, which function and account that is: the other side decides whom it serves.

use http::header::InvalidHeaderValue;
use http::{HeaderMap, HeaderName, HeaderValue};
use services::ports::FunctionConfiguration;

/// The headers that name `function` and its account.
pub(super) fn headers(function: &FunctionConfiguration) -> Result<HeaderMap, InvalidHeaderValue> {
    let mut headers = HeaderMap::with_capacity(4);
    headers.insert(ACCOUNT, HeaderValue::from_str(function.account.as_str())?);
    headers.insert(FUNCTION, HeaderValue::from_str(&function.arn)?);
    Ok(headers)
}

const ACCOUNT: HeaderName = HeaderName::from_static("x-strongroom-account-id");
const FUNCTION: HeaderName = HeaderName::from_static("x-strongroom-function-arn");
