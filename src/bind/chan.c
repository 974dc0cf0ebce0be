/* SPDX-License-Identifier: MIT */
/* lunik.core.chan: unix streams as Lua handles. */
#include <errno.h>

#include "../chan.h"
#include "../due.h"
#include "handle.h"

static void
shut(void *h)
{
	chan_close(h);
}

static const struct handle chan = {
	.type = CHAN_T,
	.closed = "closed chan",
	.size = sizeof(struct chan),
	.close = shut,
};

static struct chan *
newchan(lua_State *L)
{
	struct chan *c = handle_new(L, &chan);

	chan_init(c);
	return c;
}

static struct chan *
tochan(lua_State *L)
{
	return handle_open(L, &chan);
}

static struct chan *
tostream(lua_State *L)
{
	struct chan *c = tochan(L);

	luaL_argcheck(L, !c->listening, 1, "a listening chan has no bytes");
	return c;
}

static int
lib_connect(lua_State *L)
{
	const char *path = bind_string(L, 1);
	int64_t due = bind_due(L, 2);
	struct err e;

	if (chan_connect(newchan(L), path, due, &e) < 0)
		return bind_fail(L, &e);
	return 1;
}

static int
lib_listen(lua_State *L)
{
	const char *path = bind_string(L, 1);
	lua_Integer backlog = bind_option(L, 2, "backlog", 16, 4096);
	lua_Integer mode = bind_option(L, 2, "mode", 0600, 0777);
	struct err e;

	if (chan_listen(newchan(L), path, (int)backlog, (unsigned)mode, &e) < 0)
		return bind_fail(L, &e);
	return 1;
}

static int
lib_pair(lua_State *L)
{
	struct chan *a = newchan(L), *b = newchan(L);
	struct err e;

	if (chan_pair(a, b, &e) < 0)
		return bind_fail(L, &e);
	return 2;
}

static int
lib_adopt(lua_State *L)
{
	lua_Integer fd = luaL_checkinteger(L, 1);
	struct err e;

	luaL_argcheck(L, fd >= 0 && fd <= 0x7fffffff, 1, "descriptor expected");
	if (chan_adopt(newchan(L), (int)fd, &e) < 0)
		return bind_fail(L, &e);
	return 1;
}

static int
m_accept(lua_State *L)
{
	struct chan *c = tochan(L);
	int64_t due = bind_due(L, 2);
	struct err e;

	luaL_argcheck(L, c->listening, 1, "a listening chan expected");
	if (chan_accept(c, newchan(L), due, &e) < 0)
		return bind_fail(L, &e);
	return 1;
}

/* user(): the number of the peer's */
static int
m_user(lua_State *L)
{
	struct chan *c = tostream(L);
	struct err e;
	uid_t uid;

	if (chan_user(c, &uid, &e) < 0)
		return bind_fail(L, &e);
	lua_pushinteger(L, (lua_Integer)uid);
	return 1;
}

static int
m_send(lua_State *L)
{
	struct chan *c = tostream(L);
	struct chan_out out;
	int fds[CHAN_FDS];
	struct err e;
	int64_t due;

	out.s = luaL_checklstring(L, 2, &out.n);
	due = bind_due(L, 3);
	out.fds = fds;
	out.nfds = bind_fds(L, 4, fds, CHAN_FDS);
	luaL_argcheck(L, out.n || !out.nfds, 2, "descriptors need a byte to go with");
	if (chan_send(c, &out, due, &e) < 0)
		return bind_fail(L, &e);
	lua_pushboolean(L, 1);
	return 1;
}

/* bytes, and the list of descriptors if any came with them */
static int
received(lua_State *L, struct chan *c, const struct chan_in *in)
{
	unsigned i;

	lua_pushlstring(L, in->s, in->n);
	if (in->nfds)
		lua_createtable(L, (int)in->nfds, 0);
	/* the table has its room: nothing raises from here on */
	for (i = 0; i < in->nfds; i++) {
		lua_pushinteger(L, c->fds[i]);
		lua_rawseti(L, -2, i + 1);
	}
	chan_taken(c, in);
	return in->nfds ? 2 : 1;
}

static unsigned
optwant(lua_State *L, int idx)
{
	lua_Integer n = luaL_optinteger(L, idx, 0);

	luaL_argcheck(L, n >= 0 && n <= CHAN_FDS, idx, "too many descriptors");
	return (unsigned)n;
}

static size_t
optmax(lua_State *L, int idx)
{
	lua_Integer n = luaL_optinteger(L, idx, 65536);

	luaL_argcheck(L, n > 0 && n <= 1 << 30, idx, "1 to 2^30 bytes expected");
	return (size_t)n;
}

static int
m_receive(lua_State *L)
{
	struct chan *c = tostream(L);
	int64_t due = bind_due(L, 2);
	size_t max = optmax(L, 3);
	unsigned want = optwant(L, 4);
	struct chan_in in;
	struct err e;

	if (chan_line(c, max, want, due, &in, &e) < 0)
		return bind_fail(L, &e);
	return received(L, c, &in);
}

static int
m_read(lua_State *L)
{
	struct chan *c = tostream(L);
	size_t max = optmax(L, 2);
	int64_t due = bind_due(L, 3);
	unsigned want = optwant(L, 4);
	struct chan_in in;
	struct err e;

	if (chan_read(c, max, want, due, &in, &e) < 0)
		return bind_fail(L, &e);
	return received(L, c, &in);
}

static int
m_shutdown(lua_State *L)
{
	struct chan *c = tochan(L);
	struct err e;

	if (chan_shutdown(c, &e) < 0)
		return bind_fail(L, &e);
	lua_pushboolean(L, 1);
	return 1;
}

static int
m_release(lua_State *L)
{
	struct chan *c = tochan(L);
	struct err e;
	int fd = chan_release(c, &e);

	if (fd < 0)
		return bind_fail(L, &e);
	lua_pushinteger(L, fd);
	return 1;
}

static const luaL_Reg lib[] = {
	{ "connect", lib_connect },
	{ "listen", lib_listen },
	{ "pair", lib_pair },
	{ "adopt", lib_adopt },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = {
	{ "accept", m_accept },
	{ "user", m_user },
	{ "send", m_send },
	{ "receive", m_receive },
	{ "read", m_read },
	{ "shutdown", m_shutdown },
	{ "release", m_release },
	{ NULL, NULL },
};

int
bind_chan(lua_State *L)
{
	handle_type(L, &chan, methods);
	luaL_newlib(L, lib);
	return 1;
}
