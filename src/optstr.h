/* SPDX-License-Identifier: MIT */
/* QEMU option strings, "first,key=value,…": the only code that knows their
 * quoting. Values are quoted (a comma is doubled), keys are refused rather than
 * repaired, and a NUL byte is refused everywhere, since no argument vector can
 * carry it. Nothing allocates: the caller measures, then writes.
 * QEMU's own reader is util/qemu-option.c:get_opt_name_value. */
#ifndef LUNIK_OPTSTR_H
#define LUNIK_OPTSTR_H

#include <stddef.h>

#include "err.h"

struct optpair {
	const char *key;        /* NULL: no "key=", the implied first value */
	size_t keylen;
	const char *val;        /* NULL: the key alone, a bare word */
	size_t vallen;
};

/* The bytes that `n` pairs take as one option string, or -1: a key that is
 * empty or holds ',', '=' or NUL; a value with NUL; an implied value that does
 * not come first, or that holds ',' or '=' and would be read as a key. */
long optstr_measure(const struct optpair *pairs, size_t n, struct err *e);

/* Writes what was measured, without a NUL; returns the end. */
char *optstr_write(const struct optpair *pairs, size_t n, char *out);

/* Takes the next pair off `*at` (NUL-terminated): key and value point into the
 * text, still quoted. `first` says that a leading word without '=' is the
 * implied first value (key NULL) and not a bare word (val NULL).
 * Returns 1, or 0 at the end. */
int optstr_next(const char **at, int first, struct optpair *pair);

/* Undoes the doubling of a value found by optstr_next; returns its length. */
size_t optstr_unquote(const char *val, size_t len, char *out);

#endif
