/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "json.h"
#include "qmpmsg.h"

static enum qmpmsg_kind
kindof(struct json_object *o)
{
	struct json_object *v;

	if (json_object_object_get_ex(o, "event", &v) &&
	    json_object_is_type(v, json_type_string))
		return QMPMSG_EVENT;
	if (json_object_object_get_ex(o, "error", &v))
		return QMPMSG_ERROR;
	if (json_object_object_get_ex(o, "return", &v))
		return QMPMSG_RETURN;
	if (json_object_object_get_ex(o, "QMP", &v) &&
	    json_object_is_type(v, json_type_object))
		return QMPMSG_GREETING;
	return QMPMSG_OTHER;
}

int
qmpmsg_read(struct qmpmsg *m, const struct json_text *t, struct err *e)
{
	struct json_object *id;

	if (json_parse(t, &m->o, &m->refused, e) < 0)
		return -1;
	m->kind = kindof(m->o);
	id = json_object_object_get(m->o, "id");
	m->anonymous = !id;
	m->id = -1;
	/* one that does not fit is bent to 2^63-1 or less than 0: nobody's */
	if (json_object_is_type(id, json_type_int))
		m->id = json_object_get_int64(id);
	return 0;
}

const char *
qmpmsg_error(struct json_object *o, const char *key, const char *absent)
{
	struct json_object *error = json_object_object_get(o, "error");
	struct json_object *v = NULL;

	if (json_object_is_type(error, json_type_object))
		v = json_object_object_get(error, key);
	return json_object_is_type(v, json_type_string) ? json_object_get_string(v)
	                                                : absent;
}

bool
qmpmsg_offers(struct json_object *greeting, const char *capability)
{
	struct json_object *list = json_object_object_get(greeting, "capabilities");
	struct json_object *v;
	size_t i;

	if (!json_object_is_type(list, json_type_array))
		return false;
	for (i = 0; i < json_object_array_length(list); i++) {
		v = json_object_array_get_idx(list, i);
		if (json_object_is_type(v, json_type_string) &&
		    strcmp(json_object_get_string(v), capability) == 0)
			return true;
	}
	return false;
}
