# What QEMU's mps2 boards have in common. Each says its own in a file that includes this: `processor`, the options for the compiler.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_ASM_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_FLAGS_INIT "${processor} -ffunction-sections -fdata-sections -Os -g")
set(CMAKE_ASM_FLAGS_INIT "${processor}")
