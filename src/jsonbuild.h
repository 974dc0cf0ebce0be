/* SPDX-License-Identifier: MIT */
/* The tree of a JSON text. json-c has a parser too, but one that without memory gives a
 * shorter text, another value or the end of the process. */
#ifndef LUNIK_JSONBUILD_H
#define LUNIK_JSONBUILD_H

#include <json_object.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* The tree of the text, which is UTF-8 and nested no deeper than the stack allows, into
 * *out. Numbers that do not fit are bent, and a key ends at a NUL: json.c looks for both.
 * With `quotes`, strings may stand in single quotes.
 * EBADMSG, ENOMEM: *out is untouched. */
int jsonbuild(const char *s, size_t n, bool quotes, struct json_object **out, struct err *e);

#endif
