//! Names that C would define.

/// Defines C functions that are ours: a jump each.
macro_rules! functions {
    ($($name:ident = $function:path;)*) => {$(
        core::arch::global_asm!(
            concat!(".pushsection .text.", stringify!($name), ",\"ax\",%progbits"),
            concat!(".globl ", stringify!($name)),
            concat!(".type ", stringify!($name), ",%function"),
            ".thumb_func",
            concat!(stringify!($name), ": b.w {function}"),
            ".popsection",
            function = sym $function,
        );
    )*};
}

/// Defines C variables of so many bytes, all zero.
macro_rules! variables {
    ($($name:ident: $type:ty;)*) => {$(
        core::arch::global_asm!(
            concat!(".pushsection .bss.", stringify!($name), ",\"aw\",%nobits"),
            ".balign 8",
            concat!(".globl ", stringify!($name)),
            concat!(".type ", stringify!($name), ",%object"),
            concat!(stringify!($name), ": .skip {size}"),
            concat!(".size ", stringify!($name), ", {size}"),
            ".popsection",
            size = const size_of::<$type>(),
        );
    )*};
}

pub(crate) use {functions, variables};
