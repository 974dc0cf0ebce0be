/* SPDX-License-Identifier: MIT */
/* The floor of bench/qmp: the same bytes written to the same socket, and the
 * answer read, with nothing in between. */
#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* reads `lines` of QEMU's, each of which ends in "\r\n" */
static int
answers(int fd, lua_Integer lines)
{
	char buf[65536];
	ssize_t n, i;

	while (lines > 0) {
		n = read(fd, buf, sizeof buf);
		if (n <= 0)
			return -1;
		for (i = 0; i < n; i++)
			lines -= buf[i] == '\n';
	}
	return 0;
}

/* roundtrips(fd, bytes, count): the seconds that took */
static int
lib_roundtrips(lua_State *L)
{
	int fd = (int)luaL_checkinteger(L, 1);
	size_t n;
	const char *s = luaL_checklstring(L, 2, &n);
	lua_Integer i, count = luaL_checkinteger(L, 3);
	double from = now();

	for (i = 0; i < count; i++)
		if (write(fd, s, n) != (ssize_t)n || answers(fd, 1) < 0)
			return luaL_error(L, "floor: %s", strerror(errno));
	lua_pushnumber(L, now() - from);
	return 1;
}

/* pipelined(fd, bytes, count): bytes hold that many commands */
static int
lib_pipelined(lua_State *L)
{
	int fd = (int)luaL_checkinteger(L, 1);
	size_t n;
	const char *s = luaL_checklstring(L, 2, &n);
	lua_Integer count = luaL_checkinteger(L, 3);
	double from = now();

	if (write(fd, s, n) != (ssize_t)n || answers(fd, count) < 0)
		return luaL_error(L, "floor: %s", strerror(errno));
	lua_pushnumber(L, now() - from);
	return 1;
}

static int
lib_now(lua_State *L)
{
	lua_pushnumber(L, now());
	return 1;
}

static const luaL_Reg lib[] = {
	{ "roundtrips", lib_roundtrips },
	{ "pipelined", lib_pipelined },
	{ "now", lib_now },
	{ NULL, NULL },
};

__attribute__((visibility("default"))) int luaopen_floor(lua_State *L);

int
luaopen_floor(lua_State *L)
{
	luaL_newlib(L, lib);
	return 1;
}
