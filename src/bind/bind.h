/* SPDX-License-Identifier: MIT */
/* The doors: C that turns the engine into Lua values. No policy lives here: no
 * option name, no path, no default. A door fails as `nil, message, errno`;
 * misuse by the caller raises. Doors never call Lua functions. */
#ifndef LUNIK_BIND_H
#define LUNIK_BIND_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "../err.h"

/* type names of the handles, in the registry */
#define PROC_T   "lunik.proc"
#define CHAN_T   "lunik.chan"
#define QMP_T    "lunik.qmp"
#define LOCK_T   "lunik.lock"
#define USERNS_T "lunik.userns"
#define SIGNALS_T "lunik.signals"
#define WATCH_T  "lunik.watch"
#define TAP_T    "lunik.tap"
#define RAM_T    "lunik.ram"
#define UINT64_T "lunik.uint64"
#define COPY_T   "lunik.copy"

/* Pushes nil, message, errno; returns 3. */
int bind_fail(lua_State *L, const struct err *e);

/* Registers a type: `methods` become __index, `meta` the metamethods. */
void bind_type(lua_State *L, const char *name, const luaL_Reg *methods,
               const luaL_Reg *meta);

/* Seconds from now at idx as a deadline of due.h; nil or none is never. */
int64_t bind_due(lua_State *L, int idx);

/* A string without NUL at idx, else raises. */
const char *bind_string(lua_State *L, int idx);

/* The integer from 0 to `most` under `name` in the table at idx, which may be
 * nil or none; `absent` if it is not there. */
lua_Integer bind_option(lua_State *L, int idx, const char *name,
                        lua_Integer absent, lua_Integer most);

/* Whether what is under `name` in the table at idx, which may be nil or none, is true. */
bool bind_flag(lua_State *L, int idx, const char *name);

/* The length of the list at idx; raises where it is over a million. Lua's own may be
 * anything: it looks for an end, and a few values in the right places hide that. */
lua_Integer bind_length(lua_State *L, int idx);

/* The list of at most `max` descriptors at idx (nil or none is empty). */
unsigned bind_fds(lua_State *L, int idx, int *fds, unsigned max);

lua_Integer bind_nanoseconds(clockid_t clock);

/* When reading is late (lunik.core.deadline), in this thread's processor time; or 0. */
#define DEADLINE_LATE "not enough processor time"
lua_Integer bind_late_at(lua_State *L);

/* Each pushes one table: the functions of lunik.core.<name>. */
int bind_argv(lua_State *L);
int bind_base64(lua_State *L);
int bind_chan(lua_State *L);
int bind_chunk(lua_State *L);
int bind_json(lua_State *L);
int bind_qmp(lua_State *L);
int bind_options(lua_State *L);
int bind_proc(lua_State *L);
int bind_lock(lua_State *L);
int bind_userns(lua_State *L);
int bind_signals(lua_State *L);
int bind_watch(lua_State *L);
int bind_slice(lua_State *L);
int bind_deadline(lua_State *L);
int bind_memory(lua_State *L);
int bind_kvm(lua_State *L);
int bind_tap(lua_State *L);
int bind_folder(lua_State *L);
int bind_terminal(lua_State *L);
int bind_copy(lua_State *L);
int bind_ram(lua_State *L);
int bind_guest(lua_State *L);

#endif
