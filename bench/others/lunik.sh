# SPDX-License-Identifier: MIT
# lunik, for `scripts/others`: nothing has to run before a machine does.
# shellcheck shell=bash disable=SC2154 # what these files are given, and what they give

lunik=/lunik/build/standalone/lunik
export XDG_RUNTIME_DIR=$tmp/run XDG_STATE_HOME=$tmp/state
mkdir -m 700 "$XDG_RUNTIME_DIR" "$XDG_STATE_HOME" "$tmp/src"

cat >"$tmp/vm.lua" <<-END
	return machine { name = "m", accel = "tcg", memory = "512M", ready_within = "15m",
	  kernel = "/guest/vmlinuz", initrd = "/guest/initramfs.img", append = "$append",
	  console {}, agent {}, hotplug { ports = 4 } }
END

version() { $lunik version | head -n 1; }
once() { $lunik up "$tmp/vm.lua" -- true; }
start() { $lunik up "$tmp/vm.lua"; }
finish() { $lunik down --force m; }
in_guest() { $lunik exec m -- sh -c "$1"; }

# A folder while it runs; what becomes of it when it is to go while a program of the guest's is in it.
folder() {
	$lunik mount m "$tmp/src" --to /mnt
	in_guest 'cd /mnt && { sleep 600 >/dev/null 2>&1 & }'
	$lunik unmount m mnt
	in_guest 'echo safe >/mnt/file' && echo "the guest goes on writing: $(cat "$tmp/src/file")"
	in_guest 'kill $(pidof sleep)'
	$lunik unmount m mnt
}

wrong() {
	for line in 'memry = "1G"' 'qemu.device { "virtio-net-pcx" }' 'mount { from = "/nowhere", to = "/mnt" }'; do
		printf 'return machine { %s }\n' "$line" >"$tmp/wrong.lua"
		echo "\$ lunik check    # $line"
		$lunik check "$tmp/wrong.lua"
	done
}
