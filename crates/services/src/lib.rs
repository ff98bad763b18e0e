//! The AWS services: one module each, one operation one file.
