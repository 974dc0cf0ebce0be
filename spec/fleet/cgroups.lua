-- Slurm as sites with cgroups have it; without root there are none, and jobs are told apart as on
-- the others.
assert(loadfile("spec/fleet/slurm.lua", "t", _ENV)) "cgroup"
