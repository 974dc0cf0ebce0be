/* SPDX-License-Identifier: MIT */
/* JSON from outside, as a tree of json-c's. It bends what does not fit: integers
 * saturate, 1e400 is infinite, a NUL ends a key. So every text is scanned first,
 * and what would be bent is refused.
 *
 * Malformed (EBADMSG): whatever RFC 8259 does not allow, comments, NaN, single
 * quotes, raw control characters, a NUL or text after the end among it.
 * Too much (EMSGSIZE): nested deeper, longer, or of more values, than told.
 * Refused (ERANGE): well-formed, but with an integer above 2^64-1 or below
 * -2^63, a number beyond a double, or a NUL in a key.
 * Not UTF-8: malformed, unless `repair`: then each bad byte in a string reads as
 * U+FFFD, as QEMU does with its own strings; so does a lone \u surrogate, always.
 * With `quotes`, strings may stand in single quotes too, as QEMU's own reader allows.
 * Of two equal keys the last one counts. */
#ifndef LUNIK_JSON_H
#define LUNIK_JSON_H

#include <json_object.h>
#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"

#define JSON_NESTING 1024U      /* QEMU's own limit */
#define JSON_DEEPEST 4096U      /* recursion: what any thread's stack has */
#define JSON_SIZE ((size_t)64 << 20)
#define JSON_LONGEST ((size_t)1 << 30)
#define JSON_VALUES ((size_t)1 << 30)   /* more cannot be in so many bytes */

struct json_text {
	const char *s;
	size_t n;
	unsigned nesting;       /* at most JSON_DEEPEST */
	size_t values;          /* keys count too; 0: any number */
	bool repair, quotes;
};

/* The tree into *out, to be freed by json_object_put; JSON's null is NULL.
 * With `refused`, a refused value is no failure: *refused says what it was
 * (else NULL), and the tree, bent, is only good to see whom it was meant for. */
int json_parse(const struct json_text *t, struct json_object **out,
               const char **refused, struct err *e);

/* Both append to b. A string must be UTF-8 (EILSEQ), and may hold NULs; a
 * double must be finite (ERANGE), and always shows that it is no integer. */
int json_put_string(struct buf *b, const char *s, size_t n, struct err *e);
int json_put_double(struct buf *b, double d, struct err *e);

#endif
