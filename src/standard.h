/* SPDX-License-Identifier: MIT */
/* Descriptors 0 to 2 of a program: were one closed, the next file or socket would get its
 * number, and whoever writes a message would write into that. */
#ifndef LUNIK_STANDARD_H
#define LUNIK_STANDARD_H

#include "err.h"

/* Opens those that are closed on /dev/null. */
int standard_open(struct err *e);

/* The same for those that are sockets made by whoever made the socket `link`: among
 * them may be its other end, which then would never be seen to close. */
int standard_without(int link, struct err *e);

#endif
