/* SPDX-License-Identifier: MIT */
/* lunik for programs in C, and in whatever calls C: a recipe read, checked, shown as a
 * command line, started; machines spoken to, ours and those that live on their own.
 *
 * A context (struct lunik) holds all there is: a Lua state, what was loaded, machines.
 * Nothing is shared between contexts: as many as one likes may be at work in as many
 * threads, each of them by one thread at a time. Only lunik_interrupt may be called from
 * elsewhere meanwhile.
 *
 * The library installs no signal handler, changes no directory, environment or umask,
 * starts no thread and prints nothing. No error and no want of memory ends the program: a
 * function that cannot do what it is for returns -1, or NULL, and lunik_problems says why.
 *
 * Texts that are handed in are copied. What is handed out belongs to the context, and is
 * there until the next call with that context or one of its machines, unless it says
 * otherwise.
 *
 * Functions that wait call the program's functions when they are due: hooks, policies,
 * events, progress. Those may call lunik again, and wait as well. What is called while a
 * recipe is read (lunik_define) may only answer. */
#ifndef LUNIK_H
#define LUNIK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LUNIK_API __attribute__((visibility("default")))

struct lunik;           /* a context */
struct lunik_vm;        /* a machine that was started or attached to */

/* What an allocator does, as Lua's do: p made `size` bytes long, from `before`; NULL with
 * size 0 frees it, and is what there is without memory. Of a new block `before` says
 * nothing. */
typedef void *(*lunik_alloc)(void *arg, void *p, size_t before, size_t size);

struct lunik_options {
	size_t size;            /* sizeof(struct lunik_options) */
	const char *lua_dir;    /* holds lunik/init.lua; NULL: found from where the library lies */
	lunik_alloc alloc;      /* NULL: the C library's */
	void *alloc_arg;
};

struct lunik_problem {
	const char *text;       /* all of it, as lunik shows it */
	const char *code;       /* a word that does not change: "timeout", "missing" …; or "" */
	const char *file;       /* the recipe's, where it is about one; or "" */
	int line;               /* in that file; or 0 */
	const char *field;      /* such as "nic.forward"; or "" */
	const char *why;        /* the text without place and field */
};

/* What a function of the program's is called with. It is there until that function
 * returns. */
struct lunik_event {
	struct lunik *context;
	struct lunik_vm *vm;    /* NULL while a recipe is read, and once it is let go of */
	const char *name;       /* the hook point, event, family, function or method */
	const char *json;       /* what there is to know; NULL where `problem` says why not */
	const struct lunik_problem *problem;    /* NULL but for lunik_submit */
};

/* A function of the program's. Returns 0, or -1 to raise or refuse; lunik_answer says what
 * it gives, or why it refuses. */
typedef int (*lunik_function)(void *arg, const struct lunik_event *event);

/* Hears of progress: kind is "helper", "file", "qemu", "ready", "problem" …; text is for
 * people. */
typedef void (*lunik_teller)(void *arg, const char *kind, const char *text);

struct lunik_output {
	int status;             /* exit status; 128 and the signal's number, where one ended it */
	const char *out;        /* standard output: out_size bytes, and a NUL behind them */
	size_t out_size;
	const char *err;
	size_t err_size;
};

/* The library's version, "0.1.0": of its API, and of the control socket. Any thread. */
LUNIK_API const char *lunik_version(void);

/* A new context, or NULL without memory; `options` may be NULL. One that cannot find its
 * Lua half is made all the same: every other function then fails, and lunik_problems says
 * what is missing. The allocator is called by whoever uses the context; buffers of the
 * core are malloc's. */
LUNIK_API struct lunik *lunik_new(const struct lunik_options *options);

/* Frees a context with all that it has handed out. Machines that it has started and that
 * still run are killed, and their hooks are called: lunik_stop and lunik_wait come before,
 * for a guest's sake. Those that live on their own run on. NULL is fine. Not from within a
 * function of the program's: there it does nothing. */
LUNIK_API void lunik_free(struct lunik *l);

/* What went wrong with the last call, a line for each problem; "" when nothing did. */
LUNIK_API const char *lunik_problems(const struct lunik *l);

/* How many problems those are. */
LUNIK_API size_t lunik_problem_count(const struct lunik *l);

/* The i-th of them, from 0; NULL behind the last. */
LUNIK_API const struct lunik_problem *lunik_problem(const struct lunik *l, size_t i);

/* Overrides a field of the machine, as --set does ("cpus", "2"), in recipes that are
 * loaded from now on. */
LUNIK_API int lunik_set(struct lunik *l, const char *field, const char *value);

/* Gives recipes a function: `require "lunik.ext.MODULE".NAME(…)`. It is called with its
 * arguments as a JSON array while a recipe is read, and gives its value by lunik_answer;
 * it may call nothing else of lunik's with this context. */
LUNIK_API int lunik_define(struct lunik *l, const char *module, const char *name,
                           lunik_function fn, void *arg);

/* Reads, checks and plans the recipe at `path`, within bounds of time and memory; nothing
 * is started. It takes the place of what was loaded before. lunik_interrupt does not end
 * it. */
LUNIK_API int lunik_load(struct lunik *l, const char *path);

/* The same for a recipe of `size` bytes in memory, as if it were the file `name` in the
 * directory `dir`; NULL: the current one. */
LUNIK_API int lunik_load_text(struct lunik *l, const char *text, size_t size, const char *name,
                              const char *dir);

/* The loaded machine's QEMU command line, program first, NULL at the end; with `full`,
 * what lunik adds to hold the machine too. NULL when nothing is loaded. */
LUNIK_API const char *const *lunik_argv(struct lunik *l, int full);

/* Has `fn` called at a hook point ("started", "ready", "stop", "exit" …) or an event of
 * QEMU's ("SHUTDOWN"; "event": all) of every machine that is started from now on, after
 * the recipe's own hooks. The machine waits for it. */
LUNIK_API int lunik_on(struct lunik *l, const char *point, lunik_function fn, void *arg);

/* Asks `fn` before something of a family ("mount", "disk", "nic" …; "any") is plugged into
 * a machine that is started from now on, after the recipe's own policies. event->json is
 * the request; it answers nothing, `true` or a changed request, or refuses with a reason.
 * One for each family. */
LUNIK_API int lunik_policy(struct lunik *l, const char *family, lunik_function fn, void *arg);

/* Has `tell` hear of the progress of machines from now on; NULL: nobody. */
LUNIK_API int lunik_progress(struct lunik *l, lunik_teller tell, void *arg);

/* Starts what was loaded, and waits until its QEMU runs: a machine, or NULL. It ends when
 * the thread ends that has started it, at the latest. */
LUNIK_API struct lunik_vm *lunik_start(struct lunik *l);

/* Attaches to a machine that lives on its own (lunik up), by its name or its recipe's
 * path; or NULL. */
LUNIK_API struct lunik_vm *lunik_attach(struct lunik *l, const char *name);

/* Starts what was loaded and waits for its end: lunik_start, lunik_wait and lunik_release. */
LUNIK_API int lunik_run(struct lunik *l);

/* Lets go of a machine: one that was started is killed if it still runs, one that was
 * attached to runs on. `vm` is gone in any case. NULL is fine. Not from within a function
 * of the program's: there it fails, and changes nothing. */
LUNIK_API int lunik_release(struct lunik_vm *vm);

/* The machine's name, for as long as it is there. */
LUNIK_API const char *lunik_name(const struct lunik_vm *vm);

/* Has `fn` called at a hook point or an event of this machine from now on, as vm:on does.
 * Nobody waits for it where the machine is attached to. */
LUNIK_API int lunik_on_vm(struct lunik_vm *vm, const char *point, lunik_function fn, void *arg);

/* Calls a method of the machine's by its name ("exec", "mounts" …: docs/vm.md) and waits.
 * `json` is an object of its arguments by their names, NULL: none; *result the value, as
 * docs/control.md has it: bytes in base64. What "spawn" gives is { "program": N }, which
 * "program.read", "program.write" and so on take as an argument. `result` may be NULL. */
LUNIK_API int lunik_call(struct lunik_vm *vm, const char *method, const char *json,
                         const char **result);

/* The same without waiting: `fn` is called once it is over, with the value as event->json,
 * or with event->problem; also where the method is wrong. It is called from within
 * lunik_step, or whatever waits by then. */
LUNIK_API int lunik_submit(struct lunik_vm *vm, const char *method, const char *json,
                           lunik_function fn, void *arg);

/* Runs a program in the guest, argv[0] with its arguments up to NULL, for so many seconds
 * at most; negative: as long as it likes. `input`, `size` bytes, is its standard input;
 * NULL: none. */
LUNIK_API int lunik_exec(struct lunik_vm *vm, const char *const *argv, const char *input,
                         size_t size, double seconds, struct lunik_output *output);

/* Mounts a directory of the host in the guest, at `to`; NULL: where the guest mounts what
 * has no place. A relative one begins in the current directory. Returns 0, or 1 where it
 * is there for the guest and not mounted yet. */
LUNIK_API int lunik_mount(struct lunik_vm *vm, const char *from, const char *to, int readonly);

/* Takes a mount away, by its tag, or its place here or there; with `force` from its users,
 * too. */
LUNIK_API int lunik_unmount(struct lunik_vm *vm, const char *name, int force);

/* The host's port of a forward, by its name. */
LUNIK_API int lunik_forward(struct lunik_vm *vm, const char *name);

/* One more forward, from the host's `port` (0: a free one) to a port of the guest: the
 * host's. */
LUNIK_API int lunik_add_forward(struct lunik_vm *vm, int guest, int port);

/* Asks the machine to stop, and does not wait; called again, more urgently. `reason` is
 * for the log; it may be NULL. */
LUNIK_API int lunik_stop(struct lunik_vm *vm, const char *reason);

/* Waits for the machine's end, so many seconds at most; negative: without end. Returns the
 * exit code of the lunik program (0: the guest powered off, 4: QEMU crashed …); -1 with
 * the code "timeout" where it runs on. */
LUNIK_API int lunik_wait(struct lunik_vm *vm, double seconds);

/* Waits in the same way until the recipe's `ready =` holds. */
LUNIK_API int lunik_wait_ready(struct lunik_vm *vm, double seconds);

/* What a function of the program's gives: `text` is JSON where it is going to return 0,
 * and the reason in words where it returns -1; NULL: nothing. Copied; the last one counts.
 * -1 outside of such a function, and without memory. */
LUNIK_API int lunik_answer(struct lunik *l, const char *text);

/* A descriptor for the program's own loop, the same one for the context's life: when
 * lunik_events hold of it, or the deadline is over, it is time for lunik_step. It is to be
 * waited on only. -1 where none is free, or the context is of no use: lunik_problems. */
LUNIK_API int lunik_fd(struct lunik *l);

/* The events of that descriptor to wait for, as poll(2) has them. */
LUNIK_API short lunik_events(struct lunik *l);

/* The deadline: milliseconds until lunik_step is wanted even if nothing happens; -1: no
 * matter when. To be asked anew after each call with the context. */
LUNIK_API int lunik_timeout(struct lunik *l);

/* Does what is due, and waits for nothing. -1 where a task of lunik's own has broken. */
LUNIK_API int lunik_step(struct lunik *l);

/* Has the function that is waiting in this context give up: -1, with the code
 * "interrupted"; where none is, the next one that would wait. What it had begun is taken
 * back, and machines run on. From any thread, and from a signal handler; not once
 * lunik_free was called. */
LUNIK_API void lunik_interrupt(struct lunik *l);

#ifdef __cplusplus
}
#endif

#endif
