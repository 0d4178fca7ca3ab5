//! The C compiler agrees with the bindings.
//!
//! libclang lays structures out, another compiler compiles the code that uses them. Options for the ABI, or a header that
//! asks which compiler reads it, can make them disagree; the program would then write into the wrong memory. So the sizes and
//! offsets in the bindings are checked by the C compiler.

use std::collections::BTreeMap;
use std::path::Path;

use crate::Error;
use crate::compiler;

/// Has `tool` compile the check of all structures with a C name in `bindings`; `header` is what the bindings were made of. Returns
/// how many structures were checked, of which `needed` are some.
///
/// # Errors
/// When the C compiler disagrees, or the bindings do not say the layout of one of `needed`.
pub fn check(
    bindings: &str,
    header: &Path,
    tool: &cc::Tool,
    needed: &[&'static str],
    out: &Path,
) -> Result<usize, Error> {
    let layouts = layouts(bindings);
    // A check of nothing passes, too.
    if let Some(structure) = needed.iter().find(|name| !layouts.contains_key(**name)) {
        return Err(Error::NoLayout { structure });
    }
    let mut text = format!("#include \"{}\"\n", header.display());
    for (structure, layout) in &layouts {
        text += &format!(
            "_Static_assert(sizeof({structure}) == {}, \"size of {structure}\");\n",
            layout.size
        );
        for (field, offset) in &layout.offsets {
            // Some fields have the names of services, which are macros.
            text += &format!(
                "#undef {field}\n_Static_assert(__builtin_offsetof({structure}, {field}) == {offset}, \"{structure}.{field}\");\n"
            );
        }
    }
    let unit = compiler::write_unit(out, "layout.c", &text)?;
    let output = compiler::try_compile(tool, &unit)?;
    if output.status.success() {
        Ok(layouts.len())
    } else {
        Err(Error::Layout {
            compiler: tool.path().to_owned(),
            message: String::from_utf8_lossy(&output.stderr)
                .lines()
                .filter(|line| line.contains("error"))
                .take(20)
                .collect::<Vec<_>>()
                .join("\n"),
        })
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Layout {
    size: u64,
    offsets: BTreeMap<String, u64>,
}

/// The structures that have a C type name, with the numbers that bindgen's layout tests state for them:
/// `["Size of NAME"][size_of::<NAME>() - 12usize]`, `["Offset of field: NAME::FIELD"][offset_of!(NAME, FIELD) - 4usize]`.
fn layouts(bindings: &str) -> BTreeMap<String, Layout> {
    let names = type_names(bindings);
    let mut layouts: BTreeMap<String, Layout> = BTreeMap::new();
    for (what, number) in statements(bindings) {
        if let Some(tag) = what.strip_prefix("Size of ") {
            if let Some(name) = names.get(tag) {
                layouts.entry((*name).to_owned()).or_default().size = number;
            }
        } else if let Some((tag, field)) = what
            .strip_prefix("Offset of field: ")
            .and_then(|field| field.split_once("::"))
        {
            // bindgen's names for what has none in C, and C's names that are words of Rust.
            if let Some(name) = names.get(tag).filter(|_| !field.starts_with("__bindgen")) {
                let field = field.strip_prefix("r#").unwrap_or(field);
                let field = field.strip_suffix('_').unwrap_or(field);
                let layout = layouts.entry((*name).to_owned()).or_default();
                layout.offsets.insert(field.to_owned(), number);
            }
        }
    }
    layouts
}

/// The numbers of the layout tests by their text.
fn statements(bindings: &str) -> impl Iterator<Item = (&str, u64)> {
    bindings
        .split("[\"")
        .flat_map(|part| part.split("[ \""))
        .filter_map(|part| {
            let (what, rest) = part.split_once('"')?;
            let (expression, _) = rest.split_once("usize")?;
            let number = expression.rsplit('-').next()?.trim().parse().ok()?;
            Some((what, number))
        })
}

/// The C type name of each structure: what `typedef struct TAG { … } NAME;` gives as `pub type NAME = TAG;`. Structures
/// without a tag carry their type name; of those only the Azure SDK's are known to be none of the system's.
fn type_names(bindings: &str) -> BTreeMap<&str, &str> {
    let mut names = BTreeMap::new();
    for item in bindings.split(['\n', ';', '}', ']']) {
        let item = item.trim();
        if let Some((name, tag)) = item
            .strip_prefix("pub type ")
            .and_then(|item| item.split_once('='))
        {
            names.insert(tag.trim(), name.trim());
        }
        if let Some(name) = item
            .strip_prefix("pub struct az_")
            .and_then(|rest| rest.split([' ', '{']).next())
        {
            let start = item.len() - item.trim_start_matches("pub struct ").len();
            let name = &item[start..start + "az_".len() + name.len()];
            // A structure inside of another one has no name in C.
            if !name.contains("__bindgen") {
                names.entry(name).or_insert(name);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::compiler::tests::native;

    /// As bindgen writes it, with and without a formatter.
    const BINDINGS: [&str; 2] = [
        r#"
#[repr(C)]
pub struct NX_THING_STRUCT {
    pub nx_thing_id: cty::c_char,
    pub type_: cty::c_int,
    pub __bindgen_anon_1: NX_THING_STRUCT__bindgen_ty_1,
}
const _: () = {
    ["Size of NX_THING_STRUCT"][::core::mem::size_of::<NX_THING_STRUCT>() - 12usize];
    ["Alignment of NX_THING_STRUCT"][::core::mem::align_of::<NX_THING_STRUCT>() - 4usize];
    ["Offset of field: NX_THING_STRUCT::nx_thing_id"]
        [::core::mem::offset_of!(NX_THING_STRUCT, nx_thing_id) - 0usize];
    ["Offset of field: NX_THING_STRUCT::type_"]
        [::core::mem::offset_of!(NX_THING_STRUCT, type_) - 4usize];
    ["Offset of field: NX_THING_STRUCT::__bindgen_anon_1"]
        [::core::mem::offset_of!(NX_THING_STRUCT, __bindgen_anon_1) - 8usize];
};
pub type NX_THING = NX_THING_STRUCT;
#[repr(C)]
pub struct az_thing {
    pub size: cty::c_int,
}
const _: () = {
    ["Size of az_thing"][::core::mem::size_of::<az_thing>() - 4usize];
    ["Offset of field: az_thing::size"][::core::mem::offset_of!(az_thing, size) - 0usize];
};
"#,
        r#"# [repr (C)] pub struct NX_THING_STRUCT { pub nx_thing_id : cty :: c_char , pub type_ : cty :: c_int , pub __bindgen_anon_1 : NX_THING_STRUCT__bindgen_ty_1 , } # [allow (clippy :: unnecessary_operation , clippy :: identity_op)] const _ : () = { ["Size of NX_THING_STRUCT"] [:: core :: mem :: size_of :: < NX_THING_STRUCT > () - 12usize] ; ["Alignment of NX_THING_STRUCT"] [:: core :: mem :: align_of :: < NX_THING_STRUCT > () - 4usize] ; ["Offset of field: NX_THING_STRUCT::nx_thing_id"] [:: core :: mem :: offset_of ! (NX_THING_STRUCT , nx_thing_id) - 0usize] ; ["Offset of field: NX_THING_STRUCT::type_"] [:: core :: mem :: offset_of ! (NX_THING_STRUCT , type_) - 4usize] ; ["Offset of field: NX_THING_STRUCT::__bindgen_anon_1"] [:: core :: mem :: offset_of ! (NX_THING_STRUCT , __bindgen_anon_1) - 8usize] ; } ; pub type NX_THING = NX_THING_STRUCT ; # [repr (C)] pub struct az_thing { pub size : cty :: c_int , } const _ : () = { ["Size of az_thing"] [:: core :: mem :: size_of :: < az_thing > () - 4usize] ; ["Offset of field: az_thing::size"] [:: core :: mem :: offset_of ! (az_thing , size) - 0usize] ; } ;"#,
    ];

    const HEADER: &str = "typedef struct NX_THING_STRUCT { char nx_thing_id; int type; union { int a; char b; }; } NX_THING;\n\
                          typedef struct { int size; } az_thing;\n#define nx_thing_id _nxe_thing_id\n";

    #[test]
    fn sizes_and_offsets_are_those_of_the_bindings() {
        for bindings in BINDINGS {
            let layouts = layouts(bindings);
            let thing = Layout {
                size: 12,
                offsets: BTreeMap::from([("nx_thing_id".to_owned(), 0), ("type".to_owned(), 4)]),
            };
            let az_thing = Layout {
                size: 4,
                offsets: BTreeMap::from([("size".to_owned(), 0)]),
            };
            assert_eq!(
                layouts,
                BTreeMap::from([
                    ("NX_THING".to_owned(), thing),
                    ("az_thing".to_owned(), az_thing)
                ])
            );
        }
    }

    fn check_against(flags: &[&str]) -> Result<usize, Error> {
        let out = tempfile::tempdir().unwrap();
        let header = out.path().join("wrapper.h");
        fs::write(&header, HEADER).unwrap();
        let tool = native(out.path()).flags(flags).get_compiler();
        check(BINDINGS[1], &header, &tool, &["NX_THING"], out.path())
    }

    #[test]
    fn bindings_without_the_layout_of_something_needed_are_refused() {
        let out = tempfile::tempdir().unwrap();
        let tool = native(out.path()).get_compiler();
        let text = check(BINDINGS[0], Path::new("x.h"), &tool, &["NX_IP"], out.path())
            .unwrap_err()
            .to_string();
        assert!(text.contains("NX_IP"), "{text}");
    }

    #[test]
    fn a_compiler_that_agrees_is_accepted() {
        assert_eq!(check_against(&[]).unwrap(), 2);
    }

    #[test]
    fn a_compiler_that_packs_is_refused_with_the_structure() {
        let text = check_against(&["-fpack-struct=1"]).unwrap_err().to_string();
        assert!(text.contains("size of NX_THING"), "{text}");
    }
}
