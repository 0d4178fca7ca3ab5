//! The committed bindings match the headers.

#[path = "../../threadx-sys/tests/common/bindings.rs"]
mod bindings;

use std::path::Path;
use threadx_build::bindings::NETXDUO;

#[test]
fn committed_bindings_match_the_headers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let include = vec![
        root.join("host-port/include"),
        root.join("include"),
        root.join("../threadx-sys/host-port/include"),
        root.join("../threadx-sys/include"),
    ];
    bindings::check(root, include, "NETXDUO_SYS_HOST", &NETXDUO);
}
