-- A terminal of the guest's own on the user's: keys, its size, Ctrl-C, the escape key; and the
-- user's is what it was on every way out.
local core = require "lunik.core"
local house = require "support.house"

describe("a program on a terminal", function()
  local home

  setup(function()
    home = house.new()
    home:does("up", home:small("m", [[agent {}, nic { forward = { ssh = 22 } },
      ssh { key = guest .. "/id_ed25519" }]]))
  end)
  teardown(function() home:close() end)

  local function stty(one, ...)
    local child <close> = core.proc.spawn { argv = { "stty", ... }, path = true,
                                            fds = { [0] = one.slave } }
    assert.same({ "exited", 0 }, { child:wait(60) })
  end

  local function start(...)
    local one = home:start({ terminal = true }, ...)
    stty(one, "rows", "30", "cols", "90")
    return one
  end

  -- How it ends, with the terminal as it was.
  local function ended(one)
    local how, status = one:wait(60)
    assert.equal("exited", how)
    local reader, writer = require "posix.unistd".pipe()
    local child <close> = core.proc.spawn { argv = { "stty", "-a" }, path = true,
                                            fds = { [0] = one.slave, [1] = writer } }
    child:wait(60)
    require "posix.unistd".close(writer)
    local text = require "support.run".drain(reader)
    for _, word in ipairs { "icanon", "echo", "isig", "icrnl" } do
      assert.is_nil(text:find("%-" .. word .. "%f[ ;\n]"), word)
    end
    return status
  end

  it("has one, of this size, and its status", function()
    local one = start("exec", "-t", "m", "--", "sh", "-c",
                      "until [ \"$(stty size)\" = '30 90' ]; do sleep 0.1; done; echo fits; "
      .. "test -t 0 -a -t 1 -a -t 2 && read x; echo got $x; exit 7")
    one:expect "fits"
    one:send "word\r"
    one:expect "got word"
    assert.equal(7, ended(one))
  end)

  it("is told of another size", function()
    local one = start("exec", "-t", "m", "--", "sh", "-c",
      "trap 'stty size' WINCH; echo waits; while :; do sleep 0.1; done")
    one:expect "waits"
    stty(one, "rows", "40", "cols", "120")
    one:expect "40 120"
    one:send "\3"
    assert.equal(130, ended(one))
  end)

  it("gets Ctrl-C, which ends nothing of lunik's", function()
    local one = home:start({ terminal = true }, "exec", "-t", "m", "--", "sh")
    one:expect "# "
    one:send "sleep 1000\r"
    home:does("exec", "m", "sh", "-c",
              "until ps | grep -q '[s]leep 1000'; do sleep 0.1; done; sleep 0.3")
    one:send "\3"
    one:expect "# "
    one:send "echo after $?\r"
    one:expect "after 130"
    one:send "exit 3\r"
    assert.equal(3, ended(one))
  end)

  it("has an editor", function()
    local one = start("exec", "-t", "m", "--", "vi", "/tmp/edited")
    one:expect "/tmp/edited"
    one:send "ihello"
    one:expect "hello"
    one:send "\27"
    one:expect "%- /tmp/edited"
    one:send ":wq\r"
    assert.equal(0, ended(one))
    assert.equal("hello\n", (home:does("exec", "m", "cat", "/tmp/edited")))
  end)

  it("is hung up by the escape key, and by the end of its client", function()
    local function gone()
      home:does("exec", "m", "sh", "-c", "while ps | grep -q '[s]leep 4321'; do sleep 0.1; done")
    end
    local one = start("exec", "-t", "m", "--", "sh", "-c", "echo begun; sleep 4321")
    one:expect "begun"
    one:send "\29"
    one:expect "lunik exec: hung up"
    assert.equal(130, ended(one))
    gone()
    one = start("exec", "-t", "m", "--", "sh", "-c", "echo begun; sleep 4321")
    one:expect "begun"
    one.proc:signal(15)
    assert.equal(130, ended(one))
    gone()
  end)

  it("is a login shell", function()
    local one = start("shell", "m")
    one:expect "# "
    one:send "echo $USER in $PWD; exit 5\r"
    one:expect "root in /"
    assert.equal(5, ended(one))
  end)

  it("has one by ssh where the agent cannot give it", function()
    home:does("ssh", "m", "kill $(pidof qemu-ga)")
    local one = start("exec", "-t", "m", "--", "sh", "-c", "test -t 0 && echo is one; exit 6")
    one:expect "is one"
    assert.equal(6, ended(one))
    one = start("shell", "m")
    one:expect "# "
    one:send "exit 8\r"
    assert.equal(8, ended(one))
  end)

  it("is refused where there is no terminal here", function()
    assert.same({ 2, "", "lunik exec: standard input is no terminal\n" },
                { home:lunik("exec", "-t", "m", "true") })
  end)
end)
