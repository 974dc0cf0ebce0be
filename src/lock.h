/* SPDX-License-Identifier: MIT */
/* flock on a file that is made when missing. The lock belongs to the open file:
 * whoever inherits the descriptor holds it too, and it is free once the last
 * of them has closed it. That is how a dead owner is told from a live one. */
#ifndef LUNIK_LOCK_H
#define LUNIK_LOCK_H

#include <stdint.h>

#include "err.h"

/* The locked descriptor, or -1: EWOULDBLOCK when somebody else still holds it
 * at `due`. The file at `path` is the locked one, even if others replace it. */
int lock_take(const char *path, int64_t due, struct err *e);

#endif
