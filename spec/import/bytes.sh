#!/bin/sh
qemu-system-x86_64 -append $'a\tb \xff\x01"' -kernel 'k\n' -fw_cfg name=opt/‮,string='café �' -pidfile "it's"
