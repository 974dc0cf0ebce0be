/* SPDX-License-Identifier: MIT */
/* Events that wait to be taken: the newest so many, and so many bytes of them.
 * The older ones are dropped, and counted. */
#ifndef LUNIK_EVENTQ_H
#define LUNIK_EVENTQ_H

#include <json_object.h>
#include <stddef.h>
#include <stdint.h>

struct event;

struct eventq {
	size_t most, bytes_most;
	struct event *head, *last;
	size_t n, bytes;
	uint64_t dropped;
};

/* Takes over the tree; `size` is what it counts for. Without memory it is dropped. */
void eventq_put(struct eventq *q, struct json_object *o, size_t size);

/* The oldest, or NULL: still the queue's, and taken from it, to be freed by
 * json_object_put. */
struct json_object *eventq_first(const struct eventq *q);
struct json_object *eventq_take(struct eventq *q);

void eventq_done(struct eventq *q);

#endif
