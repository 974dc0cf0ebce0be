/* SPDX-License-Identifier: MIT */
/* Contexts: their Lua state, their memory, and where the Lua half is. */
#include <dlfcn.h>
#include <limits.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../due.h"
#include "embed.h"

#ifndef LUADIR
#define LUADIR "/usr/local/share/lua/5.4"
#endif

int luaopen_lunik_core(lua_State *L);

/* From where the library lies: the modules, and those in C that they need. */
static const struct {
	const char *lua, *c;
} places[] = {
	{ "/../share/lua/5.4", "/lua/5.4" },            /* a prefix's lib */
	{ "/../../share/lua/5.4", "/../lua/5.4" },      /* and its lib/x86_64-linux-gnu */
	{ "/../share/lua/5.4", "/../lib/lua/5.4" },     /* a static one, in a prefix's bin */
	{ "/../../lua", "/../deps/lib" },               /* a checkout's build/lib */
};

#define DEPS "/../build/deps/share"     /* luaposix, in a checkout whose system has none */

/* What prepare takes. */
struct start {
	struct lunik *l;
	char lua[PATH_MAX], c[PATH_MAX];
};

static void *
libc_alloc(void *arg, void *p, size_t before, size_t size)
{
	(void)arg;
	(void)before;
	if (size > 0)
		return realloc(p, size);
	free(p);
	return NULL;
}

void *
take_memory(struct lunik *l, size_t size)
{
	void *p = l->alloc(l->alloc_arg, NULL, 0, size);

	if (p)
		memset(p, 0, size);
	return p;
}

void
give_memory(struct lunik *l, void *p, size_t size)
{
	if (p)
		l->alloc(l->alloc_arg, p, size, 0);
}

/* Modules in C, such as luaposix's, are not linked with liblua, and find it among the symbols of
 * the whole program. Where we were loaded as a plugin is (RTLD_LOCAL), it is not among those. */
static void
show_lua(void)
{
	Dl_info lua;

	if (dladdr((void *)(uintptr_t)lua_newstate, &lua) && lua.dli_fname)
		dlopen(lua.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
}

static bool
there(const char *dir)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof path, "%s/lunik/init.lua", dir);
	return access(path, R_OK) == 0;
}

/* A folder below that of `from`, without what is not there. */
static bool
below(const char *from, size_t length, const char *more, char *path)
{
	char whole[2 * PATH_MAX];

	snprintf(whole, sizeof whole, "%.*s%s", (int)length, from, more);
	return realpath(whole, path) != NULL;
}

/* Where the Lua half is, if it is beside us; with the modules in C, if they `must` be there. */
static bool
beside(struct start *s, bool must)
{
	char self[PATH_MAX];
	Dl_info us;
	size_t i, n;

	if (!dladdr((void *)(uintptr_t)lunik_new, &us) || !us.dli_fname ||
	    !realpath(us.dli_fname, self))
		return false;
	n = (size_t)(strrchr(self, '/') - self);
	for (i = 0; i < sizeof places / sizeof *places; i++) {
		if (!below(self, n, places[i].lua, s->lua) || !there(s->lua))
			continue;
		if (below(self, n, places[i].c, s->c))
			return true;
		s->c[0] = '\0';
		if (!must)
			return true;
	}
	return false;
}

/* Beside us, or where it was to be installed. */
static void
find(struct start *s)
{
	if (beside(s, true) || beside(s, false))
		return;
	snprintf(s->lua, sizeof s->lua, "%s", LUADIR);
	below(s->lua, strlen(s->lua), "/../../../lib/lua/5.4", s->c);
}

/* What Lua asks for; refused once it collects garbage and asks again, refused twice it raises. */
static void *
lua_memory(void *arg, void *p, size_t before, size_t size)
{
	struct lunik *l = arg;
	void *got = l->alloc(l->alloc_arg, p, before, size);

	if (size == 0)
		return NULL;
	l->starved |= !got && l->refused;
	l->refused = !got;
	return got;
}

/* starved(): whether it has raised since the program called */
static int
starved(lua_State *L)
{
	const struct lunik *l = lua_touserdata(L, lua_upvalueindex(1));

	lua_pushboolean(L, l->starved);
	return 1;
}

/* drained(): what lunik_interrupt has written is taken */
static int
drained(lua_State *L)
{
	const struct lunik *l = lua_touserdata(L, lua_upvalueindex(1));
	uint64_t n;
	ssize_t got = read(l->wake, &n, sizeof n);

	(void)got;
	return 0;
}

/* package[name] = "/dir/?.lua;/dir/?/init.lua;…"; package is on top */
static void
add_path(lua_State *L, const char *name, const char *format, const char *dir)
{
	if (!dir[0])
		return;
	lua_getfield(L, -1, name);
	lua_pushfstring(L, format, dir, dir);
	lua_insert(L, -2);
	lua_concat(L, 2);
	lua_setfield(L, -2, name);
}

static void
add_paths(lua_State *L, const struct start *s)
{
	char deps[PATH_MAX];

	lua_getglobal(L, "package");
	add_path(L, "cpath", "%s/?.so;", s->c);
	if (below(s->lua, strlen(s->lua), DEPS, deps))
		add_path(L, "path", "%s/?.lua;%s/?/init.lua;", deps);
	add_path(L, "path", "%s/?.lua;%s/?/init.lua;", s->lua);
	lua_pop(L, 1);
}

/* protected: (start); the session goes into the registry */
static int
prepare(lua_State *L)
{
	struct start *s = lua_touserdata(L, 1);

	luaL_checkversion(L);
	if (!there(s->lua))
		return luaL_error(L, "no lunik/init.lua in %s: lua_dir says where it is", s->lua);
	luaL_openlibs(L);
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
	lua_pushcfunction(L, luaopen_lunik_core);
	lua_setfield(L, -2, "lunik.core");
	add_paths(L, s);
	lua_getglobal(L, "require");
	lua_pushliteral(L, "lunik.embed");
	lua_call(L, 1, 1);
	lua_pushinteger(L, s->l->wake);
	lua_pushlightuserdata(L, s->l);
	lua_pushcclosure(L, drained, 1);
	lua_pushlightuserdata(L, s->l);
	lua_pushcclosure(L, serve_now, 1);
	lua_pushlightuserdata(L, s->l);
	lua_pushcclosure(L, starved, 1);
	lua_call(L, 4, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, s->l);
	return 0;
}

static void
set_up(struct lunik *l, const char *lua_dir)
{
	struct start s = { .l = l };

	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->wake < 0) {
		blame(l, &no_descriptor);
		return;
	}
	if (!lua_dir) {
		find(&s);
	} else {
		if (!realpath(lua_dir, s.lua))
			snprintf(s.lua, sizeof s.lua, "%s", lua_dir);
		if (!below(s.lua, strlen(s.lua), "/../../../lib/lua/5.4", s.c) &&
		    !below(s.lua, strlen(s.lua), "/../build/deps/lib", s.c))
			s.c[0] = '\0';
	}
	l->usable = protect(l, prepare, &s) == 0;
}

static lua_State *
new_state(struct lunik *l)
{
#if LUA_VERSION_NUM >= 505
	return lua_newstate(lua_memory, l, luaL_makeseed(NULL));
#else
	return lua_newstate(lua_memory, l);
#endif
}

struct lunik *
lunik_new(const struct lunik_options *given)
{
	struct lunik_options o = { .size = sizeof o };
	struct lunik *l;

	if (given)
		memcpy(&o, given, given->size < sizeof o ? given->size : sizeof o);
	if (!o.alloc)
		o.alloc = libc_alloc;
	l = o.alloc(o.alloc_arg, NULL, 0, sizeof *l);
	if (!l)
		return NULL;
	*l = (struct lunik){ .alloc = o.alloc, .alloc_arg = o.alloc_arg,
	                     .wake = -1, .out = -1, .in = -1, .due = DUE_NEVER };
	blame(l, NULL);
	l->L = new_state(l);
	if (!l->L) {
		give_memory(l, l, sizeof *l);
		return NULL;
	}
	show_lua();
	set_up(l, o.lua_dir);
	return l;
}

/* lua_close protects itself: what a finalizer raises goes nowhere. */
void
lunik_free(struct lunik *l)
{
	struct lunik_vm *vm;

	if (!l || l->depth > 0 || l->reading)
		return;
	/* first so that hooks are called; what that leaves goes in any case */
	await(l, take_nothing, NULL, "s", "let_go");
	ask(l, take_nothing, NULL, "close", "");
	pump_close(l);
	lua_close(l->L);
	while ((vm = l->vms)) {
		l->vms = vm->next;
		give_memory(l, vm, sizeof *vm);
	}
	while (l->slots)
		slot_free(l, l->slots);
	free_answer(l, l->kept);
	if (l->wake >= 0)
		close(l->wake);
	give_memory(l, l, sizeof *l);
}

const char *
lunik_version(void)
{
	return LUNIK_VERSION;
}
