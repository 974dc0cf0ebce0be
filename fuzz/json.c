/* SPDX-License-Identifier: MIT */
/* Any bytes as JSON: refused or read, the same with white space around, and
 * what is fine without repair is fine with it, and json-c's parser reads the
 * same. As a string, they come back. */
#include <json_object.h>
#include <json_tokener.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../src/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
insist(bool so)
{
	if (!so)
		abort();
}

static int
parse(const char *s, size_t n, struct json_object **o)
{
	struct json_text t = { .s = s, .n = n, .nesting = 64 };
	struct err e;

	*o = NULL;
	return json_parse(&t, o, NULL, &e);
}

static void
around(const char *s, size_t n, struct json_object *bare, int r)
{
	struct buf b = { NULL, 0, 0 };
	struct json_object *o;
	struct err e;

	insist(buf_put(&b, " \t", 2, &e) == 0 && buf_put(&b, s, n, &e) == 0 &&
	       buf_put(&b, "\r\n", 2, &e) == 0);
	insist(parse(b.s, b.len, &o) == r && json_object_equal(o, bare));
	json_object_put(o);
	buf_done(&b);
}

/* json-c's own parser takes more, but what we take is the same to it */
static void
as_others_read_it(const char *s, size_t n, struct json_object *bare)
{
	struct json_tokener *tok = json_tokener_new_ex(70);
	struct json_object *o;

	insist(tok);
	o = json_tokener_parse_ex(tok, s, (int)n);
	if (json_tokener_get_error(tok) == json_tokener_continue)
		o = json_tokener_parse_ex(tok, "", 1);
	insist(json_tokener_get_error(tok) == json_tokener_success);
	insist(json_object_equal(o, bare));
	json_object_put(o);
	json_tokener_free(tok);
}

static void
repaired(const char *s, size_t n, int r)
{
	struct json_text t = { .s = s, .n = n, .nesting = 64, .repair = true };
	struct json_object *o = NULL;
	const char *refused = NULL;
	struct err e;
	int again = json_parse(&t, &o, &refused, &e);

	insist(r < 0 || (again == 0 && !refused));
	json_object_put(o);
}

static void
asstring(const char *s, size_t n)
{
	struct buf b = { NULL, 0, 0 };
	struct json_object *o;
	struct err e;

	if (json_put_string(&b, s, n, &e) == 0) {
		insist(parse(b.s, b.len, &o) == 0);
		insist((size_t)json_object_get_string_len(o) == n &&
		       memcmp(json_object_get_string(o), s, n) == 0);
		json_object_put(o);
	}
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *s = (const char *)data;
	struct json_object *o;
	int r = parse(s, n, &o);

	around(s, n, o, r);
	if (r == 0)
		as_others_read_it(s, n, o);
	repaired(s, n, r);
	asstring(s, n);
	json_object_put(o);
	return 0;
}
