//! Work that nobody asks for at the moment it is done. Each job is a function of what is stored.

mod purge_deleted;
mod rotate;

pub(crate) use purge_deleted::purge_deleted;
pub(crate) use rotate::rotate_next;
