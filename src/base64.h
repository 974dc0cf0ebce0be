/* SPDX-License-Identifier: MIT */
/* Base64 as RFC 4648 has it, with padding and without line breaks. */
#ifndef LUNIK_BASE64_H
#define LUNIK_BASE64_H

#include <stddef.h>

/* How much room each way needs. */
size_t base64_encoded(size_t n);
size_t base64_decoded(size_t n);

void base64_encode(const char *s, size_t n, char *out);

/* How many bytes it was; -1: the text is no base64, and what is in `out` is unspecified. */
long base64_decode(const char *s, size_t n, char *out);

#endif
