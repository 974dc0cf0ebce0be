#!/bin/sh
qemu-system-x86_64 --name 'guest=a,,b' -M q35,usb=off,accel=tcg -usb -m 512, \
  -smp 2,sockets= -cpu kvm64,enforce,hv_spinlocks=0x1fff,+lahf_lm,-vmx \
  -device virtio-9p-pci,fsdev=nowhere,mount_tag=t -vga std -vga none \
  -fw_cfg name=opt/x,string=1 -fw_cfg opt/y,file=y,name=opt/z \
  -drive file=json:x,format=raw,readonly,snapshot=yes \
  -set device.v.x=1 -global ide-hd.physical_block_size=4096 -global driver=e1000,property=mac,value=x \
  -frobnicate high -machine q35,kernel_irqchip -serial tcp::4444,server,nodelay -k en-us old.img -boot
