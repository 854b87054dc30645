#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""quality_sink: the measures are those of metrics, for images of any size, in any chunks."""

import subprocess
import sys

import numpy as np
import pmt
import pytest
from gnuradio import blocks, gr

from gnuradio.aeiqa import image_source, metrics, quality_sink
from gnuradio.aeiqa.errors import InputError

rng = np.random.default_rng(12)
SHAPES = [(8, 9), (4, 30), (16, 16, 3), (5, 5), (1, 1)]
SENT = [rng.integers(0, 256, shape, dtype=np.uint8) for shape in SHAPES * 4]
RECEIVED = [image.copy() for image in SENT]
for image in RECEIVED[::3]:  # the others arrive as sent
    image ^= rng.integers(0, 2, image.shape, dtype=np.uint8) << rng.integers(
        0, 8, image.shape, dtype=np.uint8
    )


def run(sink, images, max_items=None, **options):
    top = gr.top_block()
    top.connect(image_source(images, **options), sink)
    top.run(*([] if max_items is None else [max_items]))
    sink.check()
    return sink


@pytest.mark.parametrize("order", ["raster", "column"])
@pytest.mark.parametrize(("batch", "max_items"), [(64, None), (1, None), (7, 1), (7, 100)])
def test_measures_are_those_of_metrics(batch, max_items, order):
    sink = run(quality_sink(SENT, batch, order), RECEIVED, max_items, order=order)
    rows = sink.results()
    np.testing.assert_array_equal(rows["ber"], metrics.ber(SENT, RECEIVED))
    np.testing.assert_array_equal(rows["psnr_db"], metrics.psnr(SENT, RECEIVED))
    np.testing.assert_array_equal(rows["ssim"], metrics.ssim(SENT, RECEIVED))


def test_means_are_of_all_images_whatever_is_kept():
    sent, received = SENT[0::5], RECEIVED[0::5]
    everything, last = (run(quality_sink(sent, 1, keep=keep), received, repeat=False) for keep in (-1, 1))
    assert len(last.results()) == 1
    rows, means = everything.results(), last.mean()
    changed = np.isfinite(rows["psnr_db"])
    assert 0 < changed.sum() < len(rows)
    assert means == pytest.approx(
        {
            "ber": rows["ber"].mean(),
            "psnr_db": rows["psnr_db"][changed].mean(),
            "ssim": rows["ssim"].mean(),
            "identical": 1 - changed.mean(),
        }
    )


def test_the_smallest_image_has_an_ssim_as_well():
    sink = run(quality_sink(SENT, batch=3), RECEIVED)
    assert sink.mean()["ssim"] == pytest.approx(sink.results()["ssim"].mean())
    assert sink.ssim_images() == len(SENT)
    small = run(quality_sink([SENT[4]]), [RECEIVED[4]])
    assert small.mean()["ssim"] == pytest.approx(metrics.ssim([SENT[4]], [RECEIVED[4]])[0])
    assert small.ssim_images() == 1


def test_before_the_first_image_and_with_nothing_changed():
    sink = quality_sink(SENT[:1])
    assert all(np.isnan(value) for value in sink.mean().values())
    run(sink, SENT[:1])
    assert sink.mean() == pytest.approx({"ber": 0, "psnr_db": np.nan, "ssim": 1, "identical": 1}, nan_ok=True)


def test_a_report_per_batch_with_the_measures_of_each_image(monkeypatch):
    sink, reports = quality_sink(SENT, batch=8), []
    monkeypatch.setattr(
        sink, "message_port_pub", lambda port, message: reports.append(pmt.to_python(message))
    )
    run(sink, RECEIVED)
    rows = sink.results()
    assert [report["batch_images"] for report in reports] == [8, 8, 4]
    assert [report["images"] for report in reports] == [8, 16, 20]
    for report, part in zip(reports, (rows[:8], rows[8:16], rows[16:]), strict=True):
        assert report["image_index"] == part["index"].tolist()
        for name in ("ber", "psnr_db", "ssim"):
            np.testing.assert_array_equal(report[f"image_{name}"], part[name])
        assert report["batch_ber"] == pytest.approx(part["ber"].mean())
        changed = part["psnr_db"][np.isfinite(part["psnr_db"])]
        assert report["batch_psnr_db"] == pytest.approx(changed.mean())
        assert report["batch_ssim"] == pytest.approx(np.nanmean(part["ssim"]))
        assert report["batch_ssim_images"] == np.isfinite(part["ssim"]).sum()
    assert reports[-1]["ssim_images"] == sink.ssim_images()
    final = sink.mean()
    assert {name: reports[-1][name] for name in final} == pytest.approx(final, nan_ok=True)


def test_an_image_of_another_size_in_a_stream_is_an_error():
    top, sink = gr.top_block(), quality_sink(SENT[1:])
    top.connect(image_source(RECEIVED), sink)
    top.run()
    with pytest.raises(InputError, match="image 0 is 8x9x1, but its reference is 4x30x1"):
        sink.check()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"reference": []}, "reference must hold at least one image, got none"),
        ({"reference": [np.zeros((3, 3))]}, "reference must be uint8 .* got one of float64"),
        ({"reference": np.zeros((28, 28), np.uint8)}, r"got one of uint8 \(28,\)"),
        ({"reference": ["picture.png"]}, "got one of str"),
        ({"reference": SENT, "batch": 0}, "batch must be a whole number from 1 up, got 0"),
        ({"reference": SENT, "order": "spiral"}, "order must be raster or column, got 'spiral'"),
        ({"reference": SENT, "keep": -2}, "keep must be a whole number from -1 up, got -2"),
    ],
)
def test_wrong_settings_fail_in_the_constructor(options, says):
    with pytest.raises(InputError, match=says) as raised:
        quality_sink(**options)
    assert "\n" not in str(raised.value)


def test_needs_no_torch():
    program = "import sys; from gnuradio import aeiqa; aeiqa.quality_sink; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def marked(positions):
    """Image tags of RECEIVED as a PDU's metadata or a stream's tag, some of them marked by ls_equalizer."""
    for index, image in enumerate(RECEIVED):
        rows, cols, channels = (*image.shape, 1)[:3]
        fields = {"index": index, "rows": rows, "cols": cols, "channels": channels, "nbytes": image.size}
        if index in positions:
            fields["misaligned"] = True
        elif index % 2:  # no mark at all
            fields["misaligned"] = False if index % 4 == 1 else 5
        yield image, pmt.to_pmt(fields)


def check_marked(sink, positions, capfd):
    kept = [index for index in range(len(SENT)) if index not in positions]
    np.testing.assert_array_equal(sink.results()["index"], kept)
    assert (sink.misaligned(), sink.scored()) == (len(positions), len(kept))
    assert sink.mean()["ber"] == pytest.approx(metrics.ber(SENT, RECEIVED)[kept].mean())
    output = capfd.readouterr()
    assert (output.out + output.err).count("not judged: its training") == (1 if positions else 0)


@pytest.mark.parametrize("positions", [set(), {3}, {0, 1, 19}])
def test_images_marked_as_misaligned_are_counted_and_not_judged(positions, capfd):
    tags, at = [], 0
    for image, value in marked(positions):
        tag = gr.tag_t()
        tag.offset, tag.key, tag.value = at, pmt.intern("img"), value
        tags.append(tag)
        at += image.size
    data = np.concatenate([image.ravel() for image in RECEIVED])
    sink, top = quality_sink(SENT, batch=4), gr.top_block()
    source = blocks.vector_source_b(data.tolist(), False, 1, tags)
    top.connect(source, sink)
    top.run()
    sink.check()
    check_marked(sink, positions, capfd)


@pytest.mark.parametrize("positions", [set(), {3}, {0, 1, 19}])
def test_pdus_marked_as_misaligned_are_counted_and_not_judged(positions, capfd):
    sink = quality_sink("port", batch=4)
    for image, value in marked(positions):
        pixels = pmt.init_u8vector(image.size, image.ravel().tolist())
        sink._take_pdu(pmt.cons(value, pixels))
    for image, value in zip(SENT, [value for _, value in marked(())], strict=True):
        sink._take_sent(pmt.cons(value, pmt.init_u8vector(image.size, image.ravel().tolist())))
    sink.stop()
    sink.check()
    assert sink.unmatched() == 0
    check_marked(sink, positions, capfd)
