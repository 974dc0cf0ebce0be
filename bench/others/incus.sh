# SPDX-License-Identifier: MIT
# Incus, for `scripts/others`: it starts no machine without KVM, so that its daemon is looked at, and
# what it says of a wrong setting.
# shellcheck shell=bash disable=SC2154 # what these files are given, and what they give

mkdir -p /run/incus
incusd() { /usr/libexec/incus/incusd "$@"; }
incusd --group root >"$tmp/incusd.log" 2>&1 &
incusd waitready --timeout 120

version() { echo "Incus $(incusd --version)"; }

wrong() {
	incus -q storage create default dir
	echo '$ incus create m --empty --vm -c limits.memry=1GiB'
	incus create m --empty --vm -s default -c limits.memry=1GiB </dev/null
	echo '$ incus create m --empty --vm -c raw.qemu=…    # a device that QEMU does not know'
	incus create m --empty --vm -s default -c 'raw.qemu=-device virtio-net-pcx' </dev/null
	echo '$ incus config device add m src disk source=/nowhere path=/mnt'
	incus config device add m src disk source=/nowhere path=/mnt
	echo '$ incus start m'
	incus start m
}
