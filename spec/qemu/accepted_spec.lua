-- Every golden's plan, as it is handed over (descriptors open, monitors, sandbox), is taken
-- by a real QEMU: it answers query-status before anything runs.
local core = require "lunik.core"
local goldens = require "support.goldens"
local lunik = require "lunik"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local seconds = 20

-- What cannot be tried on the machines that run this, each with its reason.
local untried = {
  ["accel-tcg-for-other-arch"] = "needs qemu-system-aarch64, which is no dependency",
  cdrom = "needs a CD-ROM drive of the host",
  ["cdrom-arm"] = "needs qemu-system-aarch64, which is no dependency",
  ["firmware-aarch64"] = "needs qemu-system-aarch64, which is no dependency",
  ["cpu-features"] = "needs KVM, for the CPU is the host's",
  ["cpu-features-merged"] = "needs a CPU of ARM for its feature",
  ["devices-in-json"] = "needs QEMU 9.0, the first with iothread-vq-mapping",
  ["disk-device"] = "needs a block device that nobody uses",
  ["disk-overlay-doubtful"] = "needs an overlay whose base image has changed since",
  ["qemu-paths"] = "names what QEMU would load: ROMs, tables, a far server",
  ["qemu-paths-as-written"] = "says its paths as seen from QEMU's working directory",
  windows = "needs KVM, for the CPU is the host's",
  locked = "is pinned as an older QEMU made it, whose devices no longer fit",
  raw = "says its path as seen from QEMU's working directory",
  ["sandbox-off"] = "needs a bridge and its helper",
}

-- Goldens that ask for what is not there: a terminal of the desktop, KVM.
local set = {
  firmware = { display = "none" },
}

-- What QEMU says on stderr and starts all the same.
local said = {
  ["no-defaults"] = "Image format was not specified for 'old disk.img'",
}

local function names()
  local list = {}
  for name in require "posix.dirent".files "spec/golden" do
    local stem = name:match "^(.*)%.lua$"
    if stem and not untried[stem] then list[#list + 1] = stem end
  end
  table.sort(list)
  return list
end

-- As much of a kernel as QEMU's loader looks at (Documentation/arch/x86/boot.rst).
local function kernel()
  local head = ("\0"):rep(0x1f1) .. "\1" .. ("\0"):rep(0x10) .. "HdrS" .. "\x0c\x02"
    .. ("\0"):rep(9) .. "\1"
  head = head .. ("\0"):rep(0x22c - #head) .. "\xff\xff\xff\x7f"
  return head .. ("\0"):rep(16384 - #head)
end

local function make_folders(path)
  for upto in path:gmatch "()/" do
    if upto > 1 then stat.mkdir(path:sub(1, upto - 1)) end
  end
end

local function qemu_img(...)
  local text, how, status = run.output { argv = { "qemu-img", ... }, path = true, env = {} }
  assert(how == "exited" and status == 0, text)
end

-- What descriptors of firmware say, with its images below `root`.
local function below(descriptors, root)
  local list = {}
  for i, one in ipairs(descriptors) do
    list[i] = setmetatable({ code = { path = root .. one.code.path, format = one.code.format },
      vars = { path = root .. one.vars.path, format = one.vars.format } }, { __index = one })
  end
  return list
end

-- A host whose absolute paths lie below `root`.
local function host_below(root, stem)
  local host = goldens.host("spec/golden/" .. stem .. ".lua", "spec/golden")
  local kind, real = host.kind, host.real
  function host.real(path)
    path = real(path)
    return path:sub(1, #root) == root and path or root .. path
  end
  local function as_golden(path)
    return path:sub(1, #root) == root and path:sub(#root + 1) or path
  end
  function host.kind(path) return kind(as_golden(path)) end
  local contents = host.contents
  function host.contents(path, ...) return contents(as_golden(path), ...) end
  local firmware = host.firmware
  function host.firmware() return below(firmware(), root) end
  function host.kvm() return nil, "this spec uses none" end
  function host.virtiofsd() return require "lunik.host.virtiofsd"() end
  host.runtime, host.state = root .. "/run", root .. "/state"
  host.arch = "x86_64"
  return host
end

-- Makes a file that the command line names. None is made, or emptied, that is the machine's own.
local function make(path, plan)
  local root = plan.runtime:match "^/[^/]+/[^/]+"
  assert(path:sub(1, #root + 1) == root .. "/", path .. ": lies outside of " .. root)
  for _, file in ipairs(plan.files) do
    if file.path == path and file.kind == "overlay" then
      make(file.base, plan)
      return qemu_img("create", "-q", "-f", "qcow2", "-b", file.base, "-F", file.base_format, path)
    end
  end
  make_folders(path)
  if path:find "qcow2$" then return qemu_img("create", "-q", "-f", "qcow2", path, "1M") end
  -- tables of SMBIOS take no NUL
  if path:find "credential%-%d+$" then return scratch.write(path, "io.systemd.credential:a=b") end
  scratch.write(path, path:find "vmlinu" and kernel() or ("\0"):rep(1 << 20))
end

-- Keys that name a file, by option.
local keys = { ["-blockdev"] = { "driver", "filename", "file.filename" },
  ["-smbios"] = { "type", "path" }, ["-fw_cfg"] = { "name", "file" } }

local named = { ["-kernel"] = true, ["-initrd"] = true, ["-bios"] = true, ["-hda"] = true }

local function make_files(plan, argv)
  for i, word in ipairs(argv) do
    local file = named[word] and argv[i + 1]
    local of = keys[word]
    for _, pair in ipairs(of and core.argv.parse(argv[i + 1], of[1]) or {}) do
      if pair[1] == of[2] or pair[1] == of[3] then file = pair[2] end
    end
    for _, pair in ipairs(word == "-fsdev" and core.argv.parse(argv[i + 1], "fsdriver") or {}) do
      if pair[1] == "path" then make_folders(pair[2] .. "/") end
    end
    if file then make(file:sub(1, 1) == "/" and file or plan.state .. "/" .. file, plan) end
  end
end

local open = {}

function open.listen(row) return core.chan.listen(row.path) end
function open.lock(row) return core.lock.take(row.path) end
function open.memory(row) return require "lunik.process.ram".new(row.name, row.size) end
function open.connect(_, _, sockets) return sockets.connected end

-- Taps of our own, gone with their descriptor: the golden's may be somebody's.
function open.tap(_, index) return core.tap.open("lunik-spec" .. index, { vnet_hdr = true }) end
open.bridge = open.tap

-- Starts a helper on its listening socket; a connection to it is what QEMU gets.
local function start_helper(helper)
  if helper.share then stat.mkdir(helper.share.at) end
  local listening = assert(core.chan.listen(helper.listen.path))
  local connected = assert(core.chan.connect(helper.listen.path, seconds))
  local daemon = assert(core.proc.spawn { argv = helper.argv,
    fds = { [helper.listen.fd] = listening:fd() } })
  listening:close()
  return { name = helper.name, daemon = daemon, connected = connected }
end

local function spawn(plan, argv, handles)
  local helpers, fds = {}, {}
  for _, helper in ipairs(plan.helpers) do
    local started = start_helper(helper)
    helpers[helper.name] = started
    handles[#handles + 1] = started.connected
  end
  for i, row in ipairs(plan.descriptors) do
    local handle = assert(open[row.kind](row, i, helpers[row.helper]))
    handles[#handles + 1], fds[i + 2] = handle, handle:fd()
  end
  local errors = io.open(plan.runtime .. "/errors", "w")
  fds[2] = require "posix.stdio".fileno(errors)
  local qemu = assert(core.proc.spawn { argv = argv, fds = fds, cwd = plan.state, env = {},
    pdeathsig = 9 })
  errors:close()
  return qemu, helpers
end

-- Asks the QEMU of `plan` whether it stands ready, and ends it.
local function ask(plan, qemu)
  local chan = assert(core.chan.connect(plan.runtime .. "/monitor.sock", seconds))
  local qmp = assert(core.qmp.open(chan))
  local greeting, why = qmp:handshake(seconds)
  if not greeting then
    qemu:wait(seconds)
    return nil, ("%s: %s"):format(why, scratch.read(plan.runtime .. "/errors"))
  end
  local status = assert(qmp:exec("query-status", nil, seconds))
  qmp:exec("quit", nil, seconds)
  return status.status, scratch.read(plan.runtime .. "/errors")
end

local function take(stem)
  local root = scratch.new()
  local _ <close> = setmetatable({}, { __close = function() scratch.remove(root) end })
  local plan, problems = lunik.plan("spec/golden/" .. stem .. ".lua",
    { host = host_below(root, stem),
    dir = root .. "/home/dev/vm", anyway = true, set = set[stem] })
  assert(plan, plan or lunik.text(problems))
  make_folders(plan.runtime .. "/")
  make_folders(plan.state .. "/")
  make_folders(root .. "/home/dev/vm/")
  local argv, handles = assert(plan:command("live", true)), {}
  make_files(plan, argv)
  stat.mkdir(plan.runtime .. "/tpm")
  stat.mkdir(plan.state .. "/tpm")
  local qemu, helpers = spawn(plan, argv, handles)
  for _, handle in ipairs(handles) do handle:close() end
  local status, errors = ask(plan, qemu)
  if not status then qemu:signal(9) end
  local how, code = qemu:wait(seconds)
  for _, helper in pairs(helpers) do
    helper.daemon:signal(15)
    assert(helper.daemon:wait(seconds))
  end
  return status, errors, how, code
end

describe("QEMU takes", function()
  for _, stem in ipairs(names()) do
    it(stem, function()
      local status, errors, how, code = take(stem)
      assert.equal("prelaunch", status, errors)
      assert.equal(said[stem] or "", said[stem] and errors:match(said[stem]) or errors)
      assert.same({ "exited", 0 }, { how, code })
    end)
  end
end)
