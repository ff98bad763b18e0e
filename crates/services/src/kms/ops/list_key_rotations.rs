//! `ListKeyRotations`: the generations of a key's material, oldest first.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::model::{Cause, KmsKey, Material};
use crate::kms::page::{Page, Part};
use crate::kms::rotation;
use crate::kms::shapes::{INCLUDE_KEY_MATERIAL, KEY_ID, LIMIT, MARKER};
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json;

pub(crate) struct ListKeyRotations;

wire::input! {
    /// What `ListKeyRotations` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        include_key_material: Option<String> = audited "IncludeKeyMaterial" INCLUDE_KEY_MATERIAL,
        limit: Option<i64> = audited "Limit" LIMIT,
        marker: Option<String> = "Marker" MARKER,
    }
}

pub(crate) struct Output {
    key: Arc<KmsKey>,
    page: Page<Material>,
}

impl Operation for ListKeyRotations {
    const NAME: &'static str = "ListKeyRotations";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_manage(cx, &mut tx, &input.key_id).await?;
        let keys = target.keys(cx);
        let action = Action("kms:ListKeyRotations");
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        let key = Arc::clone(&target.existing(&permit)?.record);
        let page = page(cx, input, &key)?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { key, page }))
    }
}

/// The generations after the request's marker.
fn page(cx: &Cx<'_>, input: &Input, key: &KmsKey) -> Result<Page<Material>, Error> {
    let wanted = input.include_key_material.as_deref();
    let is_all = wanted == Some("ALL_KEY_MATERIAL");
    let listing = Listing {
        operation: ListKeyRotations::NAME,
        question: &[
            key.id.as_bytes(),
            if is_all { b"all" } else { b"rotations" },
        ],
    };
    let marker = input.marker.as_deref();
    let part: Part<'_, u32> = Part::of(cx, listing, input.limit, marker, USUAL_SIZE)?;
    let is_listed = |material: &&Material| {
        let is_later = part.after.is_none_or(|after| material.number > after);
        is_later && (is_all || material.cause != Cause::Creation)
    };
    let listed = key.material.iter().filter(is_listed).cloned();
    let listed = listed.take(part.to_read()).collect();
    Ok(part.page(cx, listed, |material: &Material| material.number)?)
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        let current = self.key.material.last().map(|last| last.number);
        object.objects("Rotations", &self.page.items, |material, entry| {
            let is_current = Some(material.number) == current;
            entry.text("KeyId", &self.key.id);
            entry.text("KeyMaterialId", &self.key.material_id(material.number));
            entry.text(
                "KeyMaterialState",
                if is_current { "CURRENT" } else { "NON_CURRENT" },
            );
            if let Some(name) = rotation::name_of(material.cause) {
                entry.timestamp("RotationDate", material.created);
                entry.text("RotationType", name);
            }
        });
        self.page.write_end(object);
    }
}

const USUAL_SIZE: usize = 100;
