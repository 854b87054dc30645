/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// Any PMT as an img tag, from a symbol to dicts of all fields with anything in them.

#include "frame_tag.h"
#include "img_tag.h"
#include "require.h"
#include <fuzzer/FuzzedDataProvider.h>
#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace gr::aeiqa;

static std::vector<pmt::pmt_t> all_fields()
{
    auto fields = frame_tag::fields();
    for (const auto& more : { img_tag::symbols(),
                              img_tag::training(),
                              img_tag::drift(),
                              img_tag::phase_gain(),
                              img_tag::known_symbol() })
        fields.push_back(more);
    return fields;
}

static pmt::pmt_t any(FuzzedDataProvider& in, int levels);

// From a fixed set: GNU Radio keeps each symbol for ever, and gets slower by each.
static pmt::pmt_t symbol(FuzzedDataProvider& in)
{
    static const auto symbols = [] {
        std::vector<pmt::pmt_t> made;
        std::mt19937 random(1);
        for (size_t length : { 0, 1, 2, 3, 5, 8, 20, 50, 299, 300, 301, 303, 304, 400 })
            for (int i = 0; i < 8; i++) {
                std::string text(length, 'a');
                for (auto& letter : text)
                    letter = static_cast<char>(i < 4 ? random() : ' ' + random() % 95);
                made.push_back(pmt::string_to_symbol(text));
            }
        return made;
    }();
    return symbols[in.ConsumeIntegralInRange<size_t>(0, symbols.size() - 1)];
}

static long number(FuzzedDataProvider& in)
{
    static const long edges[] = { 0,        1,        -1,        784,
                                  1 << 16,  1 << 20,  1 << 30,   1l << 31,
                                  1l << 32, 1l << 62, INT64_MAX, INT64_MIN };
    return in.ConsumeBool() ? in.PickValueInArray(edges) : in.ConsumeIntegral<long>();
}

static pmt::pmt_t any_dict(FuzzedDataProvider& in, int levels)
{
    static const auto fields = all_fields();
    pmt::pmt_t dict = pmt::make_dict();
    for (int i = in.ConsumeIntegralInRange(0, 40); i > 0 && in.remaining_bytes() > 0;
         i--) {
        const auto name = fields[in.ConsumeIntegralInRange<size_t>(0, fields.size() - 1)];
        const auto small = pmt::from_long(in.ConsumeIntegral<uint8_t>());
        dict = pmt::acons(name, in.ConsumeBool() ? small : any(in, levels - 1), dict);
    }
    return dict;
}

static pmt::pmt_t any(FuzzedDataProvider& in, int levels)
{
    switch (levels > 0 ? in.ConsumeIntegralInRange(0, 13)
                       : in.ConsumeIntegralInRange(0, 8)) {
    case 0:
        return pmt::from_long(number(in));
    case 1:
        return pmt::from_uint64(in.ConsumeIntegral<uint64_t>());
    case 2:
        return pmt::from_double(in.ConsumeFloatingPoint<double>());
    case 3:
        return symbol(in);
    case 4:
        return pmt::init_u8vector(4, { 1, 2, 3, 4 });
    case 5:
        return pmt::PMT_NIL;
    case 6:
        return pmt::from_bool(in.ConsumeBool());
    case 7:
        return pmt::make_c32vector(in.ConsumeIntegral<uint8_t>(), 1.0f);
    case 8:
        return pmt::from_double(NAN);
    case 9:
        return pmt::cons(any(in, levels - 1), any(in, levels - 1));
    case 10:
        return pmt::make_tuple(any(in, levels - 1));
    case 11: { // deep, and long
        pmt::pmt_t list = any(in, 0);
        const bool deep = in.ConsumeBool();
        const bool longest = in.ConsumeIntegralInRange(0, 15) == 15;
        for (int i = longest ? 2000 : in.ConsumeIntegral<uint8_t>() / 4; i > 0; i--)
            list = deep ? pmt::cons(list, pmt::PMT_NIL) : pmt::cons(pmt::PMT_NIL, list);
        return list;
    }
    case 12:
        return pmt::make_vector(3, any(in, levels - 1));
    default:
        return any_dict(in, levels);
    }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static img_tag::reader reader(frame_tag::fields());
    FuzzedDataProvider in(data, size);
    for (int tags = 0; in.remaining_bytes() > 0 && tags < 4; tags++) {
        const auto tag = in.ConsumeBool() ? any_dict(in, 3) : any(in, 3);
        REQUIRE(img_tag::describe(tag).size() <= 303);
        const auto& values = reader.read(tag);
        for (const long value : values)
            REQUIRE(value >= img_tag::malformed || value == img_tag::absent);
        if (const auto header = img_tag::to_header(values)) {
            REQUIRE(header->nbytes >= 1 && header->nbytes <= img_tag::max_image_bytes);
            REQUIRE(uint64_t(header->rows) * header->cols * header->channels ==
                    header->nbytes);
            REQUIRE(header->label >= -1);
        }
        if (const auto fragment = frame_tag::read(tag, values)) {
            REQUIRE(!dsp::modulation_name(fragment->header.bits).empty());
            REQUIRE(fragment->header.copy < fragment->header.copies);
            REQUIRE(fragment->nbytes >= 1 && fragment->frame_nbytes >= 1);
            REQUIRE(std::isfinite(fragment->snr_db) && std::isfinite(fragment->cfo));
        }
        for (const auto& field : { img_tag::training(), img_tag::drift() }) {
            img_tag::get(tag, field);
            const auto real = img_tag::real(tag, field);
            REQUIRE(!real || std::isfinite(*real));
        }
    }
    return 0;
}
