#!/bin/bash
# as managers of machines start them
LC_ALL=C PATH=/usr/bin \
/usr/bin/qemu-system-x86_64 \
-name guest=db01,debug-threads=on \
-S \
-object '{"qom-type":"secret","id":"masterKey0","format":"raw","file":"/var/lib/db01/master-key.aes"}' \
-machine pc-q35-7.2,usb=off,vmport=off,dump-guest-core=off,memory-backend=pc.ram \
-accel kvm \
-cpu host,migratable=on,topoext=on \
-m size=8388608k \
-object '{"qom-type":"memory-backend-memfd","id":"pc.ram","share":true,"size":8589934592}' \
-overcommit mem-lock=off \
-smp 4,sockets=1,dies=1,cores=2,threads=2 \
-uuid 4dea22b3-1d52-d8f3-2516-782e98ab3fa0 \
-no-user-config -nodefaults \
-chardev socket,id=charmonitor,fd=33,server=on,wait=off \
-mon chardev=charmonitor,id=monitor,mode=control \
-rtc base=utc,driftfix=slew -global kvm-pit.lost_tick_policy=delay \
-no-shutdown -global ICH9-LPC.disable_s3=1 -boot strict=on \
-device '{"driver":"pcie-root-port","port":16,"chassis":1,"id":"pci.1","bus":"pcie.0","multifunction":true,"addr":"0x2"}' \
-device '{"driver":"pcie-root-port","port":17,"chassis":2,"id":"pci.2","bus":"pcie.0","addr":"0x2.0x1"}' \
-device '{"driver":"qemu-xhci","p2":15,"p3":15,"id":"usb","bus":"pci.1","addr":"0x0"}' \
-blockdev '{"driver":"file","filename":"/var/lib/images/db01.qcow2","node-name":"storage1","auto-read-only":true,"discard":"unmap"}' \
-blockdev '{"node-name":"format1","read-only":false,"discard":"unmap","driver":"qcow2","file":"storage1","backing":null}' \
-device '{"driver":"virtio-blk-pci","bus":"pci.2","addr":"0x0","drive":"format1","id":"virtio-disk0","bootindex":1}' \
-netdev '{"type":"tap","fd":"35","vhost":true,"vhostfd":"37","id":"hostnet0"}' \
-chardev pty,id=charserial0 -device '{"driver":"isa-serial","chardev":"charserial0","id":"serial0","index":0}' \
-audiodev '{"id":"audio1","driver":"none"}' -vnc 127.0.0.1:0,audiodev=audio1 \
-device '{"driver":"virtio-vga","id":"video0","max_outputs":1,"bus":"pcie.0","addr":"0x1"}' \
-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny \
-msg timestamp=on
