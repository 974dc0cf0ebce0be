/* SPDX-License-Identifier: MIT */
/* What is still to be sent on a stream socket, in order, with descriptors. */
#ifndef LUNIK_OUTQ_H
#define LUNIK_OUTQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define OUTQ_FDS 16             /* more than that QEMU does not take at once */

struct out;

struct outq {
	struct out *head, *last;
};

struct outq_message {
	int64_t id;
	const char *s;
	size_t n;               /* at least 1 */
	const int *fds;         /* duplicated; they go with the first byte */
	unsigned nfds;
};

int outq_put(struct outq *q, const struct outq_message *m, struct err *e);

/* Sends without waiting: 0, whether or not all of it went; -1 EPIPE or worse. */
int outq_flush(struct outq *q, int fd, struct err *e);

/* Takes a message back: false when its first byte is gone, or it is unknown. */
bool outq_cancel(struct outq *q, int64_t id);

/* Drops everything. */
void outq_done(struct outq *q);

#endif
