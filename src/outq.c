/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "outq.h"

#define BATCH 64

struct out {
	struct out *next;
	int64_t id;
	size_t n, sent;
	unsigned nfds;
	int fds[OUTQ_FDS];
	char s[];
};

static void
drop(struct out *o)
{
	while (o->nfds)
		close(o->fds[--o->nfds]);
	free(o);
}

int
outq_put(struct outq *q, const struct outq_message *m, struct err *e)
{
	struct out *o = malloc(sizeof *o + m->n);
	int fd;

	if (!o)
		return err_sys(e, "send");
	memset(o, 0, sizeof *o);
	o->id = m->id;
	o->n = m->n;
	memcpy(o->s, m->s, m->n);
	while (o->nfds < m->nfds) {
		fd = fcntl(m->fds[o->nfds], F_DUPFD_CLOEXEC, 0);
		if (fd < 0) {
			err_sys(e, "descriptor %d", m->fds[o->nfds]);
			drop(o);
			return -1;
		}
		o->fds[o->nfds++] = fd;
	}
	if (q->head)
		q->last->next = o;
	else
		q->head = o;
	q->last = o;
	return 0;
}

static void
attach(struct msghdr *m, struct cmsghdr *h, const struct out *o)
{
	m->msg_control = h;
	m->msg_controllen = CMSG_SPACE(o->nfds * sizeof(int));
	memset(h, 0, m->msg_controllen);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(o->nfds * sizeof(int));
	memcpy(CMSG_DATA(h), o->fds, o->nfds * sizeof(int));
}

/* several messages at once, but none with descriptors behind the first */
static ssize_t
sendsome(struct outq *q, int fd)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(OUTQ_FDS * sizeof(int))];
	} u;
	struct iovec v[BATCH];
	struct msghdr m = { .msg_iov = v };
	struct out *o = q->head;
	ssize_t n;

	if (o->nfds)
		attach(&m, &u.h, o);
	do {
		v[m.msg_iovlen].iov_base = o->s + o->sent;
		v[m.msg_iovlen++].iov_len = o->n - o->sent;
		o = o->next;
	} while (o && !o->nfds && m.msg_iovlen < BATCH);
	do
		n = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n;
}

static void
sent(struct outq *q, size_t n)
{
	struct out *o;
	size_t left;

	while (n) {
		o = q->head;
		while (o->nfds)
			close(o->fds[--o->nfds]);
		left = o->n - o->sent;
		if (n < left) {
			o->sent += n;
			return;
		}
		n -= left;
		q->head = o->next;
		drop(o);
	}
}

int
outq_flush(struct outq *q, int fd, struct err *e)
{
	ssize_t n;

	while (q->head) {
		n = sendsome(q, fd);
		if (n >= 0) {
			sent(q, (size_t)n);
			continue;
		}
		if (errno == EAGAIN)
			return 0;
		if (errno == EPIPE || errno == ECONNRESET)
			return err_set(e, EPIPE, "closed by peer");
		return err_sys(e, "send");
	}
	return 0;
}

bool
outq_cancel(struct outq *q, int64_t id)
{
	struct out *o, *before = NULL;

	for (o = q->head; o && o->id != id; o = o->next)
		before = o;
	if (!o || o->sent)
		return false;
	if (before)
		before->next = o->next;
	else
		q->head = o->next;
	if (q->last == o)
		q->last = before;
	drop(o);
	return true;
}

void
outq_done(struct outq *q)
{
	struct out *o;

	while ((o = q->head)) {
		q->head = o->next;
		drop(o);
	}
	q->last = NULL;
}
