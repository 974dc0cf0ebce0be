# SPDX-License-Identifier: MIT
# QEMU by hand, for `scripts/others`: what all of them start in the end, and its guest's agent asked.
# shellcheck shell=bash disable=SC2154 # what these files are given, and what they give

version() { qemu-system-x86_64 --version | head -n 1; }

# ask COMMAND: the agent's answer
ask() {
	echo "$1" >&"${AGENT[1]}"
	read -r answer <&"${AGENT[0]}"
}

once() {
	qemu-system-x86_64 -nodefaults -machine q35 -accel tcg -cpu max -m 512M -display none \
		-kernel /guest/vmlinuz -initrd /guest/initramfs.img -append "$append" -serial "file:$tmp/serial" \
		-device virtio-serial-pci -chardev socket,id=agent,path="$tmp/agent",server=on,wait=off \
		-device virtserialport,chardev=agent,name=org.qemu.guest_agent.0 &
	until [ -S "$tmp/agent" ]; do :; done
	coproc AGENT { socat - "UNIX-CONNECT:$tmp/agent"; }
	ask '{"execute":"guest-exec","arguments":{"path":"true"}}'
	pid=${answer//[^0-9]/}
	until ask '{"execute":"guest-exec-status","arguments":{"pid":'"$pid"'}}' && [[ $answer == *'"exited"'*true* ]]; do :; done
	[[ $answer == *'"exitcode"'*0* ]]
}

start() { once; }
finish() {
	kill %1
	wait
	rm -f "$tmp/agent"
}
