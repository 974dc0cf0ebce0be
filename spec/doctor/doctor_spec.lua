-- What `lunik doctor` finds, on hosts made of tables: each check where all is well and where it is
-- not, with the command that mends it; and checks of others, from lunik/ext/doctor.
local core = require "lunik.core"
local extensions = require "lunik.extensions"
local doctor = require "lunik.doctor"
local fakehost = require "support.fakehost"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local verb = require "lunik.cli.doctor"

local DEBIAN = 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 13"\nVERSION_CODENAME=trixie\n'

local LIMITS = [[
Limit                     Soft Limit           Hard Limit           Units
Max locked memory         %s           %s              bytes
Max open files            1024                 %s               files
]]

local function limits(locked, files) return LIMITS:format(locked, locked, files) end

local FIRMWARE = '{ "targets": [ { "architecture": "x86_64" } ], "mapping": '
  .. '{ "executable": { "filename": "/usr/share/OVMF/%s.fd" } } }'

local MOUNTS = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 0:20 / /run rw - tmpfs tmpfs rw\n"

-- A host on which all is well; `over` has other files, or false for none, and other members.
local function host_of(over)
  over = over or {}
  local files = {
    ["/etc/os-release"] = DEBIAN, ["/proc/self/limits"] = limits("unlimited", "1048576"),
    ["/proc/self/mountinfo"] = MOUNTS, ["/sys/module/kvm_intel"] = "",
    ["/sys/module/kvm_intel/parameters/nested"] = "Y\n", ["/proc/cpuinfo"] = "flags : sse vmx\n",
    ["/var/lib/systemd/linger/dev"] = "", ["/etc/qemu/bridge.conf"] = "allow br0\n",
    ["/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"] = "512\n",
    ["/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"] = "500\n",
    ["/usr/share/qemu/firmware/60-x86.json"] = FIRMWARE:format "OVMF_CODE",
  }
  for path, text in pairs(over.files or {}) do files[path] = text end
  local members = { files = files, environment = { PATH = "/usr/bin" },
    listing = { ["/usr/bin"] = { "qemu-system-x86_64", "qemu-system-aarch64" },
                ["/sys/kernel/mm/hugepages"] = { "hugepages-2048kB" },
                ["/usr/share/qemu/firmware"] = { "60-x86.json" } },
    subids = function() return { uid = { count = 65536 }, gid = { count = 65536 } } end,
    owner = function() return { uid = 1000, mode = 2541 } end }
  for name, value in pairs(over) do
    if name ~= "files" then members[name] = value end
  end
  return fakehost.new(members)
end

-- What a check finds, as text.
local function found(name, over)
  local checks = {}
  for _, check in ipairs(doctor.checks()) do
    if check.name == name then checks[1] = check end
  end
  local lines = {}
  for i, one in ipairs(doctor.look(checks, host_of(over))) do
    local mend = one.mend and " [" .. one.mend .. "]" or ""
    lines[i] = ("%s: %s%s"):format(one.verdict, one.text, mend)
  end
  return table.concat(lines, "\n")
end

local function without(program, arch)
  return { arch = arch, program = function(name)
    return name ~= program and "/usr/bin/" .. name or nil
  end }
end

describe("the doctor", function()
  it("finds a host well where all is", function()
    local list, well = doctor.look(nil, host_of())
    assert.is_true(well)
    local seen = {}
    for _, one in ipairs(list) do
      assert.equal("ok", one.verdict, one.check .. ": " .. one.text)
      seen[one.check] = true
    end
    for _, name in ipairs(doctor.own) do assert.is_true(seen[name], name) end
  end)

  it("looks for QEMU", function()
    assert.equal("ok: /usr/bin/qemu-system-x86_64, version 8.2.0\n"
      .. "ok: for other architectures: aarch64", found "qemu")
    assert.equal("fail: qemu-system-x86_64 is not in PATH [sudo apt install qemu-system-x86]\n"
      .. "ok: for other architectures: aarch64", found("qemu", without "qemu-system-x86_64"))
    assert.matches("^warn: /usr/bin/qemu%-system%-x86_64 is version 6.2.0; lunik knows 7.2 and "
      .. "later", found("qemu", { version_of = function() return "6.2.0" end }))
    assert.matches("^fail: /usr/bin/qemu%-system%-x86_64 does not say its version",
      found("qemu", { version_of = function() end }))
  end)

  it("tries KVM, and says what keeps it", function()
    assert.equal("ok: KVM works\nok: guests can use KVM themselves (nested)", found "kvm")
    local function no_kvm(cpu)
      return found("kvm", { files = { ["/dev/kvm"] = false, ["/proc/cpuinfo"] = cpu } })
    end
    assert.equal("warn: no /dev/kvm: guests are emulated, and slow; the module kvm_amd is not "
      .. "loaded [sudo modprobe kvm_amd]", no_kvm "flags : svm sse\n")
    assert.matches("no processor that has virtualization on", no_kvm "flags : sse\n")
    assert.equal("warn: dev may not use /dev/kvm: guests are emulated, and slow "
      .. "[sudo usermod -aG kvm dev, and log in again]",
      found("kvm", { may = function(path) return path ~= "/dev/kvm" end }))
    assert.equal("warn: KVM does not work: too slow",
      found("kvm", { kvm = function() return nil, "too slow" end }))
    assert.equal("ok: KVM works\nwarn: guests cannot use KVM themselves (nested) "
      .. "[echo 'options kvm_intel nested=1' | sudo tee -a /etc/modprobe.d/kvm.conf]",
      found("kvm", { files = { ["/sys/module/kvm_intel/parameters/nested"] = "N\n" } }))
  end)

  it("looks for programs, and names the distribution's packages", function()
    local packages = { Debian = "apt install qemu-utils", Fedora = "dnf install qemu-img",
                       ["Arch Linux"] = "pacman -S qemu-img", Alpine = "apk add qemu-img" }
    local ids = { Debian = "debian", Fedora = "fedora", ["Arch Linux"] = "arch",
                  Alpine = "alpine" }
    for name, command in pairs(packages) do
      local over = without "qemu-img"
      over.files = { ["/etc/os-release"] = ("NAME=%s\nID=\"%s\"\n"):format(name, ids[name]) }
      assert.equal("warn: qemu-img is not in PATH: overlays and new images cannot be made [sudo "
        .. command .. "]", found("images", over))
    end
    local over = without "passt"
    over.uid, over.files = 0, { ["/etc/os-release"] = "ID=mint\nID_LIKE='ubuntu debian'\n" }
    assert.equal("warn: passt is not in PATH: QEMU's network by passt cannot be had "
      .. "[apt install passt]", found("passt", over))
    over.files = { ["/etc/os-release"] = "ID=gentoo\n" }
    assert.equal("warn: passt is not in PATH: QEMU's network by passt cannot be had",
                 found("passt", over))
    assert.matches("apt install openssh%-client", found("ssh", without "ssh"))
    assert.matches("apt install mtools", found("mtools", without "mcopy"))
    assert.matches("apt install swtpm", found("swtpm", without "swtpm"))
  end)

  it("has a package of each for every distribution and architecture that lunik knows", function()
    local distribution = require "lunik.doctor.distribution"
    for _, what in ipairs { "qemu", "qemu-img", "virtiofsd", "subids", "swtpm", "passt", "mtools",
      "ssh", "bridge", "firmware" } do
      for _, id in ipairs { "debian", "fedora", "arch", "alpine" } do
        for _, arch in ipairs { "x86_64", "aarch64" } do
          local host = host_of { arch = arch, files = { ["/etc/os-release"] = "ID=" .. id } }
          assert.is_string(distribution.install(host, what), what .. " of " .. id)
        end
      end
    end
  end)

  it("looks at the folders of what runs and what stays", function()
    assert.equal("ok: /run/user/1000/lunik", found "runtime")
    assert.equal("warn: XDG_RUNTIME_DIR is x: not an absolute path; what runs is kept in /tmp\n"
      .. "ok: /run/user/1000/lunik", found("runtime", {
        runtime_note = "XDG_RUNTIME_DIR is x: not an absolute path; what runs is kept in /tmp" }))
    assert.matches("^fail: /run/user/1000/lunik cannot be written to, .* "
      .. "%[export XDG_RUNTIME_DIR=/run/user/1000%]$",
      found("runtime", { may = function() return false end }))
    assert.matches("^fail: /run/user/1000/lunik belongs to user 5$",
      found("runtime", { owner = function() return { uid = 5, mode = 448 } end }))
    assert.matches("warn: /var/x is on ext4, not in memory", found("runtime",
      { runtime = "/var/x" }))
    assert.matches("warn: it goes with the last session of dev, and machines with it "
      .. "%[loginctl enable%-linger%]$",
      found("runtime", { files = { ["/var/lib/systemd/linger/dev"] = false } }))
    assert.matches("warn: /r.* is long: the sockets of machines",
      found("runtime", { runtime = "/run/" .. ("r"):rep(60) }))
    assert.equal("ok: /home/dev/.local/state/lunik", found "state")
    assert.matches("^fail: .*/lunik cannot be written to", found("state",
      { may = function() return false end }))
  end)

  it("looks at limits and large pages", function()
    assert.equal("warn: at most 4096 files may be open: a guest that uses many by virtiofs is "
      .. "refused more [echo 'dev hard nofile 1048576' | sudo tee -a "
      .. "/etc/security/limits.d/lunik.conf, and log in again]\nok: 64 KiB may be locked: VFIO "
      .. "devices, and qemu.overcommit { mem_lock = true }, take all the guest's memory "
      .. "[ulimit -l unlimited]",
      found("limits", { files = { ["/proc/self/limits"] = limits("65536", "4096") } }))
    assert.equal("ok: 500 of 512 pages of 2048 KiB are free", found "hugepages")
    assert.matches("^ok: none are set aside: .* %[sudo sysctl vm.nr_hugepages=512%]$",
      found("hugepages", { listing = {} }))
  end)

  it("looks at what mounts take", function()
    assert.equal("ok: /usr/libexec/virtiofsd, the Rust one", found "virtiofsd")
    assert.equal('warn: none; mount { kind = "9p" } can do without [sudo apt install virtiofsd]',
      found("virtiofsd", { virtiofsd = function() return nil, "none" end }))
    assert.equal("ok: user namespaces can be made\nok: 65536 further user ids, 65536 group ids",
                 found "namespaces")
    assert.matches("^warn: no user namespace can be made: not permitted: .* "
      .. "%[sudo sysctl user.max_user_namespaces=15000%]\n",
      found("namespaces", { namespaces = function() return nil, "not permitted" end, files = {
        ["/proc/sys/user/max_user_namespaces"] = "0\n" } }))
    assert.matches("\nwarn: newuidmap .* %[sudo apt install uidmap%]$", found("namespaces",
      { subids = function() return nil, "newuidmap is not in PATH" end }))
    assert.matches("\nwarn: /etc/subuid has no range for dev.* %[sudo usermod %-%-add%-subuids",
      found("namespaces",
        { subids = function() return nil, "/etc/subuid has no range for dev" end }))
  end)

  it("looks at cards, firmware and the kernel's help", function()
    assert.equal("ok: /usr/lib/qemu/qemu-bridge-helper", found "bridge")
    assert.matches("is not setuid: .* %[sudo chmod u%+s", found("bridge",
      { owner = function() return { uid = 0, mode = 493 } end }))
    assert.matches("is not there: nic .* %[sudo apt install qemu%-system%-common%]",
      found("bridge", { owner = function() end }))
    assert.matches("no bridge is allowed %[echo 'allow br0' | sudo tee %-a",
      found("bridge", { files = { ["/etc/qemu/bridge.conf"] = false } }))
    assert.equal("ok: /dev/vhost-net\nok: /dev/vhost-vsock", found "vhost")
    assert.equal("warn: no /dev/vhost-net: cards with vhost=on cannot be had "
      .. "[sudo modprobe vhost_net]\nok: /dev/vhost-vsock",
      found("vhost", { files = { ["/dev/vhost-net"] = false } }))
    assert.equal("ok: firmware for x86_64: 1", found "firmware")
    local path = "/usr/share/qemu/firmware/60-x86.json"
    assert.matches("^warn: no descriptor of UEFI firmware for x86_64, but for that of a file that "
      .. "is not there: " .. path:gsub("%p", "%%%0") .. ": .* %[sudo apt install ovmf%]$",
      found("firmware", { files = { [path] = FIRMWARE:format "missing" } }))
    for _, text in ipairs { "", "[]", '{"targets":5}', '{"targets":[{"architecture":[]}]}',
      '{"targets":[{"architecture":"x86_64"}],"mapping":[1]}' } do
      assert.matches("^warn: no descriptor of UEFI firmware for x86_64: ",
        found("firmware", { files = { [path] = text } }), text)
    end
  end)

  it("says what it has found to people and to programs", function()
    local list = { { check = "kvm", verdict = "warn", text = "slow\27[2J", mend = "modprobe kvm" },
                   { check = "namespaces", verdict = "ok", text = "fine" } }
    local lines = {}
    verb.text(list, { write = function(_, ...) lines[#lines + 1] = table.concat { ... } end })
    assert.equal("warn  kvm         slow\\x1b[2J\n                  mend: modprobe kvm\n"
      .. "ok    namespaces  fine\n", table.concat(lines))
    assert.same({ lunik = 1, ok = true, findings = {
      { check = "kvm", verdict = "warn", text = "slow\\x1b[2J", mend = "modprobe kvm" },
      { check = "namespaces", verdict = "ok", text = "fine" } } },
      core.json.decode(verb.json(list, true)))
  end)
end)

describe("a check of an extension", function()
  local dir, path

  setup(function()
    dir, path = scratch.new(), package.path
    package.path = dir .. "/?.lua;" .. path
    for _, folder in ipairs { "/lunik", "/lunik/ext", "/lunik/ext/spec" } do
      stat.mkdir(dir .. folder)
    end
    local function write(name, text)
      scratch.write(("%s/lunik/ext/%s.lua"):format(dir, name), text)
    end
    write("spec", [[local own = "lunik.ext.spec."
      return { doctor = { good = own .. "good", raises = own .. "raises", none = own .. "none",
                          wrong = own .. "wrong" } }]])
    write("spec/good", [[return { doc = "a licence", look = function(host, say)
      say("fail", "no licence for " .. host.user, "buy one") end }]])
    write("spec/raises", [[return { look = function(host, say) say("ok", "one") error "two" end }]])
    write("spec/none", "return 5")
    write("spec/wrong", "return {")
    extensions.forget()
  end)
  teardown(function()
    package.path = path
    extensions.forget()
    scratch.remove(dir)
  end)

  it("is told after lunik's own, and fails where it cannot be run", function()
    local own = #doctor.own
    local checks = table.move(doctor.checks(), own + 1, own + 4, 1, {})
    local texts, mends = {}, {}
    local list, well = doctor.look(checks, host_of {})
    for i, one in ipairs(list) do
      texts[i] = ("%s %s %s"):format(one.check, one.verdict, (one.text:gsub("/[^ )]*/", "")))
      mends[#mends + 1] = one.mend
    end
    assert.is_false(well)
    assert.same({ "buy one" }, mends)
    local of = "the extension 'spec' (spec.lua): doctor "
    assert.same({ "good fail no licence for dev",
      "none fail " .. of .. "'none': its module returns no table", "raises ok one" },
      { texts[1], texts[2], texts[3] })
    assert.matches("^raises fail the check itself failed: .*two$", texts[4])
    assert.equal("wrong fail " .. of .. "'wrong': wrong.lua:1: unexpected symbol near <eof>",
      texts[5])
  end)
end)
