/* SPDX-License-Identifier: MIT */
/* Cuts a stream of bytes into JSON objects, however they were packed: each byte
 * is looked at once. White space between objects is skipped; anything else there
 * is a failure, as is an object nested deeper or longer than told. It counts
 * brackets and strings only: what it finds may still be malformed. */
#ifndef LUNIK_SPLIT_H
#define LUNIK_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct split {
	unsigned nesting;
	size_t size;
	char *buf;              /* the object begun at start, seen up to pos */
	size_t start, pos, end, cap;
	unsigned depth;
	bool instring, escaped;
};

void split_init(struct split *s, unsigned nesting, size_t size);
void split_done(struct split *s);

/* Where to put further bytes: at least one fits, *room of them do. */
char *split_room(struct split *s, size_t *room, struct err *e);
void split_added(struct split *s, size_t n);

/* Puts them there: all, or -1 and none. */
int split_feed(struct split *s, const char *bytes, size_t n, struct err *e);

/* The next object, in the buffer until split_room: 1; 0 none yet; -1 the stream
 * is nonsense (EPROTO), and every further call says so again. */
int split_next(struct split *s, const char **text, size_t *n, struct err *e);

/* Gives back a buffer that a huge object has left empty. The text of split_next is gone. */
void split_settle(struct split *s);

/* Whether the stream stopped within an object. */
bool split_within(const struct split *s);

#endif
