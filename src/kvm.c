/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "closefrom.h"
#include "due.h"
#include "kvm.h"
#include "proc.h"

#define TRIES 5
#define TURNS 2000
#define ENOUGH 250000           /* ns for TURNS and back: a hundred times too much */
#define TURN_SHOULD_TAKE 2      /* ns, on any CPU that has KVM */

/* Small enough for a pipe to carry it whole. */
struct verdict {
	const char *call;       /* what failed, a literal; NULL: nothing */
	int code;
	int64_t best;           /* ns of the fastest loop; 0: not measured */
};

static bool
failed(struct verdict *v, const char *call, int code)
{
	v->call = call;
	v->code = code;
	return false;
}

#if defined(__x86_64__) || defined(__i386__)

#define LOAD 0x1000

struct vm {
	int kvm, fd, vcpu;
	struct kvm_run *run;
};

/* mov ecx, TURNS; again: dec ecx; jnz again; hlt */
static const unsigned char code[] = {
	0x66, 0xb9, TURNS & 0xff, TURNS >> 8, 0, 0,
	0x66, 0x49, 0x75, 0xfc, 0xf4,
};

static bool
add_memory(const struct vm *vm, struct verdict *v)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = LOAD,
		.memory_size = 0x1000,
	};
	void *page = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE,
	                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return failed(v, "mmap", errno);
	memcpy(page, code, sizeof code);
	region.userspace_addr = (uintptr_t)page;
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return failed(v, "KVM_SET_USER_MEMORY_REGION", errno);
	return true;
}

static bool
add_cpu(struct vm *vm, struct verdict *v)
{
	int size = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct kvm_sregs sregs;

	vm->vcpu = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	if (size < 0 || vm->vcpu < 0)
		return failed(v, "KVM_CREATE_VCPU", errno);
	vm->run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED,
	               vm->vcpu, 0);
	if (vm->run == MAP_FAILED)
		return failed(v, "mmap", errno);
	if (ioctl(vm->vcpu, KVM_GET_SREGS, &sregs) < 0)
		return failed(v, "KVM_GET_SREGS", errno);
	sregs.cs.base = sregs.cs.selector = 0;
	if (ioctl(vm->vcpu, KVM_SET_SREGS, &sregs) < 0)
		return failed(v, "KVM_SET_SREGS", errno);
	return true;
}

static bool
loop(const struct vm *vm, struct verdict *v)
{
	struct kvm_regs regs = { .rip = LOAD, .rflags = 2 };
	int64_t start, took;
	int n;

	if (ioctl(vm->vcpu, KVM_SET_REGS, &regs) < 0)
		return failed(v, "KVM_SET_REGS", errno);
	start = due_now();
	do
		n = ioctl(vm->vcpu, KVM_RUN, 0);
	while (n < 0 && errno == EINTR);
	took = due_now() - start;
	if (n < 0)
		return failed(v, "KVM_RUN", errno);
	if (vm->run->exit_reason != KVM_EXIT_HLT)
		return failed(v, "KVM_RUN", EIO);
	if (!v->best || took < v->best)
		v->best = took;
	return true;
}

/* Several times: the host may have had something else to do just then. */
static void
measure(struct vm *vm, struct verdict *v)
{
	int i;

	if (!add_memory(vm, v) || !add_cpu(vm, v))
		return;
	for (i = 0; i < TRIES; i++)
		if (!loop(vm, v) || v->best < ENOUGH)
			return;
}

static void
try(struct verdict *v)
{
	struct vm vm;

	vm.kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm.kvm < 0) {
		failed(v, "open /dev/kvm", errno);
		return;
	}
	vm.fd = ioctl(vm.kvm, KVM_CREATE_VM, 0);
	if (vm.fd < 0)
		failed(v, "KVM_CREATE_VM", errno);
	else
		measure(&vm, v);
}

#else /* nothing is known there that opens and does not run */

static void
try(struct verdict *v)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (kvm < 0)
		failed(v, "open /dev/kvm", errno);
	else if (ioctl(kvm, KVM_CREATE_VM, 0) < 0)
		failed(v, "KVM_CREATE_VM", errno);
}

#endif

static _Noreturn void
child(int report)
{
	struct verdict v;

	memset(&v, 0, sizeof v);        /* what lies between the members too */
	if (closefrom_but(report) < 0)
		_exit(1);
	try(&v);
	_exit(write(0, &v, sizeof v) < 0);
}

static int
explain(const struct verdict *v, struct err *e)
{
	bool open = v->call && strcmp(v->call, "open /dev/kvm") == 0;

	errno = v->code;
	if (open && v->code == ENOENT)
		return err_set(e, ENOENT, "no /dev/kvm");
	if (open && (v->code == EACCES || v->code == EPERM))
		return err_set(e, v->code, "no permission to open /dev/kvm");
	if (v->call)
		return err_sys(e, "%s", v->call);
	if (v->best < ENOUGH)
		return 0;
	return err_set(e, EOPNOTSUPP, "guest code runs %d times slower than it "
	               "should (%.1f us per turn of a loop)",
	               (int)(v->best / TURNS / TURN_SHOULD_TAKE),
	               (double)v->best / TURNS / 1000);
}

static int
listen_to(int fd, int64_t due, struct err *e)
{
	struct verdict v;
	ssize_t n;

	switch (due_wait(fd, POLLIN, due, e)) {
	case -1:
		return -1;
	case 0:
		return err_set(e, ETIMEDOUT, "/dev/kvm: no answer in time");
	}
	do
		n = read(fd, &v, sizeof v);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof v)
		return err_set(e, EIO, "/dev/kvm: trying it was killed");
	return explain(&v, e);
}

int
kvm_probe(int64_t due, struct err *e)
{
	struct proc p;
	int report[2], n;

	if (pipe2(report, O_CLOEXEC) < 0)
		return err_sys(e, "pipe");
	n = proc_fork(&p, e);
	if (n == 0)
		child(report[1]);
	close(report[1]);
	if (n > 0) {
		n = listen_to(report[0], due, e);
		proc_kill(&p);
	}
	close(report[0]);
	return n;
}
