-- What is secret in a recipe stands in no command line and no environment of a program, in nothing
-- that is printed, in no log and in no state: in what is for the guest alone, and for lunik's user.
local base64 = require "lunik.text.base64"
local dirent = require "posix.dirent"
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

-- A program that writes down what it is told, and by whom, before it does what it is for.
local TELLTALE = [[#!/bin/sh
{ printf '%%s\n' "$0" "$@"; env; } >>%q
exec /usr/bin/%s "$@"
]]

local PROGRAMS = { "qemu-system-x86_64", "qemu-img", "mformat", "mcopy", "openssl", "ssh-keygen",
                   "swtpm" }

describe("what is secret in a recipe", function()
  local home, told
  setup(function()
    home = house.new()
    told = home.dir .. "/told"
    stat.mkdir(home.dir .. "/bin", 448)
    for _, name in ipairs(PROGRAMS) do
      scratch.write(("%s/bin/%s"):format(home.dir, name), TELLTALE:format(told, name), 448)
    end
    home.env[1] = ("PATH=%s/bin:%s"):format(home.dir, os.getenv "PATH")
    home.env[#home.env + 1] = "TOKEN=SECRET-of-the-environment"
    scratch.write(home.dir .. "/secret", "SECRET-of-a-file")
    scratch.write(home.dir .. "/config.ign",
      '{"ignition": {"version": "3.4.0"}, "passwd": "SECRET-of-ignition"}')
    home:does("up", home:small("secrets", [[agent {}, nic {}, ssh {}, tpm {}, ready = "agent",
      cloud_init { password = { file = "secret" }, run = { "echo SECRET-command " .. env "TOKEN" },
        files = { ["/token"] = "SECRET-text", ["/more"] = { file = "secret" } } },
      credential { name = "a.key", file = "secret" }, credential { name = "b", value = "SECRET-b" },
      ignition { file = "config.ign" },
      disk { file = "s.qcow2", create = true, size = "64M" } ]]))
  end)
  teardown(function() home:close() end)

  -- Every file below a folder that holds a text.
  local function holding(folder, text)
    local found = {}
    for _, name in ipairs(scratch.list(folder)) do
      local file <close> = io.open(folder .. "/" .. name, "rb")
      local bytes = file and file:read "a"
      if bytes and bytes:find(text, 1, true) then found[#found + 1] = name end
    end
    return found
  end

  local function state(file) return ("%s/state/lunik/secrets/%s"):format(home.dir, file) end

  -- The command lines of all processes that are about this house, and the environments of those
  -- that lunik has started: its own is the user's.
  local function processes()
    local texts = {}
    for pid in dirent.files "/proc" do
      local texts_of = {}
      for _, name in ipairs { "cmdline", "environ" } do
        local file <close> = pid:find "^%d+$" and io.open(("/proc/%s/%s"):format(pid, name), "rb")
        texts_of[name] = file and file:read "a" or ""
      end
      if (texts_of.cmdline .. texts_of.environ):find(home.dir, 1, true) then
        texts[#texts + 1] = texts_of.cmdline
        local ours = texts_of.environ:find("LUNIK_ID=", 1, true)
        texts[#texts + 1] = ours and texts_of.environ or nil
      end
    end
    return texts
  end

  it("is shown to no process, whether it stays or comes and goes", function()
    local texts = processes()
    assert.truthy(table.concat(texts):find("qemu-system-x86_64", 1, true))
    local all = scratch.read(told)
    for _, name in ipairs(PROGRAMS) do
      assert.truthy(all:find(home.dir .. "/bin/" .. name, 1, true), name)
    end
    texts[#texts + 1] = all
    for _, text in ipairs(texts) do assert.is_nil(text:find("SECRET", 1, true), text) end
    local hash = scratch.read(state "seed.img"):match "%$6%$[%w./]+%$([%w./]+)"
    assert.is_nil(table.concat(texts):find(hash, 1, true))
  end)

  it("is printed by no verb", function()
    local recipe = home.dir .. "/secrets.lua"
    for _, words in ipairs { { "plan", recipe }, { "plan", "--json", recipe }, { "argv", recipe },
      { "check", recipe }, { "check", "--json", recipe }, { "explain", recipe },
      { "explain", "--json", recipe }, { "ls" }, { "ls", "--json" }, { "status", "secrets" },
      { "status", "secrets", "--json" }, { "logs", "secrets" },
      { "logs", "secrets", "--source", "helpers" }, { "logs", "secrets", "--source", "qemu" },
      { "apply", "--dry-run", "secrets" }, { "ssh-config", "secrets" },
      { "qmp", "secrets", "query-named-block-nodes" } } do
      local out, errors = home:does(table.unpack(words))
      assert.is_nil((out .. errors):find("SECRET", 1, true), table.concat(words, " "))
    end
  end)

  it("is not shown where it has changed", function()
    local recipe = home.dir .. "/secrets.lua"
    local text = scratch.read(recipe)
    home:recipe("secrets", (text:gsub("SECRET%-text", "SECRET-other")))
    local out, errors = home:does("apply", "--dry-run", "secrets")
    assert.is_nil((out .. errors):find("SECRET", 1, true), out .. errors)
    assert.matches("a secret", out .. errors)
    home:recipe("secrets", text)
  end)

  it("is in what is for the guest, and in the snapshot of its recipe, while it runs", function()
    assert.same({ "lunik/secrets/snapshot" }, holding(home.dir .. "/run", "SECRET"))
    assert.same({}, holding(home.dir .. "/run", "SECRET-of-a-file"))
    assert.same({ "lunik/secrets/credential-1" },
                holding(home.dir .. "/run", base64.encode "SECRET-of-a-file"))
    assert.same({ "lunik/secrets/seed.img" }, holding(home.dir .. "/state", "SECRET"))
    assert.same({}, holding(home.dir .. "/cache", "SECRET"))
    local private = scratch.read(state "host_ed25519"):match "\n(%S+)\n"
    assert.same({}, holding(home.dir .. "/run", private))
    for _, path in ipairs { "state/lunik/secrets/seed.img", "run/lunik/secrets/snapshot",
      "run/lunik/secrets/credential-1" } do
      local mode = stat.stat(home.dir .. "/" .. path).st_mode & 511
      assert.equal("600", ("%o"):format(mode), path)
    end
    home:does("down", "--force", "secrets")
    assert.same({}, home:runtime())
    assert.same({}, holding(home.dir .. "/state", "SECRET"))
  end)
end)
