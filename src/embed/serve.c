/* SPDX-License-Identifier: MIT */
/* Functions of the program's, and what they answer. */
#include <string.h>

#include "embed.h"

struct slot *
slot_new(struct lunik *l, lunik_function fn, void *arg)
{
	struct slot *slot = take_memory(l, sizeof *slot);

	if (!slot) {
		blame(l, &no_memory);
		return NULL;
	}
	*slot = (struct slot){ .fn = fn, .arg = arg, .next = l->slots };
	l->slots = slot;
	return slot;
}

void
slot_free(struct lunik *l, struct slot *slot)
{
	struct slot **at;

	for (at = &l->slots; *at; at = &(*at)->next)
		if (*at == slot) {
			*at = slot->next;
			give_memory(l, slot, sizeof *slot);
			return;
		}
}

void
free_answer(struct lunik *l, char *answer)
{
	if (answer)
		give_memory(l, answer, strlen(answer) + 1);
}

int
lunik_answer(struct lunik *l, const char *text)
{
	size_t n = text ? strlen(text) + 1 : 0;
	char *copy = NULL;

	if (!l->answer)
		return -1;
	if (text) {
		copy = take_memory(l, n);
		if (!copy)
			return -1;
		memcpy(copy, text, n);
	}
	free_answer(l, *l->answer);
	*l->answer = copy;
	return 0;
}

/* What there is of a call that is due; its entry keeps the texts. */
static void
read_entry(lua_State *L, struct due *d)
{
	struct lunik_event *e = &d->event;

	lua_getfield(L, -1, "slot");
	lua_getfield(L, -2, "vm");
	lua_getfield(L, -3, "name");
	lua_getfield(L, -4, "json");
	lua_getfield(L, -5, "text");
	lua_getfield(L, -6, "problem");         /* entry, slot, vm, name, json, text, problem */
	d->slot = lua_touserdata(L, -6);
	d->vm = lua_tointeger(L, -5);
	d->text = lua_tostring(L, -2);
	*e = (struct lunik_event){ .context = d->l, .name = lua_tostring(L, -4),
	                           .json = lua_tostring(L, -3) };
	if (lua_istable(L, -1)) {
		d->problem = (struct lunik_problem){ .file = "", .field = "" };
		lua_getfield(L, -1, "why");
		lua_getfield(L, -2, "code");
		d->problem.text = d->problem.why = lua_isstring(L, -2) ? lua_tostring(L, -2) : "";
		d->problem.code = lua_isstring(L, -1) ? lua_tostring(L, -1) : "";
		lua_pop(L, 2);
		e->problem = &d->problem;
	}
	lua_pop(L, 6);
}

void
take_due(lua_State *L, void *to)
{
	struct due *d = to;

	if (!lua_istable(L, -1)) {              /* nothing is */
		d->over = true;
		return;
	}
	lua_getfield(L, -1, "over");
	d->over = lua_toboolean(L, -1);
	lua_pop(L, 1);
	if (d->over) {
		lua_getfield(L, -1, "value");
		d->take(L, d->to);
		lua_pop(L, 1);
		return;
	}
	read_entry(L, d);
	anchor(L, d);
}

/* The entry of a struct due, which is anchored no more. */
static void
push_entry(lua_State *L, const void *d)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, d);
	lua_pushnil(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, d);
}

/* Calls the function of a slot: whether it is content. */
static bool
call_slot(struct lunik *l, const struct slot *slot, const struct lunik_event *e, char **answer)
{
	char **before = l->answer;
	int n;

	l->answer = answer;
	n = slot->fn(slot->arg, e);
	l->answer = before;
	return n >= 0;
}

int
serve(struct due *d)
{
	struct lunik *l = d->l;
	char *answer = NULL;
	bool ok = true;
	int n;

	d->event.vm = vm_of(l, d->vm);
	if (d->slot->tell)
		d->slot->tell(d->slot->arg, d->event.name, d->text);
	else if (d->slot->fn)
		ok = call_slot(l, d->slot, &d->event, &answer);
	n = ask(l, take_nothing, NULL, "answered", "obS", push_entry, (const void *)d, (int)ok,
	        answer);
	free_answer(l, answer);
	if (d->slot->once)
		slot_free(l, d->slot);
	return n;
}

/* now(slot, name, json) -> whether it is content, what it answered */
int
serve_now(lua_State *L)
{
	struct lunik *l = lua_touserdata(L, lua_upvalueindex(1));
	const struct slot *slot = lua_touserdata(L, 1);
	struct lunik_event e = { .context = l, .name = luaL_checkstring(L, 2),
	                         .json = luaL_checkstring(L, 3) };
	bool ok, before = l->reading;

	free_answer(l, l->kept);        /* lua_pushstring below may not have returned */
	l->kept = NULL;
	l->reading = true;
	ok = call_slot(l, slot, &e, &l->kept);
	l->reading = before;
	lua_pushboolean(L, ok);
	lua_pushstring(L, l->kept);
	return 2;
}
