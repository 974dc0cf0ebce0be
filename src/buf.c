/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "buf.h"

int
buf_put(struct buf *b, const char *s, size_t n, struct err *e)
{
	size_t cap = b->cap ? b->cap : 256;
	char *grown;

	while (cap - b->len < n)
		cap *= 2;
	if (cap != b->cap) {
		grown = realloc(b->s, cap);
		if (!grown)
			return err_sys(e, "a buffer of %zu bytes", cap);
		b->s = grown;
		b->cap = cap;
	}
	if (n)
		memcpy(b->s + b->len, s, n);
	b->len += n;
	return 0;
}

void
buf_done(struct buf *b)
{
	free(b->s);
	memset(b, 0, sizeof *b);
}
