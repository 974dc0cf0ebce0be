/* SPDX-License-Identifier: MIT */
/* The half of qmp.h that moves bytes, and sorts the messages among them. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "due.h"
#include "qmpcmd.h"

/* a step reads at most so much, so that a flood cannot keep a loop to itself */
#define READS 8

static void
die(struct qmp *q, const struct err *why)
{
	if (why != &q->dead)
		q->dead = *why;
	q->state = QMP_DEAD;
	q->soonest = DUE_NEVER;
	outq_done(&q->first);
	outq_done(&q->out);
	qmpcmd_failall(q);
}

static void
greet(struct qmp *q, struct qmpmsg *m)
{
	struct err e;

	/* lunik's own control socket, when it has as many clients as it takes */
	if (m->kind == QMPMSG_ERROR && strcmp(qmpmsg_error(m->o, "class", ""), "busy") == 0) {
		err_set(&e, EBUSY, "%.300s", qmpmsg_error(m->o, "desc", "refused"));
		die(q, &e);
		return;
	}
	if (m->kind != QMPMSG_GREETING || m->refused) {
		err_set(&e, EPROTO, "no greeting: %s",
		        m->refused ? m->refused : "something else came first");
		die(q, &e);
		return;
	}
	q->greeting = json_object_get(json_object_object_get(m->o, "QMP"));
	q->state = QMP_NEGOTIATING;
	if (qmpcmd_negotiate(q, &e) < 0)
		die(q, &e);
}

static void
negotiated(struct qmp *q, const struct qmpmsg *m)
{
	struct err e;

	q->state = QMP_READY;
	if (m->kind == QMPMSG_RETURN)
		return;
	err_set(&e, EPROTO, "qmp_capabilities: %.300s",
	        qmpmsg_error(m->o, "desc", "refused"));
	die(q, &e);
}

static void
answer(struct qmp *q, struct qmpmsg *m)
{
	struct qmp_cmd *c = qmpcmd_find(q, m);

	if (c && c->id == 0) {
		cmds_remove(&q->pending, c);
		free(c);
		negotiated(q, m);
	} else if (c) {
		qmpcmd_answer(q, c, m);
		m->o = NULL;
	}
}

static void
dispatch(struct qmp *q, struct qmpmsg *m, size_t size)
{
	if (m->kind == QMPMSG_EVENT && m->refused) {
		q->events.dropped++;
	} else if (m->kind == QMPMSG_EVENT) {
		eventq_put(&q->events, m->o, size);
		m->o = NULL;
	} else if (q->state == QMP_GREETING) {
		greet(q, m);
	} else {
		answer(q, m);
	}
	json_object_put(m->o);
}

/* the messages that have come */
static void
digest(struct qmp *q)
{
	/* QEMU's own strings have U+FFFD for what is not UTF-8; a proxy's may not */
	struct json_text t = { .nesting = q->in.nesting, .values = q->values, .repair = true };
	struct qmpmsg m;
	struct err e;
	int r = 0;

	while (q->state != QMP_DEAD && (r = split_next(&q->in, &t.s, &t.n, &e)) > 0) {
		r = qmpmsg_read(&m, &t, &e);
		if (r < 0)
			break;
		dispatch(q, &m, t.n);
	}
	split_settle(&q->in);
	if (r < 0 && q->state != QMP_DEAD) {
		if (e.code != ENOMEM)
			e.code = EPROTO;
		die(q, &e);
	}
}

static void
ended(struct qmp *q)
{
	struct err e;

	err_set(&e, EPIPE, split_within(&q->in) ? "closed by peer within a message"
	                                        : "closed by peer");
	die(q, &e);
}

/* One read, and what was in it; true: there may be more. Descriptors have no
 * room to arrive in, so the kernel drops them. */
static bool
receive(struct qmp *q)
{
	struct err e;
	size_t room;
	char *to = split_room(&q->in, &room, &e);
	ssize_t n;

	if (!to) {
		die(q, &e);
		return false;
	}
	do
		n = recv(q->fd, to, room, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		split_added(&q->in, (size_t)n);
		digest(q);
		return (size_t)n == room && q->state != QMP_DEAD;
	}
	if (n < 0 && errno == EAGAIN && !q->cut)
		return false;
	if (n == 0 || errno == ECONNRESET) {
		ended(q);
	} else if (q->cut) {
		die(q, &q->dead);
	} else {
		err_sys(&e, "receive");
		die(q, &e);
	}
	return false;
}

int
qmp_feed(struct qmp *q, const char *s, size_t n, struct err *e)
{
	return split_feed(&q->in, s, n, e);
}

void
qmp_flush(struct qmp *q)
{
	struct err e;

	if (q->state == QMP_DEAD)
		return;
	if (outq_flush(&q->first, q->fd, &e) == 0 &&
	    (q->state != QMP_READY || outq_flush(&q->out, q->fd, &e) == 0))
		return;
	/* answers may have come before the end: they are read first */
	q->cut = true;
	q->dead = e;
	outq_done(&q->first);
	outq_done(&q->out);
}

int
qmp_step(struct qmp *q, struct err *e)
{
	int i;

	if (q->state != QMP_DEAD) {
		digest(q);
		qmpcmd_expire(q);
		qmp_flush(q);
		for (i = 0; i < READS && receive(q); i++)
			;
		/* the greeting's answer, and what waited for it */
		qmp_flush(q);
	}
	if (q->state != QMP_DEAD)
		return 0;
	*e = q->dead;
	return -1;
}

bool
qmp_sending(const struct qmp *q)
{
	return q->first.head || (q->state == QMP_READY && q->out.head);
}

int64_t
qmp_due(const struct qmp *q)
{
	return q->soonest;
}

int
qmp_wait(struct qmp *q, int64_t due, struct err *e)
{
	short events = POLLIN;
	int n = 1;

	if (q->state == QMP_DEAD) {
		*e = q->dead;
		return -1;
	}
	if (qmp_sending(q))
		events |= POLLOUT;
	if (!q->cut)
		n = due_wait(q->fd, events, due < q->soonest ? due : q->soonest, e);
	if (n < 0)
		die(q, e);
	if (qmp_step(q, e) < 0)
		return -1;
	if (n == 0 && due != DUE_NEVER && due_now() >= due)
		return err_set(e, ETIMEDOUT, "nothing came in time");
	return 0;
}
