-- Slurm on a site without cgroups: it signals every process of a job, QEMU too.
assert(loadfile("spec/fleet/slurm.lua", "t", _ENV)) "linuxproc"
