/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "closefrom.h"
#include "due.h"
#include "lock.h"
#include "proc.h"

/* In a child: its flock is ours too, as the open file is the same. */
static _Noreturn void
wait_for(int fd, pid_t parent)
{
	int n;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent ||
	    closefrom_but(fd) < 0)
		_exit(1);
	do
		n = flock(0, LOCK_EX);
	while (n < 0 && errno == EINTR);
	_exit(n < 0);
}

/* flock knows no deadline, and a lock that comes free wakes no poll: a child
 * sleeps in flock, and its end is what we wait for. */
static int
wait_by_child(int fd, int64_t due, struct err *e)
{
	pid_t parent = getpid();
	struct proc p;
	int n;

	n = proc_fork(&p, e);
	if (n == 0)
		wait_for(fd, parent);
	if (n < 0)
		return -1;
	proc_wait(&p, due, e);
	proc_kill(&p);
	return 0;
}

/* 1: locked. 0: somebody else's. */
static int
try(int fd, const char *path, struct err *e)
{
	int n;

	do
		n = flock(fd, LOCK_EX | LOCK_NB);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return 1;
	return errno == EWOULDBLOCK ? 0 : err_sys(e, "lock %s", path);
}

static int
take(int fd, const char *path, int64_t due, struct err *e)
{
	int n = try(fd, path, e);

	if (n == 0 && due > due_now()) {
		if (wait_by_child(fd, due, e) < 0)
			return -1;
		n = try(fd, path, e);
	}
	if (n == 0)
		return err_set(e, EWOULDBLOCK, "lock %s: held by another", path);
	return n < 0 ? -1 : 0;
}

/* A lock on a file that has since been removed would exclude nobody. */
static bool
current(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int
lock_take(const char *path, int64_t due, struct err *e)
{
	int fd;

	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return err_sys(e, "lock %s", path);
		if (take(fd, path, due, e) < 0)
			break;
		if (current(fd, path))
			return fd;
		close(fd);
	}
	close(fd);
	return -1;
}
