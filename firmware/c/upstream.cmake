# ThreadX, NetX Duo and the Azure SDK for C as the libraries `threadx` and `netxduo`, for the port that the board's toolchain file says
# (BOARD_PORT), with the configuration of the folder `config`. The trees are those that the environment names, or below `vendor`, as for Rust.

foreach(tree threadx netxduo azure-sdk-for-c)
    string(TOUPPER "${tree}_DIR" variable)
    string(REPLACE - _ variable "${variable}")
    set(place "$ENV{${variable}}")
    get_filename_component(vendored "${CMAKE_CURRENT_LIST_DIR}/../../vendor/${tree}" ABSOLUTE)
    if(NOT place AND IS_DIRECTORY "${vendored}")
        set(place "${vendored}")
    endif()
    set(${variable} "${place}" CACHE PATH "The sources of ${tree}")
endforeach()
foreach(tree THREADX_DIR NETXDUO_DIR)
    if(NOT IS_DIRECTORY "${${tree}}/common/src")
        message(FATAL_ERROR "${tree} must name the folder of upstream's sources, not '${${tree}}' (see vendor/README.md)")
    endif()
endforeach()
if(NOT AZURE_SDK_FOR_C_DIR)
    set(AZURE_SDK_FOR_C_DIR "${NETXDUO_DIR}/addons/azure_iot/azure-sdk-for-c")
endif()

# ThreadX. What starts the kernel is the board's.
file(GLOB threadx_sources "${THREADX_DIR}/common/src/*.c" "${THREADX_DIR}/ports/${BOARD_PORT}/gnu/src/*.[cS]")
list(FILTER threadx_sources EXCLUDE REGEX "tx_initialize_low_level")
add_library(threadx STATIC ${threadx_sources})
target_include_directories(threadx PUBLIC
    "${CMAKE_CURRENT_LIST_DIR}/config" "${THREADX_DIR}/common/inc" "${THREADX_DIR}/ports/${BOARD_PORT}/gnu/inc")
target_compile_definitions(threadx PUBLIC TX_INCLUDE_USER_DEFINE_FILE)
target_compile_options(threadx PRIVATE -w)

# NetX Duo, TLS, cryptography, and of its addons what an IoT Hub client needs. Without device update.
set(netxduo_sources "")
foreach(folder common/src nx_secure/src crypto_libraries/src addons/dns addons/mqtt addons/cloud addons/sntp addons/azure_iot)
    file(GLOB sources "${NETXDUO_DIR}/${folder}/*.c")
    list(APPEND netxduo_sources ${sources})
endforeach()
list(FILTER netxduo_sources EXCLUDE REGEX "nx_azure_iot_adu_|nxd_sntp_server")
list(APPEND netxduo_sources "${NETXDUO_DIR}/addons/azure_iot/samples/cert/nx_azure_iot_ciphersuites.c")
file(GLOB sdk_sources "${AZURE_SDK_FOR_C_DIR}/sdk/src/azure/core/*.c" "${AZURE_SDK_FOR_C_DIR}/sdk/src/azure/iot/*.c")
if(NOT sdk_sources)
    message(FATAL_ERROR "AZURE_SDK_FOR_C_DIR must name the folder of the Azure SDK for C, not '${AZURE_SDK_FOR_C_DIR}' (see vendor/README.md)")
endif()
list(APPEND sdk_sources
    "${AZURE_SDK_FOR_C_DIR}/sdk/src/azure/platform/az_nohttp.c" "${AZURE_SDK_FOR_C_DIR}/sdk/src/azure/platform/az_noplatform.c")
add_library(netxduo STATIC ${netxduo_sources} ${sdk_sources})
target_include_directories(netxduo PUBLIC
    "${NETXDUO_DIR}/common/inc" "${NETXDUO_DIR}/ports/${BOARD_PORT}/gnu/inc"
    "${NETXDUO_DIR}/nx_secure/inc" "${NETXDUO_DIR}/nx_secure/ports"
    "${NETXDUO_DIR}/crypto_libraries/inc" "${NETXDUO_DIR}/crypto_libraries/ports/${BOARD_PORT}/gnu/inc"
    "${NETXDUO_DIR}/addons/dns" "${NETXDUO_DIR}/addons/mqtt" "${NETXDUO_DIR}/addons/cloud" "${NETXDUO_DIR}/addons/sntp"
    "${NETXDUO_DIR}/addons/azure_iot" "${NETXDUO_DIR}/addons/azure_iot/samples/cert"
    "${AZURE_SDK_FOR_C_DIR}/sdk/inc")
target_compile_definitions(netxduo PUBLIC NX_INCLUDE_USER_DEFINE_FILE)
target_link_libraries(netxduo PUBLIC threadx)
target_compile_options(netxduo PRIVATE -w)
