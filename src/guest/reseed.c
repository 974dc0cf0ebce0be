/* SPDX-License-Identifier: MIT */
/* What a guest runs that goes on from a saved state: reads a seed from its standard
 * input, has the kernel count it as entropy, and then make its generator anew of it.
 * Bytes that are only written to /dev/urandom change nothing of what is read next.
 * It is handed over as it is, so it has no libc; failures are a line on stderr and
 * status 1. Linux's numbers are those of its user-space interface. */

typedef unsigned long word;

enum {
	STDIN = 0, STDERR = 2,
	RDWR = 2, CLOEXEC = 02000000,
	SEED_MIN = 32, SEED_MAX = 512,
	RNDADDENTROPY = 0x40085203,
	RNDRESEEDCRNG = 0x5207,
	ENODATA = 61,
};

static const long CWD = -100;

/* struct rand_pool_info */
static struct {
	int bits, bytes;
	unsigned char seed[SEED_MAX];
} entropy;

#if defined(__x86_64__)
enum { READ = 0, WRITE = 1, IOCTL = 16, EXIT = 231, OPENAT = 257 };

static long
ask(long number, long a, word b, long c)
{
	long result;

	__asm__ volatile ("syscall" : "=a" (result)
	                  : "a" (number), "D" (a), "S" (b), "d" (c)
	                  : "rcx", "r11", "memory");
	return result;
}

__asm__ (".globl _start\n_start:\tandq $-16, %rsp\n\tcall reseed\n");
#elif defined(__aarch64__)
enum { OPENAT = 56, READ = 63, WRITE = 64, EXIT = 94, IOCTL = 29 };

static long
ask(long number, long a, word b, long c)
{
	register long x8 __asm__ ("x8") = number;
	register long x0 __asm__ ("x0") = a;
	register word x1 __asm__ ("x1") = b;
	register long x2 __asm__ ("x2") = c;

	__asm__ volatile ("svc #0" : "+r" (x0) : "r" (x8), "r" (x1), "r" (x2)
	                  : "memory");
	return x0;
}

__asm__ (".globl _start\n_start:\tbl reseed\n");
#else
#error "no system calls are known of this architecture"
#endif

_Noreturn void reseed(void);

static void
say(const char *text)
{
	const char *end = text;

	while (*end)
		end++;
	ask(WRITE, STDERR, (word)text, end - text);
}

/* `what`, and the number of an error */
_Noreturn static void
fail(const char *what, long code)
{
	char digits[24], *at = digits + sizeof digits;

	*--at = '\0';
	*--at = '\n';
	do
		*--at = (char)('0' + code % 10);
	while (code /= 10);
	say(what);
	say(": error ");
	say(at);
	for (;;)
		ask(EXIT, 1, 0, 0);
}

static void
read_seed(void)
{
	long n;

	do {
		n = ask(READ, STDIN, (word)(entropy.seed + entropy.bytes),
		        SEED_MAX - entropy.bytes);
		if (n < 0)
			fail("seed", -n);
		entropy.bytes += (int)n;
	} while (n > 0);
	if (entropy.bytes < SEED_MIN)
		fail("seed", ENODATA);
	entropy.bits = entropy.bytes * 8;
}

__attribute__((used)) _Noreturn void
reseed(void)
{
	long fd, result;

	read_seed();
	fd = ask(OPENAT, CWD, (word)"/dev/urandom", RDWR | CLOEXEC);
	if (fd < 0)
		fail("/dev/urandom", -fd);
	result = ask(IOCTL, fd, RNDADDENTROPY, (long)&entropy);
	if (result < 0)
		fail("RNDADDENTROPY", -result);
	result = ask(IOCTL, fd, RNDRESEEDCRNG, 0);
	if (result < 0)
		fail("RNDRESEEDCRNG", -result);
	for (;;)
		ask(EXIT, 0, 0, 0);
}
