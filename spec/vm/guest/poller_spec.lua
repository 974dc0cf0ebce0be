-- One task knocks at a guest's sshd for whoever of its machine asks, and does it no harm.
local errno = require "posix.errno"
local loop = require "lunik.async.loop"
local poller = require "lunik.vm.guest.poller"
local ssh = require "lunik.vm.guest.ssh"

describe("the poller of ssh", function()
  local answers, try, now = ssh.answers, ssh.try, loop.now
  local heard, told
  before_each(function() heard, told = { connections = 0, logins = 0, slept = {} }, {} end)
  after_each(function() ssh.answers, ssh.try, loop.now = answers, try, now end)

  -- A loop whose sleep takes no time, and keeps how long it would have been.
  local function hasty()
    local l = loop.new()
    function l.sleep(self, seconds)
      table.insert(heard.slept, seconds)
      self:pass()
    end
    return l
  end

  -- `server(n)`: what the n-th connection meets, as ssh.answers; `login(n)`: the n-th login.
  local function with(server, login, fn)
    function ssh.answers(_, _, patience)
      heard.connections = heard.connections + 1
      heard.patience = patience
      return server(heard.connections)
    end
    function ssh.try(_, _, _, seconds)
      heard.logins = heard.logins + 1
      heard.login = seconds
      return login(heard.logins)
    end
    local l <close> = hasty()
    return l:run(function()
      local one = poller.new(l, { name = "dev", guest = { ssh = {} } }, function()
        return { address = "127.0.0.1", port = 22 }
      end, function(kind, text) told[#told + 1] = kind .. ": " .. text end)
      return fn(one, l)
    end)
  end

  local function banner() return "SSH-2.0-x" end
  local function let_in() return "in" end

  it("believes a login, and asks no more after it", function()
    with(banner, let_in, function(one)
      assert.is_true(one:wait(60))
      assert.is_true(one:wait(60))
    end)
    assert.same({ 1, 1 }, { heard.connections, heard.logins })
  end)

  it("knocks once for all who wait", function()
    with(function(n) if n < 3 then return nil, "closed" end return "SSH-2.0-x" end, let_in,
      function(one, l)
        local tasks = {}
        for i = 1, 5 do tasks[i] = l:spawn("waiter", function() return one:wait(60) end) end
        for _, task in ipairs(tasks) do assert.is_true(select(2, task:join(5))) end
      end)
    assert.same({ 3, 1 }, { heard.connections, heard.logins })
  end)

  it("leaves a guest alone that is paused", function()
    with(banner, let_in, function(one, l)
      one:rest(true)
      local waiter = l:spawn("waiter", function() return one:wait(5) end)
      for _ = 1, 20 do l:pass() end
      assert.equal(0, heard.connections)
      one:rest(false)
      assert.is_true(select(2, waiter:join(5)))
    end)
    assert.same({ 1, 1 }, { heard.connections, heard.logins })
  end)

  it("gives a silent server more time with each connection, 20 seconds at most", function()
    local seen = {}
    with(function(n)
      seen[n] = heard.patience
      if n < 14 then return nil, "silent", "late" end
      return "SSH-2.0-x"
    end, let_in, function(one) one:wait(60) end)
    assert.same({ 0.25, 0.375, 0.5625 }, { seen[1], seen[2], seen[3] })
    assert.equal(20, seen[14])
  end)

  it("leaves a busy server alone for longer each time", function()
    with(function(n)
      if n <= 3 then return nil, "the server says: Exceeded MaxStartups", "busy" end
      return "SSH-2.0-x"
    end, let_in, function(one) assert.is_true(one:wait(60)) end)
    assert.same({ 0.375, 0.5625, 0.84375 }, heard.slept)
  end)

  it("waits where nobody is let in yet", function()
    with(banner, function(n) return n < 3 and "busy" or "in", "closed" end,
         function(one) assert.is_true(one:wait(60)) end)
    assert.equal(3, heard.logins)
  end)

  it("gives a login more time where one has not ended, five minutes at most", function()
    local seen = {}
    with(banner, function(n)
      seen[n] = heard.login
      return n < 6 and "busy" or "in", "still running"
    end, function(one) assert.is_true(one:wait(60)) end)
    assert.same({ 60, 90, 135, 202.5, 300, 300 }, seen)
  end)

  it("knows how long the login has taken that was let in", function()
    local seconds = 0
    function loop.now() return now() + seconds end
    with(banner, function(n)
      seconds = seconds + 10 * n
      return n < 2 and "busy" or "in", "closed"
    end, function(one)
      assert.is_true(one:wait(500))
      assert.is_true(one.took >= 20 and one.took < 30)
    end)
  end)

  it("ends the wait where a key is refused twice", function()
    with(banner, function() return "refused", "no such key" end, function(one)
      assert.same({ nil, "no such key", "unreachable" }, { one:wait(60) })
    end)
    assert.equal(2, heard.logins)
  end)

  it("ends the wait at once where no waiting helps", function()
    with(banner, function() return "final", "another host key" end, function(one)
      assert.same({ nil, "another host key", "unreachable" }, { one:wait(60) })
    end)
    assert.equal(1, heard.logins)
  end)

  it("takes a guest that wants a password for one that answers, and says so", function()
    with(banner, function() return "password", "it wants a password" end, function(one)
      assert.is_true(one:wait(60))
    end)
    assert.same({ "note: it wants a password" }, told)
  end)

  it("believes nothing any more of a guest that has reset", function()
    with(banner, let_in, function(one)
      one:wait(60)
      one:forget()
      assert.is_true(one:wait(60))
    end)
    assert.equal(2, heard.logins)
  end)

  it("believes no login that a reset has overtaken", function()
    local self
    with(banner, function(n)
      if n == 1 then self:forget() end
      return "in"
    end, function(one)
      self = one
      assert.is_true(one:wait(60))
    end)
    assert.equal(2, heard.logins)
  end)

  it("gives up at the deadline, says what it met last, and knocks no more", function()
    with(function() return nil, "closed without a banner" end, let_in, function(one, l)
      assert.same({ nil, "ssh: port 22: no login within 0 seconds: closed without a banner",
                    errno.ETIMEDOUT }, { one:wait(0) })
      local count = heard.connections
      for _ = 1, 5 do l:pass() end
      assert.equal(count, heard.connections)
    end)
  end)
end)
