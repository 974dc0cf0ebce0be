/* SPDX-License-Identifier: MIT */
/* Starts a program that inherits what is listed here and nothing else: no other
 * descriptor, no environment, no blocked or ignored signal. Whatever fails
 * up to and including exec is spawn_start's own answer. */
#ifndef LUNIK_SPAWN_H
#define LUNIK_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include "err.h"

struct proc;
struct refusal;
struct share;

struct spawn_fd {
	int child;              /* the number there … */
	int parent;             /* … of what is this here */
};

struct spawn_limit {
	int resource;
	struct rlimit limit;
};

struct spawn {
	char *const *argv;      /* argv[0] is the path of the program, or … */
	bool search;            /* … a name to look for in PATH */
	char *const *envp;      /* complete; NULL: empty */
	const struct spawn_fd *fds;     /* complete, any permutation; 0 to 2 */
	size_t nfds;                    /* where absent are /dev/null */
	const struct share *share;      /* entered before cwd, which it makes / */
	const char *cwd;
	bool session;           /* setsid; the leader of a process group too */
	bool group;             /* the leader of a process group of its own */
	int death_signal;       /* when the thread that spawned it ends; 0: none */
	int blocked;            /* a signal that it does not hear; 0: none */
	bool set_umask;
	mode_t umask;
	bool unlimited;         /* soft limits are raised to the hard ones */
	const struct spawn_limit *limits;       /* set after that */
	size_t nlimits;
	const struct refusal *refusals; /* calls that fail for it */
	size_t nrefusals;
};

/* Into `p`. The deadline covers everything before exec, where a directory on a
 * dead server can hang; the child is then killed and the answer ETIMEDOUT. */
int spawn_start(const struct spawn *sp, struct proc *p, int64_t due,
                struct err *e);

#endif
