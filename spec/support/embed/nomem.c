/* SPDX-License-Identifier: MIT */
/* The embedding API without memory: RECIPE is read, shown and tried to be run, which it cannot
 * be, again and again, each time with other allocations that fail.
 * Usage: nomem_embed RECIPE MOST STEP, of which every STEP-th place is tried. */
#include <lunik.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nomem.h"

#define LIBRARIES 50            /* blocks: Lua's package leaves one open that it cannot note */

/* Which call was the last to work, and what the first that did not had to say. */
struct outcome {
	int reached;
	char why[200];
};

static void
tell(void *arg, const char *kind, const char *text)
{
	(void)kind;
	(void)text;
	lunik_stop(arg, "not wanted");
	lunik_forward(arg, "ssh");
}

static void
reach(struct lunik *l, const char *recipe, struct outcome *o)
{
	const char *const *v;

	if (lunik_set(l, "cpus", "2") < 0 || ++o->reached == 0)
		return;
	if (lunik_load(l, recipe) < 0 || ++o->reached == 0)
		return;
	v = lunik_argv(l, 1);
	if (!v || !v[0] || ++o->reached == 0)
		return;
	if (lunik_run(l, tell, l) < 0)
		return;
	o->reached++;
}

static struct outcome
use(const char *recipe)
{
	struct outcome o = { 0, "" };
	struct lunik *l = lunik_new(getenv("LUNIK_LUA"));

	if (l) {
		o.reached++;
		reach(l, recipe, &o);
		snprintf(o.why, sizeof o.why, "%s", lunik_problems(l));
	}
	lunik_free(l);
	return o;
}

int
main(int argc, char *argv[])
{
	long n, most, step, count, live;
	struct outcome right, o;

	if (argc < 4)
		return 2;
	most = atol(argv[2]);
	step = atol(argv[3]);
	right = use(argv[1]);
	live = nomem_live();
	nomem_begin(1L << 40, 1);
	use(argv[1]);
	count = nomem_end();
	for (n = 1; n <= count; n += step) {
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
