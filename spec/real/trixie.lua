-- Debian of that name.
assert(loadfile("spec/real/debian.lua", "t", _ENV)) "trixie"
