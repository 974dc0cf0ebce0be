/* SPDX-License-Identifier: MIT */
/* Prints all that the processor says of itself, a line for each leaf of CPUID. */
#include <cpuid.h>
#include <stdio.h>

static void
leaves(unsigned first)
{
	unsigned a, b, c, d, last, leaf, sub;

	__cpuid(first, last, b, c, d);
	for (leaf = first; leaf <= last && leaf - first < 64; leaf++) {
		for (sub = 0; sub < 8; sub++) {
			__cpuid_count(leaf, sub, a, b, c, d);
			printf("%08x.%u %08x %08x %08x %08x\n", leaf, sub, a, b, c, d);
		}
	}
}

int
main(void)
{
	leaves(0);
	leaves(0x40000000);
	leaves(0x80000000);
	return 0;
}
