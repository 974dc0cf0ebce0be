/* SPDX-License-Identifier: MIT */
/* The host side of embedding: the only place that calls lua_pcall. The Lua half is
 * lunik.embed; each function here calls one of it. Whatever may raise, if for memory only,
 * is in a function that is called protected: unprotected, Lua would end the host program. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdbool.h>
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
	bool usable;            /* the session is there */
	char *text;             /* of `problems`, where it is ours */
	const char *problems;
	lunik_tell tell;
	void *arg;
};

/* A call of a method of the session, and what came of it. */
struct call {
	struct lunik *l;
	const char *method;
	void (*push)(lua_State *, const struct call *);         /* `nargs` arguments */
	int nargs;
	const char *args[2];
	bool full;
	void (*take)(lua_State *, struct call *);               /* the value on top */
	int number;
	const char *const *vector;
};

/* registry: what lunik_argv gave last; the session is there under its struct lunik */
static const char last_vector;

/* In place of what went wrong before. */
static void
remember(struct lunik *l, const char *text)
{
	free(l->text);
	l->text = text ? strdup(text) : NULL;
	l->problems = l->text ? l->text : text ? "not enough memory" : "";
}

/* Runs `f`, which leaves nothing, with `p`: 0; or -1, and the error's text is remembered,
 * or `absent` where it has none. */
static int
protected(struct lunik *l, lua_CFunction f, void *p, const char *absent)
{
	lua_State *L = l->L;
	bool text;

	lua_pushcfunction(L, f);                /* neither takes memory */
	lua_pushlightuserdata(L, p);
	if (lua_pcall(L, 1, 0, 0) == LUA_OK)
		return 0;
	/* of a number it would make one, and raise */
	text = lua_type(L, -1) == LUA_TSTRING;
	remember(l, text ? lua_tostring(L, -1) : absent);
	lua_pop(L, 1);
	return -1;
}

/* protected: (call) */
static int
perform(lua_State *L)
{
	struct call *c = lua_touserdata(L, 1);

	lua_rawgetp(L, LUA_REGISTRYINDEX, c->l);
	lua_getfield(L, -1, c->method);
	lua_insert(L, -2);                      /* call, method, session */
	c->push(L, c);
	lua_call(L, c->nargs + 1, 2);           /* call, value, why */
	if (lua_isnil(L, 2))
		return lua_error(L);
	lua_settop(L, 2);
	c->take(L, c);
	return 0;
}

/* 0, or -1 when it raised or gave nil. */
static int
call(struct lunik *l, struct call *c)
{
	if (!l->usable)         /* and why is remembered */
		return -1;
	remember(l, NULL);
	c->l = l;
	return protected(l, perform, c, c->method);
}

static void
push_texts(lua_State *L, const struct call *c)
{
	int i;

	for (i = 0; i < c->nargs; i++)
		lua_pushstring(L, c->args[i]);
}

static void
push_full(lua_State *L, const struct call *c)
{
	lua_pushboolean(L, c->full);
}

static void
take_nothing(lua_State *L, struct call *c)
{
	(void)L;
	(void)c;
}

static void
take_number(lua_State *L, struct call *c)
{
	c->number = (int)lua_tointeger(L, -1);
}

/* A list as a char *[] whose strings the list keeps; both live until the next one. */
static void
take_vector(lua_State *L, struct call *c)
{
	lua_Integer i, n = luaL_len(L, -1);
	const char **v;

	v = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *v, 1);
	lua_insert(L, -2);                      /* v, list */
	for (i = 1; i <= n; i++) {
		if (lua_rawgeti(L, -1, i) != LUA_TSTRING)
			luaL_error(L, "%s: list of strings expected", c->method);
		v[i - 1] = lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	v[n] = NULL;
	lua_setiuservalue(L, -2, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &last_vector);
	c->vector = v;
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

static void
push_told(lua_State *L, const struct call *c)
{
	lua_pushlightuserdata(L, c->l);
	lua_pushcclosure(L, told, 1);
}

/* what prepare takes */
struct start {
	struct lunik *l;
	const char *dir;
};

/* protected: (start); the session goes into the registry */
static int
prepare(lua_State *L)
{
	const struct start *s = lua_touserdata(L, 1);

	luaL_openlibs(L);
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	lua_pushcfunction(L, luaopen_lunik_core);
	lua_setfield(L, -2, "lunik.core");
	lua_getglobal(L, "package");
	lua_getfield(L, -1, "path");            /* package, path */
	lua_pushfstring(L, "%s/?.lua;%s/?/init.lua;%s", s->dir, s->dir,
	                lua_tostring(L, -1));
	lua_setfield(L, -3, "path");
	lua_getglobal(L, "require");
	lua_pushliteral(L, "lunik.embed");
	lua_call(L, 1, 1);
	lua_call(L, 0, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, s->l);
	return 0;
}

struct lunik *
lunik_new(const char *luadir)
{
	struct lunik *l = calloc(1, sizeof *l);
	struct start s = { l, luadir ? luadir : LUADIR };

	if (!l)
		return NULL;
	l->problems = "";
	l->main = l->L = luaL_newstate();
	if (!l->main) {
		free(l);
		return NULL;
	}
	/* without a session it lives, so that lunik_problems can say what is missing */
	l->usable = protected(l, prepare, &s, "lunik.embed") == 0;
	return l;
}

/* lua_close protects itself: what a finalizer raises goes nowhere. */
void
lunik_free(struct lunik *l)
{
	if (!l)
		return;
	lua_close(l->main);
	free(l->text);
	free(l);
}

int
lunik_set(struct lunik *l, const char *field, const char *value)
{
	struct call c = { .method = "set", .push = push_texts, .nargs = 2,
	                  .args = { field, value }, .take = take_nothing };

	return call(l, &c);
}

int
lunik_load(struct lunik *l, const char *path)
{
	struct call c = { .method = "load", .push = push_texts, .nargs = 1,
	                  .args = { path }, .take = take_nothing };

	return call(l, &c);
}

const char *const *
lunik_argv(struct lunik *l, int full)
{
	struct call c = { .method = "argv", .push = push_full, .nargs = 1,
	                  .full = full, .take = take_vector };

	return call(l, &c) < 0 ? NULL : c.vector;
}

int
lunik_run(struct lunik *l, lunik_tell tell, void *arg)
{
	struct call c = { .method = "run", .push = push_told, .nargs = 1,
	                  .take = take_number };

	l->tell = tell;
	l->arg = arg;
	return call(l, &c) < 0 ? -1 : c.number;
}

int
lunik_forward(struct lunik *l, const char *name)
{
	struct call c = { .method = "forward", .push = push_texts, .nargs = 1,
	                  .args = { name }, .take = take_number };

	return call(l, &c) < 0 ? -1 : c.number;
}

int
lunik_stop(struct lunik *l, const char *reason)
{
	struct call c = { .method = "stop", .push = push_texts, .nargs = 1,
	                  .args = { reason }, .take = take_nothing };

	return call(l, &c);
}

const char *
lunik_problems(const struct lunik *l)
{
	return l->problems;
}
