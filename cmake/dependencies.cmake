# Everything comes from Debian 12's packages; the list to install stands in packages.txt.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS system json url)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(EXPAT REQUIRED)
find_package(LibArchive REQUIRED)
find_package(CURL REQUIRED)
find_package(Protobuf REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(SPDLOG REQUIRED IMPORTED_TARGET spdlog)
pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(OATH REQUIRED IMPORTED_TARGET liboath)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode)
pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
find_library(ROCKSDB_LIBRARY rocksdb REQUIRED)
# Static: only the writers of zip and tar get in. The shared library would bring along what its readers need, libxml2 with
# 30 MiB of Unicode tables among it.
find_library(ARCHIVE_LIBRARY libarchive.a REQUIRED)
find_library(NETTLE_LIBRARY libnettle.a REQUIRED)
# Static, too: the shared library would bring 45 MiB of codecs for AVIF, HEIF and TIFF.
find_library(GD_LIBRARY libgd.a REQUIRED)
pkg_check_modules(GD_NEEDS REQUIRED IMPORTED_TARGET libpng libjpeg libwebp freetype2 fontconfig)

add_library(cairn::crypto ALIAS OpenSSL::Crypto)
add_library(cairn::sodium ALIAS PkgConfig::SODIUM)
add_library(cairn::yaml ALIAS PkgConfig::YAML)
add_library(cairn::utf8proc ALIAS PkgConfig::UTF8PROC)
add_library(cairn::spdlog ALIAS PkgConfig::SPDLOG)
add_library(cairn_rocksdb INTERFACE)
target_link_libraries(cairn_rocksdb INTERFACE ${ROCKSDB_LIBRARY})
add_library(cairn::rocksdb ALIAS cairn_rocksdb)
add_library(cairn_archive INTERFACE)
target_include_directories(cairn_archive INTERFACE ${LibArchive_INCLUDE_DIRS})
target_link_libraries(cairn_archive INTERFACE ${ARCHIVE_LIBRARY} ${NETTLE_LIBRARY} ZLIB::ZLIB)
# The table of all formats, which nothing refers to, goes, and with it what it refers to.
target_link_options(cairn_archive INTERFACE -Wl,--gc-sections)
add_library(cairn::archive ALIAS cairn_archive)
add_library(cairn_gd INTERFACE)
target_link_libraries(cairn_gd INTERFACE ${GD_LIBRARY} PkgConfig::GD_NEEDS ZLIB::ZLIB m)
add_library(cairn::gd ALIAS cairn_gd)
add_library(cairn::oath ALIAS PkgConfig::OATH)
add_library(cairn::qrencode ALIAS PkgConfig::QRENCODE)
add_library(cairn::prometheus ALIAS PkgConfig::PROMETHEUS)
add_library(cairn_cli11 INTERFACE)
add_library(cairn::cli11 ALIAS cairn_cli11)

# storage/records.proto: the encoding of every metadata record. Its generated code is not ours to warn about.
set(records_dir ${PROJECT_BINARY_DIR}/storage)
file(MAKE_DIRECTORY ${records_dir})
add_custom_command(
  OUTPUT ${records_dir}/records.pb.cc ${records_dir}/records.pb.h
  COMMAND protobuf::protoc --cpp_out=lite:${PROJECT_BINARY_DIR} -I${PROJECT_SOURCE_DIR}
          ${PROJECT_SOURCE_DIR}/storage/records.proto
  DEPENDS ${PROJECT_SOURCE_DIR}/storage/records.proto)
add_library(cairn_records STATIC ${records_dir}/records.pb.cc)
target_include_directories(cairn_records SYSTEM PUBLIC ${PROJECT_BINARY_DIR})
target_link_libraries(cairn_records PUBLIC protobuf::libprotobuf-lite)
if(CAIRN_SANITIZE)
  target_compile_options(cairn_records PRIVATE -fsanitize=${CAIRN_SANITIZE})
endif()
