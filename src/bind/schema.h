/* SPDX-License-Identifier: MIT */
/* A schema: what Lua compiled from its rows of options, so that C can check and render a
 * whole command line in one pass. It is data: C knows no option by its name. */
#ifndef LUNIK_SCHEMA_H
#define LUNIK_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "bind.h"

#define SCHEMA_T "lunik.options"

enum kind {
	OTHER, ANY, ON_OFF, WORDS, ON_OFF_OR, INT, SIZE, TEXT, PATH, WORD, ID, REF, UUID, MAC
};

struct key {
	const char *name;       /* the schema keeps it */
	size_t len;
	enum kind kind;
	lua_Integer least, most;
	int words;              /* index of a set of words, in the schema's table */
	int rank, space;        /* space: of a reference, 0 for none */
	bool repeats, required;
};

/* WORDED: after the first value come words, then pairs: MODEL,+a,-b,key=value */
enum grammar { FLAG, VERBATIM, PAIRS, WORDED };

struct row {
	const char *flag;
	enum grammar grammar;
	bool open, repeats;
	int first;              /* the key of the first value, 0: none */
	int names;              /* table: name -> key, and at 0 how many are required; for
	                         * what has no form of its own */
	const char *form;       /* the key that tells the form; NULL: the first value */
	int forms;              /* table: form -> such a table; 0: none */
	int space, id;          /* what its id defines */
};

struct schema {
	lua_Integer nrows, nkeys;
	struct row *rows;       /* one block: rows, then keys, each from 1 on */
	struct key *keys;       /* keys[0] is the unknown one: ANY */
};

/* A schema's uservalues. What is in the tables is Lua's to change: a number from one of
 * them is good only after it has been held against nrows or nkeys. */
enum { SCHEMA_TABLES = 1, SCHEMA_NAMES, SCHEMA_TITLES, SCHEMA_STRINGS };

/* compile { rows = {…}, keys = {…}, tables = {…}, names = { option = its row },
 * titles = { options } } -> schema; raises on what is none. */
int schema_compile(lua_State *L);

#endif
