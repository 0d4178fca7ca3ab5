//! A million prefixes fit 16 MB, whatever their lists say of each. A quarter of a million are read here.

use std::fmt::Write;

use defender_detect::threats::ThreatLists;

#[test]
fn prefixes_are_small() {
    let mut text = String::from("#fields\tindicator\tindicator_type\tmeta.source\n");
    for number in 0..125_000_u32 {
        // Odd factors go through all numbers without repeating one.
        let ipv4 = number.wrapping_mul(2_654_435_761);
        let [a, b, c, d] = ipv4.to_be_bytes();
        // Away from what is private: from 20 to 99.
        let a = 20 + a % 80;
        writeln!(text, "{a}.{b}.{c}.{d}\tIntel::ADDR\tsource {number}").unwrap();
        writeln!(
            text,
            "2a00:{b:x}:{c:x}:{d:x}::{a:x}:{c:x}/128\tIntel::SUBNET\tsource {number}"
        )
        .unwrap();
    }
    let mut lists = ThreatLists::builder();
    let reading = lists.read("list", text.as_bytes());
    assert_eq!(reading.acting, 250_000, "{reading}");
    let lists = lists.build();
    assert!(lists.len() > 248_000, "{}", lists.len());
    // What the lists say takes no more than this, however many prefixes there are.
    let prefixes = lists.size() - 1_000_000;
    assert!(4 * prefixes <= 15_000_000, "{} bytes", lists.size());
}
