//! The committed bindings match the headers.

#[path = "common/bindings.rs"]
mod bindings;

use std::path::Path;
use threadx_build::bindings::THREADX;

#[test]
fn committed_bindings_match_the_headers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let include = vec![root.join("host-port/include"), root.join("include")];
    bindings::check(root, include, "THREADX_SYS_HOST", &THREADX);
}
