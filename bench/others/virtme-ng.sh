# SPDX-License-Identifier: MIT
# virtme-ng, for `scripts/others`: the same kernel, on the root file system of this Debian.
# shellcheck shell=bash disable=SC2154 # what these files are given, and what they give

kernel=$(echo /boot/vmlinuz-*)
vng=(vng --disable-kvm -r "$kernel" -a no_timer_check -m 512M --cpus 1)

version() { vng --version; }
once() { "${vng[@]}" -- true </dev/null; }
# until a program of the guest's has been heard of
start() {
	exec 3< <("${vng[@]}" -- 'echo up; sleep 600' </dev/null)
	read -r _ <&3
}
finish() {
	pgrep -x qemu-system-.* >/dev/null || return
	kill "$(pgrep -o -f 'qemu-system.*virtme')"
	cat <&3 >/dev/null
}
folder() { echo "not while it runs: --rwdir and --rodir are said at the start"; }

wrong() {
	echo '$ vng --memry 1G'
	vng --memry 1G </dev/null 2>&1 | tail -n 1
	echo '$ vng --qemu-opts=…    # a device that QEMU does not know'
	"${vng[@]}" '--qemu-opts=-device virtio-net-pcx' -- true </dev/null 2>&1 | tail -n 2
	echo '$ vng --rodir /nowhere'
	"${vng[@]}" --rodir /nowhere -- true </dev/null 2>&1 | tail -n 2
}
