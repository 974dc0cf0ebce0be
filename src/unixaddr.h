/* SPDX-License-Identifier: MIT */
/* The address of a unix socket by path, whatever the path's length: one that
 * does not fit in sun_path goes through /proc/self/fd/<its directory>. */
#ifndef LUNIK_UNIXADDR_H
#define LUNIK_UNIXADDR_H

#include <sys/socket.h>
#include <sys/un.h>

#include "err.h"

struct unixaddr {
	struct sockaddr_un sa;
	socklen_t len;
	int dir;                /* what sa refers to, or -1 */
};

/* ENAMETOOLONG when even the last component does not fit. */
int unixaddr_init(struct unixaddr *a, const char *path, struct err *e);
void unixaddr_done(struct unixaddr *a);

#endif
