# SPDX-License-Identifier: MIT
# quickemu, for `scripts/others`: it wants a CPU that virtualizes before anything else.
# shellcheck shell=bash disable=SC2154 # what these files are given, and what they give

useradd -m quick
version() { echo "quickemu $(quickemu --version)"; }

wrong() {
	mkdir /home/quick/m
	printf '%s\n' 'guest_os="linux"' 'disk_img="m/d.qcow2"' 'memry="1G"' >/home/quick/m.conf
	chown -R quick /home/quick
	echo '$ quickemu --vm m.conf    # memry="1G"'
	su quick -c 'cd && quickemu --vm m.conf --display none'
}
