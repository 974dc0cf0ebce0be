/* SPDX-License-Identifier: MIT */
/* Cases of the C API, by their names: `context CASE DIRECTORY`. A case prints `ok`, or what is not as
 * it should be. */
#include <lunik.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(condition)                                                       \
	do {                                                                   \
		if (!(condition)) {                                            \
			printf("line %d: " #condition ": %s\n", __LINE__,      \
			       l ? lunik_problems(l) : "");                    \
			return;                                                \
		}                                                              \
	} while (0)

static const char empty[] =
	"return machine { name = 'context', accel = 'tcg', memory = '64M', ready = 'qmp',\n"
	"  nic { forward = { ssh = 22 } }, hotplug { ports = 2 },\n"
	"  stop = { powerdown = 0, quit = 5 } }\n";

static struct lunik *context;           /* for the handler of a signal */

static bool
load(struct lunik *l, const char *text, const char *directory)
{
	return lunik_load_text(l, text, strlen(text), "vm.lua", directory) == 0;
}

static bool
is(const char *got, const char *expected)
{
	if (got && strcmp(got, expected) == 0)
		return true;
	printf("got '%s', expected '%s'\n", got ? got : "NULL", expected);
	return false;
}

static void
problems(struct lunik *l, const char *dir)
{
	const struct lunik_problem *p;

	CHECK(is(lunik_problems(l), "") && lunik_problem_count(l) == 0);
	CHECK(!lunik_argv(l, 0) && is(lunik_problems(l), "nothing is loaded"));
	CHECK(is(lunik_problem(l, 0)->code, "missing"));
	CHECK(!lunik_start(l) && is(lunik_problems(l), "nothing is loaded"));
	CHECK(!load(l, "return machine {\n  cpsu = 2,\n  memory = 3,\n}\n", dir));
	CHECK(lunik_problem_count(l) == 2);
	p = lunik_problem(l, 0);
	CHECK(p->line == 2 && is(p->field, "machine.cpsu"));
	CHECK(is(p->why, "no such field; did you mean 'cpu'?"));
	CHECK(is(p->text + strlen(p->file),
	         ":2: machine.cpsu: no such field; did you mean 'cpu'?"));
	CHECK(lunik_problem(l, 1)->line == 3 && !lunik_problem(l, 2));
	CHECK(!load(l, "return mach", dir) && lunik_problem_count(l) == 1);
	CHECK(!load(l, "while true do end", dir));
	CHECK(!load(l, "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e6) .. i end", dir));
	CHECK(lunik_load(l, "/nowhere/vm.lua") < 0);
	CHECK(is(lunik_problems(l), "no such recipe '/nowhere/vm.lua'"));
	CHECK(lunik_set(l, "cpus", "3") == 0 && load(l, empty, dir));
	CHECK(is(lunik_problems(l), "") && lunik_argv(l, 0)[0][0] == '/');
	CHECK(lunik_load(l, NULL) < 0 && is(lunik_problems(l), "NULL in place of a text"));
	CHECK(lunik_set(l, "cpus", NULL) < 0 && !lunik_attach(l, NULL));
	CHECK(!lunik_attach(l, "nobody") && is(lunik_problem(l, 0)->code, ""));
	printf("ok\n");
}

static int
answers(void *arg, const struct lunik_event *event)
{
	if (arg && lunik_answer(event->context, arg) < 0)
		return -1;
	/* nothing of lunik's but an answer, while a recipe is read */
	return lunik_set(event->context, "cpus", "7") < 0 && !event->vm ? 0 : -1;
}

static int
refuses(void *arg, const struct lunik_event *event)
{
	lunik_answer(event->context, arg);
	return -1;
}

static void
recipe(struct lunik *l, const char *dir)
{
	static const char text[] =
		"local app = require 'lunik.ext.app'\n"
		"assert(app.nothing() == nil and app.list()[2] == 'b')\n"
		"return machine { name = app.name { 1, 'x' }, accel = 'tcg' }\n";

	CHECK(lunik_define(l, "app", "name", answers, "\"named\"") == 0);
	CHECK(lunik_define(l, "app", "nothing", answers, NULL) == 0);
	CHECK(lunik_define(l, "app", "list", answers, "[\"a\",\"b\"]") == 0);
	CHECK(load(l, text, dir) && is(lunik_argv(l, 0)[4], "named"));
	CHECK(lunik_define(l, "app", "name", refuses, "not now") == 0);
	CHECK(!load(l, text, dir) && strstr(lunik_problems(l), "vm.lua:3: not now"));
	CHECK(lunik_define(l, "app", "name", answers, "{") == 0);
	CHECK(!load(l, text, dir) && strstr(lunik_problems(l), "answer of the program's function"));
	CHECK(lunik_define(l, "projects", "name", answers, NULL) < 0);
	CHECK(is(lunik_problem(l, 0)->code, "taken"));
	CHECK(lunik_define(l, "no/path", "name", answers, NULL) < 0);
	CHECK(lunik_on(l, "redy", answers, NULL) < 0);
	CHECK(is(lunik_problems(l), "no hook point 'redy'; did you mean 'ready'?"));
	CHECK(lunik_on(l, "configure", answers, NULL) < 0);
	CHECK(lunik_policy(l, "mounts", answers, NULL) < 0);
	CHECK(is(lunik_problems(l), "no policy about 'mounts'; did you mean 'mount'?"));
	CHECK(lunik_answer(l, "1") < 0);
	printf("ok\n");
}

struct seen {
	char text[400];
	bool nested;
};

static int
sees(void *arg, const struct lunik_event *event)
{
	struct seen *seen = arg;
	size_t n = strlen(seen->text);

	snprintf(seen->text + n, sizeof seen->text - n, "%s ", event->name);
	if (seen->nested && strcmp(event->name, "STOP") != 0) {
		/* calls that wait, whose events are heard meanwhile */
		if (lunik_call(event->vm, "pause", NULL, NULL) < 0 ||
		    lunik_call(event->vm, "sleep", "{\"seconds\":0.05}", NULL) < 0)
			return -1;
		lunik_free(event->context);     /* not from here */
		return lunik_release(event->vm) < 0 ? 0 : -1;
	}
	return 0;
}

static void
told(void *arg, const char *kind, const char *text)
{
	struct seen *seen = arg;
	size_t n = strlen(seen->text);

	if (strcmp(kind, "problem") == 0)
		snprintf(seen->text + n, sizeof seen->text - n, "%s", text);
}

static void
hooks(struct lunik *l, const char *dir)
{
	struct seen heard = { "", true }, told_of = { "", false };
	struct lunik_vm *vm;

	CHECK(lunik_on(l, "started", sees, &heard) == 0);
	CHECK(lunik_on(l, "STOP", sees, &heard) == 0);
	CHECK(lunik_on(l, "exit", refuses, "no good end") == 0);
	CHECK(lunik_progress(l, told, &told_of) == 0);
	CHECK(load(l, empty, dir));
	vm = lunik_start(l);
	CHECK(vm && is(lunik_name(vm), "context"));
	heard.nested = false;
	CHECK(lunik_on_vm(vm, "RESUME", sees, &heard) == 0);
	CHECK(lunik_on_vm(vm, "SHUTDWN", sees, &heard) < 0);
	CHECK(is(lunik_problems(l), "vm:on: no hook point 'SHUTDWN'; did you mean 'SHUTDOWN'?"));
	CHECK(lunik_call(vm, "pause", NULL, NULL) == 0);
	CHECK(lunik_call(vm, "resume", "{}", NULL) == 0);
	CHECK(lunik_stop(vm, "done") == 0 && lunik_wait(vm, 60) == 6);
	CHECK(is(heard.text, "started STOP RESUME "));
	CHECK(strstr(told_of.text, "hook exit: no good end"));
	CHECK(lunik_release(vm) == 0);
	/* a hook of `started` that refuses undoes the start */
	CHECK(lunik_on(l, "started", refuses, "not today") == 0);
	CHECK(!lunik_start(l) && strstr(lunik_problems(l), "hook started: not today"));
	printf("ok\n");
}

static void
methods(struct lunik *l, const char *dir)
{
	struct seen seen = { "", false };
	struct lunik_vm *vm;
	const char *json;

	CHECK(load(l, empty, dir) && (vm = lunik_start(l)));
	CHECK(lunik_wait_ready(vm, 60) == 0);
	CHECK(lunik_forward(vm, "ssh") > 0 && lunik_forward(vm, "22") < 0);
	CHECK(is(lunik_problem(l, 0)->code, "missing"));
	CHECK(lunik_add_forward(vm, 80, 0) > 0);
	CHECK(lunik_call(vm, "forward", "{\"name\":80}", &json) == 0 && atoi(json) > 0);
	CHECK(lunik_call(vm, "remove_forward", "{\"name\":80}", &json) == 0 && is(json, "{}"));
	CHECK(lunik_call(vm, "is_now_ready", NULL, &json) == 0 && is(json, "true"));
	CHECK(lunik_call(vm, "qmp", "{\"command\":\"query-status\"}", &json) == 0);
	CHECK(strstr(json, "\"running\":true"));
	CHECK(lunik_call(vm, "qmp", "{\"comand\":\"x\"}", &json) < 0);
	CHECK(is(lunik_problems(l), "vm:qmp: Parameter 'command' is missing"));
	CHECK(lunik_call(vm, "sttus", NULL, &json) < 0);
	CHECK(is(lunik_problems(l), "vm has no 'sttus'; did you mean 'status'?"));
	CHECK(lunik_call(vm, "close", NULL, &json) < 0 && lunik_call(vm, "on", "{}", &json) < 0);
	CHECK(is(lunik_problems(l), "vm:on: from C it is lunik_on_vm"));
	CHECK(lunik_call(vm, "status", "[1]", &json) < 0);
	CHECK(is(lunik_problems(l), "arguments: an object expected"));
	CHECK(lunik_call(vm, "status", "{", &json) < 0 && is(lunik_problem(l, 0)->code, "invalid"));
	CHECK(lunik_exec(vm, (const char *const[]){ "true", NULL }, NULL, 0, 5, NULL) < 0);
	CHECK(is(lunik_problem(l, 0)->code, "unreachable"));
	CHECK(lunik_mount(vm, "/nowhere/at/all", NULL, 0) < 0);
	CHECK(is(lunik_problems(l), "mount.from: no such directory '/nowhere/at/all'"));
	CHECK(lunik_mount(vm, NULL, NULL, 0) < 0 && lunik_unmount(vm, NULL, 0) < 0);
	CHECK(lunik_exec(vm, NULL, NULL, 0, 1, NULL) < 0 && lunik_call(vm, NULL, NULL, NULL) < 0);
	CHECK(lunik_wait(vm, 0.1) < 0 && is(lunik_problem(l, 0)->code, "timeout"));
	CHECK(lunik_submit(vm, "nothing", NULL, sees, &seen) == 0 && lunik_step(l) == 0);
	CHECK(lunik_call(vm, "sleep", "{\"seconds\":0.05}", NULL) == 0);
	CHECK(is(seen.text, "nothing "));
	printf("ok\n");
}

static void
handler(int signo)
{
	(void)signo;
	lunik_interrupt(context);
}

static void *
kills(void *arg)
{
	usleep(100000);
	pthread_kill(*(pthread_t *)arg, SIGUSR1);
	return NULL;
}

static void
interrupt(struct lunik *l, const char *dir)
{
	struct sigaction action = { .sa_handler = handler };
	pthread_t self = pthread_self(), other;
	struct lunik_vm *vm;

	context = l;
	sigaction(SIGUSR1, &action, NULL);
	CHECK(load(l, empty, dir) && (vm = lunik_start(l)));
	CHECK(pthread_create(&other, NULL, kills, &self) == 0);
	CHECK(lunik_wait(vm, -1) < 0 && is(lunik_problem(l, 0)->code, "interrupted"));
	pthread_join(other, NULL);
	CHECK(lunik_wait_ready(vm, 60) == 0);
	/* said beforehand, once, however often */
	lunik_interrupt(l);
	lunik_interrupt(l);
	CHECK(lunik_call(vm, "sleep", "{\"seconds\":60}", NULL) < 0);
	CHECK(is(lunik_problems(l), "interrupted"));
	CHECK(lunik_call(vm, "sleep", "{\"seconds\":0}", NULL) == 0);
	/* a start is taken back */
	CHECK(lunik_release(vm) == 0);
	lunik_interrupt(l);
	CHECK(!lunik_start(l) && is(lunik_problem(l, 0)->code, "interrupted"));
	CHECK((vm = lunik_start(l)) && lunik_wait_ready(vm, 60) == 0);
	printf("ok\n");
}

/* Waits for what lunik_fd says, so that a descriptor that is never ready is seen. */
static bool
until(struct lunik *l, const struct seen *seen, const char *text)
{
	struct pollfd p = { .fd = lunik_fd(l), .events = lunik_events(l) };
	int turns = 0;

	while (strcmp(seen->text, text) != 0) {
		int left = lunik_timeout(l), n = poll(&p, 1, left < 0 ? 30000 : left);

		if (++turns > 2000 || (n == 0 && left < 0) || lunik_step(l) < 0) {
			printf("%d turns, seen '%s'\n", turns, seen->text);
			return false;
		}
	}
	return true;
}

static void
pump(struct lunik *l, const char *dir)
{
	struct seen seen = { "", false };
	struct lunik_vm *vm;
	int fd = lunik_fd(l);

	CHECK(fd >= 0 && lunik_timeout(l) <= 0);
	CHECK(lunik_on(l, "ready", sees, &seen) == 0 && lunik_on(l, "exit", sees, &seen) == 0);
	CHECK(load(l, empty, dir) && (vm = lunik_start(l)));
	CHECK(until(l, &seen, "ready "));
	CHECK(lunik_submit(vm, "sleep", "{\"seconds\":0.2}", sees, &seen) == 0);
	CHECK(lunik_submit(vm, "pause", NULL, sees, &seen) == 0);
	CHECK(until(l, &seen, "ready pause sleep "));
	CHECK(lunik_stop(vm, "done") == 0);
	CHECK(until(l, &seen, "ready pause sleep exit "));
	CHECK(lunik_fd(l) == fd && lunik_wait(vm, 0) == 6);
	printf("ok\n");
}

static void
several(struct lunik *l, const char *dir)
{
	struct seen seen = { "", false };
	struct lunik_vm *one, *two;
	const char *json;
	char text[400];

	CHECK(load(l, empty, dir) && (one = lunik_start(l)));
	snprintf(text, sizeof text, "return machine { name = 'other', accel = 'tcg', ready = 'qmp' }");
	CHECK(load(l, text, dir) && (two = lunik_start(l)));
	CHECK(lunik_call(one, "status", NULL, &json) == 0 && strstr(json, "\"context\""));
	CHECK(lunik_call(two, "status", NULL, &json) == 0 && strstr(json, "\"other\""));
	CHECK(!lunik_start(l) && strstr(lunik_problems(l), "other"));
	CHECK(lunik_submit(one, "sleep", "{\"seconds\":60}", sees, &seen) == 0);
	CHECK(lunik_submit(one, "slots", NULL, sees, &seen) == 0);
	CHECK(lunik_release(one) == 0 && lunik_wait_ready(two, 60) == 0);
	CHECK(is(seen.text, "slots "));
	/* two is ended with the context */
	printf("ok\n");
}

static size_t held;
static long asked, first, most;         /* allocations: so many; those that fail */

static bool
fails(void)
{
	asked++;
	return asked >= first && asked - first < most;
}

static void *
counted(void *arg, void *p, size_t before, size_t size)
{
	void *got = size > 0 && !fails() ? realloc(p, size) : NULL;

	(void)arg;
	if (size == 0)
		free(p);
	if (size == 0 || got)
		held += size - (p ? before : 0);
	return got;
}

static void
allocator(struct lunik *l, const char *dir)
{
	struct lunik_options options = { .size = sizeof options, .lua_dir = getenv("LUNIK_LUA"),
	                                 .alloc = counted };
	struct lunik *own = lunik_new(&options);
	struct seen seen = { "", false };

	CHECK(own && held > 100000);
	CHECK(lunik_on(own, "exit", sees, &seen) == 0);
	CHECK(load(own, empty, dir) && lunik_start(own));
	lunik_free(own);
	CHECK(held == 0 && is(seen.text, "exit "));
	printf("ok\n");
}

/* A life of a machine, as far as memory allows; then there is memory again. */
static void
starve(const char *dir, struct seen *seen)
{
	struct lunik_options options = { .size = sizeof options, .lua_dir = getenv("LUNIK_LUA"),
	                                 .alloc = counted };
	struct lunik *l = lunik_new(&options);
	struct lunik_vm *vm = NULL;

	if (l && lunik_on(l, "started", sees, seen) == 0 && lunik_on(l, "exit", sees, seen) == 0 &&
	    load(l, empty, dir) && (vm = lunik_start(l)) && lunik_wait_ready(vm, 3) == 0 &&
	    lunik_call(vm, "pause", NULL, NULL) == 0 &&
	    lunik_submit(vm, "resume", NULL, sees, seen) == 0 && lunik_step(l) == 0 &&
	    lunik_stop(vm, "done") == 0 && lunik_wait(vm, 3) == 6)
		snprintf(seen->text, sizeof seen->text, "whole");
	else if (l && !lunik_problems(l)[0])
		snprintf(seen->text, sizeof seen->text, "no reason");
	most = 0;
	lunik_free(l);
}

static void
starving(struct lunik *l, const char *dir)
{
	static const long widths[] = { 3, 1L << 40 };
	struct seen seen = { "", false };
	const char *given = getenv("NOMEM_PLACES");
	long all, i, places = given ? atol(given) : 4;

	asked = most = 0;
	starve(dir, &seen);
	CHECK(is(seen.text, "whole") && held == 0);
	all = asked;
	for (i = 0; i < 2 * places; i++) {
		seen.text[0] = '\0';
		asked = 0;
		/* most of them are made while the recipe is read, which is tried elsewhere */
		first = all - all / 4 * (i / 2 + 1) / places;
		most = widths[i % 2];
		starve(dir, &seen);
		if (strcmp(seen.text, "no reason") == 0 || held != 0) {
			printf("from %ld of %ld: %s, %zu bytes are held\n", first, all, seen.text, held);
			return;
		}
	}
	printf("ok\n");
}

int
main(int argc, char *argv[])
{
	static const struct {
		const char *name;
		void (*run)(struct lunik *l, const char *dir);
	} cases[] = {
		{ "problems", problems }, { "recipe", recipe }, { "hooks", hooks },
		{ "methods", methods }, { "interrupt", interrupt }, { "pump", pump },
		{ "several", several }, { "allocator", allocator },
		{ "starving", starving },
	};
	struct lunik_options options = { .size = sizeof options, .lua_dir = getenv("LUNIK_LUA") };
	size_t i;

	for (i = 0; argc == 3 && i < sizeof cases / sizeof *cases; i++)
		if (strcmp(argv[1], cases[i].name) == 0) {
			struct lunik *l = lunik_new(&options);

			cases[i].run(l, argv[2]);
			lunik_free(l);
			return 0;
		}
	return 2;
}
