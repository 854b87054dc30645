/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BOOST_TEST_MODULE frame_equalizer
#include "frame_equalizer.h"
#include "rng.h"
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace gr::aeiqa::dsp;
using complex = std::complex<float>;
using symbols = std::vector<std::vector<complex>>;
using method = channel_estimator::method;
namespace data = boost::unit_test::data;

static constexpr int n = 64, cp_len = 16;

static std::vector<complex> gaussian(rng_use use, uint64_t image)
{
    const counter_rng rng(1, use);
    std::vector<complex> z(n);
    for (int k = 0; k < n; k++)
        z[k] = rng.normal(image, k);
    return z;
}

static std::vector<complex> times(const std::vector<complex>& a,
                                  const std::vector<complex>& b)
{
    std::vector<complex> product(n);
    for (int k = 0; k < n; k++)
        product[k] = a[k] * b[k];
    return product;
}

// The data symbols of a frame received so far.
static symbols run(frame_equalizer& e, const symbols& received)
{
    symbols out;
    for (const auto& y : received) {
        if (e.trains())
            e.train(y.data());
        if (!e.is_training()) {
            out.emplace_back(e.n_data());
            e.equalize(y.data(), out.back().data());
        }
        e.advance();
    }
    return out;
}

static double distance(const symbols& a, const symbols& b)
{
    BOOST_REQUIRE(a.size() == b.size());
    double most = 0;
    for (size_t s = 0; s < a.size(); s++)
        for (size_t k = 0; k < a[s].size(); k++)
            most = std::max<double>(most, std::abs(a[s][k] - b[s][k]));
    return most;
}

BOOST_DATA_TEST_CASE(each_group_of_training_renews_the_estimate,
                     data::make({ 1, 3 }) * data::make({ 0, 1, 2, 5 }),
                     training,
                     period)
{
    const carrier_plan plan(n);
    const frame_layout layout(training, period);
    frame_equalizer e(plan, cp_len, { method::ls, equalizer::kind::zf, 0.0 });
    for (const uint64_t frame : { 0, 1 }) {
        symbols received, sent;
        std::vector<complex> h;
        for (uint64_t s = 0; sent.size() < 6; s++) {
            // Fading that moves in front of each group, and nowhere else.
            if (h.empty() || (layout.is_training(s) && !layout.is_training(s - 1)))
                h = gaussian(rng_use::fading, 100 * frame + s);
            if (layout.is_training(s)) {
                received.push_back(times(h, plan.training()));
            } else {
                sent.push_back(gaussian(rng_use::noise, 100 * frame + s));
                received.push_back(times(h, sent.back()));
            }
        }
        e.start(layout, {}, 0.0, 0.0);
        BOOST_TEST(distance(run(e, received), sent) < 1e-4);
    }
}

BOOST_AUTO_TEST_CASE(a_frame_cut_short_in_its_training_leaves_nothing)
{
    const carrier_plan plan(n);
    const auto h = gaussian(rng_use::fading, 1), x = gaussian(rng_use::noise, 1);
    frame_equalizer e(plan, cp_len, { method::ls, equalizer::kind::zf, 0.0 });
    e.start(frame_layout(2, 0), {}, 0.0, 0.0);
    run(e, { gaussian(rng_use::noise, 2) });
    e.start(frame_layout(2, 0), {}, 0.0, 0.0);
    const auto y = times(h, plan.training());
    BOOST_TEST(distance(run(e, { y, y, times(h, x) }), { x }) < 1e-4);
}

BOOST_AUTO_TEST_CASE(the_first_data_symbol_known_is_both)
{
    const auto h = gaussian(rng_use::fading, 1);
    const symbols sent = { gaussian(rng_use::noise, 1), gaussian(rng_use::noise, 2) };
    const symbols received = { times(h, sent[0]), times(h, sent[1]) };
    for (const method which : { method::ls, method::none }) {
        frame_equalizer e(carrier_plan(n), cp_len, { which, equalizer::kind::zf, 0.0 });
        e.start(frame_layout(0, 0), sent[0], 0.0, 0.0);
        const auto out = run(e, received);
        BOOST_TEST(distance(out, which == method::ls ? sent : received) < 1e-4);
    }
}

BOOST_AUTO_TEST_CASE(a_given_response_holds_from_the_next_symbol_on)
{
    frame_equalizer e(
        carrier_plan(n), cp_len, { method::perfect, equalizer::kind::zf, 0.1 });
    BOOST_TEST(e.is_perfect());
    e.start(frame_layout(0, 0), {}, 0.0, 0.0);
    std::vector<float> variance(n);
    for (const uint64_t s : { 1, 2 }) {
        const auto h = gaussian(rng_use::fading, s), x = gaussian(rng_use::noise, s);
        e.set_response(h.data());
        BOOST_TEST(distance(run(e, { times(h, x) }), { x }) < 1e-4);
        e.get_error_variance(variance.data());
        for (int k = 0; k < n; k++)
            BOOST_TEST(variance[k] == 0.1f / std::norm(h[k]));
    }
}

BOOST_AUTO_TEST_CASE(configured_anew_it_remembers_nothing)
{
    const carrier_plan plan(n);
    const frame_equalizer::settings settings{ method::ls_dft,
                                              equalizer::kind::mmse,
                                              0.0 };
    frame_equalizer used(plan, cp_len, { method::ls, equalizer::kind::zf, 0.2 });
    used.start(frame_layout(1, 0), {}, 0.0, 0.0);
    run(used, { gaussian(rng_use::noise, 1), gaussian(rng_use::noise, 2) });
    BOOST_TEST(used.noise_variance() == 0.2);
    used.configure(settings);
    BOOST_TEST((used.response() == std::vector<complex>(n, 1.0f)));
    BOOST_TEST(std::isnan(used.noise_variance()));

    frame_equalizer fresh(plan, cp_len, settings);
    const symbols received = { gaussian(rng_use::noise, 3), gaussian(rng_use::noise, 4) };
    fresh.start(frame_layout(1, 0), {}, 0.0, 0.0);
    used.start(frame_layout(1, 0), {}, 0.0, 0.0);
    BOOST_TEST((run(fresh, received) == run(used, received)));
    BOOST_TEST(fresh.noise_variance() == used.noise_variance());
}

// With pilots, what turns the carriers from symbol to symbol is taken out.
BOOST_AUTO_TEST_CASE(pilots_are_followed)
{
    const auto [carriers, pilots] = default_carriers(n);
    const carrier_plan plan(n, carriers, pilots);
    frame_equalizer e(plan, cp_len, { method::ls, equalizer::kind::zf, 0.0 });
    const double drift = 0.002; // of the phase, radians a symbol
    symbols received, sent;
    for (uint64_t s = 0; s < 60; s++) {
        auto x = s == 0 ? plan.training() : gaussian(rng_use::noise, s);
        for (size_t m = 0; s > 0 && m < pilots.size(); m++)
            x[plan.pilots()[m]] = plan.pilot(s - 1, m);
        if (s > 0) {
            sent.emplace_back();
            for (const size_t k : plan.data())
                sent.back().push_back(x[k]);
        }
        const complex turn(std::polar(1.0, drift * static_cast<double>(s)));
        received.push_back(times(x, std::vector<complex>(n, turn)));
    }
    e.start(frame_layout(1, 0), {}, 0.0, 0.0);
    const auto out = run(e, received);
    double untracked = 0;
    for (size_t k = 0; k < out.back().size(); k++)
        untracked = std::max<double>(
            untracked,
            std::abs(sent.back()[k] * (complex(std::polar(1.0, 59 * drift)) - 1.0f)));
    BOOST_TEST(distance({ out.back() }, { sent.back() }) < 0.1 * untracked);
}
