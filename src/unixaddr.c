/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unixaddr.h"

/* opens the directory part of `path`, which is too long to be used as it is */
static int
opendirof(const char *path, const char *name, struct err *e)
{
	char dir[4096];
	size_t n = (size_t)(name - path);
	int fd;

	if (n >= sizeof dir)
		return err_set(e, ENAMETOOLONG, "unix socket %.80s…: path too long", path);
	memcpy(dir, path, n);
	dir[n] = '\0';
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "unix socket: directory %s", dir);
	return fd;
}

int
unixaddr_init(struct unixaddr *a, const char *path, struct err *e)
{
	const size_t room = sizeof a->sa.sun_path;
	const char *name = strrchr(path, '/');
	int n;

	memset(a, 0, sizeof *a);
	a->dir = -1;
	a->len = sizeof a->sa;
	a->sa.sun_family = AF_UNIX;
	if (!path[0])
		return err_set(e, EINVAL, "unix socket: empty path");
	if (strlen(path) < room) {
		strcpy(a->sa.sun_path, path);
		return 0;
	}
	name = name ? name + 1 : path;
	/* 30: "/proc/self/fd/", a number, "/" */
	if (name == path || strlen(name) + 30 > room)
		return err_set(e, ENAMETOOLONG, "unix socket %.80s…: name too long", name);
	a->dir = opendirof(path, name, e);
	if (a->dir < 0)
		return -1;
	n = snprintf(a->sa.sun_path, room, "/proc/self/fd/%d/%s", a->dir, name);
	if (n < 0 || (size_t)n >= room) {
		unixaddr_done(a);
		return err_set(e, ENAMETOOLONG, "unix socket %.80s…: name too long", name);
	}
	return 0;
}

void
unixaddr_done(struct unixaddr *a)
{
	if (a->dir >= 0)
		close(a->dir);
	a->dir = -1;
}
