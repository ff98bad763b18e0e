//! Functions that are really run, well-behaved and hostile, behind each isolation of this host.

mod bench;
mod bootstrap;
mod escape;
mod limits;
mod node;
mod python;
mod zips;
