/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linkhash.h>
#include <math.h>
#include <string.h>

#include "json.h"
#include "jsonbuild.h"
#include "utf8.h"

/* What a pass over the text learns; every member but the limits starts at 0. */
struct scan {
	const char *s, *p, *end;
	unsigned nesting;
	size_t values, most;
	bool quotes;
	unsigned depth;
	bool begun;             /* the value that is the text */
	bool comma;             /* came last */
	bool nul;               /* in the last string */
	bool broken;            /* somewhere: not UTF-8 */
	bool huge;              /* somewhere: a number that may be infinite */
	const char *refused;
};

static int
malformed(const struct scan *s, const char *what, struct err *e)
{
	return err_set(e, EBADMSG, "json: %s at byte %zu", what,
	               (size_t)(s->p - s->s) + 1);
}

static void
refuse(struct scan *s, const char *why)
{
	if (!s->refused)
		s->refused = why;
}

static int
scanescape(struct scan *s, struct err *e)
{
	size_t left = (size_t)(s->end - s->p);

	if (left < 2 || !s->p[1] || !strchr(s->quotes ? "'\"\\/bfnrtu" : "\"\\/bfnrtu", s->p[1]))
		return malformed(s, "unknown escape", e);
	if (left >= 6 && memcmp(s->p, "\\u0000", 6) == 0)
		s->nul = true;
	s->p += 2;
	return 0;
}

/* from the opening quote to behind the closing one */
static int
scanstring(struct scan *s, struct err *e)
{
	char quote = *s->p;
	size_t n;

	s->nul = false;
	for (s->p++; s->p < s->end && *s->p != quote;) {
		if (*s->p == '\\') {
			if (scanescape(s, e) < 0)
				return -1;
			continue;
		}
		if ((unsigned char)*s->p < 0x20)
			return malformed(s, "control character in a string", e);
		n = utf8_length(s->p, (size_t)(s->end - s->p));
		s->broken |= n == 0;
		s->p += n ? n : 1;
	}
	if (s->p == s->end)
		return malformed(s, "unfinished string", e);
	s->p++;
	return 0;
}

static size_t
digits(struct scan *s)
{
	const char *from = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return (size_t)(s->p - from);
}

/* decimal digits without leading zeros, compared as numbers */
static bool
above(const char *d, size_t n, const char *limit)
{
	size_t len = strlen(limit);

	return n > len || (n == len && memcmp(d, limit, n) > 0);
}

static bool
skip(struct scan *s, const char *any)
{
	if (s->p == s->end || !*s->p || !strchr(any, *s->p))
		return false;
	s->p++;
	return true;
}

static int
scannumber(struct scan *s, struct err *e)
{
	bool negative = skip(s, "-"), integer = true;
	const char *first = s->p;
	size_t n = digits(s);

	if (!n || (n > 1 && *first == '0'))
		return malformed(s, "bad number", e);
	s->huge |= n > 300;
	if (skip(s, ".")) {
		integer = false;
		if (!digits(s))
			return malformed(s, "bad number", e);
	}
	if (skip(s, "eE")) {
		integer = false;
		s->huge = true;
		skip(s, "+-");
		if (!digits(s))
			return malformed(s, "bad number", e);
	}
	if (integer && negative && above(first, n, "9223372036854775808"))
		refuse(s, "integer below -2^63");
	if (integer && !negative && above(first, n, "18446744073709551615"))
		refuse(s, "integer above 2^64-1");
	return 0;
}

static int
scanword(struct scan *s, struct err *e)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t i, n;

	for (i = 0; i < 3; i++) {
		n = strlen(words[i]);
		if ((size_t)(s->end - s->p) >= n && memcmp(s->p, words[i], n) == 0) {
			s->p += n;
			return 0;
		}
	}
	return malformed(s, "unexpected byte", e);
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Values cost many times their bytes: they are counted before the first is made. */
static int
count(struct scan *s, struct err *e)
{
	if (strchr(",:}]", *s->p) && *s->p)
		return 0;
	if (!s->most || s->values++ < s->most)
		return 0;
	return err_set(e, EMSGSIZE, "json: over %zu values", s->most);
}

static int
scantoken(struct scan *s, struct err *e)
{
	bool comma = s->comma;

	if (s->depth == 0 && s->begun)
		return malformed(s, "text after the end", e);
	s->begun = true;
	s->comma = *s->p == ',';
	if (count(s, e) < 0)
		return -1;
	if (*s->p == '\'' && s->quotes)
		return scanstring(s, e);
	switch (*s->p) {
	case '"':
		return scanstring(s, e);
	case '{': case '[':
		if (++s->depth > s->nesting)
			return err_set(e, EMSGSIZE, "json: nested deeper than %u",
			               s->nesting);
		break;
	case '}': case ']':
		if (comma || s->depth-- == 0)
			return malformed(s, "unexpected byte", e);
		break;
	case ':':
		/* what came before is a key, and json-c's keys end at a NUL */
		if (s->nul)
			refuse(s, "NUL in a key");
		break;
	case ',':
		break;
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return scannumber(s, e);
	default:
		return scanword(s, e);
	}
	s->p++;
	return 0;
}

static int
scan(struct scan *s, const struct json_text *t, struct err *e)
{
	memset(s, 0, sizeof *s);
	s->s = s->p = t->s;
	s->end = t->s + t->n;
	s->nesting = t->nesting;
	s->most = t->values;
	s->quotes = t->quotes;
	if (t->n > JSON_LONGEST)
		return err_set(e, EMSGSIZE, "json: over %zu bytes", JSON_LONGEST);
	while (s->p < s->end) {
		if (blank(*s->p))
			s->p++;
		else if (scantoken(s, e) < 0)
			return -1;
	}
	if (s->broken && !t->repair)
		return err_set(e, EBADMSG, "json: a string is not UTF-8");
	return 0;
}

static int
rebuild(const struct json_text *t, struct json_object **out, struct err *e)
{
	struct buf b = { NULL, 0, 0 };
	const char *p = t->s, *end = t->s + t->n;
	size_t n;
	int r = 0;

	while (p < end && r == 0) {
		n = utf8_length(p, (size_t)(end - p));
		r = n ? buf_put(&b, p, n, e) : buf_put(&b, "\xef\xbf\xbd", 3, e);
		p += n ? n : 1;
	}
	if (r == 0 && b.len > JSON_LONGEST)
		r = err_set(e, EMSGSIZE, "json: over %zu bytes", JSON_LONGEST);
	if (r == 0)
		r = jsonbuild(b.s, b.len, t->quotes, out, e);
	buf_done(&b);
	return r;
}

static bool
infinite(struct json_object *o)
{
	enum json_type type = json_object_get_type(o);
	struct lh_entry *member;
	size_t i;

	if (type == json_type_double)
		return !isfinite(json_object_get_double(o));
	if (type == json_type_array)
		for (i = 0; i < json_object_array_length(o); i++)
			if (infinite(json_object_array_get_idx(o, i)))
				return true;
	if (type == json_type_object)
		lh_foreach(json_object_get_object(o), member)
			if (infinite(lh_entry_v(member)))
				return true;
	return false;
}

int
json_parse(const struct json_text *t, struct json_object **out,
           const char **refused, struct err *e)
{
	struct json_object *o = NULL;
	struct scan s;
	int r;

	if (scan(&s, t, e) < 0)
		return -1;
	r = s.broken ? rebuild(t, &o, e) : jsonbuild(t->s, t->n, t->quotes, &o, e);
	if (r < 0)
		return -1;
	if (s.huge && infinite(o))
		refuse(&s, "number beyond a double");
	if (s.refused && !refused) {
		json_object_put(o);
		return err_set(e, ERANGE, "json: %s", s.refused);
	}
	if (refused)
		*refused = s.refused;
	*out = o;
	return 0;
}
