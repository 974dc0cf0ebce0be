/* SPDX-License-Identifier: MIT */
/* lunik.core.proc: programs started with exactly what is listed, and their end. */
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "../due.h"
#include "../proc.h"
#include "../share.h"
#include "../spawn.h"
#include "../standard.h"
#include "handle.h"
#include "refuse.h"

/* The field `name` of the options at `idx`, pushed; false when there is none. */
static bool
option(lua_State *L, int idx, const char *name, int type)
{
	int found;

	lua_pushstring(L, name);
	found = lua_rawget(L, idx);
	if (found == LUA_TNIL)
		return false;
	if (found != type)
		luaL_error(L, "spawn: %s: %s expected, got %s", name,
		           lua_typename(L, type), lua_typename(L, found));
	return true;
}

static bool
flag(lua_State *L, int idx, const char *name)
{
	return option(L, idx, name, LUA_TBOOLEAN) && lua_toboolean(L, -1);
}

static bool
number(lua_State *L, int idx, const char *name, int *n)
{
	lua_Integer i;
	int isint;

	if (!option(L, idx, name, LUA_TNUMBER))
		return false;
	i = lua_tointegerx(L, -1, &isint);
	if (!isint || i < 0 || i > INT_MAX)
		luaL_error(L, "spawn: %s: a number from 0 on expected", name);
	*n = (int)i;
	return true;
}

/* In the table, which the caller keeps; NULL when absent. */
static const char *
text(lua_State *L, int idx, const char *name)
{
	const char *s;
	size_t n;

	if (!option(L, idx, name, LUA_TSTRING))
		return NULL;
	s = lua_tolstring(L, -1, &n);
	if (strlen(s) != n)
		luaL_error(L, "spawn: %s: a NUL byte", name);
	return s;
}

/* The list `name` as a char *[]; the list itself anchors the strings. */
static char **
strings(lua_State *L, int idx, const char *name)
{
	lua_Integer i, n;
	const char *s;
	size_t len;
	char **v;

	if (!option(L, idx, name, LUA_TTABLE))
		return NULL;
	n = bind_length(L, -1);
	v = lua_newuserdatauv(L, (size_t)(n + 1) * sizeof *v, 1);
	for (i = 0; i < n; i++) {               /* list, v */
		if (lua_rawgeti(L, -2, i + 1) != LUA_TSTRING)
			luaL_error(L, "spawn: %s: list of strings expected", name);
		s = lua_tolstring(L, -1, &len);
		if (strlen(s) != len)
			luaL_error(L, "spawn: %s: a NUL byte", name);
		v[i] = (char *)(uintptr_t)s;    /* execve's type; it writes not */
		lua_pop(L, 1);
	}
	v[n] = NULL;
	return v;
}

static void
descriptors(lua_State *L, int idx, struct spawn *sp)
{
	struct spawn_fd *fds;
	size_t n = 0;
	int isint[2];
	lua_Integer child, parent;

	if (!option(L, idx, "fds", LUA_TTABLE))
		return;
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
		n++;
	fds = lua_newuserdatauv(L, (n + 1) * sizeof *fds, 0);
	sp->fds = fds;
	for (lua_pushnil(L); lua_next(L, -3); lua_pop(L, 1)) {
		child = lua_tointegerx(L, -2, &isint[0]);
		parent = lua_tointegerx(L, -1, &isint[1]);
		if (!isint[0] || !isint[1] || lua_type(L, -2) != LUA_TNUMBER ||
		    child < 0 || child > INT_MAX || parent < 0 || parent > INT_MAX)
			luaL_error(L, "spawn: fds: numbers of descriptors expected");
		fds[sp->nfds++] = (struct spawn_fd){ (int)child, (int)parent };
	}
}

/* The integer `name` of the table on top of the stack. */
static lua_Integer
limit(lua_State *L, const char *name, lua_Integer least, lua_Integer most)
{
	lua_Integer n;
	int isint;

	lua_pushstring(L, name);
	lua_rawget(L, -2);
	n = lua_tointegerx(L, -1, &isint);
	if (!isint || n < least || n > most)
		luaL_error(L, "spawn: rlimits: %s: integer expected", name);
	lua_pop(L, 1);
	return n;
}

static void
limits(lua_State *L, int idx, struct spawn *sp)
{
	struct spawn_limit *v;
	size_t i;

	if (!option(L, idx, "rlimits", LUA_TTABLE))
		return;
	sp->nlimits = (size_t)bind_length(L, -1);
	v = lua_newuserdatauv(L, (sp->nlimits + 1) * sizeof *v, 0);
	sp->limits = v;
	for (i = 0; i < sp->nlimits; i++) {     /* list, v */
		if (lua_rawgeti(L, -2, (lua_Integer)i + 1) != LUA_TTABLE)
			luaL_error(L, "spawn: rlimits: list of tables expected");
		v[i].resource = (int)limit(L, "resource", 0, INT_MAX);
		/* -1 is no limit, as in rlim_t */
		v[i].limit.rlim_cur = (rlim_t)limit(L, "soft", -1, LUA_MAXINTEGER);
		v[i].limit.rlim_max = (rlim_t)limit(L, "hard", -1, LUA_MAXINTEGER);
		lua_pop(L, 1);
	}
}

static void
refusals(lua_State *L, int idx, struct spawn *sp)
{
	if (option(L, idx, "refuse", LUA_TTABLE))
		sp->refusals = bind_refusals(L, &sp->nrefusals);
}

static void
shared(lua_State *L, int idx, struct share *share, struct spawn *sp)
{
	if (!option(L, idx, "share", LUA_TTABLE))
		return;
	idx = lua_gettop(L);
	share->from = text(L, idx, "from");
	share->file = text(L, idx, "file");
	if (number(L, idx, "file_fd", &share->file_fd) != !!share->file)
		luaL_error(L, "spawn: share: file takes file_fd");
	if (number(L, idx, "from_fd", &share->from_fd) + !!share->from + !!share->file != 1)
		luaL_error(L, "spawn: share: from or from_fd expected");
	share->at = text(L, idx, "at");
	if (!share->at)
		luaL_error(L, "spawn: share: at expected");
	share->readonly = flag(L, idx, "readonly");
	share->user = flag(L, idx, "user");
	number(L, idx, "userns", &share->userns);
	number(L, idx, "idmap", &share->idmap);
	sp->share = share;
}

static void
known(lua_State *L, int idx)
{
	static const char *const names[] = {
		"argv", "env", "fds", "cwd", "session", "group", "pdeathsig",
		"umask", "rlimits", "unlimited", "share", "path", "seconds", "refuse",
		"blocked",
	};
	size_t i;

	for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
		const char *name = lua_type(L, -2) == LUA_TSTRING
		                   ? lua_tostring(L, -2) : "?";

		for (i = 0; i < sizeof names / sizeof *names; i++)
			if (strcmp(name, names[i]) == 0)
				break;
		if (i == sizeof names / sizeof *names)
			luaL_error(L, "spawn: no option '%s'", name);
	}
}

static void
shut(void *h)
{
	proc_close(h);
}

static const struct handle proc = {
	.type = PROC_T,
	.closed = "closed proc",
	.size = sizeof(struct proc),
	.close = shut,
};

static struct proc *
newproc(lua_State *L)
{
	struct proc *p = handle_new(L, &proc);

	proc_init(p);
	return p;
}

static int
lib_spawn(lua_State *L)
{
	struct share share = { 0 };
	struct spawn sp = { 0 };
	struct err e;
	int64_t due;
	int mask;

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checkstack(L, 40, NULL);
	known(L, 1);
	sp.argv = strings(L, 1, "argv");
	if (!sp.argv || !sp.argv[0])
		luaL_error(L, "spawn: argv: empty");
	sp.envp = strings(L, 1, "env");
	descriptors(L, 1, &sp);
	limits(L, 1, &sp);
	shared(L, 1, &share, &sp);
	refusals(L, 1, &sp);
	sp.cwd = text(L, 1, "cwd");
	sp.search = flag(L, 1, "path");
	sp.session = flag(L, 1, "session");
	sp.group = flag(L, 1, "group");
	sp.unlimited = flag(L, 1, "unlimited");
	number(L, 1, "pdeathsig", &sp.death_signal);
	number(L, 1, "blocked", &sp.blocked);
	sp.set_umask = number(L, 1, "umask", &mask);
	if (sp.set_umask)
		sp.umask = (mode_t)mask;
	lua_pushliteral(L, "seconds");
	lua_rawget(L, 1);
	due = bind_due(L, -1);
	return spawn_start(&sp, newproc(L), due, &e) < 0 ? bind_fail(L, &e) : 1;
}

static int
lib_open(lua_State *L)
{
	lua_Integer pid = luaL_checkinteger(L, 1);
	struct err e;

	luaL_argcheck(L, pid > 0 && pid <= INT_MAX, 1, "not a process's number");
	return proc_open(newproc(L), (pid_t)pid, &e) < 0 ? bind_fail(L, &e) : 1;
}

/* standard([link]): opens what is closed of 0 to 2, and what may be the other end of `link` */
static int
lib_standard(lua_State *L)
{
	lua_Integer link = luaL_optinteger(L, 1, -1);
	struct err e;

	luaL_argcheck(L, link >= -1 && link <= INT_MAX, 1, "descriptor expected");
	if (standard_open(&e) < 0 || (link >= 0 && standard_without((int)link, &e) < 0))
		return bind_fail(L, &e);
	lua_pushboolean(L, 1);
	return 1;
}

static int
m_pid(lua_State *L)
{
	struct proc *p = luaL_checkudata(L, 1, PROC_T);

	lua_pushinteger(L, p->pid);
	return 1;
}

static int
m_wait(lua_State *L)
{
	static const char *const how[] = {
		[PROC_EXITED] = "exited",
		[PROC_KILLED] = "killed",
		[PROC_GONE] = "gone",
	};
	struct proc *p = handle_open(L, &proc);
	struct err e;

	if (proc_wait(p, bind_due(L, 2), &e) < 0)
		return bind_fail(L, &e);
	lua_pushstring(L, how[p->end]);
	if (p->end == PROC_GONE)
		return 1;
	lua_pushinteger(L, p->value);
	return 2;
}

static int
send(lua_State *L, int (*to)(const struct proc *, int, struct err *))
{
	struct proc *p = handle_open(L, &proc);
	lua_Integer signo = luaL_checkinteger(L, 2);
	struct err e;

	luaL_argcheck(L, signo >= 0 && signo <= INT_MAX, 2, "not a signal");
	if (to(p, (int)signo, &e) < 0)
		return bind_fail(L, &e);
	lua_pushboolean(L, 1);
	return 1;
}

static int
m_signal(lua_State *L)
{
	return send(L, proc_signal);
}

static int
m_signal_group(lua_State *L)
{
	return send(L, proc_signal_group);
}

static const luaL_Reg lib[] = {
	{ "spawn", lib_spawn },
	{ "open", lib_open },
	{ "standard", lib_standard },
	{ NULL, NULL },
};

static const luaL_Reg methods[] = {
	{ "pid", m_pid },
	{ "wait", m_wait },
	{ "signal", m_signal },
	{ "signal_group", m_signal_group },
	{ NULL, NULL },
};

int
bind_proc(lua_State *L)
{
	handle_type(L, &proc, methods);
	luaL_newlib(L, lib);
	return 1;
}
