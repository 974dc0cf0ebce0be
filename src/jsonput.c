/* SPDX-License-Identifier: MIT */
/* The half of json.h that writes. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "utf8.h"

static int
putescape(struct buf *b, unsigned char c, struct err *e)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *known = c ? strchr(plain, c) : NULL;
	char s[8];
	int n;

	if (known)
		n = snprintf(s, sizeof s, "\\%c", letters[known - plain]);
	else
		n = snprintf(s, sizeof s, "\\u%04x", c);
	return buf_put(b, s, (size_t)n, e);
}

static int
putquoted(struct buf *b, const char *s, size_t n, struct err *e)
{
	size_t i = 0, from = 0, len;

	while (i < n) {
		if ((unsigned char)s[i] >= 0x20 && s[i] != '"' && s[i] != '\\') {
			len = utf8_length(s + i, n - i);
			if (!len)
				return err_set(e, EILSEQ, "not UTF-8");
			i += len;
			continue;
		}
		if (buf_put(b, s + from, i - from, e) < 0 ||
		    putescape(b, (unsigned char)s[i], e) < 0)
			return -1;
		from = ++i;
	}
	return buf_put(b, s + from, n - from, e);
}

int
json_put_string(struct buf *b, const char *s, size_t n, struct err *e)
{
	if (buf_put(b, "\"", 1, e) < 0 || putquoted(b, s, n, e) < 0)
		return -1;
	return buf_put(b, "\"", 1, e);
}

/* the host's locale may write its decimal point as it likes, even in bytes */
static size_t
depoint(char *s)
{
	char *to = s, *from = s;

	for (; *from; from++) {
		if (strchr("0123456789+-e", *from))
			*to++ = *from;
		else if (to == s || to[-1] != '.')
			*to++ = '.';
	}
	*to = '\0';
	return (size_t)(to - s);
}

int
json_put_double(struct buf *b, double d, struct err *e)
{
	char s[64];
	int digits;
	size_t n;

	if (!isfinite(d))
		return err_set(e, ERANGE, "not a finite number");
	/* as short as reads back the same */
	for (digits = 15; digits < 18; digits++) {
		snprintf(s, sizeof s, "%.*g", digits, d);
		if (strtod(s, NULL) == d)
			break;
	}
	n = depoint(s);
	if (!strpbrk(s, ".e")) {
		memcpy(s + n, ".0", 3);
		n += 2;
	}
	return buf_put(b, s, n, e);
}
