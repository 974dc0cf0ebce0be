# SPDX-License-Identifier: MIT
# libvirt, for `scripts/others`: the daemons that Debian's package starts for QEMU, started by hand.
# shellcheck shell=bash disable=SC2154 # what these files are given, and what they give

export LIBVIRT_DEFAULT_URI=qemu:///system
folder="<filesystem type='mount'><driver type='virtiofs'/><source dir='$tmp/src'/><target dir='src'/></filesystem>"

# domain DEVICES [MORE]: a definition
domain() {
	cat <<-END
		<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
		<name>m</name><memory unit='MiB'>512</memory><vcpu>1</vcpu>
		<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>
		<os><type arch='x86_64' machine='q35'>hvm</type><kernel>/guest/vmlinuz</kernel>
		<initrd>/guest/initramfs.img</initrd><cmdline>$append</cmdline></os>
		<features><acpi/></features><cpu mode='maximum'/>
		<devices><channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
		<serial type='file'><source path='$tmp/serial'/></serial>$1</devices>${2:-}</domain>
	END
}

mkdir -p /run/libvirt "$tmp/src"
virtlogd -d
libvirtd -d
until virsh version >/dev/null 2>&1; do sleep 0.1; done
domain >"$tmp/m.xml"
virsh -q define "$tmp/m.xml"

version() { echo "libvirt $(virsh --version)"; }
agent() { virsh qemu-agent-command --timeout 300 m "$1"; }

# in_guest SCRIPT: its exit status, asked for until there is one
in_guest() {
	local pid state
	pid=$(agent '{"execute":"guest-exec","arguments":{"path":"sh","arg":["-c","'"$1"'"]}}') || return
	pid=${pid//[^0-9]/}
	until state=$(agent '{"execute":"guest-exec-status","arguments":{"pid":'"$pid"'}}') &&
		[[ $state == *'"exited":true'* ]]; do :; done
	[[ $state == *'"exitcode":0'* ]]
}

start() {
	virsh -q start m
	until virsh qemu-agent-command m '{"execute":"guest-ping"}' >/dev/null 2>&1; do sleep 0.05; done
}
once() { start && in_guest true; }
finish() {
	virsh destroy m 2>&1 || virsh destroy m
	until virsh domstate m | grep -q "shut off"; do sleep 0.1; done
}

folder() {
	echo "$folder" >"$tmp/folder.xml"
	virsh -q attach-device m "$tmp/folder.xml"
	until in_guest 'mount -t virtiofs src /mnt' || [ $((tries += 1)) -gt 20 ]; do sleep 0.2; done
	in_guest 'echo mounted >/mnt/file' && echo "in the guest: $(cat "$tmp/src/file")"
	in_guest 'cd /mnt && { sleep 600 >/dev/null 2>&1 & }'
	virsh detach-device m "$tmp/folder.xml"
	if timeout 60 bash -c "$(declare -f agent in_guest); in_guest 'echo safe >/mnt/file'"; then
		echo "the guest goes on writing: $(cat "$tmp/src/file")"
	else
		echo "the guest can no longer write into it"
	fi
}

wrong() {
	domain "" "<memry>1</memry>" >"$tmp/wrong.xml"
	sed -i s/\<name\>m/\<name\>w/ "$tmp/wrong.xml"
	echo '$ virsh define, virsh define --validate    # <memry>1</memry>'
	virsh define "$tmp/wrong.xml" && virsh -q undefine w
	virsh define --validate "$tmp/wrong.xml"
	domain "" "<qemu:commandline><qemu:arg value='-device'/><qemu:arg value='virtio-net-pcx'/></qemu:commandline>" |
		sed s/\<name\>m/\<name\>w/ >"$tmp/wrong.xml"
	echo '$ virsh define --validate, virsh start    # a device that QEMU does not know'
	virsh define --validate "$tmp/wrong.xml"
	virsh start w
	virsh -q undefine w
	domain "${folder//$tmp\/src//nowhere}" | sed s/\<name\>m/\<name\>w/ >"$tmp/wrong.xml"
	echo '$ virsh define --validate, virsh start    # a folder that is not there'
	virsh define --validate "$tmp/wrong.xml"
	virsh start w
	virsh -q undefine w
}
