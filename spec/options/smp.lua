-- SPDX-License-Identifier: MIT
return {
  { { 4 }, "4", try = {} },
  { { 8, sockets = 2, cores = 2, threads = 2, maxcpus = 8 },
    "8,cores=2,maxcpus=8,sockets=2,threads=2", try = { "-cpu", "core2duo" } },
  { { cpus = 2, maxcpus = 4, dies = 2 }, "cpus=2,dies=2,maxcpus=4", try = { "-machine", "q35" } },
  { { 4, clusters = 2, cores = 2 }, "4,clusters=2,cores=2", arch = "aarch64",
    try = { "-machine", "virt" } },
  { { 4, dies = 1, modules = 2, cores = 2 }, "4,cores=2,dies=1,modules=2", since = "9.1",
    try = { "-machine", "q35" } },
  { { 4, drawers = 2, books = 2 }, "4,books=2,drawers=2", arch = "s390x", since = "8.2", try = {} },
}
