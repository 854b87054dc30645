/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "block_args.h"
#include "blocks.h"
#include <gnuradio/aeiqa/image_queue_source.h>
#include <gnuradio/aeiqa/image_sink.h>
#include <gnuradio/aeiqa/image_source.h>
#include <gnuradio/aeiqa/image_tagger.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <optional>

namespace py = pybind11;
using gr::aeiqa::image_queue_source;
using gr::aeiqa::image_sink;
using gr::aeiqa::image_source;
using gr::aeiqa::image_tagger;
using gr::aeiqa::received_image;

namespace {

using pixels_t = py::array_t<uint8_t, py::array::c_style>;

// What the C++ block wants: all pixels in a row, and the shapes.
struct flat_images {
    std::vector<uint8_t> pixels;
    std::vector<std::array<int, 3>> shapes;

    void add(const pixels_t& image, size_t dimensions)
    {
        if (dimensions != 2 && dimensions != 3)
            throw std::invalid_argument("image_source: an image must be [rows, cols] or "
                                        "[rows, cols, channels], got " +
                                        std::to_string(dimensions) + " dimensions");
        const auto* shape = image.shape() + (image.ndim() - dimensions);
        const size_t count =
            image.ndim() > static_cast<int>(dimensions) ? image.shape(0) : 1;
        const int channels = dimensions == 3 ? static_cast<int>(shape[2]) : 1;
        shapes.insert(
            shapes.end(),
            count,
            { static_cast<int>(shape[0]), static_cast<int>(shape[1]), channels });
        pixels.insert(pixels.end(), image.data(), image.data() + image.size());
    }
};

pixels_t checked(const py::handle& object)
{
    // A silent cast from float would send images of zeros.
    if (!py::isinstance<py::array_t<uint8_t>>(object))
        throw std::invalid_argument(
            "image_source: images must be uint8 arrays, got " +
            std::string(
                py::str(py::getattr(object, "dtype", py::str(py::type::of(object))))));
    return pixels_t::ensure(object);
}

flat_images flatten(const py::object& images)
{
    flat_images flat;
    if (py::isinstance<py::array>(images)) {
        const auto array = checked(images);
        flat.add(array, array.ndim() > 0 ? array.ndim() - 1 : 0);
    } else {
        for (const auto& image : images) {
            const auto array = checked(image);
            flat.add(array, array.ndim());
        }
    }
    return flat;
}

// NumPy gets memory of zeros from the system, which takes none until it is written to:
// an image of which little came costs little, however large it is.
py::array_t<uint8_t> filled(const std::vector<py::ssize_t>& shape, uint8_t value)
{
    py::array_t<uint8_t> array =
        py::module_::import("numpy").attr("zeros")(shape, py::dtype::of<uint8_t>());
    if (value != 0)
        std::fill_n(array.mutable_data(), array.size(), value);
    return array;
}

py::array pixels_of(const received_image& image)
{
    std::vector<py::ssize_t> shape = { image.rows, image.cols };
    if (image.channels > 1)
        shape.push_back(image.channels);
    py::array_t<uint8_t> array = filled(shape, image.fill);
    image.write_pixels(array.mutable_data());
    return array;
}

std::string text_of(const received_image& image)
{
    std::string text = "<received_image " + std::to_string(image.index) + ": " +
                       std::to_string(image.rows) + " x " + std::to_string(image.cols);
    if (image.channels > 1)
        text += " x " + std::to_string(image.channels);
    return text + ", label " + std::to_string(image.label) + ", " +
           std::to_string(image.missing) + " bytes missing>";
}

py::array fragments_of(const received_image& image)
{
    const auto fragments = image.fragments();
    return py::array_t<uint8_t>(static_cast<py::ssize_t>(fragments.size()),
                                fragments.data());
}

// All pixels in a row: a Python object for each of 10,000 images would cost more than the
// link. NumPy asks for large arrays in huge pages, which are quicker to come by.
py::array take_pixels(image_sink& sink)
{
    py::array_t<uint8_t> array;
    sink.take_pixels([&array](size_t size) {
        array = py::array_t<uint8_t>(static_cast<py::ssize_t>(size));
        return array.mutable_data();
    });
    return array;
}

} // namespace

void bind_images(py::module& m)
{
    py::class_<image_source,
               gr::sync_block,
               gr::block,
               gr::basic_block,
               image_source::sptr>(
        m, "image_source", R"(Sends images as packed bits, most significant bit first.

Output: bytes; the first of each image carries the tag ``img``, a dict of ``index, label, rows,
cols, channels, nbytes``.)" AEIQA_ARGS_image_source)
        .def(py::init([](const py::object& images,
                         const std::optional<std::vector<int>>& labels,
                         uint64_t first_index,
                         bool repeat,
                         const std::string& order,
                         uint64_t images_per_burst) {
                 auto flat = flatten(images);
                 return image_source::make(std::move(flat.pixels),
                                           std::move(flat.shapes),
                                           labels.value_or(std::vector<int>{}),
                                           first_index,
                                           repeat,
                                           order,
                                           images_per_burst);
             }),
             py::arg("images"),
             py::arg("labels") = py::none(),
             py::arg("first_index") = 0,
             py::arg("repeat") = false,
             py::arg("order") = "raster",
             py::arg("images_per_burst") = 1)
        .def("sent", &image_source::sent, "Images sent so far.");

    py::class_<image_tagger,
               gr::sync_block,
               gr::block,
               gr::basic_block,
               image_tagger::sptr>(
        m, "image_tagger", R"(Puts ``img`` tags on a plain stream of images of one size.

Input: bytes of any block, images end to end. Output: the same, the first byte of each image with
the tag ``img`` as image_source makes it. Tags ``img`` of the input end here, others pass.)" AEIQA_ARGS_image_tagger)
        .def(py::init(&image_tagger::make),
             py::arg("rows") = 28,
             py::arg("cols") = 28,
             py::arg("channels") = 1,
             py::arg("first_index") = 0);

    py::class_<received_image>(
        m, "received_image", "An image put together by image_sink.")
        .def_readonly("index", &received_image::index)
        .def_readonly(
            "label", &received_image::label, "Class of the image, -1 if unknown.")
        .def_readonly(
            "missing", &received_image::missing, "Bytes that never came, fill in pixels.")
        .def_readonly("misaligned",
                      &received_image::misaligned,
                      "Whether its training was not where its tag says.")
        .def_property_readonly(
            "fragments",
            &fragments_of,
            "Of air frames: each payload 0 lost, 1 right, 2 damaged; uint8 [frames].")
        .def_readonly(
            "stream", &received_image::stream, "The transmitter's number, -1 if none.")
        .def_readonly("bits", &received_image::bits, "Of a point in its air frames.")
        .def_readonly(
            "snr_db", &received_image::snr_db, "Es/N0 in dB, mean over its air frames.")
        .def_readonly("cfo",
                      &received_image::cfo,
                      "Frequency offset in carriers, mean over its air frames.")
        .def_readonly(
            "start", &received_image::start, "Sample at which its first air frame began.")
        .def_property_readonly(
            "pixels",
            &pixels_of,
            "uint8 [rows, cols], or [rows, cols, channels] if more than 1.")
        .def("__repr__", &text_of);

    py::class_<image_sink, gr::sync_block, gr::block, gr::basic_block, image_sink::sptr>(
        m, "image_sink", R"(Puts bytes back together into images by their ``img`` tags.

Input: bytes. An image whose next one begins too early is kept, its missing bytes 0, and
counted. Message port ``images``: a PDU (metadata, u8 vector) for each image.

Fragments of images, in air frames, are put together by their offsets, and counted.)" AEIQA_ARGS_image_sink)
        .def(py::init(&image_sink::make),
             py::arg("order") = "raster",
             py::arg("keep") = -1,
             py::arg("fill") = 0,
             py::arg("max_image_bytes") = 1 << 24,
             py::arg("max_waiting_bytes") = gr::aeiqa::default_max_waiting_bytes)
        .def("take",
             &image_sink::take,
             "Images that have arrived since the last call, as a list.")
        .def("take_pixels",
             &take_pixels,
             "The same images' pixels one after the other, uint8, one dimension.")
        .def("received",
             &image_sink::received,
             "Images that have arrived, complete or not.")
        .def("truncated", &image_sink::truncated, "Images with missing bytes.")
        .def("misaligned",
             &image_sink::misaligned,
             "Images whose training was not where their tags say.")
        .def("stray_bytes", &image_sink::stray_bytes, "Bytes outside any image, dropped.")
        .def("overflowed",
             &image_sink::overflowed,
             "Images that gave way to max_waiting_bytes.")
        .def("refused_tags",
             &image_sink::refused_tags,
             "img tags that could not be an image's; their bytes were dropped.")
        .def("missed",
             &image_sink::missed,
             "Images that never came, by the gaps in the indices; on air see counters().")
        .def("counters",
             &image_sink::counters,
             "Counts of air frames: their payloads and images.");

    py::class_<image_queue_source,
               gr::sync_block,
               gr::block,
               gr::basic_block,
               image_queue_source::sptr>(
        m,
        "image_queue_source",
        R"(Sends images that are handed to it while the flowgraph runs.

Output: bytes with ``img`` tags, as image_source's. Message port ``images``: PDUs (metadata with
rows, cols and, if known, channels, label, index, bits, copies; u8 vector); PMT_EOF ends it.)" AEIQA_ARGS_image_queue_source)
        .def(py::init(&image_queue_source::make),
             py::arg("max_waiting") = 64,
             py::arg("max_waiting_bytes") = gr::aeiqa::default_queue_bytes)
        .def(
            "send",
            [](image_queue_source& feed,
               const py::array_t<uint8_t, py::array::c_style>& image,
               int label,
               int64_t index,
               int bits,
               int copies) {
                if (image.ndim() != 2 && image.ndim() != 3)
                    throw std::invalid_argument("image_queue_source: an image must be "
                                                "[rows, cols] or [rows, cols, "
                                                "channels], got " +
                                                std::to_string(image.ndim()) +
                                                " dimensions");
                const auto side = [&](int axis) {
                    return axis < image.ndim() ? static_cast<int>(std::min<py::ssize_t>(
                                                     image.shape(axis), 1 << 30))
                                               : 1;
                };
                std::vector<uint8_t> pixels(image.data(), image.data() + image.size());
                return feed.send(std::move(pixels),
                                 side(0),
                                 side(1),
                                 side(2),
                                 label,
                                 index,
                                 bits,
                                 copies);
            },
            py::arg("image").noconvert(),
            py::arg("label") = -1,
            py::arg("index") = -1,
            py::arg("bits") = 0,
            py::arg("copies") = 0,
            R"(Send uint8 [rows, cols] or [rows, cols, channels]; False if too many wait.

index: -1 for one more than the last. bits of a point and copies: 0 for the mapper's own.)")
        .def("finish", &image_queue_source::finish, "No more will come: ends the stream.")
        .def("sent", &image_queue_source::sent, "Images gone out.")
        .def("waiting", &image_queue_source::waiting, "Images still to go.")
        .def("refused",
             &image_queue_source::refused,
             "PDUs that were no image, or too many.");
}
