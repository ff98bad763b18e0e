//! An index on file.
//!
//! All numbers are little-endian. The header is checked when the file is opened; every block of what
//! follows has a sum of its own, checked when the block is read, so that opening costs the same whatever
//! the size.

use super::built::BuiltIndex;
use super::{Index, IndexError, Mark, NO_TIME, Place, ReadAt, SearchKey, TAIL_BYTES};
use crate::hash::{Hash, Hasher};

/// An index on file.
#[derive(Debug)]
pub struct IndexFile<R> {
    from: R,
    header: Header,
    /// The last block that was read, and its number.
    block: Option<(u64, Vec<u8>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    first: u64,
    places: u64,
    keys: u64,
    postings_bytes: u64,
    oldest: i64,
    newest: i64,
    mark: Mark,
}

impl BuiltIndex {
    /// The index as a file has it. `mark` is that of the segment, all of which was added. `None` for one
    /// that is too large to be written.
    #[must_use]
    pub fn encode(&self, mark: &Mark) -> Option<Vec<u8>> {
        let mut entries: Vec<_> = self.postings.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| **key);
        let mut body = Vec::with_capacity(self.places.len() * 40);
        for place in &self.places {
            body.extend_from_slice(&place.offset.to_le_bytes());
            body.extend_from_slice(&place.time.to_le_bytes());
        }
        let mut postings = Vec::with_capacity(self.places.len() * 12);
        for (SearchKey(key), ordinals) in &entries {
            let ordinals = ordinals.as_slice();
            body.extend_from_slice(&key.to_le_bytes());
            body.extend_from_slice(&u32::try_from(postings.len()).ok()?.to_le_bytes());
            body.extend_from_slice(&u32::try_from(ordinals.len()).ok()?.to_le_bytes());
            let mut before = 0;
            for ordinal in ordinals {
                write_varint(ordinal - before, &mut postings);
                before = *ordinal;
            }
        }
        body.extend_from_slice(&postings);
        let (oldest, newest) = self.times.unwrap_or((NO_TIME, NO_TIME));
        let header = Header {
            first: self.first,
            places: self.places.len() as u64,
            keys: entries.len() as u64,
            postings_bytes: postings.len() as u64,
            oldest,
            newest,
            mark: *mark,
        };
        let mut file = header.encode();
        file.extend_from_slice(&body);
        for (number, block) in (0..).zip(body.chunks(BLOCK_BYTES)) {
            file.extend_from_slice(&sum_of(self.first, number, block));
        }
        Some(file)
    }
}

impl<R: ReadAt> IndexFile<R> {
    /// The index in `from` of the segment that begins with event `first` and has this `mark`.
    ///
    /// # Errors
    /// When it is of no use.
    pub fn open(from: R, first: u64, mark: &Mark) -> Result<Self, IndexError> {
        let mut bytes = [0; HEADER_BYTES];
        from.read_exactly(&mut bytes, 0).map_err(torn)?;
        let header = Header::decode(&bytes).ok_or(IndexError::Damaged)?;
        if header.first != first || header.mark != *mark {
            return Err(IndexError::Damaged);
        }
        Ok(Self {
            from,
            header,
            block: None,
        })
    }

    /// The `N` bytes at `offset` of the body.
    fn bytes<const N: usize>(&mut self, offset: u64) -> Result<[u8; N], IndexError> {
        let mut found = [0; N];
        self.fill(&mut found, offset)?;
        Ok(found)
    }

    fn fill(&mut self, mut buffer: &mut [u8], mut offset: u64) -> Result<(), IndexError> {
        while !buffer.is_empty() {
            let number = offset / BLOCK_BYTES as u64;
            let block = self.block(number)?;
            let start = usize::try_from(offset % BLOCK_BYTES as u64).unwrap_or_default();
            let there = block.get(start..).unwrap_or_default();
            let taken = there.len().min(buffer.len());
            if taken == 0 {
                return Err(IndexError::Damaged);
            }
            let (now, later) = buffer.split_at_mut(taken);
            now.copy_from_slice(there.get(..taken).unwrap_or_default());
            buffer = later;
            offset = offset.saturating_add(taken as u64);
        }
        Ok(())
    }

    fn block(&mut self, number: u64) -> Result<&[u8], IndexError> {
        if self
            .block
            .as_ref()
            .is_none_or(|(known, _)| *known != number)
        {
            let read = self.read_block(number)?;
            self.block = Some((number, read));
        }
        let block = self.block.as_ref().map(|(_, block)| block.as_slice());
        Ok(block.unwrap_or_default())
    }

    fn read_block(&self, number: u64) -> Result<Vec<u8>, IndexError> {
        let body = self.header.body_bytes().ok_or(IndexError::Damaged)?;
        let start = number.saturating_mul(BLOCK_BYTES as u64);
        let length = body.saturating_sub(start).min(BLOCK_BYTES as u64);
        let mut block = vec![0; usize::try_from(length).unwrap_or_default()];
        let mut sum = [0; SUM_BYTES];
        let at_sum = HEADER_BYTES as u64 + body + number.saturating_mul(SUM_BYTES as u64);
        self.from
            .read_exactly(&mut block, HEADER_BYTES as u64 + start)
            .map_err(torn)?;
        self.from.read_exactly(&mut sum, at_sum).map_err(torn)?;
        if sum_of(self.header.first, number, &block) != sum {
            return Err(IndexError::Damaged);
        }
        Ok(block)
    }

    /// A key of the table: where its postings begin, and how many there are.
    fn entry(&mut self, number: u64) -> Result<(SearchKey, u32, u32), IndexError> {
        let offset = self.header.keys_at() + number * ENTRY_BYTES;
        let [
            k0,
            k1,
            k2,
            k3,
            k4,
            k5,
            k6,
            k7,
            s0,
            s1,
            s2,
            s3,
            c0,
            c1,
            c2,
            c3,
        ] = self.bytes::<16>(offset)?;
        Ok((
            SearchKey(u64::from_le_bytes([k0, k1, k2, k3, k4, k5, k6, k7])),
            u32::from_le_bytes([s0, s1, s2, s3]),
            u32::from_le_bytes([c0, c1, c2, c3]),
        ))
    }

    /// Where the postings of a key begin, and how many there are.
    fn entry_of(&mut self, key: SearchKey) -> Result<Option<(u32, u32)>, IndexError> {
        let (mut low, mut high) = (0, self.header.keys);
        while low < high {
            let middle = low + (high - low) / 2;
            let (found, start, count) = self.entry(middle)?;
            match found.cmp(&key) {
                std::cmp::Ordering::Equal => return Ok(Some((start, count))),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }
}

impl<R: ReadAt> Index for IndexFile<R> {
    fn first(&self) -> u64 {
        self.header.first
    }

    fn times(&self) -> Option<(i64, i64)> {
        let times = (self.header.oldest, self.header.newest);
        (times.0 != NO_TIME).then_some(times)
    }

    fn length(&self) -> u64 {
        self.header.mark.length
    }

    fn find(&mut self, key: SearchKey) -> Result<Vec<u32>, IndexError> {
        let Some((start, count)) = self.entry_of(key)? else {
            return Ok(Vec::new());
        };
        if u64::from(count) > self.header.places {
            return Err(IndexError::Damaged);
        }
        let mut offset = self.header.postings_at() + u64::from(start);
        let mut ordinals = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        let mut ordinal = 0_u32;
        for _ in 0..count {
            let (delta, next) = self.varint(offset)?;
            ordinal = ordinal.checked_add(delta).ok_or(IndexError::Damaged)?;
            ordinals.push(ordinal);
            offset = next;
        }
        Ok(ordinals)
    }

    fn place(&mut self, ordinal: u32) -> Result<Option<Place>, IndexError> {
        if u64::from(ordinal) >= self.header.places {
            return Ok(None);
        }
        let [
            o0,
            o1,
            o2,
            o3,
            o4,
            o5,
            o6,
            o7,
            t0,
            t1,
            t2,
            t3,
            t4,
            t5,
            t6,
            t7,
        ] = self.bytes::<16>(u64::from(ordinal) * PLACE_BYTES)?;
        Ok(Some(Place {
            offset: u64::from_le_bytes([o0, o1, o2, o3, o4, o5, o6, o7]),
            time: i64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7]),
        }))
    }
}

impl<R: ReadAt> IndexFile<R> {
    /// A number of seven bits a byte, and what follows it.
    fn varint(&mut self, mut offset: u64) -> Result<(u32, u64), IndexError> {
        let mut number = 0_u64;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.bytes::<1>(offset)?;
            offset += 1;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                let number = u32::try_from(number).map_err(|_| IndexError::Damaged)?;
                return Ok((number, offset));
            }
        }
        Err(IndexError::Damaged)
    }
}

impl Header {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for number in [self.first, self.places, self.keys, self.postings_bytes] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.oldest.to_le_bytes());
        bytes.extend_from_slice(&self.newest.to_le_bytes());
        bytes.extend_from_slice(&self.mark.length.to_le_bytes());
        bytes.extend_from_slice(&self.mark.tail);
        let sum = Hash::of(&bytes);
        bytes.extend_from_slice(sum.as_bytes());
        bytes
    }

    fn decode(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let (said, sum) = bytes.split_at_checked(HEADER_BYTES - 32)?;
        if Hash::of(said).as_bytes() != sum {
            return None;
        }
        let rest = said.strip_prefix(MAGIC)?;
        let (numbers, tail) = rest.split_at_checked(7 * 8)?;
        let (numbers, _) = numbers.as_chunks::<8>();
        let [first, places, keys, postings_bytes, oldest, newest, length] = *numbers else {
            return None;
        };
        Some(Self {
            first: u64::from_le_bytes(first),
            places: u64::from_le_bytes(places),
            keys: u64::from_le_bytes(keys),
            postings_bytes: u64::from_le_bytes(postings_bytes),
            oldest: i64::from_le_bytes(oldest),
            newest: i64::from_le_bytes(newest),
            mark: Mark {
                length: u64::from_le_bytes(length),
                tail: tail.try_into().ok()?,
            },
        })
    }

    const fn keys_at(&self) -> u64 {
        self.places.saturating_mul(PLACE_BYTES)
    }

    const fn postings_at(&self) -> u64 {
        self.keys_at()
            .saturating_add(self.keys.saturating_mul(ENTRY_BYTES))
    }

    fn body_bytes(&self) -> Option<u64> {
        self.postings_at().checked_add(self.postings_bytes)
    }
}

fn sum_of(first: u64, number: u64, block: &[u8]) -> [u8; SUM_BYTES] {
    let mut hasher = Hasher::default();
    hasher.update(&first.to_le_bytes());
    hasher.update(&number.to_le_bytes());
    hasher.update(block);
    let hash = hasher.finish();
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}

fn write_varint(mut number: u32, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// A file that ends too early was torn.
fn torn(error: std::io::Error) -> IndexError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => IndexError::Damaged,
        _ => error.into(),
    }
}

const MAGIC: &[u8; 8] = b"SRINDEX1";
const HEADER_BYTES: usize = 8 + 7 * 8 + TAIL_BYTES + 32;
const PLACE_BYTES: u64 = 16;
const ENTRY_BYTES: u64 = 16;
const BLOCK_BYTES: usize = 4_096;
const SUM_BYTES: usize = 8;
