/* SPDX-License-Identifier: MIT */
/* Machines, ours and those that live on their own, and their methods. */
#include <limits.h>
#include <unistd.h>

#include "embed.h"

static const char last_value;           /* registry: what a method gave last */

struct lunik_vm *
vm_of(const struct lunik *l, lua_Integer id)
{
	struct lunik_vm *vm;

	for (vm = l->vms; vm; vm = vm->next)
		if (vm->id == id)
			return vm;
	return NULL;
}

/* In the list before it is there: hooks are called while it starts. */
static struct lunik_vm *
vm_new(struct lunik *l)
{
	struct lunik_vm *vm;

	vm = take_memory(l, sizeof *vm);
	if (!vm) {
		blame(l, &no_memory);
		return NULL;
	}
	*vm = (struct lunik_vm){ .l = l, .id = ++l->last, .name = "", .next = l->vms };
	l->vms = vm;
	return vm;
}

static void
vm_free(struct lunik_vm *vm)
{
	struct lunik_vm **at;

	for (at = &vm->l->vms; *at != vm; at = &(*at)->next)
		;
	*at = vm->next;
	lua_pushnil(vm->l->L);
	lua_rawsetp(vm->l->L, LUA_REGISTRYINDEX, vm);
	give_memory(vm->l, vm, sizeof *vm);
}

static void
take_name(lua_State *L, void *to)
{
	struct lunik_vm *vm = to;

	vm->name = luaL_checkstring(L, -1);
	anchor(L, vm);
}

struct lunik_vm *
lunik_start(struct lunik *l)
{
	struct lunik_vm *vm = vm_new(l);

	if (!vm || await(l, take_name, vm, "sn", "start", vm->id) == 0)
		return vm;
	vm_free(vm);
	return NULL;
}

struct lunik_vm *
lunik_attach(struct lunik *l, const char *name)
{
	struct lunik_vm *vm = vm_new(l);

	if (!vm || await(l, take_name, vm, "sns", "attach", vm->id, name) == 0)
		return vm;
	vm_free(vm);
	return NULL;
}

int
lunik_run(struct lunik *l)
{
	struct lunik_vm *vm = lunik_start(l);
	struct problems wrong;
	int code;

	if (!vm)
		return -1;
	code = lunik_wait(vm, -1);
	wrong = hold_problems(l);
	lunik_release(vm);
	restore_problems(l, wrong);
	return code;
}

int
lunik_release(struct lunik_vm *vm)
{
	int n;

	if (!vm)
		return 0;
	if (vm->l->depth > 0) {
		blame(vm->l, &inside);
		return -1;
	}
	n = await(vm->l, take_nothing, NULL, "sn", "release", vm->id);
	vm_free(vm);
	return n;
}

const char *
lunik_name(const struct lunik_vm *vm)
{
	return vm->name;
}

int
lunik_on_vm(struct lunik_vm *vm, const char *point, lunik_function fn, void *arg)
{
	struct slot *slot = slot_new(vm->l, fn, arg);

	if (!slot)
		return -1;
	if (ask(vm->l, take_nothing, NULL, "hear", "nsp", vm->id, point, slot) == 0)
		return 0;
	slot_free(vm->l, slot);
	return -1;
}

static void
take_text(lua_State *L, void *to)
{
	*(const char **)to = lua_tostring(L, -1);
	anchor(L, &last_value);
}

int
lunik_call(struct lunik_vm *vm, const char *method, const char *json, const char **result)
{
	const char *text = NULL;
	int n;

	n = await(vm->l, take_text, &text, "snsS", "call_json", vm->id, method, json);
	if (n == 0 && result)
		*result = text;
	return n;
}

int
lunik_submit(struct lunik_vm *vm, const char *method, const char *json, lunik_function fn,
             void *arg)
{
	struct slot *slot = slot_new(vm->l, fn, arg);

	if (!slot)
		return -1;
	slot->once = true;
	if (ask(vm->l, take_nothing, NULL, "submit", "pnsS", slot, vm->id, method, json) == 0)
		return 0;
	slot_free(vm->l, slot);
	return -1;
}

/* What lunik_exec is asked. */
struct program {
	const char *const *argv;
	const char *input;
	size_t size;
	double seconds;
};

static void
push_program(lua_State *L, const void *from)
{
	const struct program *p = from;
	int i;

	lua_createtable(L, 0, 3);
	lua_newtable(L);
	for (i = 0; p->argv && p->argv[i]; i++) {
		lua_pushstring(L, p->argv[i]);
		lua_rawseti(L, -2, i + 1);
	}
	lua_setfield(L, -2, "argv");
	if (p->input) {
		lua_pushlstring(L, p->input, p->size);
		lua_setfield(L, -2, "input");
	}
	if (p->seconds >= 0) {
		lua_pushnumber(L, p->seconds);
		lua_setfield(L, -2, "seconds");
	}
}

static const char *
bytes(lua_State *L, const char *name, size_t *size)
{
	const char *s;

	lua_getfield(L, -1, name);
	s = lua_tolstring(L, -1, size);
	lua_pop(L, 1);
	return s;
}

static void
take_output(lua_State *L, void *to)
{
	struct lunik_output *o = to;

	lua_getfield(L, -1, "late");
	if (lua_isstring(L, -1))
		luaL_error(L, "%s", lua_tostring(L, -1));
	lua_getfield(L, -2, "status");
	lua_getfield(L, -3, "signal");
	o->status = (int)(lua_isinteger(L, -2) ? lua_tointeger(L, -2)
	                                       : 128 + lua_tointeger(L, -1));
	lua_pop(L, 3);
	o->out = bytes(L, "out", &o->out_size);
	o->err = bytes(L, "err", &o->err_size);
	anchor(L, &last_value);
}

int
lunik_exec(struct lunik_vm *vm, const char *const *argv, const char *input, size_t size,
           double seconds, struct lunik_output *output)
{
	struct program p = { argv, input, size, seconds };
	struct lunik_output o = { 0 };
	int n;

	n = await(vm->l, take_output, &o, "snso", "call", vm->id, "exec", push_program,
	          (const void *)&p);
	if (n == 0 && output)
		*output = o;
	return n;
}

/* Arguments by their names: texts, numbers and flags, as far as they are given. */
struct asked {
	struct {
		const char *name, *text;
	} texts[2];
	const char *number, *flag;
	lua_Number value;
	bool raised;
};

static void
push_asked(lua_State *L, const void *from)
{
	const struct asked *a = from;
	size_t i;

	lua_newtable(L);
	for (i = 0; i < sizeof a->texts / sizeof *a->texts; i++)
		if (a->texts[i].text) {
			lua_pushstring(L, a->texts[i].text);
			lua_setfield(L, -2, a->texts[i].name);
		}
	if (a->number && a->value >= 0) {
		lua_pushnumber(L, a->value);
		lua_setfield(L, -2, a->number);
	}
	if (a->flag) {
		lua_pushboolean(L, a->raised);
		lua_setfield(L, -2, a->flag);
	}
}

static int
method(struct lunik_vm *vm, const char *name, const struct asked *a, taker *take, void *to)
{
	return await(vm->l, take, to, "snso", "call", vm->id, name, push_asked, (const void *)a);
}

/* The arguments of lunik_mount: what is relative begins where the program is, not the recipe. */
static void
push_mount(lua_State *L, const void *from)
{
	const struct asked *a = from;
	char here[PATH_MAX];

	push_asked(L, a);
	if (!a->texts[0].text || a->texts[0].text[0] == '/' || !getcwd(here, sizeof here))
		return;
	lua_pushfstring(L, "%s/%s", here, a->texts[0].text);
	lua_setfield(L, -2, a->texts[0].name);
}

static void
take_mount(lua_State *L, void *to)
{
	lua_getfield(L, -1, "state");
	lua_pushliteral(L, "mounted");
	*(int *)to = !lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
}

int
lunik_mount(struct lunik_vm *vm, const char *from, const char *to, int readonly)
{
	struct asked a = { .texts = { { "from", from }, { "to", to } },
	                   .flag = readonly ? "readonly" : NULL, .raised = true };
	int later = 0;

	if (await(vm->l, take_mount, &later, "snso", "call", vm->id, "mount", push_mount,
	          (const void *)&a) < 0)
		return -1;
	return later;
}

int
lunik_unmount(struct lunik_vm *vm, const char *name, int force)
{
	struct asked a = { .texts = { { "name", name } }, .flag = "force", .raised = force != 0 };

	return method(vm, "unmount", &a, take_nothing, NULL);
}

int
lunik_forward(struct lunik_vm *vm, const char *name)
{
	struct asked a = { .texts = { { "name", name } } };
	int port = -1;

	return method(vm, "forward", &a, take_number, &port) < 0 ? -1 : port;
}

/* The ports of lunik_add_forward. */
static void
push_ports(lua_State *L, const void *from)
{
	const int *ports = from;

	lua_createtable(L, 0, 2);
	lua_pushinteger(L, ports[0]);
	lua_setfield(L, -2, "guest");
	lua_pushinteger(L, ports[1]);
	lua_setfield(L, -2, "port");
}

static void
take_port(lua_State *L, void *to)
{
	lua_getfield(L, -1, "port");
	take_number(L, to);
	lua_pop(L, 1);
}

int
lunik_add_forward(struct lunik_vm *vm, int guest, int port)
{
	const int ports[] = { guest, port };
	int got = -1;

	if (await(vm->l, take_port, &got, "snso", "call", vm->id, "add_forward", push_ports,
	          (const void *)ports) < 0)
		return -1;
	return got;
}

int
lunik_stop(struct lunik_vm *vm, const char *reason)
{
	struct asked a = { .texts = { { "reason", reason } } };

	return method(vm, "stop", &a, take_nothing, NULL);
}

static void
take_code(lua_State *L, void *to)
{
	lua_getfield(L, -1, "code");
	take_number(L, to);
	lua_pop(L, 1);
}

int
lunik_wait(struct lunik_vm *vm, double seconds)
{
	struct asked a = { .number = "seconds", .value = seconds };
	int code = -1;

	return method(vm, "wait", &a, take_code, &code) < 0 ? -1 : code;
}

int
lunik_wait_ready(struct lunik_vm *vm, double seconds)
{
	struct asked a = { .texts = { { "for", "ready" } }, .number = "seconds", .value = seconds };

	return method(vm, "wait", &a, take_nothing, NULL);
}
