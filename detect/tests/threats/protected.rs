//! What does not act, though a list has it.

use crate::{find, problems, read};

#[test]
fn private_networks_and_what_everybody_has() {
    for prefix in [
        "10.0.0.1",
        "10.0.0.0/8",
        "172.20.0.0/16",
        "192.168.1.1",
        "100.100.0.1",
        "127.0.0.1",
        "169.254.1.1",
        "0.0.0.0",
        "224.0.0.251",
        "239.255.255.250",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "fc00::/7",
        "ff02::fb",
        "::ffff:10.0.0.1",
    ] {
        let (lists, reading) = read(prefix);
        assert!(lists.is_empty(), "{prefix}");
        assert_eq!((reading.acting, reading.inactive), (0, 1), "{prefix}");
        assert!(!reading.problems[0].fault.is_error(), "{prefix}");
        let told = &problems(&reading)[0];
        assert!(told.contains("does not act: it is"), "{told}");
    }
}

#[test]
fn public_resolvers() {
    for (address, whose) in [
        ("8.8.8.8", "Google"),
        ("1.1.1.1/32", "Cloudflare"),
        ("9.9.9.9", "Quad9"),
        ("2606:4700:4700::1111", "Cloudflare"),
        ("208.67.222.222", "OpenDNS"),
    ] {
        let (lists, reading) = read(address);
        assert!(lists.is_empty(), "{address}");
        assert_eq!(reading.inactive, 1, "{address}");
        let told = &problems(&reading)[0];
        assert!(
            told.ends_with(&format!("a public resolver of {whose}")),
            "{told}"
        );
    }
}

/// A prefix that holds such an address acts on the others.
#[test]
fn a_wider_prefix_spares_them() {
    let (lists, reading) = read("8.8.8.0/24\n172.0.0.0/8\n");
    assert_eq!(reading.acting, 2);
    assert_eq!(problems(&reading).len(), 1);
    assert!(find(&lists, "8.8.8.7").is_some());
    assert!(find(&lists, "8.8.8.9").is_some());
    assert_eq!(find(&lists, "8.8.8.8"), None);
    assert!(find(&lists, "172.32.0.1").is_some());
    assert_eq!(find(&lists, "172.16.0.1"), None);
}

#[test]
fn what_is_too_broad_is_refused() {
    for prefix in [
        "0.0.0.0/0",
        "0.0.0.0/1",
        "128.0.0.0/2",
        "8.0.0.0/7",
        "::/0",
        "2000::/3",
        "2001::/15",
        "::ffff:0:0/96",
    ] {
        let (lists, reading) = read(prefix);
        assert!(lists.is_empty(), "{prefix}");
        assert_eq!((reading.acting, reading.refused), (0, 1), "{prefix}");
        assert!(problems(&reading)[0].contains("too broad"), "{prefix}");
    }
    assert_eq!(read("8.0.0.0/8\n2a00::/16\n").1.acting, 2);
}

#[test]
fn documentation_networks_act() {
    for prefix in [
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001:db8::/32",
    ] {
        let (lists, reading) = read(prefix);
        assert_eq!((reading.acting, lists.len()), (1, 1), "{prefix}");
        assert!(reading.is_clean(), "{prefix}");
    }
}
