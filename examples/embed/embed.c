/* SPDX-License-Identifier: MIT */
/* Starts a recipe from C, mounts a directory, runs a program in the guest and stops it:
 *     cc embed.c $(pkg-config --cflags --libs lunik) -o embed
 *     ./embed vm.lua DIRECTORY [FIELD=VALUE …] */
#include <lunik.h>
#include <stdio.h>
#include <string.h>

static void
tell(void *arg, const char *kind, const char *text)
{
	(void)arg;
	printf("%s: %s\n", kind, text);
}

/* event->json is what a hook of the recipe's would be given. */
static int
heard(void *arg, const struct lunik_event *event)
{
	(void)arg;
	printf("heard: %s %s: %s\n", lunik_name(event->vm), event->name, event->json);
	return 0;
}

/* Directories that a program asks for are never written to. */
static int
readonly(void *arg, const struct lunik_event *event)
{
	(void)arg;
	if (strstr(event->json, "\"readonly\":true"))
		return 0;
	lunik_answer(event->context, "read only, please");
	return -1;
}

static int
use(struct lunik_vm *vm, const char *directory)
{
	static const char *const list[] = { "ls", "/shared", NULL };
	struct lunik_output output;
	const char *json;

	if (lunik_wait_ready(vm, 120) < 0 || lunik_mount(vm, directory, "/shared", 1) != 0 ||
	    lunik_exec(vm, list, NULL, 0, 60, &output) < 0)
		return -1;
	printf("exit %d: %s", output.status, output.out);
	if (lunik_call(vm, "mounts", NULL, &json) < 0)
		return -1;
	printf("mounts: %s\n", json);
	if (lunik_unmount(vm, "/shared", 0) < 0 || lunik_stop(vm, "seen enough") < 0)
		return -1;
	return lunik_wait(vm, 60);
}

static int
run(struct lunik *l, int argc, char *argv[])
{
	const char *const *word;
	struct lunik_vm *vm;
	int i;

	for (i = 3; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (!value)
			return 2;
		*value = '\0';
		if (lunik_set(l, argv[i], value + 1) < 0)
			return -1;
	}
	if (lunik_progress(l, tell, NULL) < 0 || lunik_on(l, "SHUTDOWN", heard, NULL) < 0 ||
	    lunik_policy(l, "mount", readonly, NULL) < 0 || lunik_load(l, argv[1]) < 0)
		return -1;
	for (word = lunik_argv(l, 0); word && *word; word++)
		printf("%s%s", *word, word[1] ? " " : "\n");
	vm = lunik_start(l);
	return vm ? use(vm, argv[2]) : -1;
}

int
main(int argc, char *argv[])
{
	struct lunik *l = lunik_new(NULL);
	int code;

	if (!l || argc < 3)
		return 2;
	code = run(l, argc, argv);
	if (code < 0)
		fprintf(stderr, "%s\n", lunik_problems(l));
	lunik_free(l);
	return code < 0 ? 1 : code;
}
