-- An extension of lunik as a rock: mounts over sshfs.
--   luarocks --lua-version 5.4 make       in this folder; then: lunik help sshfs
rockspec_format = "3.0"
package = "lunik-sshfs"
version = "scm-1"

source = { url = "git+https://github.com/lunik/lunik.git" }

description = {
  summary = "Mounts over sshfs for lunik's machines",
  detailed = [[
    Directories of any host that the guest reaches by ssh: a kind of mount, a verb, a method of the
    machine, an event, a check and a policy. It is the model of an extension of one's own.]],
  license = "MIT",
}

supported_platforms = { "linux" }

dependencies = { "lua >= 5.4, < 5.5" }     -- and lunik, wherever that comes from

build = {
  type = "builtin",
  modules = {
    ["lunik.ext.sshfs"] = "lua/lunik/ext/sshfs.lua",
    ["lunik.ext.sshfs.check"] = "lua/lunik/ext/sshfs/check.lua",
    ["lunik.ext.sshfs.doctor"] = "lua/lunik/ext/sshfs/doctor.lua",
    ["lunik.ext.sshfs.lost"] = "lua/lunik/ext/sshfs/lost.lua",
    ["lunik.ext.sshfs.method"] = "lua/lunik/ext/sshfs/method.lua",
    ["lunik.ext.sshfs.mount"] = "lua/lunik/ext/sshfs/mount.lua",
    ["lunik.ext.sshfs.recipe"] = "lua/lunik/ext/sshfs/recipe.lua",
    ["lunik.ext.sshfs.verb"] = "lua/lunik/ext/sshfs/verb.lua",
  },
}
