# The tests lie beside what they test.
find_package(Boost REQUIRED COMPONENTS unit_test_framework)
foreach(name channel constellation equalizer fading ofdm rng synchronizer)
    add_executable(qa_${name} dsp/qa_${name}.cc)
    target_compile_options(qa_${name} PRIVATE ${AEIQA_WARNINGS})
    target_compile_definitions(qa_${name} PRIVATE BOOST_TEST_DYN_LINK)
    target_link_libraries(qa_${name} PRIVATE aeiqa-dsp Boost::unit_test_framework)
    add_test(NAME dsp_${name} COMMAND qa_${name})
endforeach()
