/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "closefrom.h"
#include "due.h"
#include "proc.h"
#include "refuse.h"
#include "share.h"
#include "spawn.h"

#define MAX_FD (1 << 20)        /* what a listed number may at most be */

enum step { EXEC, NULLDEV, FD, CLOEXEC, SESSION, SHARE, CWD, LIMIT, DEATH, REFUSE };

/* Small enough for a pipe to carry it whole. */
struct report {
	enum step step;
	int which;              /* of the list that the step works on */
	int code;
	const char *call;       /* a literal: parent and child are one program */
};

struct child {
	const struct spawn *sp;
	const char *program;
	pid_t parent;
	int report;             /* CLOEXEC, so exec closes it */
};

static _Noreturn void
give_up(const struct child *c, enum step step, size_t which, const char *call)
{
	struct report r;
	ssize_t n;

	memset(&r, 0, sizeof r);        /* what lies between the members too */
	r.step = step;
	r.which = (int)which;
	r.code = errno;
	r.call = call;
	do
		n = write(c->report, &r, sizeof r);
	while (n < 0 && errno == EINTR);
	_exit(127);
}

/* The lowest number above all that the list names. */
static int
above(const struct spawn *sp)
{
	int floor = 3;
	size_t i;

	for (i = 0; i < sp->nfds; i++)
		if (sp->fds[i].child >= floor)
			floor = sp->fds[i].child + 1;
	return floor;
}

static bool
listed(const struct spawn *sp, int fd)
{
	size_t i;

	for (i = 0; i < sp->nfds; i++)
		if (sp->fds[i].child == fd)
			return true;
	return false;
}

/* Copies everything up out of the way first: then no order of the list can
 * overwrite what is still needed. */
static void
arrange(struct child *c, int *high)
{
	const struct spawn *sp = c->sp;
	int floor = above(sp), null, fd;
	size_t i;

	fd = fcntl(c->report, F_DUPFD_CLOEXEC, floor);
	if (fd < 0)
		give_up(c, NULLDEV, 0, NULL);
	c->report = fd;
	for (i = 0; i < sp->nfds; i++) {
		high[i] = fcntl(sp->fds[i].parent, F_DUPFD_CLOEXEC, floor);
		if (high[i] < 0)
			give_up(c, FD, i, NULL);
	}
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0)
		null = fcntl(null, F_DUPFD_CLOEXEC, floor);
	if (null < 0)
		give_up(c, NULLDEV, 0, NULL);
	for (fd = 0; fd < 3; fd++)
		if (!listed(sp, fd) && dup2(null, fd) < 0)
			give_up(c, NULLDEV, 0, NULL);
	for (i = 0; i < sp->nfds; i++)
		if (dup2(high[i], sp->fds[i].child) < 0)
			give_up(c, FD, i, NULL);
}

static void
surroundings(const struct child *c)
{
	const struct spawn *sp = c->sp;
	const char *call;

	if (sp->session ? setsid() < 0 : sp->group && setpgid(0, 0) < 0)
		give_up(c, SESSION, 0, NULL);
	if (sp->share && share_enter(sp->share, &call) < 0)
		give_up(c, SHARE, 0, call);
	if (sp->cwd && chdir(sp->cwd) < 0)
		give_up(c, CWD, 0, NULL);
	if (sp->set_umask)
		umask(sp->umask);
}

/* After share_enter, which changes credentials, and that clears it. */
static void
die_with_parent(const struct child *c)
{
	if (prctl(PR_SET_PDEATHSIG, c->sp->death_signal) < 0)
		give_up(c, DEATH, 0, NULL);
	if (getppid() != c->parent)     /* it ended before prctl */
		_exit(127);
}

/* Soft limits are a person's, for a shell; a core file of a guest's memory is nobody's wish. */
static void
raise_limits(void)
{
	static const int resources[] = {
		RLIMIT_AS, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_MEMLOCK, RLIMIT_NOFILE,
		RLIMIT_NPROC,
	};
	struct rlimit limit;
	size_t i;

	for (i = 0; i < sizeof resources / sizeof *resources; i++) {
		if (getrlimit((unsigned)resources[i], &limit) < 0 ||
		    limit.rlim_cur == limit.rlim_max)
			continue;
		limit.rlim_cur = limit.rlim_max;
		setrlimit((unsigned)resources[i], &limit);
	}
}

static _Noreturn void
child(struct child *c, int *high)
{
	const struct spawn *sp = c->sp;
	char *empty[] = { NULL };
	sigset_t blocked;
	size_t i;

	surroundings(c);
	if (closefrom_exec(3) < 0)
		give_up(c, CLOEXEC, 0, NULL);
	arrange(c, high);
	if (sp->unlimited)
		raise_limits();
	for (i = 0; i < sp->nlimits; i++)
		if (setrlimit((unsigned)sp->limits[i].resource,
		              &sp->limits[i].limit) < 0)
			give_up(c, LIMIT, i, NULL);
	if (sp->death_signal)
		die_with_parent(c);
	sigemptyset(&blocked);
	if (sp->blocked)
		sigaddset(&blocked, sp->blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	if (sp->nrefusals && refuse_calls(sp->refusals, sp->nrefusals) < 0)
		give_up(c, REFUSE, 0, NULL);
	execve(c->program, sp->argv, sp->envp ? sp->envp : empty);
	give_up(c, EXEC, 0, NULL);
}

static int
explain(const struct child *c, const struct report *r, struct err *e)
{
	const struct spawn *sp = c->sp;

	errno = r->code;
	switch (r->step) {
	case NULLDEV:
		return err_sys(e, "open /dev/null");
	case FD:
		return err_sys(e, "descriptor %d as %d", sp->fds[r->which].parent,
		               sp->fds[r->which].child);
	case CLOEXEC:
		return err_sys(e, "close descriptors");
	case SESSION:
		return err_sys(e, sp->session ? "setsid" : "setpgid");
	case SHARE:
		return err_sys(e, "share %s: %s",
		               sp->share->from ? sp->share->from :
		               sp->share->file ? sp->share->file : "descriptor",
		               r->call);
	case CWD:
		return err_sys(e, "chdir %s", sp->cwd);
	case LIMIT:
		return err_sys(e, "limit %d", sp->limits[r->which].resource);
	case DEATH:
		return err_sys(e, "parent-death signal %d", sp->death_signal);
	case REFUSE:
		return err_sys(e, "seccomp filter");
	case EXEC:
		break;
	}
	return err_sys(e, "exec %s", c->program);
}

/* What became of the child: 0 when it runs the program. */
static int
outcome(const struct child *c, int fd, int64_t due, struct err *e)
{
	struct report r;
	ssize_t n;

	switch (due_wait(fd, POLLIN, due, e)) {
	case -1:
		return -1;
	case 0:
		return err_set(e, ETIMEDOUT, "exec %s: not there in time",
		               c->program);
	}
	do
		n = read(fd, &r, sizeof r);
	while (n < 0 && errno == EINTR);
	/* exec closes the pipe; bytes on it mean exec never happened */
	return n == 0 ? 0 : explain(c, &r, e);
}

static int
start(struct child *c, int *high, struct proc *p, int64_t due, struct err *e)
{
	int report[2], n;

	if (pipe2(report, O_CLOEXEC) < 0)
		return err_sys(e, "pipe");
	c->report = report[1];
	c->parent = getpid();
	n = proc_fork(p, e);
	if (n == 0)
		child(c, high);
	close(report[1]);
	if (n > 0 && (n = outcome(c, report[0], due, e)) < 0)
		proc_kill(p);
	close(report[0]);
	return n < 0 ? -1 : 0;
}

/* Like execvp, but before fork; without PATH's relative folders, whose meaning
 * a cwd would change; and what cannot be seen is not there. */
static int
search(const char *name, char *path, size_t size, struct err *e)
{
	const char *dir = getenv("PATH"), *end;
	int code = ENOENT, n;
	struct stat st;

	if (!dir)
		dir = "/usr/bin:/bin";
	for (; *name && *dir; dir = *end ? end + 1 : end) {
		end = strchrnul(dir, ':');
		n = snprintf(path, size, "%.*s/%s", (int)(end - dir), dir, name);
		if (*dir != '/' || n < 0 || (size_t)n >= size ||
		    stat(path, &st) < 0)
			continue;
		code = EACCES;
		if (S_ISREG(st.st_mode) &&
		    faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
			return 0;
	}
	errno = code;
	return err_sys(e, "exec %s", name);
}

int
spawn_start(const struct spawn *sp, struct proc *p, int64_t due, struct err *e)
{
	struct child c = { .sp = sp, .program = sp->argv[0] };
	char path[PATH_MAX];
	int *high, n;
	size_t i;

	for (i = 0; i < sp->nfds; i++)
		if (sp->fds[i].child < 0 || sp->fds[i].child > MAX_FD)
			return err_set(e, EBADF, "descriptor %d: no such number",
			               sp->fds[i].child);
	if (sp->search && !strchr(c.program, '/')) {
		if (search(c.program, path, sizeof path, e) < 0)
			return -1;
		c.program = path;
	}
	high = calloc(sp->nfds + 1, sizeof *high);
	if (!high)
		return err_sys(e, "exec %s", c.program);
	n = start(&c, high, p, due, e);
	free(high);
	return n;
}
