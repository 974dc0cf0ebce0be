-- Ctrl-C while a verb waits for a machine: it ends with 130, and one line says what goes on. The
-- machine is a control socket that leaves one command without an answer.
local core = require "lunik.core"
local house = require "support.house"
local loop = require "lunik.async.loop"
local stat = require "posix.sys.stat"
local time = require "posix.time"
local wait = require "lunik.async.wait"

local RUNS_ON = "; the machine runs on"
local FINISHES = "; it is carried out all the same"
local STOPS = "; m goes on stopping; lunik down m looks again"

local STATUS = '{"lunik": 1, "name": "m", "state": "running", "ready": true, "forwards": [],'
               .. ' "mounts": [], "helpers": []}'

-- In place of ssh: a program that Ctrl-C ends.
local ANSWERS = { ["qmp_capabilities"] = "{}", ["lunik-status"] = STATUS, ["lunik-events"] = "[]",
                  ["lunik-mounts"] = "[]",
                  ["lunik-ssh"] = '["sleep", "1000"]', ["lunik-stop"] = "{}" }

-- Returns once a process has started another.
local function has_child(pid)
  for _ = 1, 1000 do
    local file <close> = assert(io.open(("/proc/%d/task/%d/children"):format(pid, pid)))
    if file:read "a" ~= "" then return end
    time.nanosleep { tv_sec = 0, tv_nsec = 10 * 1000 * 1000 }
  end
  error "it never started one"
end

describe("Ctrl-C", function()
  local home, l, listening
  before_each(function()
    home, l = house.new(), loop.new()
    local dir = home.dir .. "/run/lunik"
    stat.mkdir(dir, 448)
    stat.mkdir(dir .. "/m", 448)
    listening = assert(core.chan.listen(dir .. "/m/control.sock"))
  end)
  after_each(function()
    listening:close()
    l:close()
    home:close()
  end)

  -- Plays the supervisor until it is asked for `last`: that one is answered if it can be.
  local function serve(last)
    l:wait(listening:fd(), "r")
    local chan = assert(listening:accept(0))
    chan:send('{"QMP": {"version": {}, "capabilities": []}}\r\n', 1)
    local splitter = core.json.splitter { size = 1 << 20 }
    while true do
      splitter:feed(assert(wait.read(l, chan, 20, 65536)))
      for text in splitter.next, splitter do
        local asked = core.json.decode(text)
        local value = ANSWERS[asked.execute]
        if value and not (asked.execute == last and last == "lunik-status") then
          chan:send(('{"return": %s, "id": %s}\r\n'):format(value, core.json.encode(asked.id)), 1)
        end
        if asked.execute == last then return chan end
      end
    end
  end

  -- Presses it in a terminal of the verb's own, once that has asked for `last`: what is said then.
  local function said(last, ...)
    local one = home:start({ terminal = true }, ...)
    local chan = l:run(serve, last)
    if last == "lunik-ssh" then has_child(one.proc:pid()) end
    one:send "\3"
    local how, status = one:wait(60)
    chan:close()
    assert.same({ "exited", 130 }, { how, status }, one.text)
    assert.is_nil(one.text:find("bug", 1, true), one.text)
    return (one.text:match "([^\r\n]*)\r?\n$":gsub("^%^C", ""))
  end

  for _, case in ipairs {
    { "exec", "lunik-exec-open", { "m", "true" }, "; the program is ended in the guest" },
    { "exec", "lunik-status", { "m", "true" }, RUNS_ON },
    { "wait", "lunik-wait", { "m", "--for", "ready" }, RUNS_ON },
    { "events", "lunik-events", { "-f", "m" }, RUNS_ON },
    { "qmp", "query-status", { "m", "query-status" }, RUNS_ON },
    { "mount", "lunik-mount", { "m", "run" }, FINISHES },
    { "unmount", "lunik-unmount", { "m", "run" }, FINISHES },
    { "pause", "stop", { "m" }, FINISHES },
    { "ssh", "lunik-ssh", { "m" }, RUNS_ON },
    { "ssh", "lunik-ssh", { "m", "1000" }, "; what it ran may run on in the guest" },
    { "down", "lunik-stop", { "m" }, STOPS },
    { "down", "lunik-status", { "m" }, "; no machine has been told to stop" },
    { "status", "lunik-status", { "m" }, "" },
  } do
    local verb, last, words, goes_on = table.unpack(case)
    it(("ends %s while it waits for %s"):format(verb, last), function()
      assert.equal(("lunik %s: interrupted%s"):format(verb, goes_on),
                   said(last, verb, table.unpack(words)))
    end)
  end
end)
