/* SPDX-License-Identifier: MIT */
/* What is loaded, and what the program has to say in it. */
#include "embed.h"

static const char last_vector;          /* registry: what lunik_argv gave last */

/* Has the session keep a function of the program's. */
static int
keep_slot(struct lunik *l, struct slot *slot, const char *method, const char *first,
          const char *second)
{
	int n;

	if (!slot)
		return -1;
	if (second)
		n = ask(l, take_nothing, NULL, method, "ssp", first, second, slot);
	else
		n = ask(l, take_nothing, NULL, method, "sp", first, slot);
	if (n < 0)
		slot_free(l, slot);
	return n;
}

int
lunik_set(struct lunik *l, const char *field, const char *value)
{
	return ask(l, take_nothing, NULL, "set", "ss", field, value);
}

int
lunik_define(struct lunik *l, const char *module, const char *name, lunik_function fn, void *arg)
{
	return keep_slot(l, slot_new(l, fn, arg), "define", module, name);
}

int
lunik_on(struct lunik *l, const char *point, lunik_function fn, void *arg)
{
	return keep_slot(l, slot_new(l, fn, arg), "hook", point, NULL);
}

int
lunik_policy(struct lunik *l, const char *family, lunik_function fn, void *arg)
{
	return keep_slot(l, slot_new(l, fn, arg), "policy", family, NULL);
}

int
lunik_progress(struct lunik *l, lunik_teller tell, void *arg)
{
	struct slot *slot;

	if (!tell)
		return ask(l, take_nothing, NULL, "progress", "");
	slot = slot_new(l, NULL, arg);
	if (!slot)
		return -1;
	slot->tell = tell;
	if (ask(l, take_nothing, NULL, "progress", "p", slot) == 0)
		return 0;
	slot_free(l, slot);
	return -1;
}

int
lunik_load(struct lunik *l, const char *path)
{
	return ask(l, take_nothing, NULL, "load", "s", path);
}

int
lunik_load_text(struct lunik *l, const char *text, size_t size, const char *name,
                const char *dir)
{
	return ask(l, take_nothing, NULL, "load_text", "lsS", text, size, name, dir);
}

/* A list as a char *[] whose strings the list keeps; both live until the next one. */
static void
take_vector(lua_State *L, void *to)
{
	lua_Integer i, n = luaL_len(L, -1);
	const char **v;

	v = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *v, 1);
	for (i = 1; i <= n; i++) {
		if (lua_rawgeti(L, -2, i) != LUA_TSTRING)
			luaL_error(L, "argv: list of strings expected");
		v[i - 1] = lua_tostring(L, -1);
		lua_pop(L, 1);
	}
	v[n] = NULL;
	lua_pushvalue(L, -2);
	lua_setiuservalue(L, -2, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &last_vector);
	*(const char *const **)to = v;
}

const char *const *
lunik_argv(struct lunik *l, int full)
{
	const char *const *v = NULL;

	return ask(l, take_vector, &v, "argv", "b", full) < 0 ? NULL : v;
}
