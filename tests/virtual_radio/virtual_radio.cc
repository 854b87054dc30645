/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * A pair of radios, ends "a" and "b" of a link, each with one transmitter and one
 * receiver: what a transmits b receives, and the other way round, across processes.
 * Arguments: driver=aeiqa_virtual, link=PATH (where the sockets are put), end=a|b, and
 * what the path *to* this end does: delay, cfo, sro, noise, taps (RE:IM/RE:IM/...), fade,
 * fade_period, seed; see air_path.h. Gains are in dB, transmitter's before the noise,
 * receiver's behind it.
 */

#include "end_point.h"
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Registry.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>

namespace virtual_radio {

namespace {
constexpr double lowest_rate = 1e4, highest_rate = 1e8;
constexpr double lowest_frequency = 1e6, highest_frequency = 6e9;
constexpr double lowest_gain = -60, highest_gain = 60;
constexpr size_t mtu = 8192;

std::string
get(const SoapySDR::Kwargs& args, const std::string& key, const std::string& otherwise)
{
    const auto found = args.find(key);
    return found == args.end() ? otherwise : found->second;
}

double number(const std::string& name, const std::string& text, double low, double high)
{
    size_t used = 0;
    double value = NAN;
    try {
        value = std::stod(text, &used);
    } catch (const std::exception&) {
    }
    if (used != text.size() || !(value >= low && value <= high)) {
        std::ostringstream what;
        what << name << ": must be from " << low << " to " << high << ", got " << text;
        throw std::invalid_argument(what.str());
    }
    return value;
}

std::vector<sample> parse_taps(const std::string& text)
{
    std::vector<sample> taps;
    std::istringstream list(text);
    for (std::string tap; std::getline(list, tap, '/');) {
        const auto colon = tap.find(':');
        const std::string im = colon == std::string::npos ? "0" : tap.substr(colon + 1);
        taps.emplace_back(number("taps", tap.substr(0, colon), -1e3, 1e3),
                          number("taps", im, -1e3, 1e3));
    }
    if (taps.empty())
        throw std::invalid_argument("taps: there must be at least one");
    return taps;
}

air_settings parse_settings(const SoapySDR::Kwargs& args)
{
    air_settings settings;
    settings.delay = number("delay", get(args, "delay", "0"), 0, 1e6);
    settings.cfo = number("cfo", get(args, "cfo", "0"), -1e7, 1e7);
    settings.sro = number("sro", get(args, "sro", "0"), -1000, 1000);
    settings.noise = number("noise", get(args, "noise", "-300"), -300, 60);
    settings.taps = parse_taps(get(args, "taps", "1"));
    settings.fade = number("fade", get(args, "fade", "0"), 0, 300);
    settings.fade_period = static_cast<uint64_t>(
        number("fade_period", get(args, "fade_period", "0"), 0, 1e15));
    settings.seed =
        static_cast<uint64_t>(number("seed", get(args, "seed", "1"), 0, 1e15));
    return settings;
}

std::string checked_end(const SoapySDR::Kwargs& args)
{
    const std::string end = get(args, "end", "a");
    if (end != "a" && end != "b")
        throw std::invalid_argument("end: must be a or b, got " + end);
    return end;
}
} // namespace

class device : public SoapySDR::Device
{
public:
    explicit device(const SoapySDR::Kwargs& args)
        : d_link(get(args, "link", "aeiqa-virtual-radio")),
          d_end(checked_end(args)),
          d_settings(parse_settings(args)),
          d_claim(d_link + "-" + d_end + ".lock")
    {
    }

    std::string getDriverKey() const override { return "aeiqa_virtual"; }
    std::string getHardwareKey() const override { return "virtual radio"; }
    size_t getNumChannels(const int) const override { return 1; }
    bool getFullDuplex(const int, const size_t) const override { return true; }

    std::vector<std::string> listAntennas(const int, const size_t) const override
    {
        return { "ANT" };
    }
    void setAntenna(const int, const size_t, const std::string&) override {}
    std::string getAntenna(const int, const size_t) const override { return "ANT"; }

    std::vector<std::string> listGains(const int, const size_t) const override
    {
        return {};
    }
    SoapySDR::Range getGainRange(const int, const size_t) const override
    {
        return { lowest_gain, highest_gain };
    }
    void setGain(const int direction, const size_t, const double db) override
    {
        side(direction).gain_db = std::clamp(db, lowest_gain, highest_gain);
    }
    double getGain(const int direction, const size_t) const override
    {
        return side(direction).gain_db;
    }

    std::vector<std::string> listFrequencies(const int, const size_t) const override
    {
        return { "RF" };
    }
    SoapySDR::RangeList
    getFrequencyRange(const int, const size_t, const std::string&) const override
    {
        return { { lowest_frequency, highest_frequency } };
    }
    void setFrequency(const int direction,
                      const size_t,
                      const std::string&,
                      const double frequency,
                      const SoapySDR::Kwargs&) override
    {
        side(direction).frequency =
            std::clamp(frequency, lowest_frequency, highest_frequency);
    }
    double
    getFrequency(const int direction, const size_t, const std::string&) const override
    {
        return side(direction).frequency;
    }

    SoapySDR::RangeList getSampleRateRange(const int, const size_t) const override
    {
        return { { lowest_rate, highest_rate } };
    }
    void setSampleRate(const int direction, const size_t, const double rate) override
    {
        side(direction).rate = rate;
    }
    double getSampleRate(const int direction, const size_t) const override
    {
        return side(direction).rate;
    }
    SoapySDR::RangeList getBandwidthRange(const int, const size_t) const override
    {
        return { { lowest_rate, highest_rate } };
    }
    void setBandwidth(const int, const size_t, const double) override {}

    std::vector<std::string> getStreamFormats(const int, const size_t) const override
    {
        return { SOAPY_SDR_CF32 };
    }
    std::string
    getNativeStreamFormat(const int, const size_t, double& full_scale) const override
    {
        full_scale = 1.0;
        return SOAPY_SDR_CF32;
    }

    SoapySDR::Stream* setupStream(const int direction,
                                  const std::string& format,
                                  const std::vector<size_t>&,
                                  const SoapySDR::Kwargs&) override
    {
        if (format != SOAPY_SDR_CF32)
            throw std::invalid_argument("format: must be CF32, got " + format);
        // Streams of a device are told apart by what they are for.
        return reinterpret_cast<SoapySDR::Stream*>(&side(direction));
    }
    void closeStream(SoapySDR::Stream* stream) override
    {
        deactivateStream(stream, 0, 0);
    }
    size_t getStreamMTU(SoapySDR::Stream*) const override { return mtu; }

    int activateStream(SoapySDR::Stream* stream,
                       const int,
                       const long long,
                       const size_t) override
    {
        const std::string other = d_end == "a" ? "b" : "a";
        if (is_receive(stream))
            d_receive = std::make_unique<receive_end>(
                d_link + "-" + d_end + ".socket", d_settings, d_rx.rate);
        else
            d_transmit = std::make_unique<transmit_end>(d_link + "-" + other + ".socket",
                                                        d_tx.rate);
        return 0;
    }
    int deactivateStream(SoapySDR::Stream* stream, const int, const long long) override
    {
        if (is_receive(stream))
            d_receive.reset();
        else
            d_transmit.reset();
        return 0;
    }

    int readStream(SoapySDR::Stream*,
                   void* const* buffers,
                   const size_t n,
                   int& flags,
                   long long&,
                   const long timeout_us) override
    {
        flags = 0;
        if (!d_receive)
            return SOAPY_SDR_STREAM_ERROR;
        const size_t count = d_receive->read(static_cast<sample*>(buffers[0]),
                                             n,
                                             amplitude(d_rx),
                                             d_rx.frequency,
                                             microseconds(timeout_us));
        return count == 0 ? SOAPY_SDR_TIMEOUT : static_cast<int>(count);
    }
    int writeStream(SoapySDR::Stream*,
                    const void* const* buffers,
                    const size_t n,
                    int&,
                    const long long,
                    const long timeout_us) override
    {
        if (!d_transmit)
            return SOAPY_SDR_STREAM_ERROR;
        // 0 and no time-out: GNU Radio's sink would warn of each while a receiver is
        // busy.
        return static_cast<int>(d_transmit->write(static_cast<const sample*>(buffers[0]),
                                                  n,
                                                  amplitude(d_tx),
                                                  d_tx.frequency,
                                                  microseconds(timeout_us)));
    }

private:
    struct direction_state {
        double gain_db = 0, frequency = 100e6, rate = 1e6;
    };
    direction_state& side(int direction)
    {
        return direction == SOAPY_SDR_RX ? d_rx : d_tx;
    }
    const direction_state& side(int direction) const
    {
        return direction == SOAPY_SDR_RX ? d_rx : d_tx;
    }
    bool is_receive(SoapySDR::Stream* stream) const
    {
        return reinterpret_cast<direction_state*>(stream) == &d_rx;
    }
    static float amplitude(const direction_state& of)
    {
        return static_cast<float>(std::pow(10.0, of.gain_db / 20.0));
    }

    std::string d_link, d_end;
    air_settings d_settings;
    claim d_claim;
    direction_state d_tx, d_rx;
    std::unique_ptr<transmit_end> d_transmit;
    std::unique_ptr<receive_end> d_receive;
};

SoapySDR::KwargsList find(const SoapySDR::Kwargs& args)
{
    SoapySDR::Kwargs found = args;
    found["driver"] = "aeiqa_virtual";
    found["label"] = "virtual radio, end " + get(args, "end", "a");
    return { found };
}

SoapySDR::Device* make(const SoapySDR::Kwargs& args) { return new device(args); }

const SoapySDR::Registry registry("aeiqa_virtual", &find, &make, SOAPY_SDR_ABI_VERSION);

} // namespace virtual_radio
