/* -*- c++ -*- */
/*
 * Copyright 2026 gr-aeiqa contributors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INCLUDED_AEIQA_API_H
#define INCLUDED_AEIQA_API_H

#include <gnuradio/attributes.h>

#ifdef gnuradio_aeiqa_EXPORTS
#define AEIQA_API __GR_ATTR_EXPORT
#else
#define AEIQA_API __GR_ATTR_IMPORT
#endif

#endif /* INCLUDED_AEIQA_API_H */
