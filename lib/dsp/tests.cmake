# The tests lie beside what they test.
find_package(Boost REQUIRED COMPONENTS unit_test_framework)
file(GLOB tests CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/dsp ${CMAKE_CURRENT_SOURCE_DIR}/dsp/qa_*.cc)
add_custom_target(cpp_tests)
foreach(test ${tests})
    string(REGEX REPLACE "qa_(.*)\\.cc" "\\1" name ${test})
    add_executable(qa_${name} dsp/${test})
    target_compile_options(qa_${name} PRIVATE ${AEIQA_WARNINGS})
    target_compile_definitions(qa_${name} PRIVATE BOOST_TEST_DYN_LINK)
    target_link_libraries(qa_${name} PRIVATE aeiqa-dsp Boost::unit_test_framework)
    add_test(NAME dsp_${name} COMMAND qa_${name})
    add_dependencies(cpp_tests qa_${name})
endforeach()

# qa_simd compares what the loader chooses with each instruction set by itself: the same sources once more for each,
# in a namespace of its own instead of dsp.
target_sources(qa_simd PRIVATE dsp/simd_results.cc)
foreach(path baseline avx2 avx512)
    string(TOUPPER AEIQA_SIMD_${path} AEIQA_SIMD_PATH)
    add_library(aeiqa-dsp-${path} OBJECT
        dsp/awgn.cc
        dsp/carrier_plan.cc
        dsp/channel.cc
        dsp/channel_estimator.cc
        dsp/constellation.cc
        dsp/convolutional_code.cc
        dsp/delay_subspace_projection.cc
        dsp/equalizer.cc
        dsp/fading.cc
        dsp/frame_layout.cc
        dsp/kernels.cc
        dsp/ofdm.cc
        dsp/phase_tracker.cc
        dsp/rng.cc
        dsp/scrambler.cc
        dsp/simd_results.cc)
    target_compile_definitions(aeiqa-dsp-${path} PRIVATE dsp=dsp_${path} AEIQA_SIMD_PATH=${AEIQA_SIMD_PATH})
    target_compile_options(aeiqa-dsp-${path} PRIVATE $<TARGET_PROPERTY:aeiqa-dsp,COMPILE_OPTIONS>)
    target_include_directories(aeiqa-dsp-${path} PRIVATE $<TARGET_PROPERTY:aeiqa-dsp,INCLUDE_DIRECTORIES>)
    target_link_libraries(qa_simd PRIVATE aeiqa-dsp-${path})
endforeach()
