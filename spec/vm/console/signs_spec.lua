-- What a guest says on its console when it will not come up.
local signs = require "lunik.vm.console.signs"

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

  it("is fit to be shown, and small, whatever the guest says", function()
    local noise = ("\27]0;x\7\0\xff"):rep(1 << 14)
    local what = found(noise, "\r\n", "Kernel panic - not syncing" .. noise)[1]
    assert.is_nil(what.line:find "[%c\x80-\xff]")
    for _, line in ipairs(what.lines) do assert.is_true(#line < 4096) end
  end)

  it("may be an extension's", function()
    signs.add { name = "the disk is broken", text = "I/O error on root" }
    finally(function() table.remove(signs.rows) end)
    assert.equal("the disk is broken", found("x: I/O error on root\n")[1].name)
  end)
end)
