#!/bin/sh
# a kernel on the host's own files
ARCH=x86_64
KERNEL="/srv/linux/arch/$ARCH/boot/bzImage"
exec "qemu-system-$ARCH" -name linux -m 1G -smp 4 -machine accel=kvm:tcg -cpu max \
	-chardev stdio,id=console,signal=off,mux=on -serial chardev:console -mon chardev=console \
	-chardev "file,path=/proc/self/fd/2,id=dmesg" -device virtio-serial-pci -device virtconsole,chardev=dmesg \
	-virtfs local,id=root,path=/,security_model=none,readonly=on,multidevs=remap,mount_tag=/dev/root \
	-fsdev local,id=work,path=/srv/work,security_model=passthrough -device virtio-9p-pci,fsdev=work,mount_tag=work \
	-object memory-backend-memfd,id=mem,size=1G,share=on -numa node,memdev=mem \
	-parallel none -net none -vga none -display none -echr 1 -no-reboot -d guest_errors,unimp \
	-kernel "$KERNEL" -append "console=hvc0 earlyprintk=serial,ttyS0,115200 rootfstype=9p init=/bin/sh" ${INITRD:+-initrd $INITRD}
