add_library(cairn_flags INTERFACE)
target_compile_options(cairn_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-qual -Wformat=2 -Wextra-semi -Wundef
  $<$<CXX_COMPILER_ID:GNU>:-fcoroutines>
  # g++ 12 takes `"x" + string` for an overlapping copy when it optimises (GCC bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<CONFIG:Debug>>>:-Wno-restrict>
  $<$<CONFIG:Debug>:-Werror>
  -fstack-protector-strong)
target_compile_definitions(cairn_flags INTERFACE
  _GLIBCXX_ASSERTIONS
  $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_SERIAL_PORT
  CAIRN_VERSION="${PROJECT_VERSION}")
target_include_directories(cairn_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_link_options(cairn_flags INTERFACE -Wl,-z,relro,-z,now)
if(NOT CAIRN_SANITIZE)
  target_link_options(cairn_flags INTERFACE -pie)
else()
  # Third-party headers trip -Wtsan and -Wmaybe-uninitialized only under sanitizers.
  target_compile_options(cairn_flags INTERFACE -fsanitize=${CAIRN_SANITIZE} -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-tsan>
    # In a unity build every source counts as a header, and one that keeps what is its own in a type that is not.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>
    # To tell what lies at an address that check opens a pipe; a test takes all descriptors, and then it is wrong.
    -fno-sanitize=vptr
    # What clang 14 puts before each function for this check cannot stand before a coroutine.
    $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  target_link_options(cairn_flags INTERFACE -fsanitize=${CAIRN_SANITIZE})
endif()
