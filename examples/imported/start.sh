#!/bin/sh
# A script as people have them; vm.lua beside it is what `lunik import start.sh -o vm.lua` made of it.
exec qemu-system-x86_64 -name imported -machine q35,accel=tcg -m 512M -smp 2 \
	-kernel ../../build/guest/vmlinux -initrd ../../build/guest/initramfs.img \
	-append "console=ttyS0 panic=-1" -no-reboot \
	-drive file=../../build/guest/disk.qcow2,if=virtio,snapshot=on \
	-nic user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:0-:22 \
	-nographic
