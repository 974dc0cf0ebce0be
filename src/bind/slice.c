/* SPDX-License-Identifier: MIT */
/* lunik.core.slice: Lua that is run for so many instructions and no further. A
 * count hook yields or ends what loops; it is inherited by the coroutines made
 * inside, so nothing escapes into one. The one door that runs Lua functions. */
#include <stdbool.h>
#include <stdint.h>

#include "bind.h"

#define STEP 1000               /* instructions between two looks, at most */
#define CALL_STEP 100           /* the same, where time counts as well */
#define LONG 1000000            /* nanoseconds between two looks that get charged */
#define NANOSECONDS 100         /* of a long stretch that count as an instruction */
#define SPENT "instruction budget of %I spent"
#define LOOK 10000000           /* nanoseconds between two looks at the deadline */
#define ROOM (LUAI_MAXSTACK / 8) /* values: what no deep call begins without */
#define ARGUMENTS (ROOM / 8)    /* beyond the parameters, that no call has */
#define SHALLOW 50              /* calls that with so many arguments fill no stack */
#define SMALL (LUAI_MAXSTACK / 4 / 1024 * 16)   /* KiB: no stack in it is half full */
#define MASK (LUA_MASKCOUNT | LUA_MASKCALL)

struct slice {
	struct slice *outer;    /* the one in which this one is being run */
	lua_State *co;
	lua_Integer used;       /* by co and the coroutines that it resumed */
	lua_Integer budget;
	lua_Integer end;        /* where `used` ends this slice */
	lua_Integer clock;      /* call only: the time of the last look, */
	lua_Integer worked;     /* the processor time of the last long stretch, */
	lua_Integer used_then;  /* and `used` after it */
	lua_Integer until;      /* call only: the deadline, or 0, */
	lua_Integer looked;     /* and the time of the last look at it */
	int step;
	bool sliced;            /* the hook yielded, not the coroutine */
	const char *over;       /* why it is, as a format for its budget; or NULL */
};

static const char current;      /* registry: the slice that is being run */
static const char slices;       /* registry: coroutine -> slice, weak keys */

static struct slice *
running(lua_State *L)
{
	struct slice *s;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &current);
	s = lua_touserdata(L, -1);
	lua_pop(L, 1);
	return s;
}

static void
run_in(lua_State *L, struct slice *s)
{
	lua_pushlightuserdata(L, s);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &current);
}

/* What `n` instructions cost. One that joins two long strings is not like one that
 * adds two numbers: a stretch that takes long is charged for its processor time. What is
 * short is counted only, so that a usual recipe's cost is the same at every reading. The
 * clock that needs no system call tells whether to ask the one that does. */
static lua_Integer
cost(struct slice *s, lua_Integer n)
{
	lua_Integer now, worked;

	if (s->clock == 0)
		return n;
	now = bind_nanoseconds(CLOCK_MONOTONIC);
	worked = now - s->clock;
	s->clock = now;
	if (worked < LONG)
		return n;
	/* others may have had the processor meanwhile */
	now = bind_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
	worked = (now - s->worked) / NANOSECONDS - (s->used - s->used_then);
	s->worked = now;
	s->used_then = s->used + (worked > n ? worked : n);
	return worked > n ? worked : n;
}

/* The slice that is over, if there is one. */
static const struct slice *
charge(struct slice *s, lua_Integer n)
{
	const struct slice *over = NULL;

	for (; s; s = s->outer) {
		s->used += n;
		if (s->over || s->used >= s->budget)
			over = s;
	}
	return over;
}

static bool
late(struct slice *s)
{
	if (s->until == 0 || s->clock - s->looked < LOOK)
		return false;
	s->looked = s->clock;
	return bind_nanoseconds(CLOCK_THREAD_CPUTIME_ID) >= s->until;
}

/* Unwinds without lua_error: that would run xpcall's handler here, inside the
 * hook, where no hook can stop it. Memory errors have no handler; this one asks
 * for more than there is address space. */
static void
unwind(lua_State *L)
{
	lua_newuserdatauv(L, SIZE_MAX / 4, 0);
}

/* Keeps why and where it ends, for whoever ran the slice. */
static void
note(lua_State *L, struct slice *s, const char *why, lua_Integer budget)
{
	s->over = why;
	luaL_where(L, 0);
	lua_pushfstring(L, why, (LUAI_UACINT)budget);
	lua_concat(L, 2);
	luaL_traceback(L, L, lua_tostring(L, -1), 0);
	lua_rawsetp(L, LUA_REGISTRYINDEX, s);
	lua_pop(L, 1);
}

/* pcall may catch the unwinding, but gets to run no further instruction. */
static void
halt(lua_State *L)
{
	lua_sethook(L, lua_gethook(L), MASK, 1);
	unwind(L);
}

static void
stop(lua_State *L, const struct slice *s, bool count)
{
	if (!count) {
		/* a coroutine that just begins has no handler yet */
		luaL_error(L, "instruction budget spent");
	} else if (L == s->co && lua_isyieldable(L)) {
		lua_yield(L, 0);
	} else {
		halt(L);
	}
}

/* Why a call may not begin: its stack could come to Lua's own limit before the next
 * one. There each pending finalizer would find no room, be lost, and have the whole
 * stack moved twice: for minutes, in one instruction. */
static const char *
deep(lua_State *L, lua_Debug *ar)
{
	lua_Debug far;

	if (lua_gc(L, LUA_GCCOUNT) < SMALL)
		return NULL;
	if (lua_getlocal(L, ar, -ARGUMENTS))
		return "too many arguments";
	if (!lua_getstack(L, SHALLOW, &far) || lua_checkstack(L, ROOM))
		return NULL;
	return lua_getstack(L, 8 * SHALLOW, &far) ? "stack overflow"
	                                          : "not enough memory";
}

/* A coroutine that begins may end before its first count: else loops that make
 * coroutines would be all but free. */
static bool
begins(lua_State *L, const struct slice *s)
{
	lua_Debug caller;

	return L != s->co && !lua_getstack(L, 1, &caller);
}

static void
hook(lua_State *L, lua_Debug *ar)
{
	struct slice *s = running(L);
	bool count = ar->event == LUA_HOOKCOUNT;
	const struct slice *over;
	const char *why;

	if (!s) {               /* a coroutine that outlived its slice */
		lua_sethook(L, NULL, 0, 0);
		return;
	}
	why = count ? NULL : deep(L, ar);
	if (why) {
		if (!s->over)
			note(L, s, why, 0);
		halt(L);
	}
	if (!count && !begins(L, s))
		return;
	over = charge(s, cost(s, lua_gethookcount(L)));
	if (!over && late(s)) {
		note(L, s, DEADLINE_LATE, 0);
		over = s;
	}
	if (over) {
		if (!s->over)
			note(L, s, SPENT, over->budget);
		stop(L, s, count);
	} else if (count && L == s->co && s->used >= s->end &&
	           lua_isyieldable(L)) {
		s->sliced = true;
		lua_yield(L, 0);
	}
}

/* Runs what still has to be closed, within the same bounds. */
static void
finish(lua_State *L, struct slice *s)
{
	s->outer = running(L);
	run_in(L, s);
#if LUA_VERSION_RELEASE_NUM >= 50406
	lua_closethread(s->co, L);
#else
	lua_resetthread(s->co);
#endif
	run_in(L, s->outer);
	lua_settop(s->co, 0);
}

/* Pushes onto L the message that ended the coroutine, with a traceback if it is
 * a string, and the message alone. */
static void
explain(lua_State *L, struct slice *s, int status)
{
	if (s->over) {
		lua_pushfstring(L, s->over, (LUAI_UACINT)s->budget);
		if (lua_rawgetp(L, LUA_REGISTRYINDEX, s) != LUA_TSTRING) {
			lua_pop(L, 1);
			lua_pushvalue(L, -1);
		}
		lua_pushnil(L);
		lua_rawsetp(L, LUA_REGISTRYINDEX, s);
	} else {
		lua_xmove(s->co, L, 1);
		if (lua_type(L, -1) == LUA_TSTRING && status != LUA_ERRMEM)
			luaL_traceback(L, s->co, lua_tostring(L, -1), 0);
		else
			lua_pushvalue(L, -1);
	}
	lua_insert(L, -2);
}

/* Resumes s->co with `nargs` values from its stack: lua_resume's status, but an
 * error for one that is over, whatever it made of that. Then message
 * and plain message are on L, else *nres values on s->co. */
static int
resume(lua_State *L, struct slice *s, int nargs, int *nres)
{
	int status;

	/* setting it anew after a yield of its own would lose one count */
	if (lua_gethook(s->co) != hook || lua_gethookcount(s->co) != s->step)
		lua_sethook(s->co, hook, MASK, s->step);
	s->sliced = false;
	s->outer = running(L);
	run_in(L, s);
	status = lua_resume(s->co, L, nargs, nres);
	run_in(L, s->outer);
	if (!s->over && s->used >= s->budget)
		s->over = SPENT;        /* by a slice inside that ended itself */
	if (s->over)
		status = LUA_ERRRUN;
	if (status == LUA_OK || status == LUA_YIELD)
		return status;
	explain(L, s, status);  /* may raise, so the slice is over already */
	finish(L, s);
	return status;
}

/* All `n` values on top of s->co, onto L. */
static void
take(lua_State *L, struct slice *s, int n)
{
	if (!lua_checkstack(L, n + 1)) {
		lua_pop(s->co, n);
		luaL_error(L, "too many results");
	}
	lua_xmove(s->co, L, n);
}

static struct slice *
slice_of(lua_State *L, lua_State *co, lua_Integer instructions)
{
	struct slice *s;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &slices);
	lua_pushvalue(L, 1);
	if (lua_rawget(L, -2) == LUA_TUSERDATA)
		return lua_touserdata(L, -1);
	lua_pop(L, 1);
	lua_pushvalue(L, 1);
	s = lua_newuserdatauv(L, sizeof *s, 0); /* slices, co, s */
	*s = (struct slice){ .co = co };
	s->step = instructions < STEP ? (int)instructions : STEP;
	lua_pushvalue(L, -1);
	lua_insert(L, -4);                      /* s, slices, co, s */
	lua_rawset(L, -3);
	lua_pop(L, 1);
	return s;
}

static const char *
not_resumable(lua_State *L, lua_State *co)
{
	lua_Debug ar;

	if (lua_status(co) == LUA_YIELD)
		return NULL;
	if (co == L || (lua_status(co) == LUA_OK && lua_getstack(co, 0, &ar)))
		return "cannot resume non-suspended coroutine";
	if (lua_status(co) != LUA_OK || lua_gettop(co) == 0)
		return "cannot resume dead coroutine";
	return NULL;
}

/* resume(co, instructions, budget|nil, …) -> "done", … | "wait", yielded… |
 * "sliced" | "error", message with traceback, message */
static int
lib_resume(lua_State *L)
{
	lua_State *co = lua_tothread(L, 1);
	lua_Integer instructions = luaL_checkinteger(L, 2);
	lua_Integer budget = luaL_optinteger(L, 3, LUA_MAXINTEGER);
	int n = lua_gettop(L) - 3, status;
	struct slice *s;
	const char *why;

	luaL_argexpected(L, co, 1, "coroutine");
	luaL_argcheck(L, instructions > 0, 2, "not positive");
	why = not_resumable(L, co);
	if (why) {
		lua_pushliteral(L, "error");
		lua_pushstring(L, why);
		lua_pushvalue(L, -1);
		return 3;
	}
	s = slice_of(L, co, instructions);
	lua_insert(L, 4);                       /* stays while it runs */
	n = s->sliced || n < 0 ? 0 : n;
	lua_settop(L, 4 + n);
	luaL_argcheck(L, lua_checkstack(co, n + 1), 1, "too many arguments");
	lua_xmove(L, co, n);
	s->budget = budget;
	s->end = instructions < LUA_MAXINTEGER - s->used
	         ? s->used + instructions : LUA_MAXINTEGER;
	status = resume(L, s, n, &n);
	if (status == LUA_YIELD && s->sliced) {
		lua_pushliteral(L, "sliced");
		return 1;
	}
	if (status == LUA_OK || status == LUA_YIELD) {
		lua_pushstring(L, status == LUA_OK ? "done" : "wait");
		take(L, s, n);
		return n + 1;
	}
	lua_pushliteral(L, "error");
	lua_insert(L, -3);
	return 3;
}

/* used(co) -> the instructions that its slices have taken, in whole steps */
static int
lib_used(lua_State *L)
{
	const struct slice *s;

	luaL_checktype(L, 1, LUA_TTHREAD);
	lua_rawgetp(L, LUA_REGISTRYINDEX, &slices);
	lua_pushvalue(L, 1);
	lua_rawget(L, -2);
	s = lua_touserdata(L, -1);
	lua_pushinteger(L, s ? s->used : 0);
	return 1;
}

/* call(n, f, …) -> true, results… | false, message with traceback, message */
static int
lib_call(lua_State *L)
{
	lua_Integer budget = luaL_checkinteger(L, 1);
	struct slice s = { .budget = budget, .end = LUA_MAXINTEGER };
	int n = lua_gettop(L) - 2, status;

	luaL_argcheck(L, budget > 0, 1, "not positive");
	luaL_checktype(L, 2, LUA_TFUNCTION);
	s.step = budget < CALL_STEP ? (int)budget : CALL_STEP;
	s.clock = bind_nanoseconds(CLOCK_MONOTONIC);
	s.worked = bind_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
	s.until = bind_late_at(L);
	s.co = lua_newthread(L);
	lua_insert(L, 2);                       /* budget, co, f, … */
	luaL_argcheck(L, lua_checkstack(s.co, n + 2), 2, "too many arguments");
	lua_xmove(L, s.co, n + 1);
	status = resume(L, &s, n, &n);
	if (status == LUA_OK) {
		lua_pushboolean(L, 1);
		take(L, &s, n);
		return n + 1;
	}
	lua_pushboolean(L, 0);
	if (status != LUA_YIELD) {
		lua_insert(L, -3);
		return 3;
	}
	finish(L, &s);
	lua_pushliteral(L, "attempt to yield from outside a coroutine");
	lua_pushvalue(L, -1);
	return 3;
}

static const luaL_Reg lib[] = {
	{ "resume", lib_resume },
	{ "used", lib_used },
	{ "call", lib_call },
	{ NULL, NULL },
};

int
bind_slice(lua_State *L)
{
	lua_newtable(L);
	lua_newtable(L);
	lua_pushliteral(L, "k");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &slices);
	luaL_newlib(L, lib);
	return 1;
}
