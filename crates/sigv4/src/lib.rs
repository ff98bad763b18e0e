//! Signature Version 4: what a request claims, whether the claim holds, and how to make one.
//!
//! Rules kept here: pure (no I/O, no clock: the present moment is an argument); refusals come in
//! AWS's order with AWS's texts; signatures are compared in constant time; a byte of the request
//! that carries meaning is either covered by the signature or refused. That last rule decides the
//! details: the body's hash is always computed here, every `x-amz-*` header has to be signed, and
//! what could be read in two ways (a parameter given twice, both forms at once) is an error.
//!
//! A caller reads the claim ([`Presented::read`]), routes by its scope, has the scope confirmed
//! ([`Presented::in_scope`]), finds the secret key of [`Presented::access_key_id`], and verifies
//! ([`Presented::verify`]). Nothing that [`Presented`] says is proven before the last step.

mod authorization;
mod canonical;
mod credential;
mod date;
mod encoding;
mod error;
mod key;
mod presented;
mod presigned;
mod request;
mod sign;

pub use credential::Scope;
pub use error::Error;
pub use key::SigningKey;
pub use presented::Presented;
pub use request::Request;
pub use sign::{Credentials, NotSignable, presign, sign};
