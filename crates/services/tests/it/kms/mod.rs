//! One file for each operation, and what several operations share.

mod access;
mod cancel_key_deletion;
mod conditions;
mod create_key;
mod decrypt;
mod deleting;
mod describe_key;
mod disable_key;
mod enable_key;
mod encrypt;
mod generate_data_key;
mod generate_data_key_without_plaintext;
mod generate_random;
mod get_key_policy;
pub(crate) mod kit;
mod list_key_policies;
mod list_keys;
mod moved_ciphertexts;
mod put_key_policy;
mod re_encrypt;
mod schedule_key_deletion;
mod update_key_description;
