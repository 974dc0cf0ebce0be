/* SPDX-License-Identifier: MIT */
/* One key=value of an option: its value held against the key's kind, and all of an
 * option's pairs as one string. False means that Lua, which has the words, should look. */
#ifndef LUNIK_PAIR_H
#define LUNIK_PAIR_H

#include "../optstr.h"
#include "schema.h"

#define PAIR_MOST 48            /* of one option */

struct pair {
	const struct key *key;
	struct optpair text;    /* its bytes stay Lua's, but for numbers */
	lua_Integer place;      /* of a word */
	char number[24];
};

/* Whether `s` is letters and digits, or bytes that stand in `more`; not empty. */
bool pair_only(const char *s, size_t len, const char *more);

/* Takes the value on top of the stack as the text of `p`, whose key is set. The sets of
 * words are in the table at `tables`. */
bool pair_take(lua_State *L, int tables, struct pair *p);

/* Pushes the pairs as one string: first value, words, then keys by their rank and name. */
bool pair_join(lua_State *L, const struct pair *pairs, size_t n);

#endif
