/* SPDX-License-Identifier: MIT */
/* What a message from a QMP server is. */
#ifndef LUNIK_QMPMSG_H
#define LUNIK_QMPMSG_H

#include <json_object.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "json.h"

enum qmpmsg_kind {
	QMPMSG_GREETING,        /* "QMP" is an object */
	QMPMSG_EVENT,           /* "event" is a name */
	QMPMSG_RETURN,
	QMPMSG_ERROR,           /* whatever else it holds, "return" too */
	QMPMSG_OTHER,
};

struct qmpmsg {
	enum qmpmsg_kind kind;
	struct json_object *o;
	bool anonymous;         /* no "id", or null */
	int64_t id;             /* -1 unless a natural number */
	const char *refused;    /* a value in it that JSON allows and we do not */
};

/* -1: no JSON. Else m->o is to be freed by json_object_put. */
int qmpmsg_read(struct qmpmsg *m, const struct json_text *t, struct err *e);

/* The string at that path of an error, or `absent`. */
const char *qmpmsg_error(struct json_object *o, const char *key, const char *absent);

/* Whether the greeting offers that capability. */
bool qmpmsg_offers(struct json_object *greeting, const char *capability);

#endif
