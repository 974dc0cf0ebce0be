/* SPDX-License-Identifier: MIT */
/* JSON and Lua values. null is a light userdata NULL. An integer is a Lua
 * integer up to 2^63-1 and a lunik.uint64 above, a number with a point or an
 * exponent is a float. Tables from JSON carry a metatable that says which they
 * were; of others, the empty one is an object and one with a [1] an array. */
#ifndef LUNIK_VALUE_H
#define LUNIK_VALUE_H

#include <json_object.h>

#include "../buf.h"
#include "bind.h"

#define ARRAY_T "lunik.array"
#define OBJECT_T "lunik.object"
#define BUF_T "lunik.buf"

/* Makes the types above; every door that uses the rest calls it first. */
void value_types(lua_State *L);

/* Pushes the value of a tree, which stays the caller's; raises for memory only. */
void value_push(lua_State *L, struct json_object *o);

/* Appends the value at idx to b as compact JSON, keys in order of their bytes.
 * -1: it has none, and *e says which part of it and why. What b holds must be
 * safe from a raise (for memory). */
int value_put(lua_State *L, int idx, unsigned nesting, struct buf *b, struct err *e);

/* Pushes a userdata that owns an empty buf and frees it. */
struct buf *value_buf(lua_State *L);

/* An integer or a lunik.uint64. */
void value_pushunsigned(lua_State *L, uint64_t u);

#endif
