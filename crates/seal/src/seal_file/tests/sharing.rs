//! Several nodes over the same envelopes.

use super::*;
use crate::BundleError;
use parking_lot::Mutex;

/// Envelopes in memory that any number of keepers write.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Option<Vec<u8>>>>);

impl Envelopes for Shared {
    fn read(&self) -> Result<Option<Vec<u8>>, SealFailure> {
        Ok(self.0.lock().clone())
    }

    fn replace(&self, expected: Option<&[u8]>, content: &[u8]) -> Result<(), SealFailure> {
        let mut stored = self.0.lock();
        if stored.as_deref() != expected {
            return Err(SealFailure::Changed);
        }
        *stored = Some(content.to_vec());
        Ok(())
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn unknown(&self, reason: String) -> SealFailure {
        SealFailure::UnknownStored(reason)
    }
}

impl Shared {
    fn state(&self) -> SealState {
        load(self).unwrap().unwrap()
    }

    /// A node that the root key file of `rig` opens.
    fn node(&self, rig: &Rig) -> Keeper {
        let envelopes: Arc<dyn Envelopes> = Arc::new(self.clone());
        let seal = rig.file_seal();
        let state = self.state();
        let bundle = seal.unwrap(&state.current).unwrap();
        Keeper::opened(envelopes, state, Slot::Current, seal, entropy(3), &bundle).unwrap()
    }

    fn opened_by_shares(&self, shares: &[Plaintext]) -> Keeper {
        let state = self.state();
        let mut collector = Collector::of(&state.current, entropy(4)).unwrap();
        for share in shares {
            collector.add(share.expose()).unwrap();
        }
        let (seal, bundle) = collector.open().unwrap();
        let envelopes: Arc<dyn Envelopes> = Arc::new(self.clone());
        let seal = Arc::new(seal);
        Keeper::opened(envelopes, state, Slot::Current, seal, entropy(3), &bundle).unwrap()
    }
}

/// A deployment of two nodes with copies of one root key file, and its bundle.
fn two_nodes() -> (Shared, Rig, [Keeper; 2], RootBundle) {
    let (shared, rig) = (Shared::default(), Rig::new());
    let bundle = first_bundle(&rig);
    let envelopes: Arc<dyn Envelopes> = Arc::new(shared.clone());
    Keeper::without_file(envelopes, rig.file_seal(), entropy(3))
        .replace_bundle(&bundle)
        .unwrap();
    let nodes = [shared.node(&rig), shared.node(&rig)];
    (shared, rig, nodes, bundle)
}

fn nothing(_: SealKind) -> Result<Option<Arc<dyn Seal>>, SealFailure> {
    Ok(None)
}

/// The bundle that another node wrote, if one did.
fn reload(keeper: &mut Keeper, in_use: &RootBundle) -> Option<RootBundle> {
    match keeper.reload(in_use, &nothing).unwrap() {
        Reloaded::Same => None,
        Reloaded::Changed(bundle) => Some(bundle),
    }
}

#[test]
fn of_two_nodes_that_write_at_once_one_is_told_and_goes_on_with_what_there_is() {
    let (shared, _rig, [mut a, mut b], bundle) = two_nodes();
    let by_a = rotated(&bundle);

    a.replace_bundle(&by_a).unwrap();
    let refused = b.replace_bundle(&rotated(&bundle)).err().unwrap();

    assert_eq!(
        refused.to_string(),
        "another node changed the seal at the same moment: try again"
    );
    assert_eq!(&shared.state(), a.state().unwrap());
    let found = reload(&mut b, &bundle).unwrap();
    assert!(found.is_same_as(&by_a));
    assert!(reload(&mut b, &found).is_none());
    b.replace_bundle(&rotated(&found)).unwrap();
    assert_eq!(shared.state().keys.len(), 3);
    assert_eq!(reload(&mut a, &by_a).unwrap().keys().len(), 3);
}

#[test]
fn a_node_that_missed_a_migration_never_puts_the_old_seal_back() {
    let (shared, _rig, [mut a, mut b], bundle) = two_nodes();
    let (seal, shares) = ShamirSeal::create(2, 2, entropy(5)).unwrap();
    a.begin_migration(Arc::new(seal), &bundle).unwrap();
    a.finish_migration(&bundle).unwrap();
    let finished = shared.state();

    let refused = b.replace_bundle(&rotated(&bundle)).err().unwrap();
    let shut = b.reload(&bundle, &nothing).err().unwrap();
    let again = b.replace_bundle(&rotated(&bundle)).err().unwrap();

    assert!(matches!(refused, SealFailure::Changed));
    assert!(matches!(shut, SealFailure::Shut(SealKind::Shamir)));
    assert!(matches!(again, SealFailure::Changed));
    assert_eq!(shared.state(), finished);

    // Whoever has what opens the new seal takes it over.
    let mut c = shared.opened_by_shares(&shares);
    c.replace_bundle(&rotated(&bundle)).unwrap();
    assert_eq!(shared.state().current.kind, SealKind::Shamir);
}

#[test]
fn what_is_set_up_meanwhile_takes_a_migration_over() {
    let (shared, rig, [mut a, mut b], bundle) = two_nodes();
    let other = rig.0.path().join("other.key");
    let next = FileSeal::create(other.clone(), entropy(8)).unwrap();
    a.begin_migration(Arc::new(next), &bundle).unwrap();
    a.finish_migration(&bundle).unwrap();

    let set_up = |kind| {
        let seal: Arc<dyn Seal> = Arc::new(FileSeal::new(other.clone(), entropy(9)));
        Ok((kind == SealKind::File).then_some(seal))
    };
    let Reloaded::Changed(found) = b.reload(&bundle, &set_up).unwrap() else {
        panic!("nothing was found");
    };

    assert!(found.is_same_as(&bundle));
    b.replace_bundle(&rotated(&bundle)).unwrap();
    let by_other = FileSeal::new(other, entropy(2)).unwrap(&shared.state().current);
    assert_eq!(by_other.unwrap().keys().len(), 2);
}

#[test]
fn a_migration_that_another_node_began_is_not_dropped_unasked() {
    let (shared, _rig, [mut a, mut b], bundle) = two_nodes();
    let (seal, _) = ShamirSeal::create(2, 2, entropy(5)).unwrap();
    a.begin_migration(Arc::new(seal), &bundle).unwrap();
    assert!(reload(&mut b, &bundle).unwrap().is_same_as(&bundle));
    let begun = shared.state();

    let refused = b.replace_bundle(&rotated(&bundle)).err().unwrap();

    assert!(matches!(refused, SealFailure::Inherited(SealKind::Shamir)));
    assert_eq!(b.inherited(), Some(SealKind::Shamir));
    assert_eq!(shared.state(), begun);
    b.abandon_migration(&bundle).unwrap();
    assert!(reload(&mut a, &bundle).is_some());
    assert!(matches!(
        a.finish_migration(&bundle),
        Err(SealFailure::NoMigration)
    ));
}

#[test]
fn envelopes_of_before_that_are_played_back_are_refused() {
    let (shared, _rig, [mut a, mut b], bundle) = two_nodes();
    let before = shared.read().unwrap();
    let two = rotated(&bundle);
    a.replace_bundle(&two).unwrap();
    assert!(reload(&mut b, &bundle).is_some());

    *shared.0.lock() = before;

    for node in [&mut a, &mut b] {
        let refused = node.reload(&two, &nothing).err().unwrap();
        assert!(matches!(
            refused,
            SealFailure::Bundle(BundleError::NotLater)
        ));
        assert_eq!(node.state().unwrap().keys.len(), 2);
    }
    *shared.0.lock() = None;
    assert!(matches!(a.reload(&two, &nothing), Err(SealFailure::Gone)));
}
