//! Work that nobody asks for at the moment it is done. Each job is a function of what is stored.

mod delete_keys;
mod rotate_keys;

pub(crate) use delete_keys::delete_keys;
pub(crate) use rotate_keys::rotate_keys;
