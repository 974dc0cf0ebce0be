/* SPDX-License-Identifier: MIT */
/* Option strings: whatever is parsed can be written back, and then parses to the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../src/optstr.h"
#include "../src/shell.h"

#define MOST 64

/* Parses text into pairs whose values are unquoted copies in `bytes`; their number. */
static size_t
parse(const char *text, int implied, struct optpair *pairs, char *bytes)
{
	size_t n = 0;

	while (n < MOST && optstr_next(&text, implied && n == 0, &pairs[n])) {
		if (pairs[n].val) {
			pairs[n].vallen = optstr_unquote(pairs[n].val, pairs[n].vallen, bytes);
			pairs[n].val = bytes;
			bytes += pairs[n].vallen;
		}
		n++;
	}
	return n;
}

static void
same(const struct optpair *a, const struct optpair *b)
{
	assert(!a->key == !b->key && !a->val == !b->val);
	assert(a->keylen == b->keylen && a->vallen == b->vallen);
	assert(!a->key || memcmp(a->key, b->key, a->keylen) == 0);
	assert(!a->val || memcmp(a->val, b->val, a->vallen) == 0);
}

static void
back_and_forth(const char *text, size_t size, int implied)
{
	struct optpair first[MOST], second[MOST];
	char *bytes = malloc(2 * size + 2), *out;
	struct err e;
	size_t n, i;
	long length;

	assert(bytes);
	n = parse(text, implied, first, bytes);
	length = optstr_measure(first, n, &e);
	/* what was parsed may need its key written out, or have an empty one; and an empty
	 * first value alone is no text at all */
	if (length > 0) {
		out = malloc((size_t)length + 1);
		assert(out && optstr_write(first, n, out) == out + length);
		out[length] = '\0';
		assert(parse(out, implied, second, bytes + size + 1) == n);
		for (i = 0; i < n; i++)
			same(&first[i], &second[i]);
		free(out);
	}
	free(bytes);
}

static void
quoted(const char *text, size_t size)
{
	size_t length = shell_measure(text, size);
	char *out = malloc(length + 1);

	assert(out && shell_write(text, size, out) == out + length);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	assert(text);
	memcpy(text, data, size);
	text[size] = '\0';
	size = strlen(text);
	back_and_forth(text, size, 0);
	back_and_forth(text, size, 1);
	quoted(text, size);
	free(text);
	return 0;
}
