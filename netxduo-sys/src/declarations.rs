//! Targets without the host port: what keeps a program with these declarations from being linked.

unsafe extern "C" {
    /// Nobody defines it. The linker's complaint names the reason.
    safe fn netxduo_sys_only_type_checks_on_this_target_do_not_link();
}

/// Makes whoever uses a control block's layout impossible to link: it is the host port's, and a real NetX Duo would
/// overwrite the memory behind it.
pub(crate) fn refuse_to_link() {
    netxduo_sys_only_type_checks_on_this_target_do_not_link();
}
