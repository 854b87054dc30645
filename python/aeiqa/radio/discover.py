#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Search for radios; returns names to open them by."""

from .endpoints import hush_drivers, quiet_stderr


def find_radios() -> list[str]:
    """Return the endpoint name of each radio found, with what its driver calls it in brackets."""
    hush_drivers()
    found = []
    for search in (_soapy, _uhd, _pluto):
        try:
            with quiet_stderr():
                found += search()
        except (ImportError, RuntimeError):  # no such driver, or nothing found
            continue
    return found


def _soapy() -> list[str]:
    import SoapySDR

    radios = []
    for args in SoapySDR.Device.enumerate():
        args = dict(args)
        name = args.pop("label", args["driver"])
        # What tells it from its sisters; the rest is what the driver says about it.
        keys = [key for key in ("driver", "serial", "addr", "uri", "device") if key in args]
        radios.append(f"soapy:{','.join(f'{key}={args[key]}' for key in keys)} ({name})")
    return radios


def _uhd() -> list[str]:
    from gnuradio import uhd

    radios = []
    for device in uhd.find(uhd.device_addr_t("")):
        args = {key: device.get(key) for key in device.keys()}  # noqa: SIM118 (no dict)
        keys = [key for key in ("serial", "addr") if args.get(key)]
        name = args.get("product") or args.get("type", "USRP")
        radios.append(f"uhd:{','.join(f'{key}={args[key]}' for key in keys[:1])} ({name})")
    return radios


def _pluto() -> list[str]:
    from gnuradio import iio

    return [f"iio:{iio.get_pluto_uri()} (Pluto)"]
