//! A timeline as one short run of bytes. The table bills a write by the whole item, in kilobytes, so
//! that every byte of a timeline is paid for again at every later event of its ticket.
//!
//! Short is what need not be written: a hash that follows from the entries before, a sequence that is
//! a place, a name that every reader knows. Of the hash of each entry four bytes stay, so that an
//! altered entry is still named; that nothing was altered at all is said by the whole head, beside.
//!
//! ```text
//! timeline = 1 first-sequence [hash-before, if the first is not 1] entry*
//! entry    = at-minus-previous actor cause-or-empty kind fields (name value)* check(4)
//! string   = n: n%4=0 n/4 bytes follow | 1 a digest of 32 bytes follows, in hexadecimal
//!          | n%4=2 the word n/4 | 3 an instant follows, less the entry's own
//! ```
//! Numbers are LEB128, signed ones zigzagged before.

mod words;

use std::collections::BTreeMap;

use domain::{Actor, ChainFault, CommandId, Entry, Event, Hash, Record, ReplayFault, Timestamp};

use self::words::WORDS;
use crate::item::ItemFault;

const VERSION: u8 = 1;
/// So many bytes of an entry's own hash are kept with it.
const CHECK_BYTES: usize = 4;

/// How a string is written: the lowest two bits of its first number.
const LITERAL: u64 = 0;
const DIGEST: u64 = 1;
const WORD: u64 = 2;
const INSTANT: u64 = 3;

/// The entries, which follow on one another, as bytes.
pub(crate) fn pack(entries: &[Entry]) -> Vec<u8> {
    let mut out = vec![VERSION];
    let Some(first) = entries.first() else { return out };
    number(&mut out, first.seq.into());
    if first.seq != 1 {
        out.extend(first.prev.as_bytes());
    }
    let mut before = 0;
    for entry in entries {
        let Record { kind, fields } = entry.event.to_record();
        let at = entry.at.millis();
        number(&mut out, zigzag(at - before));
        let cause = entry.cause.as_ref().map_or("", CommandId::as_str);
        for text in [&entry.actor.to_string(), cause, &kind] {
            string(&mut out, text, at);
        }
        number(&mut out, u64::try_from(fields.len()).unwrap_or(u64::MAX));
        for text in fields.iter().flat_map(|(name, value)| [name, value]) {
            string(&mut out, text, at);
        }
        out.extend(entry.hash().as_bytes().iter().take(CHECK_BYTES));
        before = at;
    }
    out
}

/// Reads what [`pack`] has written.
///
/// # Errors
/// [`ItemFault`] names the entry that cannot be read, or is not the one that was written.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Vec<Entry>, ItemFault> {
    let unreadable = || ItemFault::Attribute("tl");
    let mut reader = match bytes.split_first() {
        Some((&VERSION, rest)) => Reader(rest),
        _ => return Err(unreadable()),
    };
    if reader.0.is_empty() {
        return Ok(Vec::new());
    }
    let first = reader.number().and_then(|seq| u32::try_from(seq).ok()).ok_or_else(unreadable)?;
    let mut prev = match first {
        1 => Hash::ZERO,
        _ => reader.take(32).and_then(Hash::from_bytes).ok_or_else(unreadable)?,
    };
    let (mut entries, mut before) = (Vec::new(), 0);
    for (place, seq) in (1..).zip(first..) {
        if reader.0.is_empty() {
            break;
        }
        let fault = |attribute| ItemFault::Entry { seq: place, attribute };
        let entry = reader.entry((seq, before, prev)).map_err(fault)?;
        let check = reader.take(CHECK_BYTES).ok_or_else(|| fault("check"))?;
        (before, prev) = (entry.at.millis(), entry.hash());
        if !prev.as_bytes().starts_with(check) {
            return Err(ReplayFault::Chain(ChainFault::Altered { seq }).into());
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn number(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            return out.push(low & 0x7f);
        }
        out.push(low | 0x80);
    }
}

/// Small numbers of either sign as small numbers.
const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

fn string(out: &mut Vec<u8>, text: &str, at: i64) {
    let instant = || Timestamp::parse(text).ok().filter(|instant| instant.to_string() == text);
    if let Some(word) = WORDS.iter().position(|word| *word == text) {
        number(out, u64::try_from(word).unwrap_or(u64::MAX) << 2 | WORD);
    } else if let Some(digest) = Hash::parse(text) {
        number(out, DIGEST);
        out.extend(digest.as_bytes());
    } else if let Some(instant) = instant() {
        number(out, INSTANT);
        number(out, zigzag(instant.millis() - at));
    } else {
        number(out, u64::try_from(text.len()).unwrap_or(u64::MAX) << 2 | LITERAL);
        out.extend(text.as_bytes());
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                // One number has one form: none ends in a byte that says nothing.
                return (*byte != 0 || shift == 0).then_some(number);
            }
        }
        None
    }

    fn string(&mut self, at: i64) -> Option<String> {
        let head = self.number()?;
        let rest = usize::try_from(head >> 2).ok()?;
        Some(match head & 3 {
            WORD => (*WORDS.get(rest)?).to_owned(),
            DIGEST if rest == 0 => Hash::from_bytes(self.take(32)?)?.to_string(),
            INSTANT if rest == 0 => {
                let millis = at.checked_add(unzigzag(self.number()?))?;
                Timestamp::from_millis(millis).to_string()
            }
            LITERAL => String::from_utf8(self.take(rest)?.to_vec()).ok()?,
            _ => return None,
        })
    }

    fn entry(&mut self, (seq, before, prev): (u32, i64, Hash)) -> Result<Entry, &'static str> {
        let at = self.number().and_then(|delta| before.checked_add(unzigzag(delta))).ok_or("t")?;
        let actor = self.string(at).and_then(|actor| Actor::parse(&actor).ok()).ok_or("a")?;
        let cause = match self.string(at).ok_or("c")? {
            none if none.is_empty() => None,
            cause => Some(CommandId::parse(&cause).map_err(|_fault| "c")?),
        };
        let kind = self.string(at).ok_or("k")?;
        let mut fields = BTreeMap::new();
        for _ in 0..self.number().ok_or("f")? {
            fields.insert(self.string(at).ok_or("f")?, self.string(at).ok_or("f")?);
        }
        let event = Event::from_record(&Record { kind, fields }).map_err(|_fault| "f")?;
        Ok(Entry { seq, at: Timestamp::from_millis(at), actor, cause, event, prev })
    }
}

#[cfg(test)]
mod tests {
    use domain::{ChannelName, EventKind, RecordId, SealedRef, TicketId};

    use super::*;

    /// Entries that follow on `before`, of many shapes.
    fn entries(first: u32, mut prev: Hash) -> Vec<Entry> {
        let command = CommandId::derive("a", "b");
        let record = RecordId::of_command(&command);
        let sealed = SealedRef { record, seal: Hash::of_bytes(b"seal") };
        let (instant, staff) =
            (Timestamp::from_millis(1_800_000_000_123), "staff:u1/handler/water");
        let lead = TicketId::derive(&ChannelName::parse("app").unwrap(), "1");
        let all = [
            (Event::Supplemented { note: sealed.clone() }, "channel:app", Some(command)),
            (Event::Accepted {}, "step:intake", None),
            (Event::Urged { note: None }, "channel:app", None),
            (Event::Merged { lead }, staff, None),
            (Event::Noted { note: sealed }, staff, None),
        ];
        let mut entries = Vec::new();
        for (seq, (event, actor, cause)) in (first..).zip(all) {
            let at = instant.plus_millis(i64::from(seq) * 1000);
            let actor = Actor::parse(actor).unwrap();
            entries.push(Entry { seq, at, actor, cause, event, prev });
            prev = entries[entries.len() - 1].hash();
        }
        entries
    }

    #[test]
    fn a_timeline_reads_back_wherever_it_begins() {
        for entries in [entries(1, Hash::ZERO), entries(900, Hash::of_bytes(b"before")), vec![]] {
            assert_eq!(unpack(&pack(&entries)), Ok(entries));
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        for entries in [entries(1, Hash::ZERO), entries(900, Hash::of_bytes(b"before"))] {
            let packed = pack(&entries);
            for (at, bit) in (0..packed.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
                let mut flipped = packed.clone();
                flipped[at] ^= 1 << bit;
                assert!(unpack(&flipped).is_err(), "byte {at}, bit {bit}");
            }
            // A cut between two entries, or before the first, is for the head to find.
            let whole = (1..packed.len()).filter(|at| unpack(&packed[..*at]).is_ok());
            assert!(whole.count() <= entries.len() + 1);
        }
    }

    #[test]
    fn an_altered_entry_is_named() {
        let mut packed = pack(&entries(1, Hash::ZERO));
        let digest = Hash::of_bytes(b"seal");
        let at = packed.windows(32).rposition(|window| window == digest.as_bytes()).unwrap();
        packed[at] ^= 1;
        let altered = ReplayFault::Chain(ChainFault::Altered { seq: 5 });
        assert_eq!(unpack(&packed), Err(altered.into()));
    }

    #[test]
    fn every_kind_of_event_is_a_word_and_no_word_is_there_twice() {
        for kind in EventKind::ALL {
            assert!(WORDS.contains(&kind.as_str()), "add {kind} at the end");
        }
        let words: std::collections::BTreeSet<_> = WORDS.iter().collect();
        assert_eq!(words.len(), WORDS.len());
        // By place: what stands here is in old timelines.
        assert_eq!(
            (WORDS[0], WORDS[27], WORDS[60], WORDS[85]),
            ("received", "erased", "yes", "call")
        );
    }

    #[test]
    fn a_text_has_one_form_and_odd_ones_read_back() {
        for text in ["", "yes", "an odd text", "2026-01-01T00:00:00+08:00", &"A".repeat(64)] {
            let mut out = Vec::new();
            string(&mut out, text, 5);
            assert_eq!(Reader(&out).string(5).as_deref(), Some(text));
        }
        for number in [0, 1, -1, i64::MAX, i64::MIN] {
            assert_eq!(unzigzag(zigzag(number)), number);
        }
    }
}
