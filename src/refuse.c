/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "refuse.h"

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE AUDIT_ARCH_RISCV64
#else
#define NATIVE 0        /* whose numbers are not ours is not asked there */
#endif

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW 4
#else
#define LOW 0
#endif

#define OTHER_ABI 0x40000000    /* the bit of x32's numbers, on no other architecture */

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452       /* Linux 6.6, the same everywhere */
#endif

static const struct {
	const char *name;
	int number;
} calls[] = {
#ifdef SYS_chmod
	{ "chmod", SYS_chmod },
	{ "creat", SYS_creat },
	{ "mknod", SYS_mknod },
	{ "open", SYS_open },
#else
	{ "chmod", -1 },
	{ "creat", -1 },
	{ "mknod", -1 },
	{ "open", -1 },
#endif
	{ "fchmod", SYS_fchmod },
	{ "fchmodat", SYS_fchmodat },
	{ "fchmodat2", SYS_fchmodat2 },
	{ "mknodat", SYS_mknodat },
	{ "openat", SYS_openat },
	{ "openat2", SYS_openat2 },
};

int
refuse_number(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof calls / sizeof *calls; i++)
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].number;
	return -2;
}

struct filter {
	struct sock_filter code[12 + 8 * REFUSE_MOST];
	unsigned short n;
};

static void
load(struct filter *f, size_t offset)
{
	f->code[f->n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	                                               (uint32_t)offset);
}

static void
jump(struct filter *f, int test, uint32_t k, int yes, int no)
{
	f->code[f->n++] = (struct sock_filter)BPF_JUMP(
		(unsigned short)(BPF_JMP | test | BPF_K), k,
		(unsigned char)yes, (unsigned char)no);
}

static void
answer(struct filter *f, uint32_t what)
{
	f->code[f->n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what);
}

/* Calls by the numbers of another architecture would pass by their bits unseen. */
static void
native_only(struct filter *f)
{
	if (NATIVE) {
		load(f, offsetof(struct seccomp_data, arch));
		jump(f, BPF_JEQ, NATIVE, 1, 0);
		answer(f, SECCOMP_RET_ERRNO | ENOSYS);
	}
	load(f, offsetof(struct seccomp_data, nr));
	jump(f, BPF_JGE, OTHER_ABI, 0, 1);
	answer(f, SECCOMP_RET_ERRNO | ENOSYS);
}

static void
add(struct filter *f, const struct refusal *r)
{
	load(f, offsetof(struct seccomp_data, nr));
	jump(f, BPF_JEQ, (uint32_t)r->call, 0, r->bits ? 3 : 1);
	if (r->bits) {
		load(f, offsetof(struct seccomp_data, args) + 8 * (size_t)r->argument +
		        LOW);
		jump(f, BPF_JSET, r->bits, 0, 1);
	}
	answer(f, SECCOMP_RET_ERRNO | ((uint32_t)r->error & SECCOMP_RET_DATA));
}

int
refuse_calls(const struct refusal *list, size_t n)
{
	struct sock_fprog program;
	struct filter f;
	size_t i;

	if (n > REFUSE_MOST) {
		errno = E2BIG;
		return -1;
	}
	f.n = 0;
	native_only(&f);
	for (i = 0; i < n; i++)
		add(&f, &list[i]);
	answer(&f, SECCOMP_RET_ALLOW);
	program.len = f.n;
	program.filter = f.code;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
