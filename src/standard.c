/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "standard.h"

/* What is written to a closed 1 goes on to be an error. */
int
standard_open(struct err *e)
{
	int fd;

	for (fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		/* the lowest that is free is this one */
		if (open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY) < 0)
			return err_sys(e, "open /dev/null");
	}
	return 0;
}

/* The process that made a pair of sockets, or connected one; 0: no socket, or unknown. */
static pid_t
maker(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0 ? 0 : peer.pid;
}

int
standard_without(int link, struct err *e)
{
	pid_t pid = maker(link);
	int fd, null, n = 0;

	for (fd = 0; fd < 3 && n >= 0; fd++) {
		if (fd == link || pid <= 0 || maker(fd) != pid)
			continue;
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		n = null < 0 ? -1 : dup2(null, fd);
		if (n < 0)
			err_sys(e, "descriptor %d on /dev/null", fd);
		if (null >= 0)
			close(null);
	}
	return n < 0 ? -1 : 0;
}
