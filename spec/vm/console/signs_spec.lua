-- What a guest says on its console when it will not come up.
local extensions = require "lunik.extensions"
local scratch = require "support.scratch"
local signs = require "lunik.vm.console.signs"
local stat = require "posix.sys.stat"

describe("a sign on the console", function()
  -- What is found in pieces of text: a list.
  local function found(...)
    local list = {}
    local watcher = signs.watch(function(what) list[#list + 1] = what end)
    for _, bytes in ipairs { ... } do watcher:hear(bytes) end
    return list
  end

  local PANIC = "[    1.2] Kernel panic - not syncing: VFS: Unable to mount root fs\r\n"

  it("is a panic, a prompt of GRUB's or of the initramfs, or that nothing can be booted", function()
    for _, text in ipairs { PANIC, "No bootable device.\r\n", "grub> ", "grub rescue> ",
                            "BdsDxe: No bootable option or device was found.\r\n",
                            "You are in emergency mode. After logging in\r\n", "(initramfs) " } do
      assert.equal(1, #found("Booting\r\n" .. text), text)
    end
  end)

  it("is told with its line and those before it", function()
    local what = found("one\r\n\r\ntwo\r\n" .. PANIC)[1]
    assert.equal("the guest's kernel panicked", what.name)
    assert.equal(PANIC:sub(1, -3), what.line)
    assert.same({ "one", "two", PANIC:sub(1, -3) }, what.lines)
  end)

  it("may come in pieces, of any length", function()
    for at = 1, #PANIC - 1 do
      assert.equal(PANIC:sub(1, -3), found(PANIC:sub(1, at), PANIC:sub(at + 1))[1].line)
    end
    local letters = {}
    for letter in PANIC:gmatch "." do letters[#letters + 1] = letter end
    assert.equal(1, #found(table.unpack(letters)))
  end)

  it("is found below what a terminal draws", function()
    assert.equal(1, #found "\27[0m\27[37m\27[40m\27[2J\27[01;01Hgrub> ")
  end)

  it("is told once", function()
    assert.equal(1, #found(PANIC .. PANIC, PANIC))
  end)

  it("is no word in the middle of another line", function()
    assert.same({}, found "the prompt grub> is GRUB's, (initramfs) that of busybox\r\n")
    assert.same({}, found "GNU GRUB  version 2.06\r\nlogin: ")
  end)

  it("may be the recipe's own: part of a line, or what an unfinished one begins with", function()
    local list, own = {}, require "lunik.machine.signs".read {
      "no pool", { text = " zfs>", name = "it asks", prompt = true } }
    local watcher = signs.watch(function(what) list[#list + 1] = what.name .. what.line end, own)
    watcher:hear "not zfs> here\r\nwith no pool\r\n"
    assert.same({ "a sign of the recipewith no pool" }, list)
    watcher = signs.watch(function(what) list[#list + 1] = what.name .. what.line end, own)
    watcher:hear "\27[2J  zfs> "
    assert.equal("it asks  zfs> ", list[2])
    watcher = signs.watch(function(what) list[#list + 1] = what.name end, own)
    watcher:hear(PANIC)
    assert.equal("the guest's kernel panicked", list[3])
  end)

  it("is fit to be shown, and small, whatever the guest says", function()
    local noise = ("\27]0;x\7\0\xff"):rep(1 << 14)
    local what = found(noise, "\r\n", "Kernel panic - not syncing" .. noise)[1]
    assert.is_nil(what.line:find "[%c\x80-\xff]")
    for _, line in ipairs(what.lines) do assert.is_true(#line < 4096) end
  end)

  it("may be an extension's, and one that is broken is in nobody's way", function()
    local folder, path = scratch.new(), package.path
    for _, name in ipairs { "/lunik", "/lunik/ext", "/lunik/ext/zfs" } do
      stat.mkdir(folder .. name, 448)
    end
    scratch.write(folder .. "/lunik/ext/zfs.lua", [[return { signs = {
      pool = "lunik.ext.zfs.pool", shell = "lunik.ext.zfs.shell", bad = "lunik.ext.zfs.bad" } }]])
    scratch.write(folder .. "/lunik/ext/zfs/pool.lua",
      'return { name = "the guest has not found its pool", text = "cannot import \'rpool\'" }')
    scratch.write(folder .. "/lunik/ext/zfs/shell.lua",
      'return { name = "the guest asks what to do", text = "zfs>", prompt = true }')
    scratch.write(folder .. "/lunik/ext/zfs/bad.lua", "return { name = 7 }")
    package.path = folder .. "/?.lua;" .. path
    extensions.forget()
    finally(function()
      package.path = path
      extensions.forget()
      scratch.remove(folder)
    end)
    assert.equal("the guest has not found its pool",
                 found("\27[1mcannot import 'rpool': no such pool\r\n")[1].name)
    assert.equal("the guest asks what to do", found("zfs> ")[1].name)
    assert.matches("signs 'bad': its row has no name, a string", extensions.problems()[1])
    assert.equal(1, #found(PANIC))
  end)
end)
