/* SPDX-License-Identifier: MIT */
/* lunik.core.watch: changes of files and folders. */
#include <limits.h>
#include <string.h>

#include "../watch.h"
#include "handle.h"

static void
shut(void *h)
{
	watch_close(h);
}

static const struct handle watch = {
	.type = WATCH_T,
	.closed = "closed watch",
	.size = sizeof(struct watch),
	.close = shut,
};

static int
lib_open(lua_State *L)
{
	struct watch *w = handle_new(L, &watch);
	struct err e;

	watch_init(w);
	return watch_open(w, &e) < 0 ? bind_fail(L, &e) : 1;
}

static int
m_add(lua_State *L)
{
	struct watch *w = handle_open(L, &watch);
	const char *path = bind_string(L, 2);
	uint32_t mask;
	struct err e;
	int wd;

	if (watch_mask(bind_string(L, 3), &mask, &e) < 0)
		return luaL_argerror(L, 3, e.text);
	wd = watch_add(w, path, mask, &e);
	if (wd < 0)
		return bind_fail(L, &e);
	lua_pushinteger(L, wd);
	return 1;
}

static int
m_remove(lua_State *L)
{
	struct watch *w = handle_open(L, &watch);
	lua_Integer wd = luaL_checkinteger(L, 2);
	struct err e;

	luaL_argcheck(L, wd >= 0 && wd <= INT_MAX, 2, "not a watch's number");
	if (watch_remove(w, (int)wd, &e) < 0)
		return bind_fail(L, &e);
	lua_pushboolean(L, 1);
	return 1;
}

static void
pushmask(lua_State *L, uint32_t mask)
{
	const char *word;
	uint32_t bit;
	size_t i;

	lua_createtable(L, 0, 2);
	for (i = 0; (word = watch_word(i, &bit)); i++)
		if (mask & bit) {
			lua_pushboolean(L, 1);
			lua_setfield(L, -2, word);
		}
}

static int
m_next(lua_State *L)
{
	struct watch *w = handle_open(L, &watch);
	const struct inotify_event *event;
	struct err e;

	event = watch_next(w, bind_due(L, 2), &e);
	if (!event)
		return bind_fail(L, &e);
	lua_createtable(L, 0, 3);
	lua_pushinteger(L, event->wd);
	lua_setfield(L, -2, "wd");
	pushmask(L, event->mask);
	lua_setfield(L, -2, "mask");
	if (event->len) {
		lua_pushlstring(L, event->name, strnlen(event->name, event->len));
		lua_setfield(L, -2, "name");
	}
	watch_taken(w, event);
	return 1;
}

static const luaL_Reg lib[] = {
	{ "open", lib_open },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = {
	{ "add", m_add },
	{ "remove", m_remove },
	{ "next", m_next },
	{ NULL, NULL },
};

int
bind_watch(lua_State *L)
{
	handle_type(L, &watch, methods);
	luaL_newlib(L, lib);
	return 1;
}
