/* SPDX-License-Identifier: MIT */
/* Deadlines: moments of the monotonic clock in nanoseconds. Every wait of the
 * engine has one, so that no step of a waiting loop can add up to more. */
#ifndef LUNIK_DUE_H
#define LUNIK_DUE_H

#include <stdint.h>

#include "err.h"

#define DUE_NEVER INT64_MAX

int64_t due_now(void);

/* `seconds` from now; zero or less has passed already, and still allows one
 * try of whatever it limits. Beyond some thirty years it is never. */
int64_t due_after(double seconds);

/* Waits for poll(2)'s `events` on fd: 1 when there are some (POLLERR and
 * POLLHUP count), 0 when `due` passed, -1 with *e filled. */
int due_wait(int fd, short events, int64_t due, struct err *e);

#endif
