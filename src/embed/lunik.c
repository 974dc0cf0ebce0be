/* SPDX-License-Identifier: MIT */
/* The host side of embedding: the only place that calls lua_pcall. The Lua half is
 * lunik.embed; each function here calls one of it. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "lunik.h"

#ifndef LUADIR
#define LUADIR "/usr/local/share/lua/5.4"
#endif

int luaopen_lunik_core(lua_State *L);

struct lunik {
	lua_State *main;
	lua_State *L;           /* where we are: main, or a hook's coroutine in a tell */
	char *problems;
	lunik_tell tell;
	void *arg;
};

static void
remember(struct lunik *l, const char *text)
{
	free(l->problems);
	l->problems = text ? strdup(text) : NULL;
}

/* Calls method `name` of the session with the `args` values on top of the stack, and
 * leaves its one value in their place; or -1 and nothing, when it raised or gave nil. */
static int
call(struct lunik *l, const char *name, int args)
{
	lua_State *L = l->L;
	int base = lua_gettop(L) - args, why;

	remember(l, NULL);
	lua_rawgetp(L, LUA_REGISTRYINDEX, l);
	lua_getfield(L, -1, name);              /* args, session, method */
	lua_insert(L, base + 1);
	lua_insert(L, base + 2);                /* method, session, args */
	why = lua_pcall(L, args + 1, 2, 0) == LUA_OK ? base + 2 : base + 1;
	if (why == base + 2 && !lua_isnil(L, base + 1)) {
		lua_settop(L, base + 1);
		return 0;
	}
	remember(l, lua_isstring(L, why) ? lua_tostring(L, why) : name);
	lua_settop(L, base);
	return -1;
}

/* tell(kind, text): a C function that calls the embedding program, which may call us
 * again: then on the stack of this coroutine */
static int
told(lua_State *L)
{
	struct lunik *l = lua_touserdata(L, lua_upvalueindex(1));
	const char *kind = luaL_checkstring(L, 1), *text = luaL_checkstring(L, 2);
	lua_State *before = l->L;

	luaL_checkstack(L, 8, NULL);
	l->L = L;
	if (l->tell)
		l->tell(l->arg, kind, text);
	l->L = before;
	return 0;
}

/* protected: (luadir) -> the session */
static int
prepare(lua_State *L)
{
	const char *dir = luaL_checkstring(L, 1);

	luaL_openlibs(L);
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	lua_pushcfunction(L, luaopen_lunik_core);
	lua_setfield(L, -2, "lunik.core");
	lua_getglobal(L, "package");
	lua_getfield(L, -1, "path");            /* package, path */
	lua_pushfstring(L, "%s/?.lua;%s/?/init.lua;%s", dir, dir,
	                lua_tostring(L, -1));
	lua_setfield(L, -3, "path");
	lua_getglobal(L, "require");
	lua_pushliteral(L, "lunik.embed");
	lua_call(L, 1, 1);
	lua_call(L, 0, 1);
	return 1;
}

struct lunik *
lunik_new(const char *luadir)
{
	struct lunik *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	l->main = l->L = luaL_newstate();
	if (!l->main) {
		free(l);
		return NULL;
	}
	lua_pushcfunction(l->L, prepare);
	lua_pushstring(l->L, luadir ? luadir : LUADIR);
	if (lua_pcall(l->L, 1, 1, 0) == LUA_OK)
		lua_rawsetp(l->L, LUA_REGISTRYINDEX, l);
	else    /* the handle lives, so that lunik_problems can say what is missing */
		remember(l, lua_tostring(l->L, -1));
	return l;
}

void
lunik_free(struct lunik *l)
{
	if (!l)
		return;
	lua_close(l->main);
	free(l->problems);
	free(l);
}

/* Whether the handle has its session. */
static int
usable(const struct lunik *l)
{
	int type = lua_rawgetp(l->L, LUA_REGISTRYINDEX, l);

	lua_pop(l->L, 1);
	return type == LUA_TTABLE;
}

/* Calls a method that only succeeds or fails. */
static int
command(struct lunik *l, const char *name, int args)
{
	if (call(l, name, args) < 0)
		return -1;
	lua_pop(l->L, 1);
	return 0;
}

int
lunik_set(struct lunik *l, const char *field, const char *value)
{
	if (!usable(l))
		return -1;
	lua_pushstring(l->L, field);
	lua_pushstring(l->L, value);
	return command(l, "set", 2);
}

int
lunik_load(struct lunik *l, const char *path)
{
	if (!usable(l))
		return -1;
	lua_pushstring(l->L, path);
	return command(l, "load", 1);
}

/* protected: (list) -> a char *[] whose strings the list keeps */
static int
vector(lua_State *L)
{
	lua_Integer i, n = (lua_Integer)lua_rawlen(L, 1);
	const char **v = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *v, 1);

	lua_pushvalue(L, 1);
	lua_setiuservalue(L, -2, 1);
	for (i = 1; i <= n; i++) {
		lua_rawgeti(L, 1, i);
		v[i - 1] = lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	v[n] = NULL;
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, (const void *)vector);
	return 1;
}

const char *const *
lunik_argv(struct lunik *l, int full)
{
	const char *const *v = NULL;

	if (!usable(l))
		return NULL;
	lua_pushcfunction(l->L, vector);
	lua_pushboolean(l->L, full);
	if (call(l, "argv", 1) == 0) {
		if (lua_pcall(l->L, 1, 1, 0) == LUA_OK)
			v = lua_touserdata(l->L, -1);
		else
			remember(l, lua_tostring(l->L, -1));
	}
	lua_pop(l->L, 1);
	return v;
}

/* Calls a method that gives a number, or -1. */
static int
number(struct lunik *l, const char *name, int args)
{
	int value;

	if (call(l, name, args) < 0)
		return -1;
	value = (int)lua_tointeger(l->L, -1);
	lua_pop(l->L, 1);
	return value;
}

int
lunik_run(struct lunik *l, lunik_tell tell, void *arg)
{
	if (!usable(l))
		return -1;
	l->tell = tell;
	l->arg = arg;
	lua_pushlightuserdata(l->L, l);
	lua_pushcclosure(l->L, told, 1);
	return number(l, "run", 1);
}

int
lunik_forward(struct lunik *l, const char *name)
{
	if (!usable(l))
		return -1;
	lua_pushstring(l->L, name);
	return number(l, "forward", 1);
}

int
lunik_stop(struct lunik *l, const char *reason)
{
	if (!usable(l))
		return -1;
	lua_pushstring(l->L, reason);
	return command(l, "stop", 1);
}

const char *
lunik_problems(const struct lunik *l)
{
	return l->problems ? l->problems : "";
}
