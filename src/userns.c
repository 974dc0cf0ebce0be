/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "closefrom.h"
#include "due.h"
#include "userns.h"

void
userns_init(struct userns *u)
{
	u->fd = -1;
	proc_init(&u->proc);
}

void
userns_close(struct userns *u)
{
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
	if (u->proc.fd >= 0)
		proc_kill(&u->proc);
	proc_init(&u->proc);
}

/* Says why it could not, or nothing and stays until it is killed. */
static _Noreturn void
hold(int report, pid_t parent)
{
	int code = 0;
	ssize_t n;

	if (closefrom_but(report) < 0)
		_exit(127);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    unshare(CLONE_NEWUSER) < 0)
		code = errno;
	do
		n = write(0, &code, sizeof code);
	while (n < 0 && errno == EINTR);
	close(0);
	/* unshare may have cleared the wish to die with the parent */
	if (code || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(127);
	for (;;)
		pause();
}

static int
outcome(int report, struct err *e)
{
	int code;
	ssize_t n;

	do
		n = read(report, &code, sizeof code);
	while (n < 0 && errno == EINTR);
	if (n == sizeof code && code == 0)
		return 0;
	errno = n == sizeof code ? code : ECHILD;
	return err_sys(e, "user namespace");
}

int
userns_open(struct userns *u, struct err *e)
{
	pid_t parent = getpid();
	int report[2], n;
	char path[64];

	if (pipe2(report, O_CLOEXEC) < 0)
		return err_sys(e, "pipe");
	n = proc_fork(&u->proc, e);
	if (n == 0)
		hold(report[1], parent);
	close(report[1]);
	if (n > 0)
		n = outcome(report[0], e);
	close(report[0]);
	if (n == 0) {
		snprintf(path, sizeof path, "/proc/%d/ns/user", (int)u->proc.pid);
		u->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (u->fd < 0)
			n = err_sys(e, "open %s", path);
	}
	if (n < 0)
		userns_close(u);
	return n;
}
