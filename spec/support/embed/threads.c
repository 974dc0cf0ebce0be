/* SPDX-License-Identifier: MIT */
/* Contexts in as many threads: each loads a recipe with functions of its own, starts its machine,
 * calls methods, hears events, is interrupted from the main thread while it waits, and stops.
 * Usage: threads DIRECTORY HOW-MANY; HOW-MANY `ok` are printed. */
#include <lunik.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST 64

struct one {
	pthread_t thread;
	const char *directory;
	char name[32];
	struct lunik *l;
	atomic_int waiting;     /* it may be interrupted; then: it was */
	int heard;
	char why[200];
};

static const char recipe[] =
	"local app = require 'lunik.ext.app'\n"
	"return machine { name = app.name('x'), accel = 'tcg', memory = '64M', ready = 'qmp',\n"
	"  stop = { powerdown = 0, quit = 5 } }\n";

static int
name(void *arg, const struct lunik_event *event)
{
	const struct one *one = arg;
	char text[64];

	snprintf(text, sizeof text, "\"%s\"", one->name);
	return strcmp(event->json, "[\"x\"]") == 0 ? lunik_answer(event->context, text) : -1;
}

static int
heard(void *arg, const struct lunik_event *event)
{
	struct one *one = arg;
	const char *json;

	/* a function of the program's may call, and wait */
	if (!event->vm || lunik_call(event->vm, "status", NULL, &json) < 0)
		return -1;
	one->heard += strstr(json, one->name) != NULL;
	return 0;
}

static int
submitted(void *arg, const struct lunik_event *event)
{
	((struct one *)arg)->heard += event->problem == NULL && event->json != NULL;
	return 0;
}

static const char *
use(struct one *one, struct lunik *l)
{
	struct lunik_vm *vm;

	if (lunik_define(l, "app", "name", name, one) < 0 ||
	    lunik_on(l, "ready", heard, one) < 0 ||
	    lunik_load_text(l, recipe, sizeof recipe - 1, "vm.lua", one->directory) < 0 ||
	    !(vm = lunik_start(l)) || lunik_wait_ready(vm, 100) < 0 ||
	    lunik_submit(vm, "slots", NULL, submitted, one) < 0)
		return lunik_problems(l);
	atomic_store(&one->waiting, 1);
	if (lunik_wait(vm, 100) >= 0 || strcmp(lunik_problem(l, 0)->code, "interrupted") != 0)
		return "was not interrupted";
	atomic_store(&one->waiting, 2);
	if (lunik_stop(vm, "done") < 0)
		return lunik_problems(l);
	if (lunik_wait(vm, 100) != 6)
		return "ended otherwise";
	return one->heard == 2 ? NULL : "heard something else";
}

static void *
work(void *arg)
{
	struct one *one = arg;
	const char *why;

	why = use(one, one->l);
	if (why)
		snprintf(one->why, sizeof one->why, "%s", why);
	atomic_store(&one->waiting, 2);
	return NULL;
}

/* Interrupts each once it says that it is about to wait. */
static void
interrupt(struct one *all, int n)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	int i, left = n, done[MOST] = { 0 };

	while (left > 0) {
		for (i = 0; i < n; i++) {
			int state = atomic_load(&all[i].waiting);

			if (done[i] || state == 0)
				continue;
			if (state == 1)
				lunik_interrupt(all[i].l);
			done[i] = 1;
			left--;
		}
		nanosleep(&moment, NULL);
	}
}

int
main(int argc, char *argv[])
{
	static struct one all[MOST];
	struct lunik_options options = { .size = sizeof options, .lua_dir = getenv("LUNIK_LUA") };
	int i, n = argc == 3 ? atoi(argv[2]) : 0, failed = 0;

	if (n < 1 || n > MOST)
		return 2;
	for (i = 0; i < n; i++) {
		all[i].directory = argv[1];
		snprintf(all[i].name, sizeof all[i].name, "thread%d", i);
		all[i].l = lunik_new(&options);
		if (!all[i].l || pthread_create(&all[i].thread, NULL, work, &all[i]) != 0)
			return 2;
	}
	interrupt(all, n);
	for (i = 0; i < n; i++) {
		pthread_join(all[i].thread, NULL);
		lunik_free(all[i].l);
		printf("%s: %s\n", all[i].name, all[i].why[0] ? all[i].why : "ok");
		failed += all[i].why[0] != '\0';
	}
	return failed > 0;
}
