//! Signatures as a client and a server see them: AWS's published vectors, every refusal with its
//! text, and what a changed request meets.

#[cfg(test)]
mod kit;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod round_trips;
#[cfg(test)]
mod times;
#[cfg(test)]
mod vectors;
