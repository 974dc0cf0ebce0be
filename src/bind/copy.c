/* SPDX-License-Identifier: MIT */
/* lunik.core.copy: what is in a file read to its end in steps, copied on request, and summed up;
 * see ../copy.h. */
#include <fcntl.h>
#include <unistd.h>

#include "../copy.h"
#include "handle.h"

struct copier {
	struct copy copy;       /* begins with the descriptor */
	bool ended;
	char sum[SHA256_HEX];
};

static void
closed(void *at)
{
	struct copier *c = at;

	if (c->copy.from < 0)
		return;
	close(c->copy.from);
	if (c->copy.to >= 0)
		close(c->copy.to);
	c->copy.from = c->copy.to = -1;
}

static const struct handle copier = {
	.type = COPY_T,
	.closed = "closed copy",
	.size = sizeof(struct copier),
	.close = closed,
};

/* The descriptor at idx for ourselves, -1 for none. */
static int
own(lua_State *L, int idx, int *fd, struct err *e)
{
	*fd = -1;
	if (lua_isnoneornil(L, idx))
		return 0;
	*fd = fcntl((int)luaL_checkinteger(L, idx), F_DUPFD_CLOEXEC, 3);
	return *fd < 0 ? err_sys(e, "copy") : 0;
}

/* new(from [, to [, known]]): `known`, no sum is wanted */
static int
lib_new(lua_State *L)
{
	struct copier *c;
	struct err e;

	luaL_checkinteger(L, 1);
	luaL_optinteger(L, 2, 0);
	lua_settop(L, 3);
	c = handle_new(L, &copier);
	c->copy.to = -1;
	c->copy.known = lua_toboolean(L, 3);
	if (own(L, 1, &c->copy.from, &e) < 0 || own(L, 2, &c->copy.to, &e) < 0 ||
	    copy_start(&c->copy, &e) < 0)
		return bind_fail(L, &e);
	return 1;
}

/* step([most]): whether there is more */
static int
m_step(lua_State *L)
{
	struct copier *c = handle_open(L, &copier);
	lua_Integer most = luaL_optinteger(L, 2, 16 << 20);
	struct err e;
	int more;

	luaL_argcheck(L, most > 0, 2, "bytes expected");
	more = copy_step(&c->copy, most, &e);
	if (more < 0)
		return bind_fail(L, &e);
	lua_pushboolean(L, more);
	return 1;
}

/* sum(), after the last step: the sum, the size, and the bytes that are not zeroes */
static int
m_sum(lua_State *L)
{
	struct copier *c = handle_open(L, &copier);

	luaL_argcheck(L, c->copy.at >= c->copy.size, 1, "not at its end");
	luaL_argcheck(L, !c->copy.known, 1, "without a sum");
	if (!c->ended)
		copy_end(&c->copy, c->sum);
	c->ended = true;
	lua_pushstring(L, c->sum);
	lua_pushinteger(L, c->copy.size);
	lua_pushinteger(L, (lua_Integer)c->copy.bytes);
	return 3;
}

/* sha256(text [, plain]): of a text; `plain`, without the processor's instructions */
static int
lib_sha256(lua_State *L)
{
	char hex[SHA256_HEX];
	struct sha256 s;
	const char *text;
	size_t n;

	text = luaL_checklstring(L, 1, &n);
	sha256_init(&s, lua_toboolean(L, 2));
	sha256_add(&s, text, n);
	sha256_end(&s, hex);
	lua_pushstring(L, hex);
	return 1;
}

static const luaL_Reg lib[] = {
	{ "new", lib_new },
	{ "sha256", lib_sha256 },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = {
	{ "step", m_step },
	{ "sum", m_sum },
	{ NULL, NULL },
};

int
bind_copy(lua_State *L)
{
	handle_type(L, &copier, methods);
	luaL_newlib(L, lib);
	return 1;
}
