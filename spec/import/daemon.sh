#!/bin/sh
/usr/local/bin/kvm -id 100 -name 'web,debug-threads=on' -daemonize -pidfile /run/web.pid \
  -chardev 'socket,id=qmp,path=/run/web.qmp,server,nowait' -mon 'chardev=qmp,mode=control' \
  -object '{"qom-type":"throttle-group","id":"slow","limits":{"iops-total":100}}' \
  -object '{"id":"mem0","qom-type":"memory-backend-memfd","size":1073741824,"share":true}' \
  -blockdev '{"driver":"throttle","node-name":"root","throttle-group":"slow","file":{"driver":"qcow2","file":{"driver":"file","filename":"/srv/web, old.qcow2","aio":"io_uring","cache":{"direct":true,"no-flush":false}}}}' \
  -blockdev '{"driver":"qcow2","node-name":"top","file":"x","backing":null}' \
  -device '{"driver":"virtio-scsi-pci","id":"scsi","bus":"pci.0","addr":"0x5","num_queues":4}' \
  -device '{"driver":"scsi-hd","bus":"scsi.0","drive":"root","scsi-id":0,"write-cache":"on"}' \
  -netdev type=tap,id=net0,ifname=tap0,script=no,downscript=no,vhost=on \
  -device virtio-net-pci,netdev=net0,mac=52:54:00:12:34:56,rx_queue_size=1024 \
  -m 1024 -numa node,memdev=mem0,cpus=0-1,cpus=4 -smp 5 -sandbox on,spawn=deny -S
