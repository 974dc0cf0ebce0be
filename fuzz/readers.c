/* SPDX-License-Identifier: MIT */
/* Any bytes as what a guest's agent or a client of the control socket says, read by the Lua that
 * reads them in a supervisor (readers.lua): whatever they are, nothing raises. */
#include <lua.h>

#include "script.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	script_start("fuzz/readers.lua", 1);
	return script_read(data, n);
}
