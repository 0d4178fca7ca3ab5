//! How the committed bindings are made, shared with `netxduo-sys`.

use bindgen::callbacks::{DeriveTrait, ImplementsTrait, ParseCallbacks};
use std::path::{Path, PathBuf};
use std::{env, fs, panic};

/// What to generate bindings of.
pub struct Bindings<'a> {
    /// The header that includes everything.
    pub header: &'a Path,
    /// Folders with headers.
    pub include: &'a [PathBuf],
    /// Pattern of the file names whose items are wanted; what they only include stays out.
    pub files: &'a str,
    /// Lines to put in front of the items.
    pub prelude: &'a [&'a str],
}

impl Bindings<'_> {
    /// Compares the committed file with what the headers say now; with `UPDATE_BINDINGS` set, rewrites it.
    ///
    /// Without libclang there is nothing to compare with: the test then passes with a note, except in CI.
    pub fn check(&self, committed: &Path) {
        let Some(generated) = self.generate() else {
            assert!(
                env::var_os("CI").is_none(),
                "libclang is missing: install libclang-dev"
            );
            eprintln!("skipped: no libclang, install libclang-dev");
            return;
        };
        if env::var_os("UPDATE_BINDINGS").is_some() {
            fs::write(committed, &generated).expect("the bindings file is writable");
            return;
        }
        let current = fs::read_to_string(committed).expect("the bindings file is readable");
        assert!(
            current == generated,
            "{} does not match its headers: run this test with UPDATE_BINDINGS=1",
            committed.display()
        );
    }

    /// The bindings, or nothing without libclang.
    fn generate(&self) -> Option<String> {
        let builder = bindgen::builder()
            .header(self.header.to_str().expect("the path is UTF-8"))
            .clang_args(self.include.iter().map(|folder| format!("-I{}", folder.display())))
            .allowlist_file(self.files)
            .raw_line("// Made from the headers by tests/bindings.rs: do not edit, run it with UPDATE_BINDINGS=1.")
            .raw_line("")
            .disable_header_comment()
            .rust_target(bindgen::RustTarget::stable(88, 0).expect("bindgen knows the minimum Rust version"))
            .rust_edition(bindgen::RustEdition::Edition2024)
            .use_core()
            .ctypes_prefix("cty")
            // They would hold on 64-bit machines only, and the file serves 32-bit ones as well.
            .layout_tests(false)
            .allowlist_recursively(false)
            // Control blocks are objects with an address, not values.
            .no_copy("(TX|NX)_[A-Z0-9_]+")
            .derive_debug(false)
            .parse_callbacks(Box::new(Integers))
            .sort_semantically(true)
            .formatter(bindgen::Formatter::Prettyplease);
        let builder = self
            .prelude
            .iter()
            .fold(builder, |builder, line| builder.raw_line(*line));
        // bindgen panics when it cannot load libclang.
        let silent = panic::take_hook();
        panic::set_hook(Box::new(|_| ()));
        let generated = panic::catch_unwind(|| bindgen::clang_version().full);
        panic::set_hook(silent);
        generated.ok()?;
        Some(builder.generate().expect("the headers compile").to_string())
    }
}

/// ThreadX' names for integers may be declared in another crate; without this, unions of them would not be unions.
#[derive(Debug)]
struct Integers;

impl ParseCallbacks for Integers {
    fn blocklisted_type_implements_trait(
        &self,
        name: &str,
        _: DeriveTrait,
    ) -> Option<ImplementsTrait> {
        matches!(name, "UCHAR" | "USHORT" | "UINT" | "ULONG").then_some(ImplementsTrait::Yes)
    }
}
