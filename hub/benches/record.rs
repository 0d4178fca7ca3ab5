//! Whether the time of checking a record of the cipher suite with AES in CBC mode says how far it was right: the instructions for records of
//! one size, counted by callgrind. They are the same whatever the padding and the code are, or this fails.
//!
//! `cargo bench -p defender-hub --bench record`

#[path = "../../benches/support/callgrind.rs"]
mod callgrind;

use std::{env, error::Error, hint::black_box};

use defender_hub::endpoint::fuzz::Opener;

/// What records have behind their initialization vector, in bytes.
const SIZES: [usize; 3] = [64, 320, 1024];

/// How often a record is opened.
const TIMES: usize = 100;

/// By what is done, the answer included, a record that is right may differ from others.
const ANSWER: u64 = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    if let [once, kind, size] = arguments.as_slice()
        && once == "--once"
    {
        return once_more(kind, size.parse()?);
    }
    if !callgrind::is_there()? {
        return Ok(());
    }
    let mut differs = false;
    for size in SIZES {
        let mut counts = Vec::new();
        for kind in KINDS {
            let arguments = ["--once", kind, &size.to_string()];
            let count = callgrind::count(&arguments, Some("*record*measure*"))?;
            let each = count / TIMES as u64;
            println!("{size:>5} bytes  {kind:<16} {each:>7} instructions");
            counts.push(each);
        }
        let (least, most) = (counts.iter().min(), counts.iter().max());
        differs |= most
            .zip(least)
            .is_some_and(|(most, least)| most - least > ANSWER);
    }
    match differs {
        true => Err("the instructions tell how far a record was right".into()),
        false => Ok(()),
    }
}

const KINDS: [&str; 6] = [
    "right-short",
    "right-long",
    "wrong-code",
    "wrong-padding",
    "long-padding",
    "noise",
];

fn once_more(kind: &str, size: usize) -> Result<(), Box<dyn Error>> {
    const CODE: usize = 32;
    let mut opener = Opener::default();
    let of = |padding: usize, is_right| {
        let text = vec![5; size - CODE - padding - 1];
        Opener::default().sealed(&text, padding as u8, is_right)
    };
    // The longest padding that the size has room for.
    let longest = (size - CODE - 1).min(255);
    let record = match kind {
        "right-short" => of(0, true),
        "right-long" => of(longest, true),
        "wrong-code" => of(7, false),
        "wrong-padding" => {
            let mut record = of(longest, true);
            // Changes the first byte of the last block but one's successor.
            let at = record.len() - 32;
            record[at] ^= 1;
            record
        }
        "long-padding" => {
            // A last byte that says more than there is.
            let mut record = of(0, true);
            let at = record.len() - 17;
            record[at] ^= 0xFF;
            record
        }
        _ => (0..size + 16).map(|at| (at * 167) as u8).collect(),
    };
    let is_right = kind.starts_with("right");
    let records = vec![record; TIMES];
    let opened = measure(&mut opener, records);
    match opened == if is_right { TIMES } else { 0 } {
        true => Ok(()),
        false => Err("the wrong records are right".into()),
    }
}

#[inline(never)]
fn measure(opener: &mut Opener, mut records: Vec<Vec<u8>>) -> usize {
    let mut opened = 0;
    for record in &mut records {
        opened += usize::from(black_box(opener.open(black_box(record))).is_some());
    }
    opened
}
