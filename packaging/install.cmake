# `cmake --install build/release --prefix P` and CPack. The tree finds its parts from the program's own place, so
# it may be moved: bin/mimir, share/mimir-workbench, and libtorch in lib/mimir where it is bundled.
if(MIMIR_BUILD_CORE)
  install(TARGETS mimir RUNTIME DESTINATION bin COMPONENT program)
  if(MIMIR_BUNDLE_LIBTORCH AND NOT Libtorch_CUDA)
    file(GLOB _openmp "${Libtorch_ROOT}/lib/libgomp*")
    install(FILES "${Libtorch_torch_cpu_LIBRARY}" "${Libtorch_c10_LIBRARY}" ${_openmp}
      DESTINATION lib/mimir COMPONENT libtorch)
    set_target_properties(mimir PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/mimir")
  else()  # a CUDA build needs NVIDIA's libraries around it: it stays where it is
    set_target_properties(mimir PROPERTIES INSTALL_RPATH "${Libtorch_ROOT}/lib")
  endif()

  foreach(folder experiments tests/reference)
    if(EXISTS "${PROJECT_SOURCE_DIR}/${folder}")
      install(DIRECTORY "${folder}" DESTINATION share/mimir-workbench COMPONENT data)
    endif()
  endforeach()
  foreach(document README.md CHANGELOG.md LICENSE)
    install(FILES "${document}" DESTINATION share/doc/mimir-workbench COMPONENT data OPTIONAL)
  endforeach()
endif()

if(MIMIR_BUILD_GUI)
  install(TARGETS mimir-workbench RUNTIME DESTINATION bin COMPONENT program)
  install(FILES packaging/mimir-workbench.desktop DESTINATION share/applications COMPONENT program)
  install(FILES packaging/mimir-workbench.metainfo.xml DESTINATION share/metainfo
    RENAME io.github.mimir_workbench.MimirWorkbench.metainfo.xml COMPONENT program)
  install(FILES resources/icons/app.svg DESTINATION share/icons/hicolor/scalable/apps
    RENAME mimir-workbench.svg COMPONENT program)
endif()

set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_NAME mimir-workbench)
set(CPACK_PACKAGE_VENDOR "MIMIR Workbench")
set(CPACK_PACKAGE_CONTACT "MIMIR Workbench maintainers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${Libtorch_ROOT}/lib")
include(CPack)
