/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "eventq.h"

struct event {
	struct event *next;
	struct json_object *o;
	size_t size;
};

struct json_object *
eventq_first(const struct eventq *q)
{
	return q->head ? q->head->o : NULL;
}

struct json_object *
eventq_take(struct eventq *q)
{
	struct event *v = q->head;
	struct json_object *o;

	if (!v)
		return NULL;
	o = v->o;
	q->head = v->next;
	q->n--;
	q->bytes -= v->size;
	free(v);
	return o;
}

static void
drop(struct eventq *q)
{
	json_object_put(eventq_take(q));
	q->dropped++;
}

void
eventq_put(struct eventq *q, struct json_object *o, size_t size)
{
	struct event *v = malloc(sizeof *v);

	if (!v) {
		json_object_put(o);
		q->dropped++;
		return;
	}
	v->next = NULL;
	v->o = o;
	v->size = size;
	if (q->head)
		q->last->next = v;
	else
		q->head = v;
	q->last = v;
	q->n++;
	q->bytes += size;
	while (q->head && (q->n > q->most || q->bytes > q->bytes_most))
		drop(q);
}

void
eventq_done(struct eventq *q)
{
	while (q->head)
		json_object_put(eventq_take(q));
}
