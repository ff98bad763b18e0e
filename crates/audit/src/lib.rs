//! The form of the audit log: lines that are chained by hash, statements that are signed, and their
//! verification.
//!
//! Rules kept here: no clock, no chance and no key of its own; nothing is trusted that is not under
//! a signature or reached from one by the chain; every byte of a line, of its newline and of a
//! statement counts, so no two files say the same; verification takes as much memory as the longest
//! line, whatever the length of the log.
//!
//! ```text
//! beginning.json ── 1.digest.json ── 2.loss.json ── 9.digest.json ── head.json     signed, each with
//!                                                                                  the hash of the
//!      audit.log       1.log             (lost)         9.log           14.log     one before
//! ```

mod chain;
mod contents;
mod described;
mod hash;
pub mod index;
mod keys;
mod lines;
mod names;
mod statement;
mod verify;
mod walk;

pub use chain::{Chain, ChainedLine, NotAnObject, Position};
pub use contents::{Contents, Survey};
pub use described::{Described, DescribedResource};
pub use hash::{Hash, Hasher};
pub use keys::{KeyError, KeyId, PublicKey, PublicKeys, SigningKey};
pub use lines::{Line, Lines, MOST_LINE_BYTES};
pub use names::{BEGINNING, FileName, HEAD, HISTORY, PUBLIC_KEY, RETENTION};
pub use statement::{
    Beginning, Head, History, KeyChange, Loss, Opened, Retention, Said, Segment, Statement,
    StatementError,
};
pub use verify::{
    Accepted, Gone, KeyChanged, Problem, Report, SignedHead, VerifyError, verify, verify_files,
};
pub use walk::{Trouble, Walk, survey, walk};
