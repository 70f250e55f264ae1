# `cmake --install` and the Debian package (`./dev package`).
set(CMAKE_INSTALL_PREFIX /usr)
include(GNUInstallDirs)
install(TARGETS cairn RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES conf/dist/cairn.example.yaml DESTINATION /etc/cairn RENAME cairn.yaml)
install(FILES conf/dist/cairn.service DESTINATION /lib/systemd/system)
install(FILES README.md CHANGELOG.md conf/dist/cairn.example.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY conf/dist/proxies DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # packing needs the server, not the tests

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)  # /etc and /lib/systemd are absolute
set(CPACK_PACKAGE_NAME cairn)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The Cairn authors <cairn@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "File server for Nextcloud clients and WebDAV")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_SOURCE_DIR}/build)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates, procps")  # procps: kill, for the unit's reload
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "fonts-dejavu-core")  # the letters of avatars
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(debian ${PROJECT_SOURCE_DIR}/conf/dist/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${debian}/conffiles;${debian}/postinst;${debian}/prerm;${debian}/postrm")
include(CPack)
