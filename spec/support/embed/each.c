/* SPDX-License-Identifier: MIT */
/* A call of each function of lunik.h, below a comment with its name: docs/c.md shows them. What
 * needs no machine is run by spec/embed/each_spec.lua; with a recipe, all of them. */
#include <lunik.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lunik *context;
static int done;

static void
tell(void *arg, const char *kind, const char *text)
{
	(void)arg;
	printf("%s: %s\n", kind, text);
}

static int
heard(void *arg, const struct lunik_event *event)
{
	(void)arg;
	printf("%s: %s\n", event->name, event->json);
	return 0;
}

/* What a recipe gets from app.name(). */
static int
named(void *arg, const struct lunik_event *event)
{
	(void)arg;
	/* lunik_answer */
	return lunik_answer(event->context, "\"each\"");
}

static int
finished(void *arg, const struct lunik_event *event)
{
	(void)arg;
	printf("%s: %s\n", event->name, event->problem ? event->problem->text : event->json);
	done = 1;
	return 0;
}

static int
fail(struct lunik *l)
{
	size_t i;

	/* lunik_problems */
	fprintf(stderr, "%s\n", lunik_problems(l));

	/* lunik_problem_count */
	for (i = 0; i < lunik_problem_count(l); i++)
		fprintf(stderr, "%s\n", lunik_problem(l, i)->text);

	/* lunik_problem */
	if (lunik_problem(l, 0) && strcmp(lunik_problem(l, 0)->code, "timeout") == 0)
		return 6;
	return 1;
}

static void
interrupted(int signal)
{
	(void)signal;
	/* lunik_interrupt */
	lunik_interrupt(context);
}

/* What is done before a machine runs. */
static int
prepare(struct lunik *l)
{
	static const char recipe[] = "return machine { name = require 'lunik.ext.app'.name() }";
	const char *const *word;

	/* lunik_set */
	if (lunik_set(l, "memory", "256M") < 0)
		return fail(l);

	/* lunik_define */
	if (lunik_define(l, "app", "name", named, NULL) < 0)
		return fail(l);

	/* lunik_load_text */
	if (lunik_load_text(l, recipe, strlen(recipe), "app.lua", NULL) < 0)
		return fail(l);

	/* lunik_argv */
	for (word = lunik_argv(l, 0); word && *word; word++)
		printf("%s\n", *word);

	/* lunik_progress */
	if (lunik_progress(l, tell, NULL) < 0)
		return fail(l);

	/* lunik_on */
	if (lunik_on(l, "SHUTDOWN", heard, NULL) < 0)
		return fail(l);

	/* lunik_policy */
	if (lunik_policy(l, "mount", heard, NULL) < 0)
		return fail(l);
	return 0;
}

/* One turn of the program's own loop. */
static int
turn(struct lunik *l)
{
	struct pollfd fd;

	/* lunik_fd */
	fd.fd = lunik_fd(l);

	/* lunik_events */
	fd.events = lunik_events(l);

	/* lunik_timeout */
	poll(&fd, 1, lunik_timeout(l));

	/* lunik_step */
	if (lunik_step(l) < 0)
		return fail(l);
	return 0;
}

/* What is done to a machine that runs. */
static int
use(struct lunik *l, struct lunik_vm *vm, const char *folder)
{
	static const char *const list[] = { "ls", "/shared", NULL };
	struct lunik_output output;
	const char *json;
	int port;

	/* lunik_name */
	printf("%s runs\n", lunik_name(vm));

	/* lunik_on_vm */
	if (lunik_on_vm(vm, "exit", heard, NULL) < 0)
		return fail(l);

	/* lunik_wait_ready */
	if (lunik_wait_ready(vm, 120) < 0)
		return fail(l);

	/* lunik_mount */
	if (lunik_mount(vm, folder, "/shared", 1) < 0)
		return fail(l);

	/* lunik_exec */
	if (lunik_exec(vm, list, NULL, 0, 60, &output) < 0)
		return fail(l);
	printf("exit %d: %s", output.status, output.out);

	/* lunik_call */
	if (lunik_call(vm, "mounts", NULL, &json) < 0)
		return fail(l);
	printf("mounts: %s\n", json);

	/* lunik_unmount */
	if (lunik_unmount(vm, "/shared", 0) < 0)
		return fail(l);

	/* lunik_add_forward */
	port = lunik_add_forward(vm, 80, 0);
	if (port < 0)
		return fail(l);

	/* lunik_forward */
	printf("port 80 of the guest is port %d here\n", lunik_forward(vm, "80"));

	/* lunik_submit */
	if (lunik_submit(vm, "slots", NULL, finished, NULL) < 0)
		return fail(l);
	while (!done)
		if (turn(l) != 0)
			return fail(l);

	/* lunik_stop */
	if (lunik_stop(vm, "seen enough") < 0)
		return fail(l);

	/* lunik_wait */
	return lunik_wait(vm, 60);
}

/* A machine that ends by itself. */
static int
whole(struct lunik *l, char *argv[])
{
	int code;

	if (lunik_load(l, argv[1]) < 0)
		return fail(l);

	/* lunik_run */
	code = lunik_run(l);
	return code < 0 ? fail(l) : code;
}

static int
machine(struct lunik *l, char *argv[])
{
	struct lunik_vm *vm;
	int code;

	/* lunik_attach */
	vm = lunik_attach(l, "dev");
	if (vm)
		lunik_release(vm);

	/* lunik_load */
	if (lunik_load(l, argv[1]) < 0)
		return fail(l);

	/* lunik_start */
	vm = lunik_start(l);
	if (!vm)
		return fail(l);

	code = use(l, vm, argv[2]);

	/* lunik_release */
	if (lunik_release(vm) < 0)
		return fail(l);
	return code;
}

int
main(int argc, char *argv[])
{
	struct lunik *l;
	int code;

	/* lunik_version */
	printf("lunik %s\n", lunik_version());

	/* lunik_new */
	l = lunik_new(NULL);
	if (!l)
		return 1;

	context = l;
	if (getenv("INTERRUPT"))
		interrupted(0);
	code = prepare(l);
	if (code == 0 && argc > 2)
		code = machine(l, argv);
	else if (code == 0 && argc > 1)
		code = whole(l, argv);

	/* lunik_free */
	lunik_free(l);
	return code;
}
