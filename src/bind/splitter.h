/* SPDX-License-Identifier: MIT */
#ifndef LUNIK_SPLITTER_H
#define LUNIK_SPLITTER_H

#include "bind.h"

void splitter_type(lua_State *L);

/* json.splitter { nesting, size }: feed(bytes), then next() until it is nil; held() bytes wait;
 * `nil, why, EPROTO` is a stream that is no sequence of JSON objects. */
int splitter_new(lua_State *L);

#endif
