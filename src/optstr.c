/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "optstr.h"

static size_t
commas(const char *s, size_t len)
{
	size_t n = 0;
	const char *end = s + len;

	while ((s = memchr(s, ',', (size_t)(end - s)))) {
		n++;
		s++;
	}
	return n;
}

static int
holds(const struct optpair *p, int c)
{
	return memchr(p->val, c, p->vallen) != NULL;
}

static int
keyok(const struct optpair *p)
{
	return p->keylen && !memchr(p->key, ',', p->keylen) &&
	    !memchr(p->key, '=', p->keylen) && !memchr(p->key, 0, p->keylen);
}

long
optstr_measure(const struct optpair *pairs, size_t n, struct err *e)
{
	const struct optpair *p;
	size_t size = 0;

	for (p = pairs; p < pairs + n; p++) {
		if (p->key && !keyok(p))
			return err_set(e, EINVAL, "bad option key '%.*s'",
			               (int)p->keylen, p->key);
		if (!p->val) {
			size += (p > pairs) + p->keylen;
			continue;
		}
		if (holds(p, 0))
			return err_set(e, EINVAL, "%.*s: a NUL byte",
			               p->key ? (int)p->keylen : 5,
			               p->key ? p->key : "value");
		if (!p->key && p > pairs)
			return err_set(e, EINVAL, "'%.*s': only the first value"
			               " goes without its key", (int)p->vallen, p->val);
		/* QEMU looks for id= in an implied value even behind ",," */
		if (!p->key && (holds(p, ',') || holds(p, '=')))
			return err_set(e, EINVAL, "'%.*s': needs its key written out",
			               (int)p->vallen, p->val);
		size += (p > pairs) + (p->key ? p->keylen + 1 : 0) + p->vallen +
		    commas(p->val, p->vallen);
	}
	return (long)size;
}

static char *
quote(const char *s, size_t len, char *out)
{
	const char *end = s + len, *comma;

	while ((comma = memchr(s, ',', (size_t)(end - s)))) {
		out = mempcpy(out, s, (size_t)(comma - s));
		*out++ = ',';
		*out++ = ',';
		s = comma + 1;
	}
	return mempcpy(out, s, (size_t)(end - s));
}

char *
optstr_write(const struct optpair *pairs, size_t n, char *out)
{
	const struct optpair *p;

	for (p = pairs; p < pairs + n; p++) {
		if (p > pairs)
			*out++ = ',';
		if (p->key)
			out = mempcpy(out, p->key, p->keylen);
		if (p->key && p->val)
			*out++ = '=';
		if (p->val)
			out = quote(p->val, p->vallen, out);
	}
	return out;
}

/* A value ends at a comma that is not doubled. */
static size_t
valuelen(const char *s)
{
	const char *p = s;

	for (;;) {
		p += strcspn(p, ",");
		if (p[0] != ',' || p[1] != ',')
			return (size_t)(p - s);
		p += 2;
	}
}

int
optstr_next(const char **at, int first, struct optpair *pair)
{
	const char *s = *at;
	size_t word = strcspn(s, "=,");

	if (!*s)
		return 0;
	pair->key = s;
	pair->keylen = word;
	pair->val = NULL;
	pair->vallen = 0;
	if (s[word] == '=') {
		pair->val = s + word + 1;
		pair->vallen = valuelen(pair->val);
		s = pair->val + pair->vallen;
	} else if (first) {
		pair->key = NULL;
		pair->keylen = 0;
		pair->val = s;
		pair->vallen = valuelen(s);
		s += pair->vallen;
	} else {
		s += word;
	}
	*at = s + (*s == ',');
	return 1;
}

size_t
optstr_unquote(const char *val, size_t len, char *out)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		out[n++] = val[i];
		if (val[i] == ',' && i + 1 < len && val[i + 1] == ',')
			i++;
	}
	return n;
}
