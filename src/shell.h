/* SPDX-License-Identifier: MIT */
/* Words for a person to paste into a POSIX shell. lunik itself never runs one. */
#ifndef LUNIK_SHELL_H
#define LUNIK_SHELL_H

#include <stddef.h>

/* The bytes that `word` takes when quoted (itself, if it needs no quotes). */
size_t shell_measure(const char *word, size_t len);

/* Writes what was measured; returns the end. */
char *shell_write(const char *word, size_t len, char *out);

#endif
