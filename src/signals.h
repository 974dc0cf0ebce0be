/* SPDX-License-Identifier: MIT */
/* Signals as something to read, for the program that owns its process; a
 * library leaves the host's signals alone. Works on the calling thread: open
 * before other threads start, close where it was opened. */
#ifndef LUNIK_SIGNALS_H
#define LUNIK_SIGNALS_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct signals {
	int fd;                 /* -1: closed */
	sigset_t blocked;       /* by us: what close unblocks */
};

void signals_init(struct signals *s);

/* Blocks them and has them queue for signals_next. */
int signals_open(struct signals *s, const int *signos, size_t n, struct err *e);

/* The next signal's number; -1, ETIMEDOUT when none came. */
int signals_next(struct signals *s, int64_t due, struct err *e);

/* Unblocks them again: one that still queues then acts as it would have. */
void signals_close(struct signals *s);

#endif
