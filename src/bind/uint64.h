/* SPDX-License-Identifier: MIT */
#ifndef LUNIK_UINT64_H
#define LUNIK_UINT64_H

#include "bind.h"

void uint64_type(lua_State *L);

/* json.uint64: exactly that number from digits, as an integer where it fits. */
int uint64_new(lua_State *L);

#endif
