/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "chan.h"
#include "due.h"
#include "unixaddr.h"

static void
dropfds(struct chan *c)
{
	while (c->nfds)
		close(c->fds[--c->nfds]);
}

void
chan_init(struct chan *c)
{
	memset(c, 0, sizeof *c);
	c->fd = -1;
}

void
chan_close(struct chan *c)
{
	dropfds(c);
	if (c->fd >= 0)
		close(c->fd);
	free(c->buf);
	chan_init(c);
}

/* the time left as a socket option; 0 would mean "for ever" */
static int
sendtimeout(int fd, int64_t due, struct err *e)
{
	struct timeval t = { 0, 0 };
	int64_t left;

	if (due != DUE_NEVER) {
		left = due - due_now();
		if (left < 1000)
			left = 1000;
		t.tv_sec = left / 1000000000;
		t.tv_usec = left % 1000000000 / 1000;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t) < 0)
		return err_sys(e, "SO_SNDTIMEO");
	return 0;
}

static int
dial(int fd, const struct unixaddr *a, const char *path, int64_t due, struct err *e)
{
	int n;

	do {
		if (sendtimeout(fd, due, e) < 0)
			return -1;
		n = connect(fd, (const struct sockaddr *)&a->sa, a->len);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return err_set(e, ETIMEDOUT, "connect %s: nobody accepts in time", path);
	if (n < 0)
		return err_sys(e, "connect %s", path);
	return sendtimeout(fd, DUE_NEVER, e);
}

int
chan_connect(struct chan *c, const char *path, int64_t due, struct err *e)
{
	struct unixaddr a;
	int fd;

	if (unixaddr_init(&a, path, e) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		err_sys(e, "socket");
	} else if (dial(fd, &a, path, due, e) < 0) {
		close(fd);
		fd = -1;
	}
	unixaddr_done(&a);
	if (fd < 0)
		return -1;
	c->fd = fd;
	return 0;
}

static int
serve(int fd, const struct unixaddr *a, int backlog, unsigned mode)
{
	/* Linux takes the file's mode from the socket's: no moment in between.
	 * The umask still cuts it, which the second one mends. */
	if (fchmod(fd, mode) < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&a->sa, a->len) < 0)
		return -1;
	if (chmod(a->sa.sun_path, mode) == 0 && listen(fd, backlog) == 0)
		return 0;
	unlink(a->sa.sun_path);
	return -1;
}

int
chan_listen(struct chan *c, const char *path, int backlog, unsigned mode,
            struct err *e)
{
	struct unixaddr a;
	int fd;

	if (unixaddr_init(&a, path, e) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || serve(fd, &a, backlog, mode) < 0) {
		err_sys(e, "listen on %s", path);
		if (fd >= 0)
			close(fd);
		unixaddr_done(&a);
		return -1;
	}
	unixaddr_done(&a);
	c->fd = fd;
	c->listening = true;
	return 0;
}

/* A program whose 0 to 2 are closed hands them on as if they were standard: a child would
 * get the end of a pair that is not its own, and never see it close. */
static int
above_standard(int fd)
{
	int high, code;

	if (fd > 2)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	code = errno;
	close(fd);
	errno = code;
	return high;
}

int
chan_pair(struct chan *a, struct chan *b, struct err *e)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return err_sys(e, "socketpair");
	a->fd = above_standard(fds[0]);
	b->fd = above_standard(fds[1]);
	if (a->fd >= 0 && b->fd >= 0)
		return 0;
	err_sys(e, "socketpair");
	chan_close(a);
	chan_close(b);
	return -1;
}

int
chan_adopt(struct chan *c, int fd, struct err *e)
{
	int flags = fcntl(fd, F_GETFD), listening = 0;
	socklen_t n = sizeof listening;

	if (flags < 0 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) < 0)
		return err_sys(e, "descriptor %d", fd);
	/* fails for what is no socket, which may be kept here all the same */
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) < 0)
		listening = 0;
	c->fd = fd;
	c->listening = listening;
	return 0;
}

int
chan_accept(struct chan *c, struct chan *peer, int64_t due, struct err *e)
{
	int n, fd;

	n = due_wait(c->fd, POLLIN, due, e);
	if (n < 0)
		return -1;
	if (n == 0)
		return err_set(e, ETIMEDOUT, "accept: nobody connected in time");
	do
		fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return err_sys(e, "accept");
	peer->fd = fd;
	return 0;
}

int
chan_user(struct chan *c, uid_t *uid, struct err *e)
{
	struct ucred peer;
	socklen_t n = sizeof peer;

	if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
		return err_sys(e, "peer");
	*uid = peer.uid;
	return 0;
}

int
chan_shutdown(struct chan *c, struct err *e)
{
	if (shutdown(c->fd, SHUT_WR) < 0)
		return err_sys(e, "shutdown");
	return 0;
}

int
chan_release(struct chan *c, struct err *e)
{
	int fd = c->fd;

	if (c->end > c->start)
		return err_set(e, EBUSY, "release: %zu bytes are waiting to be read",
		               c->end - c->start);
	c->fd = -1;
	chan_close(c);
	return fd;
}
