/* SPDX-License-Identifier: MIT */
/* Commands: composed, submitted, answered, expired. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "due.h"
#include "json.h"
#include "qmp.h"
#include "qmpcmd.h"
#include "qmpmsg.h"

void
qmp_init(struct qmp *q, int fd, const struct qmp_limits *limits)
{
	memset(q, 0, sizeof *q);
	q->fd = fd;
	q->soonest = DUE_NEVER;
	q->events.most = limits->events;
	q->events.bytes_most = limits->size;
	q->values = limits->values;
	split_init(&q->in, limits->nesting, limits->size);
}

void
qmp_done(struct qmp *q)
{
	if (q->fd >= 0)
		close(q->fd);
	json_object_put(q->greeting);
	split_done(&q->in);
	outq_done(&q->first);
	outq_done(&q->out);
	buf_done(&q->text);
	cmds_free(&q->pending);
	cmds_free(&q->done);
	eventq_done(&q->events);
	memset(q, 0, sizeof *q);
	q->fd = -1;
}

/* short, because QEMU reads a byte per turn of its main loop */
static int
compose(struct buf *b, const struct qmp_call *call, int64_t id, struct err *e)
{
	const char *key = call->oob ? "{\"exec-oob\":" : "{\"execute\":";
	char tail[32];
	int n = snprintf(tail, sizeof tail, ",\"id\":%lld}", (long long)id);

	b->len = 0;
	if (buf_put(b, key, strlen(key), e) < 0 ||
	    json_put_string(b, call->name, call->len, e) < 0)
		return -1;
	if (call->arguments && (buf_put(b, ",\"arguments\":", 13, e) < 0 ||
	                        buf_put(b, call->arguments, call->nargs, e) < 0))
		return -1;
	return buf_put(b, tail, (size_t)n, e);
}

/* id 0 is the negotiation's, which goes before all others */
static int
submit(struct qmp *q, const struct qmp_call *call, int64_t id, struct err *e)
{
	struct outq_message m = { .id = id, .fds = call->fds, .nfds = call->nfds };
	struct qmp_cmd *c;

	if (compose(&q->text, call, id, e) < 0)
		return -1;
	c = cmd_new(call->name, call->len, id, call->due, e);
	if (!c)
		return -1;
	m.s = q->text.s;
	m.n = q->text.len;
	if (outq_put(id ? &q->out : &q->first, &m, e) < 0) {
		free(c);
		return -1;
	}
	if (id)
		cmds_append(&q->pending, c);
	else
		cmds_prepend(&q->pending, c);
	if (c->due < q->soonest)
		q->soonest = c->due;
	return 0;
}

int64_t
qmp_submit(struct qmp *q, const struct qmp_call *call, struct err *e)
{
	if (q->state == QMP_DEAD) {
		*e = q->dead;
		return -1;
	}
	if (call->oob && q->state == QMP_READY && !q->oob)
		return err_set(e, ENOTSUP, "out-of-band is not offered");
	if (submit(q, call, q->last + 1, e) < 0)
		return -1;
	return ++q->last;
}

int
qmpcmd_negotiate(struct qmp *q, struct err *e)
{
	static const char enable[] = "{\"enable\":[\"oob\"]}";
	struct qmp_call call = { .name = "qmp_capabilities", .due = DUE_NEVER };

	call.len = strlen(call.name);
	q->oob = qmpmsg_offers(q->greeting, "oob");
	if (q->oob) {
		call.arguments = enable;
		call.nargs = strlen(enable);
	}
	return submit(q, &call, 0, e);
}

static void
end(struct qmp *q, struct qmp_cmd *c, int code, const char *why)
{
	c->code = code;
	c->why = why;
	cmds_append(&q->done, c);
}

struct qmp_cmd *
qmpcmd_find(struct qmp *q, const struct qmpmsg *m)
{
	if (m->anonymous && m->kind == QMPMSG_ERROR)
		return q->pending.head;
	/* nothing else has been sent before */
	if (m->id < 0 || (q->state != QMP_READY && m->id != 0))
		return NULL;
	return cmds_find(&q->pending, m->id);
}

void
qmpcmd_answer(struct qmp *q, struct qmp_cmd *c, struct qmpmsg *m)
{
	struct json_object *error;
	const char *why = m->refused;

	cmds_remove(&q->pending, c);
	if (c->late) {
		json_object_put(m->o);
		free(c);
		return;
	}
	error = json_object_object_get(m->o, "error");
	if (!why && m->kind != QMPMSG_RETURN && m->kind != QMPMSG_ERROR)
		why = "an answer without return or error";
	if (!why && m->kind == QMPMSG_ERROR &&
	    !json_object_is_type(error, json_type_object))
		why = "an error that is no object";
	c->reply = m->o;
	c->refused = m->kind == QMPMSG_ERROR;
	end(q, c, why ? EPROTO : 0, why);
}

/* The command has ended for its caller, but its answer may still come, and an
 * error without id may mean it: a stub keeps its place. Without memory for one
 * the answer is to an unknown id. */
static struct qmp_cmd *
expire(struct qmp *q, struct qmp_cmd *before, struct qmp_cmd *c)
{
	struct qmp_cmd *stub = NULL;
	bool unsent = outq_cancel(&q->out, c->id);
	struct err e;

	if (!unsent)
		stub = cmd_new("", 0, c->id, DUE_NEVER, &e);
	if (stub)
		stub->late = true;
	cmds_replace(&q->pending, before, c, stub);
	end(q, c, ETIMEDOUT, unsent ? "not sent in time" : "no answer in time");
	return stub ? stub : before;
}

void
qmpcmd_expire(struct qmp *q)
{
	struct qmp_cmd *c, *next, *before = NULL;
	int64_t now;

	if (q->soonest == DUE_NEVER || (now = due_now()) < q->soonest)
		return;
	q->soonest = DUE_NEVER;
	for (c = q->pending.head; c; c = next) {
		next = c->next;
		if (c->due <= now) {
			before = expire(q, before, c);
			continue;
		}
		if (c->due < q->soonest)
			q->soonest = c->due;
		before = c;
	}
}

void
qmpcmd_failall(struct qmp *q)
{
	struct qmp_cmd *c;

	while ((c = q->pending.head)) {
		q->pending.head = c->next;
		if (c->late || c->id == 0)
			free(c);
		else
			end(q, c, q->dead.code, q->dead.text);
	}
}

bool
qmp_pending(const struct qmp *q, int64_t id)
{
	const struct qmp_cmd *c = cmds_find(&q->pending, id);

	return c && !c->late;
}

struct qmp_cmd *
qmp_ended(const struct qmp *q, int64_t id)
{
	return cmds_find(&q->done, id);
}

struct qmp_cmd *
qmp_oldest(const struct qmp *q)
{
	return q->done.head;
}

int64_t
qmp_id(const struct qmp_cmd *c)
{
	return c->id;
}

const char *
qmp_name(const struct qmp_cmd *c)
{
	return c->name;
}

struct qmp_result
qmp_result(const struct qmp_cmd *c)
{
	struct qmp_result r = { .why = c->why, .code = c->code };

	if (c->code)
		return r;
	if (c->refused) {
		r.class = qmpmsg_error(c->reply, "class", "GenericError");
		r.why = qmpmsg_error(c->reply, "desc", "no description");
	} else {
		r.value = json_object_object_get(c->reply, "return");
	}
	return r;
}

void
qmp_forget(struct qmp *q, struct qmp_cmd *c)
{
	cmds_remove(&q->done, c);
	json_object_put(c->reply);
	free(c);
}
