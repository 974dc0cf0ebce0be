/* SPDX-License-Identifier: MIT */
/* The half of chan.h that moves bytes and descriptors. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chan.h"
#include "due.h"

#define CHUNK ((size_t)16384)

static ssize_t
sendsome(int fd, const struct chan_out *out)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(CHAN_FDS * sizeof(int))];
	} u;
	struct iovec v = { (void *)(uintptr_t)out->s, out->n };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	ssize_t n;

	if (out->nfds) {
		memset(&u, 0, sizeof u);
		m.msg_control = &u;
		m.msg_controllen = CMSG_SPACE(out->nfds * sizeof(int));
		u.h.cmsg_level = SOL_SOCKET;
		u.h.cmsg_type = SCM_RIGHTS;
		u.h.cmsg_len = CMSG_LEN(out->nfds * sizeof(int));
		memcpy(CMSG_DATA(&u.h), out->fds, out->nfds * sizeof(int));
	}
	do
		n = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n;
}

int
chan_send(struct chan *c, const struct chan_out *out, int64_t due, struct err *e)
{
	struct chan_out rest = *out;
	ssize_t n;
	int ready;

	while (rest.n) {
		n = sendsome(c->fd, &rest);
		if (n >= 0) {
			rest.s += n;
			rest.n -= (size_t)n;
			rest.nfds = 0;
			continue;
		}
		if (errno == EPIPE || errno == ECONNRESET)
			return err_set(e, EPIPE, "send: closed by peer");
		if (errno != EAGAIN)
			return err_sys(e, "send");
		ready = due_wait(c->fd, POLLOUT, due, e);
		if (ready < 0)
			return -1;
		if (ready == 0)
			return err_set(e, ETIMEDOUT, "send: peer does not read in time");
	}
	return 0;
}

/* Room for a chunk at the end of the buffer; what was handed out goes first. */
static int
room(struct chan *c, struct err *e)
{
	size_t cap = c->cap ? c->cap * 2 : CHUNK;
	char *buf;

	if (c->start && c->start >= c->end - c->start) {
		memmove(c->buf, c->buf + c->start, c->end - c->start);
		c->end -= c->start;
		c->seen -= c->start;
		c->mark = c->mark > c->start ? c->mark - c->start : 0;
		c->start = 0;
	}
	if (c->cap - c->end >= CHUNK / 4)
		return 0;
	buf = realloc(c->buf, cap);
	if (!buf)
		return err_sys(e, "receive");
	c->buf = buf;
	c->cap = cap;
	return 0;
}

static void
keepfds(struct chan *c, struct msghdr *m, unsigned want)
{
	struct cmsghdr *h;
	unsigned i, n;
	int fd;

	for (h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		n = (unsigned)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(h) + i * sizeof fd, sizeof fd);
			/* padding lets one more in than there was asked for */
			if (c->nfds < want)
				c->fds[c->nfds++] = fd;
			else
				close(fd);
		}
	}
}

/* One read, without waiting. Without room for descriptors the kernel installs
 * none, so none can leak or exhaust the table. */
static ssize_t
recvsome(struct chan *c, unsigned want)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(CHAN_FDS * sizeof(int))];
	} u;
	struct iovec v = { c->buf + c->end, c->cap - c->end };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	ssize_t n;

	if (want) {
		m.msg_control = &u;
		m.msg_controllen = CMSG_SPACE(want * sizeof(int));
	}
	do
		n = recvmsg(c->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		c->end += (size_t)n;
		if (want && m.msg_controllen) {
			keepfds(c, &m, want);
			c->mark = c->end;
		}
	}
	return n;
}

static int
fill(struct chan *c, unsigned want, int64_t due, struct err *e)
{
	ssize_t n;
	int ready;

	if (room(c, e) < 0)
		return -1;
	while ((n = recvsome(c, want)) < 0 && errno == EAGAIN) {
		ready = due_wait(c->fd, POLLIN, due, e);
		if (ready < 0)
			return -1;
		if (ready == 0)
			return err_set(e, ETIMEDOUT, "receive: nothing came in time");
	}
	if (n > 0)
		return 0;
	if (n < 0 && errno != ECONNRESET)
		return err_sys(e, "receive");
	return err_set(e, EPIPE, c->end > c->start
	               ? "receive: closed by peer within a line"
	               : "receive: closed by peer");
}

/* shows buf[start..end), of which the last byte is before `next` */
static void
show(struct chan *c, size_t end, size_t next, unsigned want, struct chan_in *in)
{
	in->s = c->buf + c->start;
	in->n = end - c->start;
	in->nfds = 0;
	in->next = next;
	if (c->nfds && next >= c->mark) {
		while (c->nfds > want)
			close(c->fds[--c->nfds]);
		in->nfds = c->nfds;
	}
}

/* Gives back a buffer that something huge has left empty. */
static void
settle(struct chan *c)
{
	if (c->start < c->end || c->cap <= 16 * CHUNK)
		return;
	free(c->buf);
	c->buf = NULL;
	c->start = c->end = c->cap = c->seen = c->mark = 0;
}

void
chan_taken(struct chan *c, const struct chan_in *in)
{
	c->start = c->seen = in->next;
	if (in->nfds)
		c->nfds = 0;
	if (!c->nfds)
		settle(c);
}

int
chan_line(struct chan *c, size_t max, unsigned want, int64_t due,
          struct chan_in *in, struct err *e)
{
	char *nl = NULL;
	size_t n;

	for (;;) {
		if (c->end > c->seen)
			nl = memchr(c->buf + c->seen, '\n', c->end - c->seen);
		c->seen = nl ? (size_t)(nl - c->buf) : c->end;
		n = c->seen - c->start;
		if (nl && n && nl[-1] == '\r')
			n--;
		/* an unfinished one may yet end in "\r\n" */
		if (n > max + (nl ? 0 : 1))
			return err_set(e, EMSGSIZE, "receive: line over %zu bytes", max);
		if (nl)
			break;
		if (fill(c, want, due, e) < 0)
			return -1;
	}
	show(c, c->start + n, c->seen + 1, want, in);
	return 0;
}

int
chan_read(struct chan *c, size_t max, unsigned want, int64_t due,
          struct chan_in *in, struct err *e)
{
	size_t n;

	if (c->start == c->end && fill(c, want, due, e) < 0)
		return -1;
	n = c->end - c->start;
	if (n > max)
		n = max;
	show(c, c->start + n, c->start + n, want, in);
	return 0;
}
