/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "closefrom.h"

#define CLOSE_ON_EXEC (1u << 2) /* CLOSE_RANGE_CLOEXEC, Linux 5.11 */

/* -1 for "." and ".." */
static int
number(const char *s)
{
	int n = 0;

	if (*s == '.')
		return -1;
	for (; *s; s++)
		n = n * 10 + (*s - '0');
	return n;
}

/* Has each that is open from `first` on closed, by exec or now. opendir would allocate. */
static int
walk(int dir, int first, bool now)
{
	_Alignas(struct dirent64) char buf[4096];
	const struct dirent64 *d;
	ssize_t i, n;
	int fd;

	while ((n = getdents64(dir, buf, sizeof buf)) > 0)
		for (i = 0; i < n; i += d->d_reclen) {
			d = (const struct dirent64 *)(const void *)(buf + i);
			fd = number(d->d_name);
			if (fd < first || fd == dir)
				continue;
			if (now)
				close(fd);
			else
				fcntl(fd, F_SETFD, FD_CLOEXEC);
		}
	return n < 0 ? -1 : 0;
}

static int
close_all(int first, bool now)
{
	int dir, n;

	if (syscall(SYS_close_range, first, ~0u, now ? 0 : CLOSE_ON_EXEC) == 0)
		return 0;
	dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -1;
	n = walk(dir, first, now);
	close(dir);
	return n;
}

int
closefrom_exec(int first)
{
	return close_all(first, false);
}

int
closefrom_but(int fd)
{
	if (dup2(fd, 0) < 0)
		return -1;
	return close_all(1, true);
}
