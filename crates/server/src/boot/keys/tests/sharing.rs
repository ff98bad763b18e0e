//! Several nodes over one store, each with its data directory, ring and clock.

use super::*;
use crate::node::{Identity, Known, Pace, Surroundings};
use base::SealError;

/// A deployment, and what each node needs to be one of it.
struct Cluster {
    database: Database,
    dirs: Vec<TempDir>,
    clock: Arc<dyn Clock>,
}

/// A node at work.
struct Member {
    keys: Arc<Keys>,
    node: Arc<Node>,
}

impl Cluster {
    /// Data directories, of which each has a copy of one root key file.
    fn new(nodes: usize) -> Self {
        let dirs: Vec<_> = (0..nodes).map(|_| tempfile::tempdir().unwrap()).collect();
        let first = dirs[0].path().join("root.key");
        FileSeal::create(first.clone(), Arc::new(SystemEntropy)).unwrap();
        for other in &dirs[1..] {
            fs::copy(&first, other.path().join("root.key")).unwrap();
        }
        Self {
            database: Database::memory(),
            dirs,
            clock: Arc::new(Standing::default()),
        }
    }

    fn opened(&self, node: usize) -> Opened {
        let layout = Layout::of(self.dirs[node].path());
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let config = SealConfig::default();
        let seals = Seals::new(config, Taken::default(), layout.clone(), entropy);
        let place = Place::sharing(layout, self.database.clone());
        match opening::open(&place, &seals, self.clock.as_ref()).unwrap() {
            Opening::Open(opened) => *opened,
            Opening::Sealed(door) => panic!("{}", door.why()),
        }
    }

    /// The keys of a node that the others do not know of yet.
    async fn keys(&self, opened: Opened) -> Arc<Keys> {
        let (clock, entropy) = (Arc::clone(&self.clock), Arc::new(SystemEntropy));
        let keys = Keys::open(opened, self.database.clone(), clock, entropy).await;
        Arc::new(keys.unwrap())
    }

    async fn joined(&self, node: usize, keys: Arc<Keys>, pace: Pace) -> Member {
        let path = Layout::of(self.dirs[node].path()).node();
        let identity = Identity::of(&path, Some(&format!("n{node}")), &SystemEntropy).unwrap();
        let around = Surroundings {
            database: &self.database,
            clock: &self.clock,
            entropy: &SystemEntropy,
            pace,
        };
        let node = Node::join(identity, keys.known(), &around).await.unwrap();
        let node = Arc::new(node);
        keys.join(Arc::clone(&node)).await.unwrap();
        Member { keys, node }
    }

    async fn member(&self, node: usize) -> Member {
        let keys = self.keys(self.opened(node)).await;
        self.joined(node, keys, Pace::default()).await
    }

    async fn members<const N: usize>(&self) -> [Member; N] {
        let mut members = Vec::new();
        for node in 0..N {
            members.push(self.member(node).await);
        }
        let members: [Member; N] = members.try_into().ok().unwrap();
        beat(&members).await;
        members
    }

    async fn stored_ring(&self) -> Vec<u8> {
        self.database.meta(RING).await.unwrap().unwrap()
    }
}

/// Time goes on for all.
async fn beat(members: &[Member]) {
    for _ in 0..2 {
        for member in members {
            member.keys.beat().await.unwrap();
        }
    }
}

fn ids(keys: &Keys) -> Vec<u32> {
    keys.list().iter().map(|key| key.id).collect()
}

/// What is there, and what seals.
fn known(newest: u32, active: u32) -> (u32, u32) {
    (newest, active)
}

fn ring_of(member: &Member) -> (u32, u32) {
    let Known {
        ring_known,
        ring_active,
        ..
    } = member.keys.known();
    (ring_known, ring_active)
}

fn roots_of(member: &Member) -> (u32, u32) {
    let Known {
        roots_known,
        roots_active,
        ..
    } = member.keys.known();
    (roots_known, roots_active)
}

/// The stale node knew nothing of the new key when it sealed the ring under the next root key.
#[tokio::test]
async fn a_node_that_is_behind_takes_no_key_of_the_ring_away() {
    let cluster = Cluster::new(2);
    let [a, b] = cluster.members().await;
    a.keys.rotate().await.unwrap();
    assert_eq!((ids(&a.keys), ids(&b.keys)), (vec![1, 2], vec![1]));

    // What a rotation of the root key does to the ring, without any look at the others.
    let next = b.keys.roots.bundle();
    let next = next.rotated(Arc::new(SystemEntropy), Timestamp::from_millis(1));
    a.keys.roots.hold(next.clone().unwrap());
    b.keys.roots.hold(next.unwrap());
    b.keys.roots.activate(2);
    b.keys.ring.reseal(&b.keys.roots).await.unwrap();

    assert_eq!(ids(&b.keys), [1, 2]);
    let stored = cluster.stored_ring().await;
    let bundle = b.keys.roots.bundle();
    assert!(!bundle.needs_reseal(&stored));
    let stored = KeyRing::from_sealed(&bundle, &stored, Arc::new(SystemEntropy)).unwrap();
    assert_eq!(stored.keys().len(), 2);
}

#[tokio::test]
async fn two_rotations_at_once_make_two_keys_with_two_ids() {
    let cluster = Cluster::new(2);
    let [a, b] = cluster.members().await;

    let rotated = tokio::join!(a.keys.rotate(), b.keys.rotate());

    rotated.0.unwrap();
    rotated.1.unwrap();
    let both = [a, b];
    beat(&both).await;
    for member in &both {
        assert_eq!(ids(&member.keys), [1, 2, 3]);
        assert_eq!(ring_of(member), known(3, 3));
    }
    let [a, b] = both;
    let kept = [Kept::by(&a.keys), Kept::by(&b.keys)];
    assert!(
        kept.iter()
            .all(|kept| kept.opens(&a.keys) && kept.opens(&b.keys))
    );
}

#[tokio::test]
async fn a_new_key_seals_once_every_living_node_has_it() {
    let cluster = Cluster::new(3);
    let [a, b, c] = cluster.members().await;
    let old = Kept::by(&a.keys);

    a.keys.rotate().await.unwrap();
    a.keys.beat().await.unwrap();
    b.keys.beat().await.unwrap();
    a.keys.beat().await.unwrap();

    assert_eq!(ring_of(&a), known(2, 1), "c does not have it");
    assert_eq!(ring_of(&b), known(2, 1));
    assert_eq!(ring_of(&c), known(1, 1));
    c.keys.beat().await.unwrap();
    assert_eq!(ring_of(&c), known(2, 2), "everybody has it");
    let by_new = Kept::by(&c.keys);
    assert!(by_new.opens(&a.keys) && by_new.opens(&b.keys));
    assert!(!a.keys.ring().needs_reseal(&by_new.record), "a is behind");
    a.keys.beat().await.unwrap();
    assert_eq!(ring_of(&a), known(2, 2));
    assert!(a.keys.ring().needs_reseal(&old.record));
}

#[tokio::test]
async fn a_node_by_itself_seals_with_a_new_key_at_once() {
    let cluster = Cluster::new(2);
    let a = cluster.member(0).await;

    a.keys.rotate().await.unwrap();
    a.keys.rotate_root().await.unwrap();

    assert_eq!((ring_of(&a), roots_of(&a)), (known(2, 2), known(2, 2)));
    let b = cluster.member(1).await;
    assert_eq!((ring_of(&b), roots_of(&b)), (known(2, 2), known(2, 2)));
    b.node.leave(b.keys.known()).await.unwrap();
    a.keys.beat().await.unwrap();
    a.keys.rotate().await.unwrap();
    assert_eq!(ring_of(&a), known(3, 3), "b left");
}

/// It read the ring before the rotation, and nobody could know of it then.
#[tokio::test]
async fn a_node_that_joins_during_a_rotation_has_the_key_before_it_serves() {
    let cluster = Cluster::new(2);
    let a = cluster.member(0).await;
    let keys = cluster.keys(cluster.opened(1)).await;
    a.keys.rotate().await.unwrap();
    a.keys.rotate_root().await.unwrap();
    let sealed = Kept::by(&a.keys);
    assert!(!sealed.opens(&keys));

    let b = cluster.joined(1, keys, Pace::default()).await;

    assert!(sealed.opens(&b.keys));
}

/// The root key was rotated between the look at the envelopes and the one at the ring.
#[tokio::test]
async fn a_start_during_a_rotation_of_the_root_key_looks_again() {
    let cluster = Cluster::new(2);
    let a = cluster.member(0).await;
    let opened = cluster.opened(1);
    a.keys.rotate_root().await.unwrap();
    let stored = cluster.stored_ring().await;
    assert!(!a.keys.roots().bundle().needs_reseal(&stored));

    let keys = cluster.keys(opened).await;

    assert_eq!(keys.list_roots(), a.keys.list_roots());
}

/// It was paused for longer than it takes to be taken for dead.
#[tokio::test]
async fn what_names_an_unknown_key_opens_once_the_keys_were_renewed() {
    let cluster = Cluster::new(2);
    let [a, paused] = cluster.members().await;
    paused.node.leave(paused.keys.known()).await.unwrap();
    a.keys.beat().await.unwrap();
    a.keys.rotate_root().await.unwrap();
    a.keys.rotate().await.unwrap();
    let sealed = Kept::by(&a.keys);
    let sealer = paused.keys.sealer();
    let unknown = sealer.open(HERE, &sealed.record).err();
    assert_eq!(unknown, Some(SealError::UnknownKey));

    let renewed = sealer.renew().unwrap().await;

    renewed.unwrap();
    assert_eq!(
        sealer.open(HERE, &sealed.record).unwrap().expose(),
        b"record"
    );
    assert!(sealed.opens(&paused.keys));
    assert!(
        Rig::new().keys().await.ring().renew().is_none(),
        "one node has them all"
    );
}

#[tokio::test]
async fn a_new_root_key_seals_once_every_living_node_has_it() {
    let cluster = Cluster::new(2);
    let [a, b] = cluster.members().await;

    a.keys.rotate_root().await.unwrap();
    a.keys.beat().await.unwrap();

    assert_eq!((roots_of(&a), roots_of(&b)), (known(2, 1), known(1, 1)));
    let ring = cluster.stored_ring().await;
    assert!(
        !b.keys.roots().bundle().is_older(&ring, 1),
        "b can open the ring"
    );
    let both = [a, b];
    beat(&both).await;
    let [a, b] = both;
    assert_eq!((roots_of(&a), roots_of(&b)), (known(2, 2), known(2, 2)));
    let kept = [Kept::by(&a.keys), Kept::by(&b.keys)];
    assert!(
        kept.iter()
            .all(|kept| kept.opens(&a.keys) && kept.opens(&b.keys))
    );
    let ring = cluster.stored_ring().await;
    assert!(!a.keys.roots().bundle().needs_reseal(&ring));
}

#[tokio::test]
async fn two_rotations_of_the_root_key_at_once_make_two() {
    let cluster = Cluster::new(2);
    let [a, b] = cluster.members().await;

    let rotated = tokio::join!(a.keys.rotate_root(), b.keys.rotate_root());

    rotated.0.unwrap();
    rotated.1.unwrap();
    let both = [a, b];
    beat(&both).await;
    for member in &both {
        assert_eq!(roots_of(member), known(3, 3));
        assert_eq!(member.keys.list_roots().len(), 3);
    }
}

#[tokio::test]
async fn older_root_keys_stay_while_a_living_node_may_seal_under_them() {
    let cluster = Cluster::new(2);
    let [a, b] = cluster.members().await;
    a.keys.rotate_root().await.unwrap();
    // What b has and a was told of, and b has not begun to seal with.
    b.keys.take_in().await.unwrap();
    b.node.beat(b.keys.known()).await.unwrap();
    a.keys.beat().await.unwrap();
    assert_eq!((roots_of(&a), roots_of(&b)), (known(2, 2), known(2, 1)));
    let by_b = Kept::by(&b.keys);

    note(&a.keys, clean(2), 20).await;

    assert_eq!(a.keys.list_roots().len(), 2);
    b.keys.beat().await.unwrap();
    b.keys.beat().await.unwrap();
    a.keys.beat().await.unwrap();
    note(&a.keys, clean(2), 4).await;
    assert_eq!(a.keys.list_roots().len(), 2, "counted anew");
    assert!(by_b.opens(&a.keys));
    note(&a.keys, clean(2), 1).await;
    assert_eq!(a.keys.list_roots().len(), 1);
}

/// It sealed under the old root key, was taken for dead, and commits now.
#[tokio::test]
async fn who_was_taken_for_dead_keeps_what_was_dropped_and_seals_anew_under_it() {
    let cluster = Cluster::new(2);
    let [a, paused] = cluster.members().await;
    let uncommitted = Kept::by(&paused.keys);
    paused.node.leave(paused.keys.known()).await.unwrap();
    a.keys.beat().await.unwrap();
    a.keys.rotate_root().await.unwrap();
    note(&a.keys, clean(2), 5).await;
    assert_eq!(a.keys.list_roots().len(), 1);
    assert!(!uncommitted.opens(&a.keys));

    let both = [a, paused];
    beat(&both).await;

    let [a, paused] = both;
    assert_eq!(roots_of(&paused), known(2, 2));
    assert!(uncommitted.opens(&paused.keys));
    assert!(paused.keys.kms_keys_are_due(), "it is its own affair");
    assert!(paused.keys.roots().needs_reseal(&uncommitted.material));
    assert!(!a.keys.kms_keys_are_due());
    note(&paused.keys, clean(2), 5).await;
    assert_eq!(paused.keys.list_roots().len(), 1);
    assert!(Kept::by(&a.keys).opens(&paused.keys));
}

#[tokio::test]
async fn records_are_clean_only_when_every_living_node_seals_with_the_newest_key() {
    let cluster = Cluster::new(2);
    let [a, b] = cluster.members().await;
    a.keys.rotate().await.unwrap();
    a.keys.beat().await.unwrap();
    b.keys.take_in().await.unwrap();
    b.node.beat(b.keys.known()).await.unwrap();
    a.keys.beat().await.unwrap();
    assert_eq!((ring_of(&a), ring_of(&b)), (known(2, 2), known(2, 1)));

    a.keys.note_records(2, 0).await.unwrap();

    assert_eq!(cluster.database.meta(CLEAN).await.unwrap(), None);
    let both = [a, b];
    beat(&both).await;
    let [a, b] = both;
    a.keys.note_records(2, 0).await.unwrap();
    b.keys.note_records(2, 0).await.unwrap();
    assert!(cluster.database.meta(CLEAN).await.unwrap().is_some());
    assert!(!a.keys.records_are_due().await.unwrap());
    assert!(!b.keys.records_are_due().await.unwrap());
}

#[tokio::test]
async fn one_node_seals_anew_for_all() {
    let cluster = Cluster::new(2);
    let [a, b] = cluster.members().await;
    a.keys.rotate().await.unwrap();
    a.keys.rotate_root().await.unwrap();
    let both = [a, b];
    beat(&both).await;

    let mut due = Vec::new();
    for member in &both {
        due.push((
            member.keys.records_are_due().await.unwrap(),
            member.keys.kms_keys_are_due(),
        ));
    }

    due.sort_unstable();
    assert_eq!(due, [(false, false), (true, true)]);
}

#[tokio::test]
async fn envelopes_are_changed_one_by_one_whoever_changes_them() {
    let cluster = Cluster::new(2);
    let [a, b] = cluster.members().await;
    let old = Kept::by(&a.keys);

    let shares = a.keys.make_recovery(2, 2).await.unwrap();
    b.keys.rotate_root().await.unwrap();
    let (seal, _) = ShamirSeal::create(2, 2, Arc::new(SystemEntropy)).unwrap();
    a.keys.begin_migration(Arc::new(seal)).await.unwrap();
    let inherited = b.keys.rotate_root().await.err().unwrap().to_string();
    b.keys.abandon_migration().await.unwrap();

    assert_eq!(shares.len(), 2);
    assert!(inherited.starts_with("a migration to `shamir` was begun"));
    let state = b.keys.seal().state.unwrap();
    assert!(state.recovery.is_some() && state.pending.is_none());
    assert_eq!(state.keys.len(), 2);
    let refused = a.keys.finish_migration().await.err().unwrap().to_string();
    assert!(refused.starts_with("no migration was begun"), "{refused}");
    assert!(old.opens(&b.keys));
}

/// Its configuration still names the seal of before.
#[tokio::test]
async fn a_node_that_cannot_open_the_new_seal_goes_on_and_holds_a_new_root_key_up() {
    let cluster = Cluster::new(2);
    let [a, b] = cluster.members().await;
    let (seal, _) = ShamirSeal::create(2, 2, Arc::new(SystemEntropy)).unwrap();
    a.keys.begin_migration(Arc::new(seal)).await.unwrap();
    a.keys.finish_migration().await.unwrap();

    let refused = b.keys.rotate_root().await.err().unwrap().to_string();
    a.keys.rotate_root().await.unwrap();
    let both = [a, b];
    beat(&both).await;

    assert_eq!(
        refused,
        "another node gave the deployment the seal `shamir`, which this node cannot open: set it up \
         here as on that node, and start this node again"
    );
    let [a, b] = both;
    assert_eq!((roots_of(&a), roots_of(&b)), (known(2, 1), known(1, 1)));
    assert!(Kept::by(&a.keys).opens(&b.keys) && Kept::by(&b.keys).opens(&a.keys));
    b.node.leave(b.keys.known()).await.unwrap();
    a.keys.beat().await.unwrap();
    assert_eq!(roots_of(&a), known(2, 2));
}

/// A store that somebody put back while the nodes were at work.
#[tokio::test]
async fn a_ring_of_before_is_made_whole_again() {
    let cluster = Cluster::new(2);
    let [a, b] = cluster.members().await;
    let before = cluster.stored_ring().await;
    a.keys.rotate().await.unwrap();
    let both = [a, b];
    beat(&both).await;
    let now = cluster.stored_ring().await;
    let put = cluster.database.put_meta(RING, Some(&now), &before);
    put.await.unwrap();

    beat(&both).await;

    let bundle = both[0].keys.roots.bundle();
    let stored = cluster.stored_ring().await;
    let stored = KeyRing::from_sealed(&bundle, &stored, Arc::new(SystemEntropy)).unwrap();
    assert_eq!(stored.keys().len(), 2);
}

/// B joined after the last look that A had at the nodes.
#[tokio::test]
async fn a_node_that_nobody_has_seen_yet_is_waited_for() {
    let cluster = Cluster::new(2);
    let a = cluster.member(0).await;
    let b = cluster.member(1).await;
    assert_eq!(a.node.others_know(), None);

    a.keys.rotate().await.unwrap();
    a.keys.rotate_root().await.unwrap();

    assert_eq!((ring_of(&a), roots_of(&a)), (known(2, 1), known(2, 1)));
    assert!(Kept::by(&a.keys).opens(&b.keys));
}

#[tokio::test]
async fn nodes_that_make_the_first_ring_at_once_have_one() {
    let cluster = Cluster::new(3);
    let opened = [cluster.opened(0), cluster.opened(1), cluster.opened(2)];
    let [a, b, c] = opened;

    let (a, b, c) = tokio::join!(cluster.keys(a), cluster.keys(b), cluster.keys(c));

    let kept = Kept::by(&a);
    assert!(kept.opens(&b) && kept.opens(&c));
}
