//! The material of keys, sealed anew after the root key was rotated.

use super::managed_key::material_context;
use super::records::KmsKey;
use base::{Context, SealError, Sealer};

/// `key` with the material sealed anew that needs it. `None` when none does.
pub(crate) fn anew(root: &dyn Sealer, key: &KmsKey) -> Result<Option<KmsKey>, SealError> {
    if !key
        .material
        .iter()
        .any(|one| root.needs_reseal(&one.sealed))
    {
        return Ok(None);
    }
    let mut resealed = key.clone();
    for material in &mut resealed.material {
        if !root.needs_reseal(&material.sealed) {
            continue;
        }
        let number = material.number.to_be_bytes();
        let context = material_context(key, &number);
        let opened = root.open(Context(&context), &material.sealed)?;
        material.sealed = root.seal(Context(&context), opened.expose())?.0;
    }
    Ok(Some(resealed))
}
