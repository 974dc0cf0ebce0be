-- Root in the guest, for a user who is another.
local become = require "lunik.vm.guest.become"
local run = require "support.run"
local scratch = require "support.scratch"

describe("becoming root in the guest", function()
  local dir
  before_each(function()
    dir = scratch.new()
    scratch.write(dir .. "/id", "#!/bin/sh\necho 1000\n", 448)
  end)
  after_each(function() scratch.remove(dir) end)

  -- What a script comes to, where the guest's `sudo` is a script of ours: status, stdout, stderr
  local function done(sudo)
    if sudo then scratch.write(dir .. "/sudo", "#!/bin/sh\n" .. sudo, 448) end
    local out, _, status = run.output { path = true, env = { "PATH=" .. dir .. ":/bin:/usr/bin" },
      argv = { "sh", "-c", "exec 2>" .. dir .. "/err; exec \"$@\"", "sh", "sh", "-c", become.SCRIPT,
               "lunik", 'printf "%s|" "$@"', "a b", "$HOME" } }
    return { status = status, out = out, err = scratch.read(dir .. "/err") }
  end

  it("is by sudo, and takes arguments along as they are", function()
    local result = done 'echo "$1$2" >>"${0%/*}/log"; shift; [ "$1" = -- ] && shift\nexec "$@"\n'
    assert.same({ status = 0, out = "a b|$HOME|", err = "" }, result)
    assert.is_nil(become.refused({ guest = {} }, result))
    assert.equal("-ntrue\n-n--\n", scratch.read(dir .. "/log"))
  end)

  it("is nothing to do for root", function()
    scratch.write(dir .. "/id", "#!/bin/sh\necho 0\n", 448)
    assert.same({ status = 0, out = "a b|$HOME|", err = "" }, done "exit 1\n")
  end)

  it("is refused by name, with what to do", function()
    local result = done "echo 'sudo: a password is required' >&2; exit 1\n"
    assert.equal("", result.out)
    assert.equal("debian may not become root in the guest (sudo: a password is required): let that "
      .. 'user sudo without a password there, or ssh { user = "root" }, or agent {}',
      become.refused({ guest = { ssh = { user = "debian" } } }, result))
  end)

  it("is asked of those only who may be somebody else", function()
    assert.is_false(become.is_needed { guest = {} })
    assert.is_false(become.is_needed { guest = { ssh = { user = "root" } } })
    assert.is_true(become.is_needed { guest = { ssh = { user = "debian" } } })
  end)
end)
