/* SPDX-License-Identifier: MIT */
/* Calls of the Lua half, and what went wrong with them. */
#include <stdarg.h>
#include <string.h>

#include "embed.h"

/* A call of a method of the session, and where its value goes. */
struct call {
	struct lunik *l;
	const char *method, *format;
	va_list *args;
	taker *take;
	void *to;
};

static const char last_problems;        /* registry: what lunik_problem gives */

#define PROBLEM(why_, code_) { .text = why_, .code = code_, .file = "", .field = "", .why = why_ }

const struct lunik_problem no_memory = PROBLEM("not enough memory", "failed");
const struct lunik_problem no_descriptor = PROBLEM("no descriptor is free", "failed");
const struct lunik_problem reading = PROBLEM("not while a recipe is read", "busy");
const struct lunik_problem inside = PROBLEM("not from within a function that is called", "busy");

void
blame(struct lunik *l, const struct lunik_problem *p)
{
	l->wrong = (struct problems){ p ? p->text : "", p != NULL, p };
}

/* The member of the table on top, whose text stays with that table. */
static const char *
member(lua_State *L, const char *name)
{
	const char *s;

	s = lua_getfield(L, -1, name) == LUA_TSTRING ? lua_tostring(L, -1) : "";
	lua_pop(L, 1);
	return s;
}

static void
read_problem(lua_State *L, struct lunik_problem *p)
{
	p->text = member(L, "text");
	p->code = member(L, "code");
	p->file = member(L, "file");
	p->field = member(L, "field");
	p->why = member(L, "why");
	lua_getfield(L, -1, "line");
	p->line = (int)lua_tointeger(L, -1);
	lua_pop(L, 1);
}

/* protected: (context, problems or a text); what there is to show goes into the registry */
static int
keep(lua_State *L)
{
	struct lunik *l = lua_touserdata(L, 1);
	struct lunik_problem *list;
	struct problems all;
	lua_Integer i, n;

	if (lua_rawgetp(L, LUA_REGISTRYINDEX, l) == LUA_TTABLE) {
		lua_getfield(L, -1, "shown");
		lua_pushvalue(L, 2);
		lua_call(L, 1, 1);
	} else {                        /* why there is no session: a text */
		lua_createtable(L, 1, 1);
		lua_createtable(L, 0, 2);
		lua_pushvalue(L, 2);
		lua_setfield(L, -2, "text");
		lua_pushvalue(L, 2);
		lua_setfield(L, -2, "why");
		lua_rawseti(L, -2, 1);
		lua_pushvalue(L, 2);
		lua_setfield(L, -2, "text");
	}
	n = luaL_len(L, -1);
	list = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *list, 1);
	lua_insert(L, -2);                      /* list, shown */
	for (i = 1; i <= n; i++) {
		lua_rawgeti(L, -1, i);
		read_problem(L, &list[i - 1]);
		lua_pop(L, 1);
	}
	all = (struct problems){ member(L, "text"), (size_t)n, list };
	lua_setiuservalue(L, -2, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &last_problems);
	l->wrong = all;
	return 0;
}

/* The value on top is why a call has failed. */
static void
remember(struct lunik *l)
{
	lua_State *L = l->L;

	/* none of these takes memory */
	lua_pushcfunction(L, keep);
	lua_insert(L, -2);
	lua_pushlightuserdata(L, l);
	lua_insert(L, -2);
	if (lua_pcall(L, 2, 0, 0) == LUA_OK)
		return;
	lua_pop(L, 1);
	blame(l, &no_memory);
}

struct problems
hold_problems(struct lunik *l)
{
	lua_rawgetp(l->L, LUA_REGISTRYINDEX, &last_problems);
	return l->wrong;
}

/* Its key is there already, or it is nil: neither takes memory. */
void
restore_problems(struct lunik *l, struct problems wrong)
{
	lua_rawsetp(l->L, LUA_REGISTRYINDEX, &last_problems);
	l->wrong = wrong;
}

static int
push_argument(lua_State *L, char letter, va_list *args)
{
	const char *s;
	pusher *push;

	switch (letter) {
	case 's':
		s = va_arg(*args, const char *);
		if (!s)
			luaL_error(L, "NULL in place of a text");
		lua_pushstring(L, s);
		break;
	case 'S':
		lua_pushstring(L, va_arg(*args, const char *));
		break;
	case 'l':
		s = va_arg(*args, const char *);
		lua_pushlstring(L, s, va_arg(*args, size_t));
		break;
	case 'n':
		lua_pushinteger(L, va_arg(*args, lua_Integer));
		break;
	case 'b':
		lua_pushboolean(L, va_arg(*args, int));
		break;
	case 'p':
		lua_pushlightuserdata(L, va_arg(*args, void *));
		break;
	case 'o':
		push = va_arg(*args, pusher *);
		push(L, va_arg(*args, const void *));
		break;
	}
	return 1;
}

/* protected: (call) */
static int
perform(lua_State *L)
{
	struct call *c = lua_touserdata(L, 1);
	const char *letter;
	int n = 1;

	lua_rawgetp(L, LUA_REGISTRYINDEX, c->l);
	lua_getfield(L, -1, c->method);
	lua_insert(L, -2);                      /* call, method, session */
	for (letter = c->format; *letter; letter++)
		n += push_argument(L, *letter, c->args);
	lua_call(L, n, 2);                      /* call, value, why */
	if (lua_isnil(L, 2))
		return lua_error(L);
	lua_settop(L, 2);
	c->take(L, c->to);
	return 0;
}

int
protect(struct lunik *l, lua_CFunction f, void *p)
{
	lua_pushcfunction(l->L, f);             /* neither takes memory */
	lua_pushlightuserdata(l->L, p);
	if (lua_pcall(l->L, 1, 0, 0) == LUA_OK)
		return 0;
	remember(l);
	return -1;
}

static int
call(struct lunik *l, struct call *c)
{
	int n;

	if (l->reading) {
		blame(l, &reading);
		return -1;
	}
	if (!l->usable)         /* and why is remembered */
		return -1;
	blame(l, NULL);
	pump_enter(l);
	n = protect(l, perform, c);
	pump_leave(l);
	return n;
}

int
ask(struct lunik *l, taker *take, void *to, const char *method, const char *format, ...)
{
	struct call c = { l, method, format, NULL, take, to };
	va_list args;
	int n;

	va_start(args, format);
	c.args = &args;
	n = call(l, &c);
	va_end(args);
	return n;
}

static void
take_task(lua_State *L, void *to)
{
	*(lua_Integer *)to = lua_tointeger(L, -1);
}

/* Until the task is over. */
static int
pump(struct lunik *l, lua_Integer task, taker *take, void *to)
{
	for (;;) {
		struct due d = { .l = l, .take = take, .to = to };

		if (ask(l, take_due, &d, "pump", "n", task) < 0)
			return -1;
		if (d.over)
			return 0;
		if (serve(&d) < 0)
			return -1;
	}
}

int
await(struct lunik *l, taker *take, void *to, const char *format, ...)
{
	struct call c = { l, "begin", format, NULL, take_task, NULL };
	lua_Integer task = 0;
	va_list args;
	int n;

	va_start(args, format);
	c.args = &args;
	c.to = &task;
	pump_enter(l);
	n = call(l, &c);
	if (n == 0)
		n = pump(l, task, take, to);
	pump_leave(l);
	va_end(args);
	return n;
}

void
take_nothing(lua_State *L, void *to)
{
	(void)L;
	(void)to;
}

void
take_number(lua_State *L, void *to)
{
	*(int *)to = (int)lua_tointeger(L, -1);
}

void
anchor(lua_State *L, const void *key)
{
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

const char *
lunik_problems(const struct lunik *l)
{
	return l->wrong.text;
}

size_t
lunik_problem_count(const struct lunik *l)
{
	return l->wrong.n;
}

const struct lunik_problem *
lunik_problem(const struct lunik *l, size_t i)
{
	return i < l->wrong.n ? &l->wrong.list[i] : NULL;
}
