/* SPDX-License-Identifier: MIT */
/* Whether KVM is usable, which opening /dev/kvm does not tell: some hosts open
 * it and then run guests at a crawl. So a guest is run, for a short loop. */
#ifndef LUNIK_KVM_H
#define LUNIK_KVM_H

#include <stdint.h>

#include "err.h"

/* 0 when it works. Tried in a child, which is gone afterwards. Too slow is
 * EOPNOTSUPP; no answer at `due` is ETIMEDOUT. */
int kvm_probe(int64_t due, struct err *e);

#endif
