/* SPDX-License-Identifier: MIT */
/* lunik.core.qmp: a QMP monitor, blocking with deadlines or stepped by a loop. */
#include <errno.h>
#include <string.h>

#include "../chan.h"
#include "../due.h"
#include "../json.h"
#include "../qmp.h"
#include "handle.h"
#include "value.h"

struct monitor {
	struct qmp q;
	struct buf arguments;   /* of the command being submitted */
	int64_t exec;           /* whose answer exec was to push; 0: none */
};

static void
shut(void *h)
{
	struct monitor *m = h;

	qmp_done(&m->q);
	buf_done(&m->arguments);
}

static const struct handle qmp = {
	.type = QMP_T,
	.closed = "closed qmp",
	.size = sizeof(struct monitor),
	.close = shut,
};

/* The open monitor at 1, without the answer of an exec that raised for memory:
 * nobody else knows of that command. */
static struct qmp *
toqmp(lua_State *L)
{
	struct monitor *m = handle_open(L, &qmp);
	struct qmp_cmd *c = m->exec ? qmp_ended(&m->q, m->exec) : NULL;

	if (c)
		qmp_forget(&m->q, c);
	m->exec = 0;
	return &m->q;
}

static struct monitor *
newmonitor(lua_State *L, const struct qmp_limits *limits)
{
	struct monitor *m = handle_new(L, &qmp);

	qmp_init(&m->q, -1, limits);
	return m;
}

/* from the caller's chan, with what it has read already */
static int
takechan(struct qmp *q, struct chan *c, struct err *e)
{
	if (qmp_feed(q, c->buf + c->start, c->end - c->start, e) < 0)
		return -1;
	q->fd = c->fd;
	c->fd = -1;
	chan_close(c);
	return 0;
}

static int
takefd(struct qmp *q, int fd, struct err *e)
{
	struct chan c;

	chan_init(&c);
	if (chan_adopt(&c, fd, e) < 0)
		return -1;
	q->fd = fd;
	return 0;
}

static int
lib_open(lua_State *L)
{
	struct chan *c = luaL_testudata(L, 1, CHAN_T);
	lua_Integer fd = c ? c->fd : luaL_checkinteger(L, 1);
	struct qmp_limits limits;
	struct monitor *m;
	struct err e;
	int r;

	luaL_argcheck(L, fd >= 0 && fd <= 0x7fffffff, 1, "open chan or descriptor expected");
	luaL_argcheck(L, !c || !c->listening, 1, "a listening chan is no monitor");
	limits.events = (size_t)bind_option(L, 2, "events", 1024, 1 << 24);
	limits.nesting = (unsigned)bind_option(L, 2, "nesting", JSON_NESTING, JSON_DEEPEST);
	limits.size = (size_t)bind_option(L, 2, "size", JSON_SIZE, JSON_LONGEST);
	limits.values = (size_t)bind_option(L, 2, "values", 0, JSON_VALUES);
	m = newmonitor(L, &limits);
	r = c ? takechan(&m->q, c, &e) : takefd(&m->q, (int)fd, &e);
	if (r < 0)
		return bind_fail(L, &e);
	return 1;
}

static int
done(lua_State *L)
{
	lua_pushboolean(L, 1);
	return 1;
}

/* Submits command (2) with arguments (3) and the list of descriptors at `fds`
 * (0: none); the id, or -1. */
static int64_t
submit(lua_State *L, struct qmp_call *call, int fds, struct err *e)
{
	struct monitor *m = luaL_checkudata(L, 1, QMP_T);
	int list[OUTQ_FDS];

	call->name = luaL_checklstring(L, 2, &call->len);
	call->fds = list;
	call->nfds = fds ? bind_fds(L, fds, list, OUTQ_FDS) : 0;
	if (!lua_isnoneornil(L, 3)) {
		luaL_checktype(L, 3, LUA_TTABLE);
		m->arguments.len = 0;
		/* QEMU allows a level less: the command is one too */
		if (value_put(L, 3, JSON_NESTING - 1, &m->arguments, e) < 0)
			return -1;
		call->arguments = m->arguments.s;
		call->nargs = m->arguments.len;
		luaL_argcheck(L, *call->arguments == '{', 3, "arguments are no list");
	}
	return qmp_submit(&m->q, call, e);
}

/* the command's name, for messages about what failed on this side */
static int
pushlocal(lua_State *L, const char *name, const char *why, int code)
{
	lua_pushfstring(L, "%s: %s", name, why);
	lua_pushinteger(L, code);
	return 2;
}

/* value; or message, class or errno: the results of a command that ended */
static int
pushresult(lua_State *L, const struct qmp_cmd *c, bool *ok)
{
	struct qmp_result r = qmp_result(c);

	*ok = !r.code && !r.class;
	if (*ok) {
		value_push(L, r.value);
		return 1;
	}
	if (r.code)
		return pushlocal(L, qmp_name(c), r.why, r.code);
	lua_pushstring(L, r.why);
	lua_pushstring(L, r.class);
	return 2;
}

static int
m_exec(lua_State *L)
{
	struct qmp *q = toqmp(L);
	struct monitor *m = lua_touserdata(L, 1);
	struct qmp_call call = { .due = bind_due(L, 4) };
	struct qmp_cmd *c;
	struct err e;
	int64_t id;
	bool ok;
	int n;

	lua_settop(L, 5);
	if (!lua_isnil(L, 5)) {
		luaL_checktype(L, 5, LUA_TTABLE);
		call.oob = bind_flag(L, 5, "oob");
	}
	id = submit(L, &call, 5, &e);
	if (id < 0) {
		lua_pushnil(L);
		return 1 + pushlocal(L, call.name, e.text, e.code);
	}
	qmp_flush(q);
	while (!(c = qmp_ended(q, id)))
		qmp_wait(q, DUE_NEVER, &e);
	m->exec = id;
	lua_pushnil(L);
	n = pushresult(L, c, &ok);
	m->exec = 0;
	qmp_forget(q, c);
	return ok ? n : n + 1;
}

static int64_t
timeout(lua_State *L, int idx)
{
	int64_t due;

	lua_pushstring(L, "timeout");
	lua_rawget(L, idx);
	due = bind_due(L, -1);
	lua_pop(L, 1);
	return due;
}

static int
m_submit(lua_State *L)
{
	struct qmp *q = toqmp(L);
	struct qmp_call call = { .due = DUE_NEVER };
	struct err e;
	int64_t id;

	lua_settop(L, 4);
	lua_pushnil(L);
	if (!lua_isnil(L, 4)) {
		luaL_checktype(L, 4, LUA_TTABLE);
		call.due = timeout(L, 4);
		call.oob = bind_flag(L, 4, "oob");
		lua_pushstring(L, "fds");
		lua_rawget(L, 4);
		lua_replace(L, 5);
	}
	id = submit(L, &call, 5, &e);
	if (id < 0) {
		lua_pushnil(L);
		return 1 + pushlocal(L, call.name, e.text, e.code);
	}
	qmp_flush(q);
	lua_pushinteger(L, id);
	return 1;
}

static int
m_reply(lua_State *L)
{
	struct qmp *q = toqmp(L);
	lua_Integer id = luaL_checkinteger(L, 2);
	struct qmp_cmd *c = qmp_ended(q, id);
	bool ok;
	int n;

	if (!c) {
		luaL_argcheck(L, qmp_pending(q, id), 2, "unknown id, or already taken");
		lua_pushnil(L);
		return 1;
	}
	lua_pushnil(L);
	n = pushresult(L, c, &ok);
	lua_pushboolean(L, ok);
	lua_replace(L, -n - 2);
	qmp_forget(q, c);
	return n + 1;
}

static int
m_replied(lua_State *L)
{
	struct qmp_cmd *c = qmp_oldest(toqmp(L));

	if (c)
		lua_pushinteger(L, qmp_id(c));
	else
		lua_pushnil(L);
	return 1;
}

static int
m_handshake(lua_State *L)
{
	struct qmp *q = toqmp(L);
	int64_t due = bind_due(L, 2);
	struct err e;

	while (q->state != QMP_READY)
		if (qmp_wait(q, due, &e) < 0 && q->state != QMP_READY)
			return bind_fail(L, &e);
	value_push(L, q->greeting);
	return 1;
}

static int
m_greeting(lua_State *L)
{
	struct qmp *q = toqmp(L);

	if (q->state == QMP_READY)
		value_push(L, q->greeting);
	else
		lua_pushnil(L);
	return 1;
}

/* the oldest event, which is gone only once it is pushed */
static int
pushevent(lua_State *L, struct qmp *q)
{
	struct json_object *o = eventq_first(&q->events);

	if (!o)
		return 0;
	value_push(L, o);
	json_object_put(eventq_take(&q->events));
	return 1;
}

static int
m_event(lua_State *L)
{
	struct qmp *q = toqmp(L);
	int64_t due = bind_due(L, 2);
	struct err e;

	while (!pushevent(L, q))
		if (qmp_wait(q, due, &e) < 0 && !eventq_first(&q->events))
			return bind_fail(L, &e);
	return 1;
}

static int
m_nextevent(lua_State *L)
{
	if (!pushevent(L, toqmp(L)))
		lua_pushnil(L);
	return 1;
}

static int
m_dropped(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)toqmp(L)->events.dropped);
	return 1;
}

static int
m_wants(lua_State *L)
{
	lua_pushstring(L, qmp_sending(toqmp(L)) ? "rw" : "r");
	return 1;
}

static int
m_deadline(lua_State *L)
{
	int64_t left, due = qmp_due(toqmp(L));

	if (due == DUE_NEVER) {
		lua_pushnil(L);
		return 1;
	}
	left = due - due_now();
	lua_pushnumber(L, left > 0 ? (lua_Number)left / 1e9 : 0);
	return 1;
}

static int
m_step(lua_State *L)
{
	struct err e;

	if (qmp_step(toqmp(L), &e) < 0)
		return bind_fail(L, &e);
	return done(L);
}

static const luaL_Reg lib[] = {
	{ "open", lib_open },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = {
	{ "handshake", m_handshake },
	{ "greeting", m_greeting },
	{ "exec", m_exec },
	{ "submit", m_submit },
	{ "reply", m_reply },
	{ "replied", m_replied },
	{ "event", m_event },
	{ "next_event", m_nextevent },
	{ "dropped", m_dropped },
	{ "wants", m_wants },
	{ "deadline", m_deadline },
	{ "step", m_step },
	{ NULL, NULL },
};

int
bind_qmp(lua_State *L)
{
	value_types(L);
	handle_type(L, &qmp, methods);
	luaL_newlib(L, lib);
	return 1;
}
