/* SPDX-License-Identifier: MIT */
/* UTF-8 as Unicode has it: no overlong forms, surrogates, or beyond U+10FFFF. */
#ifndef LUNIK_UTF8_H
#define LUNIK_UTF8_H

#include <stddef.h>

/* Bytes of the character that s[0..n) begins with, n > 0; 0: there is none. */
size_t utf8_length(const char *s, size_t n);

#endif
