/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "end_point.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace virtual_radio {

namespace {
using std::chrono::steady_clock;

constexpr size_t bytes_at_once = 1 << 16;

sockaddr_un address(const std::string& path)
{
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    if (path.size() >= sizeof(where.sun_path))
        throw std::runtime_error("link: the path is too long for a socket: " + path);
    std::copy(path.begin(), path.end(), where.sun_path);
    return where;
}

int new_socket()
{
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        throw std::runtime_error(std::string("socket: ") + std::strerror(errno));
    return fd;
}

bool wait_for(int fd, short events, microseconds timeout)
{
    pollfd what{ fd, events, 0 };
    return ::poll(&what, 1, static_cast<int>(timeout.count() / 1000)) > 0;
}

// Samples that the clock has let pass; the clock moves on by them.
size_t due(steady_clock::time_point& clock, double rate)
{
    const double seconds =
        std::chrono::duration<double>(steady_clock::now() - clock).count();
    const auto samples = static_cast<size_t>(std::max(0.0, seconds * rate));
    clock += std::chrono::duration_cast<steady_clock::duration>(
        std::chrono::duration<double>(static_cast<double>(samples) / rate));
    return samples;
}
} // namespace

void descriptor::reset(int fd)
{
    if (d_fd >= 0)
        ::close(d_fd);
    d_fd = fd;
}

claim::claim(const std::string& path)
    : d_file(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600))
{
    if (!d_file)
        throw std::runtime_error("link: " + path + ": " + std::strerror(errno));
    if (::flock(d_file.get(), LOCK_EX | LOCK_NB) != 0)
        throw std::runtime_error("device busy: another process holds " + path);
}

//--- Transmitting
//------------------------------------------------------------------------

transmit_end::transmit_end(std::string path, double rate)
    : d_path(std::move(path)), d_rate(rate), d_clock(steady_clock::now())
{
    address(d_path);
}

void transmit_end::connect()
{
    const sockaddr_un where = address(d_path);
    d_socket.reset(new_socket());
    if (::connect(d_socket.get(),
                  reinterpret_cast<const sockaddr*>(&where),
                  sizeof(where)) != 0)
        d_socket.reset();
}

void transmit_end::drop_connection()
{
    d_socket.reset();
    d_waiting.clear();
    d_sent = 0;
    d_clock = steady_clock::now();
}

bool transmit_end::flush(microseconds timeout)
{
    const auto deadline = steady_clock::now() + timeout;
    while (d_sent < d_waiting.size()) {
        const ssize_t sent = ::send(
            d_socket.get(), &d_waiting[d_sent], d_waiting.size() - d_sent, MSG_NOSIGNAL);
        if (sent > 0) {
            d_sent += static_cast<size_t>(sent);
            continue;
        }
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            drop_connection(); // the listener has gone, and with it what was under way
            return true;
        }
        const auto left =
            std::chrono::duration_cast<microseconds>(deadline - steady_clock::now());
        if (left.count() <= 0 || !wait_for(d_socket.get(), POLLOUT, left))
            return false;
    }
    d_waiting.clear();
    d_sent = 0;
    return true;
}

size_t transmit_end::write(const sample* samples,
                           size_t n,
                           float amplitude,
                           double frequency,
                           microseconds timeout)
{
    if (!d_socket)
        connect();
    if (!d_socket) {
        std::this_thread::sleep_for(std::min(timeout, microseconds(2000)));
        return std::min(n, due(d_clock, d_rate));
    }
    if (!flush(timeout))
        return 0;
    if (!d_socket)
        return 0;
    n = std::min(n, bytes_at_once / sizeof(sample));
    const run_header header{ static_cast<uint32_t>(n), amplitude, frequency };
    d_waiting.resize(sizeof(header) + n * sizeof(sample));
    std::memcpy(d_waiting.data(), &header, sizeof(header));
    std::memcpy(&d_waiting[sizeof(header)], samples, n * sizeof(sample));
    flush(microseconds(0));
    return n;
}

//--- Receiving
//---------------------------------------------------------------------------

receive_end::receive_end(const std::string& path,
                         const air_settings& settings,
                         double rate)
    : d_path(path),
      d_rate(rate),
      d_listening(new_socket()),
      d_air(settings, rate),
      d_clock(steady_clock::now())
{
    const sockaddr_un where = address(path);
    ::unlink(
        path.c_str()); // of a receiver that was killed; a living one would hold the claim
    if (::bind(d_listening.get(),
               reinterpret_cast<const sockaddr*>(&where),
               sizeof(where)) != 0 ||
        ::listen(d_listening.get(), 1) != 0)
        throw std::runtime_error("link: " + path + ": " + std::strerror(errno));
}

receive_end::~receive_end() { ::unlink(d_path.c_str()); }

size_t receive_end::read(
    sample* samples, size_t n, float rx_gain, double frequency, microseconds timeout)
{
    if (d_given == d_ready.size()) {
        d_ready.clear();
        d_given = 0;
        wait(rx_gain, frequency, timeout);
    }
    n = std::min(n, d_ready.size() - d_given);
    std::copy_n(d_ready.begin() + static_cast<ptrdiff_t>(d_given), n, samples);
    d_given += n;
    return n;
}

void receive_end::wait(float rx_gain, double frequency, microseconds timeout)
{
    if (!d_connection) {
        d_connection.reset(
            ::accept4(d_listening.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        d_bytes.clear();
    }
    if (!d_connection) {
        wait_for(d_listening.get(), POLLIN, std::min(timeout, microseconds(2000)));
        const size_t passed = std::min(due(d_clock, d_rate), bytes_at_once);
        d_air.silence(passed, rx_gain, d_ready);
        return;
    }
    if (wait_for(d_connection.get(), POLLIN, timeout) && !take_in(rx_gain, frequency))
        d_connection.reset();
    d_clock = steady_clock::now();
}

// Whether the transmitter is still there.
bool receive_end::take_in(float rx_gain, double frequency)
{
    const size_t before = d_bytes.size();
    d_bytes.resize(before + bytes_at_once);
    const ssize_t count = ::recv(d_connection.get(), &d_bytes[before], bytes_at_once, 0);
    d_bytes.resize(before + static_cast<size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
        return false;

    size_t used = 0;
    std::vector<sample> run;
    for (run_header header; d_bytes.size() - used >= sizeof(header);) {
        std::memcpy(&header, &d_bytes[used], sizeof(header));
        const size_t bytes = header.samples * sizeof(sample);
        if (d_bytes.size() - used - sizeof(header) < bytes)
            break;
        run.resize(header.samples);
        std::memcpy(run.data(), &d_bytes[used + sizeof(header)], bytes);
        for (auto& x : run)
            x *= header.amplitude;
        d_air.transmit(
            run.data(), run.size(), header.frequency - frequency, rx_gain, d_ready);
        used += sizeof(header) + bytes;
    }
    d_bytes.erase(d_bytes.begin(), d_bytes.begin() + static_cast<ptrdiff_t>(used));
    return true;
}

} // namespace virtual_radio
