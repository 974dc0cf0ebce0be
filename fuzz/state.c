/* SPDX-License-Identifier: MIT */
/* Any bytes in a file that lunik keeps and reads back (state.lua): whatever they are, nothing
 * raises. Half of them are as libFuzzer would have them, half as somebody who knows the file. */
#include <lua.h>
#include <string.h>

#include "script.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t most, unsigned seed);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	script_start("fuzz/state.lua", 2);
	return script_read(data, n);
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t most, unsigned seed)
{
	const char *spoilt;

	if (seed % 2)
		return LLVMFuzzerMutate(data, n, most);
	lua_pushvalue(L, 2);
	lua_pushlstring(L, (const char *)data, n);
	lua_pushinteger(L, seed);
	insist(lua_pcall(L, 2, 1, 0));
	spoilt = lua_tolstring(L, -1, &n);
	n = n < most ? n : most;
	memcpy(data, spoilt, n);
	lua_settop(L, 2);
	return n;
}
