//! What a node's keys have to do with the other nodes.

use super::{Keys, KeysError};
use crate::error::chain;
use crate::node::{Known, Node, NodeError};
use std::sync::Arc;
use tokio::time::sleep;

impl Keys {
    /// Goes on beside the other nodes that `node` sees, with what they may have stored between the
    /// moment when the keys were read and the one when they could know of this node.
    pub(crate) async fn join(&self, node: Arc<Node>) -> Result<(), KeysError> {
        // There is one node in a process.
        let _ = self.node.set(node);
        let _turn = self.turn.lock().await;
        self.reload_bundle().await?;
        self.ring.refresh(&self.roots).await?;
        self.look_and_settle().await
    }

    /// What this node has and seals with.
    pub(crate) fn known(&self) -> Known {
        let ring = self.ring.ring();
        Known {
            ring_known: ring.newest_id(),
            ring_active: ring.active_id(),
            roots_known: self.roots.bundle().newest_number(),
            roots_active: self.roots.sealing(),
        }
    }

    /// Takes in what the other nodes stored, tells them what this one has, and seals from then on with
    /// what all of them have. To be called all the time.
    ///
    /// # Errors
    /// When this process is not its node any more ([`NodeError::Displaced`]), or cannot say that it
    /// lives. That keys could not be taken in is only told: then the others wait for this node.
    pub(crate) async fn beat(&self) -> Result<(), NodeError> {
        let Some(node) = self.node.get() else {
            return Ok(());
        };
        if let Err(error) = self.take_in().await {
            self.tell(&error);
        }
        node.beat(self.known()).await?;
        if let Err(error) = self.settle().await {
            self.tell(&error);
        }
        Ok(())
    }

    /// Beats as long as the server runs. Resolves when it must not run any more; never, where there is
    /// one node.
    pub(crate) async fn keep_beating(&self) -> NodeError {
        let Some(node) = self.node.get() else {
            return std::future::pending().await;
        };
        let mut failures = 0_u32;
        loop {
            match self.beat().await {
                Ok(()) => failures = 0,
                Err(error @ NodeError::Displaced(_)) => return error,
                Err(error) => {
                    if failures == 0 {
                        tracing::error!(
                            error = chain(&error),
                            "this node cannot show the others that it lives"
                        );
                    }
                    failures = failures.saturating_add(1);
                }
            }
            sleep(node.pace().beat).await;
        }
    }

    /// Tells the other nodes that this one ends.
    pub(crate) async fn leave(&self) {
        let Some(node) = self.node.get() else { return };
        if let Err(error) = node.leave(self.known()).await {
            tracing::warn!(
                error = chain(&error),
                "the other nodes were not told that this one ends"
            );
        }
    }

    /// Takes in the keys that other nodes stored, for something that names one that is not here.
    pub(crate) async fn renew(&self) -> Result<(), KeysError> {
        if self.ring.refresh(&self.roots).await.is_ok() {
            return Ok(());
        }
        // It may be under a root key that is not here either.
        {
            let _turn = self.turn.lock().await;
            self.reload_bundle().await?;
        }
        Ok(self.ring.refresh(&self.roots).await?)
    }

    pub(super) async fn take_in(&self) -> Result<(), KeysError> {
        // A change by an operator may take long, and ends with the newest.
        let bundle = match self.turn.try_lock() {
            Ok(_turn) => self.reload_bundle().await,
            Err(_) => Ok(()),
        };
        self.ring.refresh(&self.roots).await?;
        bundle
    }

    /// Tells the others what this node has, sees what they have, and seals with what all have. When the
    /// others cannot be seen, the next beat does it.
    pub(super) async fn look_and_settle(&self) -> Result<(), KeysError> {
        if let Some(node) = self.node.get()
            && let Err(error) = node.beat(self.known()).await
        {
            tracing::warn!(
                error = chain(&error),
                "it cannot be seen which keys the other nodes have"
            );
            return Ok(());
        }
        self.settle().await
    }

    /// Seals with the newest keys that every living node has.
    ///
    /// INVARIANT: the nodes were looked at after the keys that are here were stored. A node that nobody
    /// saw then takes them in once it can be seen ([`Keys::join`]).
    async fn settle(&self) -> Result<(), KeysError> {
        let (ring, roots) = match self.node.get() {
            Some(node) => match node.others_know() {
                Some(others) => (others.ring_known, others.roots_known),
                None => (u32::MAX, u32::MAX),
            },
            // What other nodes know is not known yet.
            None if self.is_shared => return Ok(()),
            None => (u32::MAX, u32::MAX),
        };
        if self.ring.ring().activate(ring) {
            self.progress.lock().records = None;
            self.nudge.notify_one();
        }
        if self.roots.activate(roots) {
            self.progress.lock().kms_keys = None;
            self.nudge.notify_one();
        }
        Ok(self.ring.reseal(&self.roots).await?)
    }

    /// Whether every living node seals records with the key `active` or a newer one.
    pub(super) fn all_seal_records_with(&self, active: u32) -> bool {
        self.others()
            .is_none_or(|others| others.ring_active >= active)
    }

    /// Whether every living node seals KMS keys with the root key `sealing` or a newer one.
    pub(super) fn all_seal_keys_with(&self, sealing: u32) -> bool {
        self.others()
            .is_none_or(|others| others.roots_active >= sealing)
    }

    /// Whether it is for this node to seal anew what is under older keys.
    pub(super) fn is_in_charge(&self) -> bool {
        self.node.get().is_none_or(|node| node.is_first())
    }

    fn others(&self) -> Option<Known> {
        self.node.get().and_then(|node| node.others_know())
    }

    /// Tells once of each trouble, however long it lasts.
    fn tell(&self, error: &KeysError) {
        let text = chain(error);
        let mut told = self.told.lock();
        if *told != text {
            tracing::error!(error = text, "keys of other nodes are not taken in");
            *told = text;
        }
    }
}
