/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_VIRTUAL_RADIO_END_POINT_H
#define INCLUDED_AEIQA_VIRTUAL_RADIO_END_POINT_H

#include "air_path.h"
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace virtual_radio {

using std::chrono::microseconds;

//! A file descriptor that is closed with its owner.
class descriptor
{
public:
    explicit descriptor(int fd = -1) : d_fd(fd) {}
    ~descriptor() { reset(); }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    void reset(int fd = -1);
    int get() const { return d_fd; }
    explicit operator bool() const { return d_fd >= 0; }

private:
    int d_fd;
};

//! Alone among all processes to hold a file, as long as it lives; killed or not.
class claim
{
public:
    //! \throws std::runtime_error if another holds it
    explicit claim(const std::string& path);

private:
    descriptor d_file;
};

//! What goes in front of each run of samples in the socket.
struct run_header {
    uint32_t samples;
    float amplitude;  // of the transmitter's gain, linear
    double frequency; // of its carrier, Hz
};

/*!
 * \brief Sends samples to whoever listens at a socket.
 *
 * A listener that reads slowly holds the transmitter up, so that nothing depends on the
 * machine's speed. With nobody there samples go into the air at the sampling rate.
 */
class transmit_end
{
public:
    transmit_end(std::string path, double rate);

    //! \return how many samples it took, 0 if none within the time
    size_t write(const sample* samples,
                 size_t n,
                 float amplitude,
                 double frequency,
                 microseconds timeout);

private:
    bool flush(microseconds timeout);
    void connect();
    void drop_connection();

    std::string d_path;
    double d_rate;
    descriptor d_socket;
    std::vector<char> d_waiting; // on its way into the socket
    size_t d_sent = 0;
    std::chrono::steady_clock::time_point
        d_clock; // at which the next sample goes into the air
};

/*!
 * \brief Listens at a socket for the samples of one transmitter after another.
 *
 * What arrives before a transmitter goes away is still read. With none there is noise, at
 * the sampling rate.
 */
class receive_end
{
public:
    receive_end(const std::string& path, const air_settings& settings, double rate);
    ~receive_end();

    //! \return how many samples it gave, 0 if none within the time
    size_t read(
        sample* samples, size_t n, float rx_gain, double frequency, microseconds timeout);

private:
    void wait(float rx_gain, double frequency, microseconds timeout);
    bool take_in(float rx_gain, double frequency);

    std::string d_path;
    double d_rate;
    descriptor d_listening, d_connection;
    air_path d_air;
    std::vector<char> d_bytes;   // read and not yet a whole run
    std::vector<sample> d_ready; // for the user ...
    size_t d_given = 0;          // ... who has got so many
    std::chrono::steady_clock::time_point d_clock;
};

} // namespace virtual_radio

#endif /* INCLUDED_AEIQA_VIRTUAL_RADIO_END_POINT_H */
