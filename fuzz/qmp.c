/* SPDX-License-Identifier: MIT */
/* Any bytes as what a QMP server says, in pieces: the splitter finds the same
 * messages whatever the pieces, and the engine ends each command once. The
 * first byte is the size of the pieces, and whether a greeting comes first. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../src/due.h"
#include "../src/qmp.h"

#define NESTING 32
#define SIZE 4096
#define COMMANDS 6

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
insist(bool so)
{
	if (!so)
		abort();
}

/* a number that depends on every message and on how the stream ended */
static uint64_t
digest(const char *s, size_t n, size_t step)
{
	struct split in;
	struct err e;
	const char *text;
	char *to;
	size_t len, room, i;
	uint64_t h = 1;
	int r = 0;

	split_init(&in, NESTING, SIZE);
	while (n && r >= 0) {
		to = split_room(&in, &room, &e);
		insist(to && room);
		room = room < step ? room : step;
		room = room < n ? room : n;
		memcpy(to, s, room);
		split_added(&in, room);
		s += room;
		n -= room;
		while ((r = split_next(&in, &text, &len, &e)) > 0)
			for (i = 0; i < len; i++)
				h = h * 31 + (uint8_t)text[i];
	}
	h = h * 31 + (r < 0) * 2 + (r == 0 && split_within(&in));
	split_done(&in);
	return h;
}

static void
submit(struct qmp *q, int64_t due)
{
	struct qmp_call call = { .name = "x", .len = 1, .due = due };
	struct err e;

	insist(qmp_submit(q, &call, &e) > 0);
	qmp_flush(q);
}

/* every command has ended */
static void
settle(struct qmp *q)
{
	struct qmp_cmd *c;
	struct qmp_result r;
	int64_t id;

	for (id = 1; id <= q->last; id++)
		insist(!qmp_pending(q, id) && qmp_ended(q, id));
	while ((c = qmp_oldest(q))) {
		r = qmp_result(c);
		insist(r.code || r.class ? r.why != NULL : true);
		qmp_forget(q, c);
	}
}

static void
drain(int fd)
{
	char buf[4096];

	while (recv(fd, buf, sizeof buf, MSG_DONTWAIT) > 0)
		;
}

static void
converse(const char *s, size_t n, size_t step)
{
	static const struct qmp_limits limits = {
		.events = 8, .nesting = NESTING, .size = SIZE
	};
	struct qmp q;
	struct err e;
	int fds[2];

	insist(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	qmp_init(&q, fds[0], &limits);
	submit(&q, DUE_NEVER);
	submit(&q, 0);
	while (n) {
		step = step < n ? step : n;
		insist(send(fds[1], s, step, MSG_NOSIGNAL) == (ssize_t)step);
		s += step;
		n -= step;
		if (qmp_step(&q, &e) < 0)
			break;
		/* sent, and late by the next step */
		if (q.state == QMP_READY && q.last < COMMANDS)
			submit(&q, q.last % 2 ? DUE_NEVER : 0);
		drain(fds[1]);
	}
	close(fds[1]);
	while (qmp_step(&q, &e) == 0)
		;
	settle(&q);
	insist(q.pending.head == NULL && !qmp_sending(&q));
	qmp_done(&q);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char hello[] = "{\"QMP\":{\"capabilities\":[\"oob\"]}}{\"return\":{},\"id\":0}";
	const char *s = (const char *)data + 1;
	struct buf b = { NULL, 0, 0 };
	struct err e;
	size_t step;

	if (n < 1 || n > 1 << 16)
		return 0;
	n--;
	step = (size_t)(data[0] >> 1) + 1;
	insist(digest(s, n, step) == digest(s, n, SIZE));
	if (data[0] & 1)
		insist(buf_put(&b, hello, strlen(hello), &e) == 0);
	insist(buf_put(&b, s, n, &e) == 0);
	converse(b.s, b.len, step);
	buf_done(&b);
	return 0;
}
