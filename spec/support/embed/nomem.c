/* SPDX-License-Identifier: MIT */
/* The embedding API without memory: a recipe is read, shown and tried to be run, which it cannot
 * be; or a machine that runs is attached to and asked: again and again, each time with other
 * allocations that fail.
 * Usage: nomem RECIPE|@NAME MOST STEP [FIRST [LAST]], of which every STEP-th place is tried. A call
 * that crashes there, or that does not come back, has its place told. */
#include <limits.h>
#include <lunik.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nomem.h"

#define LIBRARIES 50            /* blocks: Lua's package leaves one open that it cannot note */
#define DEADLINE 300            /* seconds of a place, which takes some hundredths of one */

static volatile long place;

/* Which call was the last to work, and what the first that did not had to say. */
struct outcome {
	int reached;
	char why[200];
};

static int
answer(void *arg, const struct lunik_event *event)
{
	(void)arg;
	return lunik_answer(event->context, "\"starved\"");
}

static void
tell(void *arg, const char *kind, const char *text)
{
	(void)arg;
	(void)kind;
	(void)text;
}

static void
reach(struct lunik *l, const char *recipe, struct outcome *o)
{
	const char *const *v;

	if (lunik_set(l, "cpus", "2") < 0 || ++o->reached == 0)
		return;
	if (lunik_define(l, "app", "name", answer, NULL) < 0 || ++o->reached == 0)
		return;
	if (lunik_on(l, "ready", answer, NULL) < 0 || ++o->reached == 0)
		return;
	if (lunik_policy(l, "mount", answer, NULL) < 0 || ++o->reached == 0)
		return;
	if (lunik_progress(l, tell, NULL) < 0 || ++o->reached == 0)
		return;
	if (lunik_load(l, recipe) < 0 || ++o->reached == 0)
		return;
	v = lunik_argv(l, 1);
	if (!v || !v[0] || ++o->reached == 0)
		return;
	if (lunik_fd(l) < 0 || lunik_step(l) < 0 || ++o->reached == 0)
		return;
	if (lunik_attach(l, "nowhere") || ++o->reached == 0)
		return;
	if (lunik_start(l))
		o->reached++;
}

static void
reach_machine(struct lunik *l, const char *name, struct outcome *o)
{
	struct lunik_vm *vm;
	const char *json;

	if (lunik_fd(l) < 0 || ++o->reached == 0)
		return;
	vm = lunik_attach(l, name);
	if (!vm || ++o->reached == 0)
		return;
	if (lunik_on_vm(vm, "STOP", answer, NULL) < 0 || ++o->reached == 0)
		return;
	if (lunik_call(vm, "forwards", NULL, &json) < 0 || ++o->reached == 0)
		return;
	if (lunik_submit(vm, "slots", NULL, answer, NULL) < 0 || ++o->reached == 0)
		return;
	if (lunik_call(vm, "mounts", NULL, NULL) < 0 || ++o->reached == 0)
		return;
	if (lunik_step(l) < 0 || ++o->reached == 0)
		return;
	if (lunik_release(vm) < 0 || ++o->reached == 0)
		return;
	/* so that there is a reason in any case */
	lunik_load(l, "/nowhere");
}

static struct outcome
use(const char *recipe)
{
	struct lunik_options options = { .size = sizeof options, .lua_dir = getenv("LUNIK_LUA") };
	struct outcome o = { 0, "" };
	struct lunik *l = lunik_new(&options);

	if (l) {
		o.reached++;
		if (recipe[0] == '@')
			reach_machine(l, recipe + 1, &o);
		else
			reach(l, recipe, &o);
		snprintf(o.why, sizeof o.why, "%s", lunik_problems(l));
	}
	lunik_free(l);
	return o;
}

/* formats into memory of its own: malloc is what may have crashed */
static void
last_words(int number)
{
	char text[64];
	int n = snprintf(text, sizeof text, "%ld: signal %d\n", place, number);

	_exit(write(STDOUT_FILENO, text, (size_t)n) == n ? 1 : 2);
}

static void
watch(void)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGALRM };
	struct sigaction action = { .sa_handler = last_words };
	size_t i;

	for (i = 0; i < sizeof fatal / sizeof fatal[0]; i++)
		sigaction(fatal[i], &action, NULL);
}

int
main(int argc, char *argv[])
{
	long n, most, step, last, count, live;
	struct outcome right, o;

	if (argc < 4)
		return 2;
	watch();
	most = atol(argv[2]);
	step = atol(argv[3]);
	last = argc > 5 ? atol(argv[5]) : LONG_MAX;
	right = use(argv[1]);
	live = nomem_live();
	nomem_begin(1L << 40, 1);
	use(argv[1]);
	count = nomem_end();
	for (n = argc > 4 ? atol(argv[4]) : 1; n <= count && n <= last; n += step) {
		place = n;
		alarm(DEADLINE);
		nomem_begin(n, most);
		o = use(argv[1]);
		nomem_end();
		if (o.reached > right.reached || (o.reached > 0 && !o.why[0])) {
			printf("%ld: reached %d, '%s'\n", n, o.reached, o.why);
			return 1;
		}
	}
	printf("%ld allocations, %d calls: %s\n", count, right.reached, right.why);
	live = nomem_live() - live;
	if (live <= LIBRARIES)
		return 0;
	printf("%ld blocks are left\n", live);
	return 1;
}
