-- The filter that refuses calls, read as the kernel reads it: as it is made here, and on aarch64.
local refusals = require "lunik.process.refusals"
local run = require "support.run"
local scratch = require "support.scratch"
local utsname = require "posix.sys.utsname"

local ALLOW, ERRNO = 0x7fff0000, 0x00050000
local EPERM, ENOSYS = 1, 38

-- Numbers by the names of calls: asm/unistd.h. The second list is that of all newer architectures.
local NUMBERS = {
  x86_64 = { arch = 0xc000003e, other = 0xc00000b7, chmod = 90, creat = 85, mknod = 133, open = 2,
             fchmod = 91, fchmodat = 268, fchmodat2 = 452, mknodat = 259, openat = 257,
             openat2 = 437, read = 0, mkdirat = 258, write = 1 },
  aarch64 = { arch = 0xc00000b7, other = 0xc000003e, fchmod = 52, fchmodat = 53, fchmodat2 = 452,
              mknodat = 33, openat = 56, openat2 = 437, read = 63, mkdirat = 34, write = 64 },
}

-- Which argument is a mode.
local MODE = { chmod = 1, fchmod = 1, fchmodat = 2, fchmodat2 = 2, creat = 1, open = 2,
               openat = 3, mknod = 1, mknodat = 2 }

-- bpf(4) as far as a filter of ours goes: what it answers.
local steps = {
  [0x20] = function(m, _, _, k) m.a = (("<I4"):unpack(m.data, k + 1)) end,
  [0x15] = function(m, yes, no, k) m.at = m.at + (m.a == k and yes or no) end,
  [0x35] = function(m, yes, no, k) m.at = m.at + (m.a >= k and yes or no) end,
  [0x45] = function(m, yes, no, k) m.at = m.at + (m.a & k ~= 0 and yes or no) end,
  [0x06] = function(m, _, _, k) m.answer = k end,
}

local function ask(program, arch, number, arguments)
  local machine = { at = 0, a = 0, data = ("<I4I4I8i8i8i8i8i8i8"):pack(number, arch, 0,
    table.unpack(arguments, 1, 6)) }
  repeat
    machine.at = machine.at + 1
    local row = program[machine.at]
    steps[row[1]](machine, row[2], row[3], row[4])
  until machine.answer
  return machine.answer
end

describe("the filter of refused calls", function()
  local dir
  setup(function() dir = scratch.new() end)
  teardown(function() scratch.remove(dir) end)

  -- The program for the list `refusals.suid`, and the architecture that it is for.
  local function made(as)
    local path = dir .. "/made"
    local text, how, status = run.output { argv = { "cc", "-std=gnu11", "-D_GNU_SOURCE", "-Wall",
      "-Wextra", "-Werror", "-D" .. as, "-o", path, "spec/support/refuse_program.c" }, path = true,
      env = { "PATH=" .. os.getenv "PATH" } }
    assert.same({ "", "exited", 0 }, { text, how, status })
    local argv = { path }
    for _, row in ipairs(refusals.suid) do
      for _, word in ipairs { row.call, row.argument or 0, row.bits or 0, row.error } do
        argv[#argv + 1] = tostring(word)
      end
    end
    local program = {}
    for line in run.output { argv = argv }:gmatch "[^\n]+" do
      local row = {}
      for word in line:gmatch "%d+" do row[#row + 1] = math.tointeger(word) end
      program[#program + 1] = row
    end
    return program, table.remove(program, 1)[1]
  end

  local function with_mode(index, mode)
    local arguments = { 7, 7, 7, 7, 7, 7 }
    arguments[index + 1] = mode
    return arguments
  end

  local function holds(program, numbers)
    local function answers(what, name, arguments)
      assert.equal(what, ask(program, numbers.arch, numbers[name], arguments), name)
    end
    for name, index in pairs(MODE) do
      for _, bits in ipairs(numbers[name] and { 2048, 1024, 3072 } or {}) do
        answers(ERRNO | EPERM, name, with_mode(index, bits | 493))
        answers(ERRNO | EPERM, name, with_mode(index, 16384 | bits))
        answers(ERRNO | EPERM, name, with_mode(index, 0x7fffffff00000000 | bits))
      end
      if numbers[name] then
        answers(ALLOW, name, with_mode(index, 512 | 511))
        answers(ALLOW, name, with_mode(index, -4096))
      end
    end
    answers(ERRNO | ENOSYS, "openat2", with_mode(0, 0))
    for _, name in ipairs { "read", "mkdirat", "write" } do
      answers(ALLOW, name, { -1, -1, -1, -1, -1, -1 })
    end
    assert.equal(ERRNO | ENOSYS, ask(program, numbers.other, numbers.openat, with_mode(3, 0)))
    assert.equal(ERRNO | ENOSYS, ask(program, numbers.arch, 0x40000000 | numbers.openat,
                                     with_mode(3, 0)))
  end

  it("holds on this architecture", function()
    local numbers = assert(NUMBERS[utsname.uname().machine], "no numbers of this architecture")
    local program, arch = made "HERE"
    assert.equal(numbers.arch, arch)
    holds(program, numbers)
  end)

  it("holds on aarch64, where calls have other numbers and some are not there", function()
    local program, arch = made "AARCH64"
    assert.equal(NUMBERS.aarch64.arch, arch)
    holds(program, NUMBERS.aarch64)
    -- what are numbers of chmod and open on the other one are those of other calls here
    for _, name in ipairs { "chmod", "creat", "mknod", "open" } do
      local number = NUMBERS.x86_64[name]
      assert.equal(ALLOW, ask(program, arch, number, { -1, -1, -1, -1, -1, -1 }), name)
    end
  end)
end)
