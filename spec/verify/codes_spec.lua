-- Every kind of mistake by its code: lunik.reference.mistakes has a command line, or a recipe, for
-- it, and what is said, word for word. A code without one fails.
local codes = require "lunik.verify.codes"
local core = require "lunik.core"
local fakehost = require "support.fakehost"
local host = require "lunik.host"
local house = require "support.house"
local lunik = require "lunik"
local mistakes = require "lunik.reference.mistakes"
local scratch = require "support.scratch"
local verify = require "lunik.verify"

local QEMU = "qemu-system-x86_64"
local known = assert(host.caps(host.program(QEMU)))
local version = known:version()

-- What a look at the host sees, of mistakes that only a host can tell.
local hosts = {
  ["address-missing"] = { ports = { ["tcp 192.0.2.1:99"] = "elsewhere" } },
  ["descriptor-closed"] = {},
  ["device-denied"] = { cards = { ["0000:0b:00.0"] = { driver = "vfio-pci", group = "12" } },
    denied = { ["/dev/vfio/12"] = "w" } },
  ["device-driver"] = { cards = { ["0000:0b:00.0"] = { driver = "nvme" } } },
  ["device-missing"] = {},
  ["file-kind"] = {},
  ["file-missing"] = {},
  ["file-unreadable"] = { files = { ["/srv/k.elf"] = "\x7fELF\2" .. ("\0"):rep(13) .. "\x3e\0" },
    denied = { ["/srv/k.elf"] = "r" } },
  ["file-unwritable"] = { denied = { ["/srv/a.log"] = "w" } },
  ["firmware-large"] = { stamps = { ["/srv/a.fd"] = { bytes = 9<<20 } } },
  ["folder-missing"] = {},
  ["folder-unwritable"] = { denied = { ["/srv"] = "w" } },
  ["image-base"] = { files = { ["/srv/a.qcow2"] = (">c4I4I8I4"):pack("QFI\xfb", 2, 72,
    18) .. ("\0"):rep(52) .. "base-missing.qcow2" } },
  ["image-empty"] = { files = { ["/srv/a.img"] = "" } },
  ["image-format"] = {},
  ["image-guessed"] = {},
  ["image-locked"] = { locks = { ["/srv/a.qcow2"] = { [201] = true, by = { pid = 7, name = "q",
    machine = "web" } } } },
  ["interface-kind"] = { links = { eth0 = {} } },
  ["interface-missing"] = {},
  ["interface-taken"] = { links = { tap0 = { tap = true } },
    interfaces_of = { tap0 = { pid = 7, name = "q",
    machine = "web" } } },
  ["kernel-unfit"] = { files = { ["/srv/k.txt"] = ("text "):rep(200) } },
  ["kvm-unusable"] = { kvm = function() return nil, "no /dev/kvm" end },
  ["memory-scarce"] = { available_memory = 3<<30 },
  ["memory-short"] = {},
  ["port-denied"] = { ports = { ["tcp :99"] = "denied" } },
  ["port-taken"] = { ports = { ["tcp :1234"] = "taken" } },
  ["port-twice"] = {},
  ["program-missing"] = { links = { tap0 = { tap = true } },
    files = { ["/etc/qemu-ifup"] = false } },
  ["socket-long"] = {},
  ["socket-silent"] = { kinds = { ["/srv/d.sock"] = "socket" } },
  ["smbios-long"] = { kinds = { ["/srv/k"] = "file", ["/srv/i"] = "file" } },
  ["socket-taken"] = { kinds = { ["/srv/q.sock"] = "socket" },
    sockets = { ["/srv/q.sock"] = { pid = 4, name = "q", machine = "db" } } },
  ["user-missing"] = {},
  ["image-twice"] = {},
  ["host-lacks"] = {},
  ["room-short"] = { left = 10 << 20 },
}

-- What is said with the code, or without one where it is the last resort, and how grave | nil
local function find(list, code)
  local last = code == "recipe" or code == "host-lacks"
  for _, problem in ipairs(list) do
    if problem.code == code or last and not problem.code then return problem end
  end
end

local function of_line(code, case)
  local argv = { QEMU }
  for word in (case.line or ""):gmatch "%S+" do argv[#argv + 1] = word end
  local over = hosts[code]
  if over then over.files = over.files or {} end
  local found = find(verify(argv, { known = known, host = over and fakehost.new(over), dir = "/srv",
    path = host.program(QEMU), qmp = case.qmp and core.json.decode(case.qmp) }), code)
  return found and found.message:gsub(version:gsub("%.", "%%."), "V"), found
end

local function of_recipe(code, case)
  local dir = scratch.new()
  scratch.write(dir .. "/vm.lua", ("return machine { sandbox = false, %s }"):format(case.recipe))
  local folder = "/home/dev/vm"
  local plan, problems = lunik.plan(folder .. "/vm.lua", { dir = folder, anyway = true, look = true,
    host = fakehost.new(hosts[code], { [folder] = dir }) })
  scratch.remove(dir)
  local found = find(plan and plan.lacks or problems, code) or plan and find(plan.warnings, code)
  return found and ("%s: %s"):format(found.path, found.why), found
end

describe("what is wrong has a code, a paragraph and its own words:", function()
  local function has(code, i)
    it(code.name, function()
      local case = assert(mistakes[code.name], "no case in lua/lunik/reference/mistakes.lua")
      local said, found = (case.recipe and of_recipe or of_line)(code.name, case)
      assert.equal(case.said, said)
      assert.equal(code.severity, found.severity or "error")
      assert.matches("^%u.*%.$", code.doc)
      assert.matches("%.$", code.mend)
      assert.equal(code, codes[code.name], i)
    end)
  end
  for i, code in ipairs(codes) do
    if code.name ~= "qemu-refuses" then has(code, i) end     -- of a trial: below
  end

  it("qemu-refuses, of a trial", function()
    local home <close> = setmetatable({ house = house.new() }, { __close = function(self)
      self.house:close()
    end })
    local case = mistakes["qemu-refuses"]
    local path = home.house:recipe("vm", ("return machine { %s }"):format(case.recipe))
    local _, text = home.house:lunik("check", "--start", "--json", path)
    local value = core.json.decode(text)
    local found = find(value.problems, "qemu-refuses")
    assert.same({ case.said, "error", 1 }, { found.why, found.severity, found.line })
  end)
end)
