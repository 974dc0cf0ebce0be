/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "pair.h"

bool
pair_only(const char *s, size_t len, const char *more)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (!((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9') &&
		    (!c || !strchr(more, c)))
			return false;
	}
	return len > 0;
}

static bool
letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Whether `s` has the shape of `like`, in which x is a hexadecimal digit. */
static bool
shaped(const char *s, size_t len, const char *like)
{
	size_t i;

	if (len != strlen(like))
		return false;
	for (i = 0; i < len; i++)
		if (like[i] == 'x' ? !isxdigit((unsigned char)s[i]) : s[i] != like[i])
			return false;
	return true;
}

/* digits with or without a unit, "512M" */
static bool
is_size(const char *s, size_t len)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 && (n == len || (n + 1 == len && strchr("bBkKmMgGtTpPeE", s[n])));
}

static bool
listed(lua_State *L, int tables, int set, int value)
{
	bool found;

	if (lua_rawgeti(L, tables, set) != LUA_TTABLE) {
		lua_pop(L, 1);
		return false;
	}
	lua_pushvalue(L, value);
	found = lua_rawget(L, -2) == LUA_TBOOLEAN;
	lua_pop(L, 2);
	return found;
}

/* Whether `s`, which is on top of the stack, is plainly of the key's kind. */
static bool
text_ok(lua_State *L, int tables, const struct key *k, const char *s, size_t len)
{
	switch (k->kind) {
	case ANY:
	case TEXT:
		return !memchr(s, 0, len);
	case PATH:
		return len > 0 && !memchr(s, 0, len);
	case WORD:
	case REF:
		return pair_only(s, len, "_.-+:/@%#");
	case ID:
		return pair_only(s, len, "._-") && letter(s[0]);
	case SIZE:
		return is_size(s, len);
	case WORDS:
	case ON_OFF_OR:
		return listed(L, tables, k->words, lua_gettop(L));
	case UUID:
		return shaped(s, len, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
	case MAC:       /* a multicast one is refused, with words */
		return shaped(s, len, "xx:xx:xx:xx:xx:xx") && strchr("02468aceACE", s[1]);
	case OTHER:
	case ON_OFF:
	case INT:
		break;
	}
	return false;
}

bool
pair_take(lua_State *L, int tables, struct pair *p)
{
	const struct key *k = p->key;
	lua_Integer n;

	switch (lua_type(L, -1)) {
	case LUA_TBOOLEAN:
		p->text.val = lua_toboolean(L, -1) ? "on" : "off";
		p->text.vallen = lua_toboolean(L, -1) ? 2 : 3;
		return k->kind == ON_OFF || k->kind == ON_OFF_OR || k->kind == ANY;
	case LUA_TNUMBER:
		n = lua_tointeger(L, -1);
		if (!lua_isinteger(L, -1) || (k->kind != INT && k->kind != ANY &&
		    k->kind != SIZE) || (k->kind == SIZE && n < 0) ||
		    (k->kind == INT && (n < k->least || n > k->most)))
			return false;
		p->text.val = p->number;
		p->text.vallen = (size_t)snprintf(p->number, sizeof p->number,
		                                  LUA_INTEGER_FMT, n);
		return true;
	case LUA_TSTRING:
		p->text.val = lua_tolstring(L, -1, &p->text.vallen);
		if (k->kind == ON_OFF)
			return strcmp(p->text.val, "on") == 0 ||
			    strcmp(p->text.val, "off") == 0;
		return text_ok(L, tables, k, p->text.val, p->text.vallen);
	default:
		return false;
	}
}

static bool
before(const struct pair *a, const struct pair *b)
{
	if (!a->text.key || !b->text.key)
		return !a->text.key && b->text.key;
	if (!a->text.val || !b->text.val)
		return !a->text.val && (b->text.val || a->place < b->place);
	if (a->key->rank != b->key->rank)
		return a->key->rank < b->key->rank;
	return strcmp(a->text.key, b->text.key) < 0;
}

bool
pair_join(lua_State *L, const struct pair *pairs, size_t n)
{
	const struct pair *order[PAIR_MOST];
	struct optpair text[PAIR_MOST];
	luaL_Buffer b;
	struct err e;
	size_t i, j;
	long size;

	for (i = 0; i < n; i++) {
		for (j = i; j > 0 && before(&pairs[i], order[j - 1]); j--)
			order[j] = order[j - 1];
		order[j] = &pairs[i];
	}
	for (i = 0; i < n; i++)
		text[i] = order[i]->text;
	/* a first value that would be misread wants its key written out */
	if (n && !text[0].key && (memchr(text[0].val, ',', text[0].vallen) ||
	    memchr(text[0].val, '=', text[0].vallen))) {
		text[0].key = order[0]->key->name;
		text[0].keylen = order[0]->key->len;
	}
	size = optstr_measure(text, n, &e);
	if (size < 0)
		return false;
	optstr_write(text, n, luaL_buffinitsize(L, &b, (size_t)size));
	luaL_pushresultsize(&b, (size_t)size);
	return true;
}
