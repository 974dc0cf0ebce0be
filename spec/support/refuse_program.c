/* SPDX-License-Identifier: MIT */
/* Prints the filter that src/refuse.c makes, in the place of installing it: CODE YES NO K a line.
 * Usage: refuse_program CALL ARGUMENT BITS ERROR … With AARCH64 defined, as it is made there: the
 * numbers are those that all newer architectures share, from the kernel's own headers. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#ifdef AARCH64
#undef __x86_64__
#undef __riscv
#define __aarch64__ 1
#define _SYSCALL_H 1            /* <sys/syscall.h> has this machine's */
#include <asm-generic/unistd.h>
#define SYS_fchmod __NR_fchmod
#define SYS_fchmodat __NR_fchmodat
#define SYS_mknodat __NR_mknodat
#define SYS_openat __NR_openat
#define SYS_openat2 __NR_openat2
#endif

static int print_filter(const struct sock_fprog *program);
#define prctl(option, mode, program, a, b) print_filter(program)
#include "../../src/refuse.c"

static int
print_filter(const struct sock_fprog *program)
{
	int i;

	for (i = 0; i < program->len; i++)
		printf("%u %u %u %u\n", program->filter[i].code, program->filter[i].jt,
		       program->filter[i].jf, program->filter[i].k);
	return 0;
}

int
main(int argc, char **argv)
{
	struct refusal list[REFUSE_MOST];
	size_t n = 0;
	int i;

	for (i = 1; i + 3 < argc; i += 4) {
		list[n].call = refuse_number(argv[i]);
		list[n].argument = atoi(argv[i + 1]);
		list[n].bits = (uint32_t)atoi(argv[i + 2]);
		list[n].error = atoi(argv[i + 3]);
		if (list[n].call >= 0)
			n++;
	}
	printf("%u\n", NATIVE);
	return refuse_calls(list, n);
}
