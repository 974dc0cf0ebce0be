/* SPDX-License-Identifier: MIT */
/* A machine from C, what runs in it, and its end: the program that docs/c.md begins with. Beside a
 * vm.lua that has agent {}:
 *     cc first.c $(pkg-config --cflags --libs lunik) -o first && ./first */
#include <lunik.h>
#include <stdio.h>

int
main(void)
{
	static const char *const uname[] = { "uname", "-r", NULL };
	struct lunik *l = lunik_new(NULL);
	struct lunik_output output;
	struct lunik_vm *vm;
	int code = -1;

	if (l && lunik_load(l, "vm.lua") == 0 && (vm = lunik_start(l)) &&
	    lunik_wait_ready(vm, 120) == 0 &&
	    lunik_exec(vm, uname, NULL, 0, 60, &output) == 0) {
		printf("it runs Linux %s", output.out);
		lunik_stop(vm, "seen enough");
		code = lunik_wait(vm, 60);
	}
	if (code < 0)
		fprintf(stderr, "%s\n", l ? lunik_problems(l) : "no memory");
	lunik_free(l);
	return code != 0;
}
