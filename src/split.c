/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "split.h"

#define CHUNK ((size_t)16384)

void
split_init(struct split *s, unsigned nesting, size_t size)
{
	memset(s, 0, sizeof *s);
	s->nesting = nesting;
	s->size = size;
}

void
split_done(struct split *s)
{
	free(s->buf);
	split_init(s, s->nesting, s->size);
}

/* to the front, when that moves less than it frees: linear over the stream */
static void
compact(struct split *s)
{
	size_t n = s->end - s->start;

	if (s->start < n || !s->start)
		return;
	memmove(s->buf, s->buf + s->start, n);
	s->pos -= s->start;
	s->end = n;
	s->start = 0;
}

char *
split_room(struct split *s, size_t *room, struct err *e)
{
	size_t cap = s->cap;
	char *buf;

	compact(s);
	if (s->cap - s->end < CHUNK / 4)
		cap = cap ? cap * 2 : CHUNK;
	else if (s->end == 0 && s->cap > 64 * CHUNK)
		cap = CHUNK;            /* a huge one has passed */
	if (cap != s->cap) {
		buf = realloc(s->buf, cap);
		if (!buf) {
			err_sys(e, "a message of %zu bytes", s->end - s->start);
			return NULL;
		}
		s->buf = buf;
		s->cap = cap;
	}
	*room = s->cap - s->end;
	return s->buf + s->end;
}

void
split_added(struct split *s, size_t n)
{
	s->end += n;
}

int
split_feed(struct split *s, const char *bytes, size_t n, struct err *e)
{
	size_t room, left;
	char *to;

	for (left = n; left; left -= room) {
		to = split_room(s, &room, e);
		if (!to) {
			s->end -= n - left;
			return -1;
		}
		if (room > left)
			room = left;
		memcpy(to, bytes + n - left, room);
		s->end += room;
	}
	return 0;
}

static void
string(struct split *s)
{
	char c;

	while (s->pos < s->end) {
		c = s->buf[s->pos++];
		if (s->escaped) {
			s->escaped = false;
		} else if (c == '\\') {
			s->escaped = true;
		} else if (c == '"') {
			s->instring = false;
			return;
		}
	}
}

/* skips to the next object's brace */
static int
between(struct split *s, struct err *e)
{
	while (s->pos < s->end && strchr(" \t\r\n", s->buf[s->pos]) && s->buf[s->pos])
		s->pos++;
	s->start = s->pos;
	if (s->pos < s->end && s->buf[s->pos] != '{')
		return err_set(e, EPROTO, "byte 0x%02x where a message should begin",
		               (unsigned char)s->buf[s->pos]);
	return 0;
}

/* one byte outside of strings; 1: it ended the object */
static int
structure(struct split *s, struct err *e)
{
	switch (s->buf[s->pos]) {
	case '"':
		s->instring = true;
		break;
	case '{': case '[':
		if (s->depth == s->nesting)
			return err_set(e, EPROTO, "message nested deeper than %u",
			               s->nesting);
		s->depth++;
		break;
	case '}': case ']':
		s->depth--;
		break;
	default:
		break;
	}
	s->pos++;
	return s->depth == 0;
}

int
split_next(struct split *s, const char **text, size_t *n, struct err *e)
{
	int r = 0;

	if (!s->buf)
		return 0;
	if (s->depth == 0 && between(s, e) < 0)
		return -1;
	while (s->pos < s->end && r == 0) {
		if (s->instring)
			string(s);
		else
			r = structure(s, e);
	}
	if (r < 0)
		return -1;
	if (s->pos - s->start > s->size) {
		s->depth = 1;           /* so that the next call ends up here too */
		return err_set(e, EPROTO, "message over %zu bytes", s->size);
	}
	*text = s->buf + s->start;
	*n = s->pos - s->start;
	if (r)
		s->start = s->pos;
	return r;
}

void
split_settle(struct split *s)
{
	if (s->start < s->end || s->cap <= 64 * CHUNK)
		return;
	free(s->buf);
	s->buf = NULL;
	s->start = s->pos = s->end = s->cap = 0;
}

bool
split_within(const struct split *s)
{
	return s->depth > 0;
}
