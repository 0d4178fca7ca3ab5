# For -D CMAKE_TOOLCHAIN_FILE: QEMU's mps2-an386, a Cortex-M4F.
set(processor "-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16")
set(BOARD_PORT cortex_m4)
set(THREADX_DEFENDER_TARGET thumbv7em-none-eabihf CACHE STRING "The Rust target")
include("${CMAKE_CURRENT_LIST_DIR}/mps2.cmake")
