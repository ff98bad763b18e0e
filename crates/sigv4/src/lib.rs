//! Signature Version 4 verification and signing. Pure.
