/* SPDX-License-Identifier: MIT */
/* lunik for C programs: a recipe checked, shown as a command line, or run.
 *
 * A handle holds a Lua state of its own and is used by one thread at a time; several
 * handles may live in one process. Like the rest of the library it installs no signal
 * handler, changes no directory, environment or umask, and prints nothing.
 *
 * Functions return 0, or -1 with the reason in lunik_problems(). Want of memory is such a
 * reason; it does not end the program. */
#ifndef LUNIK_H
#define LUNIK_H

#ifdef __cplusplus
extern "C" {
#endif

#define LUNIK_API __attribute__((visibility("default")))

struct lunik;

/* A new handle, or NULL without memory. `luadir` holds lunik/init.lua; NULL means the
 * directory that `make install-c` wrote to. */
LUNIK_API struct lunik *lunik_new(const char *luadir);

/* Frees the handle. NULL is fine. */
LUNIK_API void lunik_free(struct lunik *l);

/* Overrides a field of the machine, as --set does ("cpus", "2"): before lunik_load. */
LUNIK_API int lunik_set(struct lunik *l, const char *field, const char *value);

/* Reads, checks and plans the recipe at `path`. Nothing is started. */
LUNIK_API int lunik_load(struct lunik *l, const char *path);

/* The loaded machine's QEMU command line, program first, NULL at the end; with `full`,
 * what lunik adds to hold the machine too. Owned by the handle until its next call.
 * NULL when nothing is loaded. */
LUNIK_API const char *const *lunik_argv(struct lunik *l, int full);

/* Hears of progress: kind is "helper", "file", "qemu", "ready", "problem" …, text is for
 * people. Called from within lunik_run; may call lunik_forward and lunik_stop. */
typedef void (*lunik_tell)(void *arg, const char *kind, const char *text);

/* Runs the loaded machine to its end. Returns the exit code of the lunik program (0: the
 * guest powered off, 4: QEMU crashed …), or -1 when it did not start. */
LUNIK_API int lunik_run(struct lunik *l, lunik_tell tell, void *arg);

/* The host's port of a forward of the running machine, or -1. */
LUNIK_API int lunik_forward(struct lunik *l, const char *name);

/* Asks the running machine to stop; called again, more urgently. */
LUNIK_API int lunik_stop(struct lunik *l, const char *reason);

/* What went wrong last, a line for each problem; "" when nothing did. Owned by the
 * handle until its next call. */
LUNIK_API const char *lunik_problems(const struct lunik *l);

#ifdef __cplusplus
}
#endif

#endif
