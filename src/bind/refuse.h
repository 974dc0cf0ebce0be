/* SPDX-License-Identifier: MIT */
#ifndef LUNIK_BIND_REFUSE_H
#define LUNIK_BIND_REFUSE_H

#include "bind.h"

struct refusal;

/* The list on top of the stack, of tables { call, error, argument, bits, unless }, as
 * refusals that are pushed; without those whose call this architecture does not have. */
const struct refusal *bind_refusals(lua_State *L, size_t *n);

#endif
