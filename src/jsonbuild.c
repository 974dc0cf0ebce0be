/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "jsonbuild.h"

struct build {
	const char *s, *p, *end;
	bool quotes;            /* strings may stand in single ones */
	struct buf text;        /* of the string or number that is being read */
	struct err *e;
};

static int value(struct build *b, struct json_object **out);

static int
malformed(const struct build *b, const char *what)
{
	return err_set(b->e, EBADMSG, "json: %s at byte %zu", what, (size_t)(b->p - b->s) + 1);
}

static int
short_of_memory(const struct build *b)
{
	return err_set(b->e, ENOMEM, "json: %s", strerror(ENOMEM));
}

static bool
one_of(struct build *b, const char *any)
{
	if (b->p == b->end || !*b->p || !strchr(any, *b->p))
		return false;
	b->p++;
	return true;
}

static void
blanks(struct build *b)
{
	while (one_of(b, " \t\r\n"))
		;
}

/* Steps over blanks, and `c` if it is what follows. */
static bool
next(struct build *b, char c)
{
	blanks(b);
	if (b->p == b->end || *b->p != c)
		return false;
	b->p++;
	return true;
}

static int
expect(struct build *b, char c)
{
	if (next(b, c))
		return 0;
	return malformed(b, b->p == b->end ? "unexpected end" : "unexpected byte");
}

/* The number in four hexadecimal digits behind "\u", or -1. */
static long
hex(const struct build *b, const char *p)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;
	long n = 0;
	int i;

	if (b->end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (i = 2; i < 6; i++) {
		char c = p[i] >= 'A' && p[i] <= 'F' ? (char)(p[i] | 32) : p[i];

		digit = c ? strchr(digits, c) : NULL;
		if (!digit)
			return -1;
		n = n * 16 + (digit - digits);
	}
	return n;
}

static int
put_utf8(struct build *b, unsigned long c)
{
	char s[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (i = n; i-- > 1; c >>= 6)
		s[i] = (char)(0x80 | (c & 0x3f));
	s[0] = (char)(lead[n] | c);
	return buf_put(&b->text, s, n, b->e);
}

/* A lone half of a surrogate pair reads as U+FFFD. */
static int
unicode(struct build *b)
{
	long c = hex(b, b->p), low;

	if (c < 0)
		return malformed(b, "unknown escape");
	b->p += 6;
	if (c >= 0xd800 && c < 0xdc00) {
		low = hex(b, b->p);
		if (low >= 0xdc00 && low < 0xe000) {
			b->p += 6;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	return put_utf8(b, c >= 0xd800 && c < 0xe000 ? 0xfffd : (unsigned long)c);
}

static int
escape(struct build *b)
{
	static const char letters[] = "\"\\/bfnrt'", plain[] = "\"\\/\b\f\n\r\t'";
	const char *known = NULL;

	if (b->end - b->p >= 2 && b->p[1] && (b->quotes || b->p[1] != '\''))
		known = strchr(letters, b->p[1]);
	if (!known)
		return unicode(b);
	b->p += 2;
	return buf_put(&b->text, &plain[known - letters], 1, b->e);
}

/* Steps over blanks and an opening quote, which is then what closes the string: -1, none. */
static int
opening(struct build *b)
{
	if (b->quotes && next(b, '\''))
		return '\'';
	return expect(b, '"') < 0 ? -1 : '"';
}

/* From behind the opening quote to behind the closing one, into b->text. */
static int
string(struct build *b, char quote)
{
	const char *from;

	b->text.len = 0;
	for (;;) {
		from = b->p;
		while (b->p < b->end && *b->p != quote && *b->p != '\\')
			b->p++;
		if (buf_put(&b->text, from, (size_t)(b->p - from), b->e) < 0)
			return -1;
		if (b->p == b->end)
			return malformed(b, "unfinished string");
		if (*b->p == quote)
			break;
		if (escape(b) < 0)
			return -1;
	}
	b->p++;
	return buf_put(&b->text, "", 1, b->e);  /* a NUL, which is not counted */
}

static int
made(const struct build *b, struct json_object *o, struct json_object **out)
{
	if (!o)
		return short_of_memory(b);
	*out = o;
	return 0;
}

/* "C" is there without memory; the host's own locale may have another point. */
static struct json_object *
number_of(const char *s)
{
	struct json_object *o;
	locale_t c;

	if (!strpbrk(s, ".eE")) {
		if (*s == '-')
			return json_object_new_int64(strtoll(s, NULL, 10));
		errno = 0;
		return json_object_new_uint64(strtoull(s, NULL, 10));
	}
	c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!c)
		return NULL;
	o = json_object_new_double(strtod_l(s, NULL, c));
	freelocale(c);
	return o;
}

static void
digits(struct build *b)
{
	while (one_of(b, "0123456789"))
		;
}

/* What its parts are has been looked at: json.c. */
static int
number(struct build *b, struct json_object **out)
{
	const char *from = b->p;

	one_of(b, "-");
	digits(b);
	if (one_of(b, "."))
		digits(b);
	if (one_of(b, "eE")) {
		one_of(b, "+-");
		digits(b);
	}
	b->text.len = 0;
	if (buf_put(&b->text, from, (size_t)(b->p - from), b->e) < 0 ||
	    buf_put(&b->text, "", 1, b->e) < 0)
		return -1;
	return made(b, number_of(b->text.s), out);
}

static bool
word(struct build *b, const char *s)
{
	size_t n = strlen(s);

	if ((size_t)(b->end - b->p) < n || memcmp(b->p, s, n) != 0)
		return false;
	b->p += n;
	return true;
}

static int
element(struct build *b, struct json_object *array)
{
	struct json_object *o = NULL;

	if (value(b, &o) < 0)
		return -1;
	if (json_object_array_add(array, o) == 0)
		return 0;
	json_object_put(o);
	return short_of_memory(b);
}

/* Adds a member under the key in b->text, which its value then needs. */
static int
keyed(struct build *b, struct json_object *object, const char *key)
{
	struct json_object *o = NULL;

	if (value(b, &o) < 0)
		return -1;
	if (json_object_object_add(object, key, o) == 0)
		return 0;
	json_object_put(o);
	return short_of_memory(b);
}

static int
member(struct build *b, struct json_object *object)
{
	int r, quote = opening(b);
	char *key;

	if (quote < 0 || string(b, (char)quote) < 0 || expect(b, ':') < 0)
		return -1;
	key = strdup(b->text.s);
	if (!key)
		return short_of_memory(b);
	r = keyed(b, object, key);
	free(key);
	return r;
}

/* What is between the brackets, and the closing one. */
static int
members(struct build *b, struct json_object *o, char closing,
        int (*one)(struct build *, struct json_object *))
{
	if (next(b, closing))
		return 0;
	do
		if (one(b, o) < 0)
			return -1;
	while (next(b, ','));
	return expect(b, closing);
}

static int
container(struct build *b, struct json_object **out)
{
	bool object = *b->p++ == '{';
	struct json_object *o = object ? json_object_new_object() : json_object_new_array();

	if (!o)
		return short_of_memory(b);
	if (members(b, o, object ? '}' : ']', object ? member : element) < 0) {
		json_object_put(o);
		return -1;
	}
	*out = o;
	return 0;
}

/* null is no object */
static int
value(struct build *b, struct json_object **out)
{
	int quote;

	blanks(b);
	if (b->p < b->end && (*b->p == '{' || *b->p == '['))
		return container(b, out);
	if (b->p < b->end && (*b->p == '-' || (*b->p >= '0' && *b->p <= '9')))
		return number(b, out);
	if (word(b, "null"))
		return 0;
	if (word(b, "true"))
		return made(b, json_object_new_boolean(1), out);
	if (word(b, "false"))
		return made(b, json_object_new_boolean(0), out);
	quote = opening(b);
	if (quote < 0 || string(b, (char)quote) < 0)
		return -1;
	return made(b, json_object_new_string_len(b->text.s, (int)b->text.len - 1), out);
}

int
jsonbuild(const char *s, size_t n, bool quotes, struct json_object **out, struct err *e)
{
	struct build b = { .s = s, .p = s, .end = s + n, .quotes = quotes, .e = e };
	struct json_object *o = NULL;
	int r = value(&b, &o);

	blanks(&b);
	if (r == 0 && b.p < b.end)
		r = malformed(&b, "text after the end");
	buf_done(&b.text);
	if (r < 0)
		json_object_put(o);
	else
		*out = o;
	return r;
}
