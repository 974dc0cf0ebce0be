-- Machines outlive upgrades: the handle of this lunik on the control socket of a supervisor of the
-- version before, played from what that one said.
local base64 = require "lunik.text.base64"
local client = require "lunik.supervisor.client"
local core = require "lunik.core"
local loop = require "lunik.async.loop"
local scratch = require "support.scratch"
local wait = require "lunik.async.wait"

-- The answers of 0.1.0, which had no `version` and no `facts` in its status, spelled a path that is
-- no UTF-8 as an object, and knew only "GenericError".
local ANSWERS = {
  ["qmp_capabilities"] = "{}",
  ["query-status"] = '{"status": "running", "running": true, "singlestep": false}',
  ["lunik-status"] = '{"lunik": 1, "name": "old", "state": "running", "ready": true,'
    .. ' "forwards": [], "mounts": [], "helpers": []}',
  ["lunik-exec"] = ('{"status": 3, "out-b64": "%s", "err-b64": "", "truncated": false}'):format(
    base64.encode "hello\xff"),
  ["lunik-forwards"] = '[{"name": "ssh", "protocol": "tcp", "address": "127.0.0.1", "port": 4022,'
    .. ' "guest": 22}]',
  ["lunik-mounts"] = ('[{"tag": "a", "from": {"path_b64": "%s"}, "state": "mounted"}]'):format(
    base64.encode "/odd\xff"),
  ["lunik-mount"] = '{"tag": "a", "state": "mounted"}', ["lunik-unmount"] = "{}",
  ["lunik-plug"] = '{"id": "disk-p1", "family": "disk"}', ["lunik-unplug"] = "{}",
  ["lunik-slots"] = "[]", ["lunik-stop"] = "{}", ["lunik-wait"] = "{}", ["lunik-events"] = "[]",
  ["lunik-ssh"] = '["ssh", "-p", "4022", "127.0.0.1"]',
  ["lunik-forward-add"] = '{"name": "80", "port": 8080, "guest": 80}',
  ["lunik-forward-remove"] = "{}",
}

describe("the handle on a machine whose supervisor is older", function()
  local dir, l, old, heard

  local function answer(chan, asked)
    heard[#heard + 1] = asked
    local id, value = core.json.encode(asked.id), ANSWERS[asked.execute]
    local text = value and ('{"return": %s, "id": %s}\r\n'):format(value, id)
      or ('{"error": {"class": "%s", "desc": "The command %s has not been found"}, "id": %s}\r\n')
         :format("CommandNotFound", asked.execute, id)
    chan:send(text, 1)
  end

  -- Answers whoever connects.
  local function serve(listening)
    l:wait(listening:fd(), "r")
    local chan = assert(listening:accept(0))
    chan:send('{"QMP": {"version": {}, "capabilities": []}}\r\n', 1)
    local splitter = core.json.splitter { size = 1 << 20 }
    while true do
      local bytes = wait.read(l, chan, nil, 65536)
      if not bytes then return chan:close() end
      splitter:feed(bytes)
      for text in splitter.next, splitter do answer(chan, core.json.decode(text)) end
    end
  end

  local function with(fn)
    return function()
      dir, l, heard = scratch.new(), loop.new(), {}
      l:run(function()
        local listening = assert(core.chan.listen(dir .. "/control.sock"))
        l:spawn("older", serve, listening)
        local one = assert(client.open("old", dir .. "/control.sock", l))
        old = one.handle
        fn()
        old:close()
        listening:close()
      end)
      l:close()
      scratch.remove(dir)
    end
  end

  it("runs programs, with any bytes", with(function()
    local status, out, err = old:exec { "x", input = "in\xfe" }
    assert.same({ 3, "hello\xff", "" }, { status, out, err })
    assert.same({ argv = { "x" }, ["input-b64"] = base64.encode "in\xfe" },
                heard[#heard].arguments)
    old:exec { "x", input = "plain" }
    assert.equal(base64.encode "plain", heard[#heard].arguments["input-b64"])
  end))

  it("reads names that are no UTF-8 as it spelled them, and spells them as it reads them",
     with(function()
    assert.equal("/odd\xff", old:mounts()[1].from)
    assert.equal("a", old:mount { from = "/odd\xff" }.tag)
    assert.same({ ["from-b64"] = base64.encode "/odd\xff" }, heard[#heard].arguments)
  end))

  it("does all that it could", with(function()
    assert.equal(4022, old:forward "ssh")
    assert.equal("ssh", old:ssh_argv()[1])
    assert.is_true(old:unmount("a", { force = true }))
    assert.equal("disk-p1", old:plug("disk", { file = "/x" }).id)
    assert.is_true(old:unplug "disk-p1")
    assert.same({}, old:slots())
    assert.equal(8080, old:add_forward { guest = 80 }.port)
    assert.is_true(old:remove_forward "80")
    assert.is_true(old:wait(1, "ready"))
    assert.is_true(old:is_now_ready())
    assert.is_true(old:stop "enough")
    assert.equal("running", old:status().state)
    assert.equal("running", old:qmp("query-status").status)
    assert.is_nil(old.facts.memory)
  end))

  it("says what that one does not know yet, and what to do", with(function()
    local ok, why, code = old:pause()
    assert.is_nil(ok)
    assert.equal("the machine's supervisor is of lunik 0.1.0, which has no lunik-pause: lunik "
                 .. "restart old gives it another", why)
    assert.equal("unsupported", code)
  end))
end)
