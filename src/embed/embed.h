/* SPDX-License-Identifier: MIT */
/* What the files of the embedding API share. Whatever may raise, if for memory only, is in a
 * function that is called protected: unprotected, Lua would end the host program. */
#ifndef LUNIK_EMBED_H
#define LUNIK_EMBED_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "lunik.h"

/* A function of the program's, in the list of its context. */
struct slot {
	lunik_function fn;
	lunik_teller tell;      /* in place of fn */
	void *arg;
	bool once;              /* it is gone when it was called */
	struct slot *next;
};

struct lunik_vm {
	struct lunik *l;
	lua_Integer id;
	const char *name;       /* the registry keeps it, under our address */
	struct lunik_vm *next;
};

struct problems {
	const char *text;
	size_t n;
	const struct lunik_problem *list;
};

struct lunik {
	lua_State *L;
	lunik_alloc alloc;
	void *alloc_arg;
	bool usable;            /* the session is there */
	bool reading;           /* a function of the program's is called by a recipe */
	bool refused, starved;  /* Lua was not given memory: just now, since the program called */
	int depth;              /* of calls within calls */
	lua_Integer last;       /* number of a machine */
	struct lunik_vm *vms;
	struct slot *slots;
	struct problems wrong;
	char **answer;          /* of the function that is being called */
	char *kept;             /* what one gave to a recipe last */
	int wake;               /* lunik_interrupt writes there */
	int out, in;            /* epoll: the program's, and in it the one of this moment */
	int64_t due;            /* when lunik_step is wanted, in due_now's time */
};

/* Takes what a method has given, which is on top of the stack, and leaves the stack as it was. */
typedef void taker(lua_State *L, void *to);

/* Pushes an argument. */
typedef void pusher(lua_State *L, const void *from);

/* Calls a method of the session: 0 and `take` has been called, or -1 and the problems are there.
 * `format` says what its arguments are, a letter each: s text, S text or NULL, l bytes and size,
 * n integer, b boolean, p pointer, o a pusher and what it is called with. */
int ask(struct lunik *l, taker *take, void *to, const char *method, const char *format, ...);

/* The same for what waits: the letters begin with an s, the name of what is to be begun. */
int await(struct lunik *l, taker *take, void *to, const char *format, ...);

void take_nothing(lua_State *L, void *to);

/* To an int. */
void take_number(lua_State *L, void *to);

/* Anchors the value until the next one, under `key`; gives nothing. */
void anchor(lua_State *L, const void *key);

/* A problem in place of what went wrong before; NULL: none. */
void blame(struct lunik *l, const struct lunik_problem *p);

extern const struct lunik_problem no_memory, no_descriptor, reading, inside;

/* Runs `f` with `p`: 0, or -1 and what it raised is remembered. */
int protect(struct lunik *l, lua_CFunction f, void *p);

/* What is wrong now, kept on the stack over other calls, which are not to change it. */
struct problems hold_problems(struct lunik *l);
void restore_problems(struct lunik *l, struct problems wrong);

/* Memory of the context's. */
void *take_memory(struct lunik *l, size_t size);
void give_memory(struct lunik *l, void *p, size_t size);

/* A slot of the context's | NULL, and the problem is there. */
struct slot *slot_new(struct lunik *l, lunik_function fn, void *arg);
void slot_free(struct lunik *l, struct slot *slot);

/* The machine of a number | NULL */
struct lunik_vm *vm_of(const struct lunik *l, lua_Integer id);

void free_answer(struct lunik *l, char *answer);

/* now(slot, name, json), for lunik.embed, with the context as an upvalue. */
int serve_now(lua_State *L);

/* One call of the session's that C is to make, if it is one: `over` where it is not. */
struct due {
	struct lunik *l;
	taker *take;            /* for the value, if it is over */
	void *to;
	bool over;
	struct slot *slot;
	lua_Integer vm;
	const char *text;       /* for a teller */
	struct lunik_event event;
	struct lunik_problem problem;
};

/* A taker, for a struct due. */
void take_due(lua_State *L, void *to);

/* Makes the call that is due: 0, or -1 where its answer could not be handed on. */
int serve(struct due *d);

/* Before and after whatever the loop may do. */
void pump_enter(struct lunik *l);
void pump_leave(struct lunik *l);
void pump_close(struct lunik *l);

#endif
