/* SPDX-License-Identifier: MIT */
/* lunik.core.kvm: whether KVM is usable here. */
#include "../kvm.h"
#include "bind.h"

static int
lib_probe(lua_State *L)
{
	struct err e;

	if (kvm_probe(bind_due(L, 1), &e) < 0)
		return bind_fail(L, &e);
	lua_pushboolean(L, 1);
	return 1;
}

static const luaL_Reg lib[] = {
	{ "probe", lib_probe },
	{ NULL, NULL },
};

int
bind_kvm(lua_State *L)
{
	luaL_newlib(L, lib);
	return 1;
}
