#!/usr/bin/env bash
set -euo pipefail

QEMU=${QEMU:-qemu-system-aarch64}
DISK="${1:-$HOME/images/root disk.img}"
MEM=2G
args=(
  -M virt,gic-version=3      # the board
  -cpu max -m "$MEM"
  -smp $(nproc)
)

if [[ -n ${DEBUG:-} ]]; then
  args+=(-S -gdb tcp::1234)
fi

args+=(-drive "file=$DISK,format=raw,if=none,id=root" -device virtio-blk-pci,drive=root)
$QEMU --version > /dev/null || exit 1
cat <<END
qemu-system-aarch64 is not run here
END
exec sudo -E "$QEMU" "${args[@]}" $EXTRA -append 'root=/dev/vda rw "quoted"' -nographic "$@" 2>&1 | tee log
