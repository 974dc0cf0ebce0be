# SPDX-License-Identifier: MIT
# Vagrant with vagrant-libvirt, for `scripts/others`: its boxes come from a registry, so that it is
# only asked what it says of a wrong Vagrantfile.
# shellcheck shell=bash disable=SC2154 # what these files are given, and what they give

cd "$tmp" || exit
version() { vagrant --version; }

wrong() {
	cat >Vagrantfile <<-'END'
		Vagrant.configure("2") do |config|
		  config.vm.box = "debian"
		  config.vm.synced_foldr "src", "/mnt"
		  config.vm.synced_folder "/nowhere", "/mnt"
		  config.vm.provider(:libvirt) { |l| l.memry = 512; l.qemuargs value: "-device"; l.qemuargs value: "virtio-net-pcx" }
		end
	END
	echo '$ vagrant validate    # vm.synced_foldr, libvirt.memry, a folder and a device that are not there'
	vagrant validate
	sed -i '/foldr/d; s/l.memry = 512; //' Vagrantfile
	echo '$ vagrant validate    # the folder and the device alone'
	vagrant validate
}
