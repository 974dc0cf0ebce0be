/* SPDX-License-Identifier: MIT */
/* lunik.core.deadline: processor time that reading a recipe may take, over all that is
 * called meanwhile: lunik.core.slice ends a recipe's functions at it, `look` lunik's own. */
#include "bind.h"

#define STEP 10000              /* instructions between two looks of the count hook */

static const char deadline;     /* registry: in this thread's processor time, if any */

lua_Integer
bind_nanoseconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (lua_Integer)t.tv_sec * 1000000000 + t.tv_nsec;
}

lua_Integer
bind_late_at(lua_State *L)
{
	lua_Integer at;

	lua_rawgetp(L, LUA_REGISTRYINDEX, &deadline);
	at = lua_tointeger(L, -1);
	lua_pop(L, 1);
	return at;
}

static void
hook(lua_State *L, lua_Debug *ar)
{
	lua_Integer end = bind_late_at(L);

	(void)ar;
	if (end == 0) {         /* a coroutine that outlived the deadline */
		lua_sethook(L, NULL, 0, 0);
	} else if (bind_nanoseconds(CLOCK_THREAD_CPUTIME_ID) >= end) {
		lua_pushliteral(L, DEADLINE_LATE);
		lua_error(L);
	}
}

static void
disarm(lua_State *L)
{
	if (lua_gethook(L) == hook)
		lua_sethook(L, NULL, 0, 0);
	lua_pushnil(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &deadline);
}

/* set(seconds|nil): when this thread has worked for so many seconds more, it is late */
static int
lib_set(lua_State *L)
{
	lua_Number seconds = luaL_optnumber(L, 1, 0);

	luaL_argcheck(L, seconds >= 0 && seconds < 1e6, 1, "out of range");
	disarm(L);
	if (lua_isnoneornil(L, 1))
		return 0;
	lua_pushinteger(L, bind_nanoseconds(CLOCK_THREAD_CPUTIME_ID) +
	                   (lua_Integer)(seconds * 1e9));
	lua_rawsetp(L, LUA_REGISTRYINDEX, &deadline);
	return 0;
}

static int
called(lua_State *L, int status, lua_KContext before)
{
	disarm(L);
	if (status == LUA_OK || status == LUA_YIELD)
		return lua_gettop(L) - (int)before;
	lua_pushboolean(L, 0);
	lua_pushvalue(L, -2);
	return 2;
}

/* call(fn, handler, ...): as xpcall, and nothing is late from its end on: what a hook raised
 * between the two, nobody would catch. */
static int
lib_call(lua_State *L)
{
	int n = lua_gettop(L);

	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_pushboolean(L, 1);
	lua_pushvalue(L, 1);
	lua_rotate(L, 3, 2);
	return called(L, lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, called), 2);
}

/* look(seconds): raises `late` when it is late. With less than `seconds` left, a count hook
 * looks from now on too: with one each instruction costs more, so it is not there before. */
static int
lib_look(lua_State *L)
{
	lua_Number seconds = luaL_checknumber(L, 1);
	lua_Integer end = bind_late_at(L), left;

	if (end == 0)
		return 0;
	left = end - bind_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
	if (left <= 0) {
		lua_pushliteral(L, DEADLINE_LATE);
		return lua_error(L);
	}
	if ((lua_Number)left < seconds * 1e9 && lua_gethook(L) == NULL)
		lua_sethook(L, hook, LUA_MASKCOUNT, STEP);
	return 0;
}

static const luaL_Reg lib[] = {
	{ "set", lib_set },
	{ "call", lib_call },
	{ "look", lib_look },
	{ NULL, NULL },
};

int
bind_deadline(lua_State *L)
{
	luaL_newlib(L, lib);
	lua_pushliteral(L, DEADLINE_LATE);
	lua_setfield(L, -2, "late");
	return 1;
}
