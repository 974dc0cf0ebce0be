#!/bin/bash
# what the caller may say, and what only running it would tell
: "${QEMU:=qemu-system-x86_64}" "${CPUS:=4}"
MEM=${MEM:-"2G"}
IMAGES="${IMAGES:-/srv/my images}"
disk=$1
start() {
  local -a args=(-smp "$CPUS" -m "$MEM")
  declare -A map=([a]=1)
  args+=(-drive "file=$IMAGES/root.img,if=virtio")
  args[6]=-name
  args+=("${NAME:-web}")
  for each in "${@:2}"; do args+=(-cdrom "$each"); done
  "$QEMU" "${args[@]}" -hdb "$disk" -hdc "${map[a]}" \
    -object memory-backend-ram,id=ram,size=$MEM \
    -serial mon:stdio \
    -append "${append[*]}" -uuid ${UUID:-$(uuidgen)} \