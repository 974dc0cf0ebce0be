/* SPDX-License-Identifier: MIT */
/* System calls that fail for a process and for all that it starts, without being made: by
 * their number, or by bits of one argument. What is already refused stays so, and the
 * program may add filters of its own. What a call has in memory cannot be seen: openat2
 * can only be refused whole. */
#ifndef LUNIK_REFUSE_H
#define LUNIK_REFUSE_H

#include <stddef.h>
#include <stdint.h>

#define REFUSE_MOST 16

struct refusal {
	int call;
	int error;              /* what it fails with; 0: it seems to succeed */
	int argument;           /* the one looked at, from 0 on */
	uint32_t bits;          /* refused with any of these in it; 0: always */
};

/* The number of a call that changes or makes a file, by its name: -1 for one that this
 * architecture does not have, -2 for one not known here. */
int refuse_number(const char *name);

/* For good. Async-signal-safe. Takes privileges over the user namespace, or
 * no_new_privs. -1 with errno. */
int refuse_calls(const struct refusal *list, size_t n);

#endif
