//! The bytes of the log: inverses, and rubbish.
//!
//! May touch: nothing (pure).

use proptest::prelude::*;

use crate::batch::{EntryNo, Mark, MessageNo, Position};
use crate::format::{
    BatchHead, Cursor, EventRecord, FIRST_BATCH, PAGE, Page, Record, Seal, SegmentHead, StateRecord,
};
use crate::scan::scan;

const KEY: [u8; 32] = [7; 32];

#[test]
fn records_read_back() {
    let (no, entry) = (MessageNo(5), EntryNo(6));
    let records = [
        Record::Body { id: 1, crc: 2, bytes: b"body" },
        Record::BodyFile { id: 1, crc: 2, len: 3 },
        Record::BodyAt { id: 1, crc: 2, len: 3, position: Position(4) },
        Record::Message { no, body: 5, envelope: b"" },
        Record::Envelope { no, bytes: b"envelope" },
        Record::Entry { no, entry, bytes: b"entry" },
        Record::RemoveEntry { no, entry },
        Record::Event(EventRecord { kind: 1, is_final: true, about: Some((no, entry)), bytes: b"e", crc: 9 }),
        Record::Event(EventRecord { kind: 2, is_final: false, about: None, bytes: b"", crc: 9 }),
        Record::Meta { key: "schlüssel", bytes: b"v" },
        Record::Mark { mark: Mark::Trace, position: Position(7) },
        Record::Mark { mark: Mark::Mailbox, position: Position(8) },
        Record::NextNo(9),
        Record::Forgotten(no),
        Record::State(StateRecord {
            no,
            segment: 3,
            body: 4,
            death: Position(1),
            envelope: b"x",
            entries: vec![(entry, b"1"), (EntryNo(7), b"22")],
        }),
    ];
    let mut bytes = Vec::new();
    for record in &records {
        record.write(&mut bytes);
    }
    let mut cursor = Cursor::new(&bytes);
    for record in &records {
        assert_eq!(Record::read(&mut cursor).as_ref(), Some(record));
    }
    assert!(cursor.is_empty());
    for cut in 0..bytes.len() {
        let mut cursor = Cursor::new(&bytes[..cut]);
        while Record::read(&mut cursor).is_some() {}
    }
}

#[test]
fn pages_and_heads_read_back_and_refuse_every_flipped_bit() {
    let head = SegmentHead { number: 1, first_segment: 1, first_batch: 2, first_event: 3, key: KEY };
    let seal = Seal {
        number: 1,
        first_segment: 1,
        next_batch: 2,
        next_event: 3,
        last_event: Position(4),
        index_at: 5,
        index_len: 6,
        index_crc: 7,
        events_crc: 8,
    };
    let batch = BatchHead {
        generation: 1,
        first_segment: 1,
        number: 2,
        first_event: 3,
        event_count: 4,
        payload_len: 5,
        payload_crc: 6,
    };
    assert_eq!(SegmentHead::decode(&head.encode()), Page::Valid(head.clone()));
    assert_eq!(Seal::decode(&seal.encode(&KEY), &KEY), Page::Valid(seal.clone()));
    assert_eq!(Seal::decode(&seal.encode(&KEY), &[8; 32]), Page::Invalid);
    let bytes = batch.encode(&KEY);
    assert_eq!(BatchHead::decode(&bytes, &KEY, Some(1)).as_ref(), Some(&batch));
    assert_eq!(BatchHead::decode(&bytes, &KEY, Some(2)), None, "another generation");
    assert_eq!(BatchHead::decode(&bytes, &[8; 32], Some(1)), None, "another key");
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes;
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(BatchHead::decode(&flipped, &KEY, None), None, "bit {bit}");
    }
    let mut newer = head.encode();
    newer[8] = 99;
    assert_eq!(SegmentHead::decode(&newer), Page::Newer(99));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rubbish_is_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut cursor = Cursor::new(&bytes);
        while Record::read(&mut cursor).is_some() {}
        prop_assert!(cursor.at() <= bytes.len());
    }

    /// Pages of valid heads without their payload, and rubbish between them: the scan ends and believes none.
    #[test]
    fn rubbish_segments_are_scanned(pages in prop::collection::vec(any::<Option<u32>>(), 0..20)) {
        let mut bytes = vec![0; FIRST_BATCH];
        for (number, page) in (1..).zip(&pages) {
            let head = BatchHead {
                generation: 1,
                first_segment: 1,
                number,
                first_event: u64::MAX,
                event_count: u32::MAX,
                payload_len: page.unwrap_or(0),
                payload_crc: 1,
            };
            let mut page_bytes = if page.is_some() { head.encode(&KEY).to_vec() } else { vec![0x55; 10] };
            page_bytes.resize(PAGE, 0);
            bytes.extend(page_bytes);
        }
        let found = scan(bytes, &KEY, 1);
        prop_assert!(found.batches.is_empty());
        prop_assert_eq!(found.end, FIRST_BATCH);
    }
}
