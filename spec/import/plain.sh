#!/bin/sh
# the kind of script that people have
qemu-system-x86_64 \
  -enable-kvm -cpu host -smp 4 -m 4096 \
  -drive file=debian.qcow2,if=virtio,cache=writeback,discard=unmap \
  -nic user,model=virtio-net-pci,hostfwd=tcp::2222-:22,hostfwd=tcp:127.0.0.1:8080-:80 \
  -device virtio-rng-pci -usb -device usb-tablet \
  -vga virtio -display gtk,gl=on,zoom-to-fit=off \
  -monitor stdio -serial file:serial,log.txt
