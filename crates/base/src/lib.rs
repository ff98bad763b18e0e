//! What every other crate names: identifiers, time, chance, secret types and the error seam.
//!
//! Rules kept here: no I/O, no runtime, no clock and no entropy of its own. The outside world
//! comes in through [`Clock`] and [`Entropy`]; secrets travel as [`Plaintext`]; an error reaches a
//! client only as an [`AwsError`].

mod arn;
mod clock;
mod denial;
mod entropy;
mod error;
mod ids;
mod issuer_url;
mod plaintext;
mod sealer;
mod tally;
mod timestamp;

pub use arn::{Arn, NotAnArn};
pub use clock::Clock;
pub use denial::{Decided, Denial};
pub use entropy::{Entropy, random_alphanumeric, random_below, random_uuid};
pub use error::{AwsError, CommonCodes, CommonError};
pub use ids::{AccountId, InvalidId, RegionName};
pub use issuer_url::{IssuerUrl, NotAnIssuer};
pub use plaintext::{Exposed, Plaintext, PlaintextBuffer, TooLong};
pub use sealer::{Context, Renewal, SealError, Sealed, Sealer};
pub use tally::{STRIPES, Tally, stripe};
pub use timestamp::Timestamp;
