//! Work that nobody asks for at the moment it is done. Each job is a function of what is stored.

mod delete_keys;
mod reseal_material;
mod rotate_keys;

pub(crate) use delete_keys::delete_keys;
pub use reseal_material::ResealedKeys;
pub(crate) use reseal_material::reseal_material;
pub(crate) use rotate_keys::rotate_keys;
