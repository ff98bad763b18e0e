//! Work that nobody asks for at the moment it is done. Each job is a function of what is stored.

mod count_secrets;
mod purge_deleted;

pub(crate) use super::rotation::turns::work_on_next as rotate_next;
pub(crate) use count_secrets::{COUNTED, count_secrets};
pub(crate) use purge_deleted::purge_deleted;
