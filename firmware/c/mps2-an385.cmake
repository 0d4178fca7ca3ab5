# For -D CMAKE_TOOLCHAIN_FILE: QEMU's mps2-an385, a Cortex-M3.
set(processor "-mcpu=cortex-m3 -mthumb")
set(BOARD_PORT cortex_m3)
set(THREADX_DEFENDER_TARGET thumbv7m-none-eabi CACHE STRING "The Rust target")
include("${CMAKE_CURRENT_LIST_DIR}/mps2.cmake")
