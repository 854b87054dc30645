#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Radios, sockets and recordings by name: ``soapy:``, ``uhd:``, ``iio:``, ``zmq:`` and ``sigmf:``."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Optional

from gnuradio import gr

from ..errors import InputError
from ..fields import check_fields, documented, real, text
from . import sigmf
from .recording import Recording, recording_source
from .sockets.zmq_blocks import zmq_publisher, zmq_sink, zmq_source

_IIO_BUFFER = 32768
_DRIVERS = "the driver's own"
# Blocks written in Python crash the process if a flowgraph alone refers to them, and callers may do so.
_kept: list[gr.basic_block] = []


@documented
@dataclass(frozen=True)
class RadioSettings:
    """Tuning of a radio; None leaves the driver's value.

    Raises:
        InputError: a number is not one, or not positive where it must be.
    """

    rate: float = real(
        1e6,
        "samples a second; sockets and recordings have no clock of their own and only note it",
        0,
        open_low=True,
        unit="Hz",
    )
    frequency: Optional[float] = real(
        None, "frequency of the carrier", 0, open_low=True, unit="Hz", none=_DRIVERS
    )
    gain: Optional[float] = real(
        None, "gain; of iio transmitters minus the attenuation, so 0 is full power", unit="dB", none=_DRIVERS
    )
    bandwidth: Optional[float] = real(
        None, "bandwidth of the analogue filters", 0, open_low=True, unit="Hz", none=_DRIVERS
    )
    antenna: Optional[str] = text(None, "name of the port", none=_DRIVERS)

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_fields(self)


def open_source(url: str, settings: RadioSettings) -> gr.basic_block:
    """Return a GNU Radio block with one complex output.

    Args:
        url: ``soapy:driver=rtlsdr``, ``uhd:addr=192.168.10.2``, ``iio:ip:192.168.2.1``,
            ``zmq:tcp://localhost:5555`` or ``sigmf:recording``.
        settings: how to tune it.

    Raises:
        InputError: no such kind, driver or device, the device is busy, or it cannot be tuned like that.
    """
    return _open(url, settings, "source")


def open_sink(url: str, settings: RadioSettings) -> gr.basic_block:
    """Return a GNU Radio block with one complex input; arguments and errors as for `open_source`."""
    return _open(url, settings, "sink")


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Keep what C libraries print to themselves."""
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


def hush_drivers() -> None:
    """Keep radio libraries, when they are loaded, from printing what their exceptions say as well."""
    os.environ.setdefault("SOAPY_SDR_LOG_LEVEL", "FATAL")
    os.environ.setdefault("UHD_LOG_CONSOLE_LEVEL", "off")


def _open(url: str, settings: RadioSettings, direction: str) -> gr.basic_block:
    scheme, colon, rest = url.partition(":")
    if not colon or scheme not in SCHEMES:
        raise InputError(f"{url}: must begin with one of {', '.join(f'{name}:' for name in SCHEMES)}")
    hush_drivers()
    try:
        block = SCHEMES[scheme](rest, settings, direction)
        _kept.append(block)
        return block
    except ImportError as error:
        raise InputError(f"{url}: GNU Radio came without its {scheme} blocks ({error})") from error
    except InputError as error:
        raise InputError(f"{url}: {error}") from error
    except (RuntimeError, ValueError) as error:  # all that the drivers raise
        raise InputError(f"{url}: {' '.join(str(error).split())}") from error


def _soapy(args: str, settings: RadioSettings, direction: str) -> gr.basic_block:
    from gnuradio import soapy

    if not args:
        raise InputError("must name a device, as in soapy:driver=rtlsdr (see ./aeiqa check)")
    radio = getattr(soapy, direction)(args, "fc32", 1, "", "", [""], [""])
    radio.set_sample_rate(0, settings.rate)
    _check_rate(settings.rate, radio.get_sample_rate(0))
    _tune_channel_0(radio, settings)
    return radio


def _uhd(args: str, settings: RadioSettings, direction: str) -> gr.basic_block:
    from gnuradio import uhd

    stream = uhd.stream_args(cpu_format="fc32", channels=[0])
    radio = getattr(uhd, f"usrp_{direction}")(args, stream)
    radio.set_samp_rate(settings.rate)
    _check_rate(settings.rate, radio.get_samp_rate())
    if settings.frequency is not None:
        radio.set_center_freq(settings.frequency, 0)
        _check_frequency(settings.frequency, radio.get_center_freq(0))
    if settings.gain is not None:
        radio.set_gain(settings.gain, 0)
    if settings.bandwidth is not None:
        radio.set_bandwidth(settings.bandwidth, 0)
    if settings.antenna is not None:
        radio.set_antenna(settings.antenna, 0)
    return radio


def _tune_channel_0(radio: Any, settings: RadioSettings) -> None:
    if settings.frequency is not None:
        radio.set_frequency(0, settings.frequency)
        _check_frequency(settings.frequency, radio.get_frequency(0))
    if settings.gain is not None:
        gains = radio.get_gain_range(0)
        if not gains.minimum() <= settings.gain <= gains.maximum():
            allowed = f"{gains.minimum():g} to {gains.maximum():g} dB"
            raise InputError(f"gain: this radio has {allowed}, got {settings.gain:g}")
        radio.set_gain(0, settings.gain)
    if settings.bandwidth is not None:
        radio.set_bandwidth(0, settings.bandwidth)
    if settings.antenna is not None:
        radio.set_antenna(0, settings.antenna)


def _iio(uri: str, settings: RadioSettings, direction: str) -> gr.basic_block:
    from gnuradio import iio

    if settings.antenna is not None:
        raise InputError(f"antenna: an AD936x has none to choose, got {settings.antenna}")
    with quiet_stderr():
        uri = uri or iio.get_pluto_uri()
        if direction == "source":
            radio = iio.fmcomms2_source_fc32(uri, [True, True], _IIO_BUFFER)
        else:
            radio = iio.fmcomms2_sink_fc32(uri, [True, True], _IIO_BUFFER, False)
    radio.set_samplerate(round(settings.rate))
    if settings.frequency is not None:
        radio.set_frequency(round(settings.frequency))
    # The driver designs the filters for the rate; the bandwidth is that of its pass band.
    passband = (settings.bandwidth or settings.rate) / 2
    radio.set_filter_params("Auto", "", 0.8 * passband, 1.1 * passband)
    if settings.gain is not None and direction == "source":
        radio.set_gain_mode(0, "manual")
        radio.set_gain(0, settings.gain)
    elif settings.gain is not None:
        if not -89.75 <= settings.gain <= 0:
            raise InputError(f"gain: minus the attenuation, from -89.75 to 0 dB, got {settings.gain:g}")
        radio.set_attenuation(0, -settings.gain)
    return radio


def _check_rate(wanted: float, got: float) -> None:
    # A radio's clock divides to certain rates; one that is off by more than clocks are cannot be received.
    if abs(got / wanted - 1) > 1e-5:
        raise InputError(f"rate: this radio makes {got:g} samples a second of {wanted:g}")


def _check_frequency(wanted: float, got: float) -> None:
    # Drivers go as near as they can without a word; synthesizers have steps of some Hz.
    if abs(got / wanted - 1) > 1e-5:
        raise InputError(f"frequency: this radio goes to {got:g} Hz, not to {wanted:g}")


def _zmq(address: str, settings: RadioSettings, direction: str) -> gr.basic_block:
    return zmq_source(address) if direction == "source" else zmq_sink(address)


def _zmq_pub(address: str, settings: RadioSettings, direction: str) -> gr.basic_block:
    return zmq_source(address, published=True) if direction == "source" else zmq_publisher(address)


def _sigmf(path: str, settings: RadioSettings, direction: str) -> gr.basic_block:
    return recording_source(Recording(path)) if direction == "source" else sigmf.sink(path)


SCHEMES: dict[str, Callable[[str, RadioSettings, str], gr.basic_block]] = {
    "soapy": _soapy,
    "uhd": _uhd,
    "iio": _iio,
    "zmq": _zmq,
    "zmq+pub": _zmq_pub,
    "sigmf": _sigmf,
}
"""Beginnings of an end point's name."""
