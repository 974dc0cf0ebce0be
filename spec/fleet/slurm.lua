-- Recipes as jobs of a real Slurm on loopback, all of it as an ordinary user: what comes out, what
-- becomes of jobs whose node dies, of those that are cancelled, and that nothing is left. The cases
-- share a cluster, in this order. Run by `make fleet`.
local cluster = require "support.cluster"
local core = require "lunik.core"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local track = ...
local BOOT_ID = "mkdir /out && cat /proc/sys/kernel/random/boot_id >/out/id && "

local function lines(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do list[#list + 1] = line end
  return list
end

describe("Slurm with proctrack/" .. track, function()
  local home
  setup(function()
    home = cluster.new(table.unpack(track == "linuxproc" and { "--linuxproc" } or {}))
    home:recipe "dev"
  end)
  teardown(function() home:close() end)

  local function log(folder, number) return scratch.read(("%s/%d/log"):format(folder, number)) end

  -- Has a job that is queued again begin at once, where Slurm waits two minutes: whether it was.
  local function hastened(job)
    local id, state = home:state(job)
    if state ~= "PENDING" then return false end
    home:asks("scontrol", "update", "JobId=" .. id, "StartTime=now")
    return true
  end

  -- How many of the jobs ran at once on any one node, by their records.
  local function most_at_once(jobs)
    local most = 0
    for _, one in ipairs(jobs) do
      local count = 0
      for _, other in ipairs(jobs) do
        if other.node == one.node and other.began <= one.began and other.ended > one.began then
          count = count + 1
        end
      end
      most = math.max(most, count)
    end
    return most
  end

  if track == "cgroup" then
    it("runs an array: results, codes, no more at once than nodes have room for", function()
      local list = {}
      for i = 1, 20 do list[i] = "line " .. i end
      scratch.write(home.home .. "/list", table.concat(list, "\n") .. "\n", 420)
      local batch, folder = home:submit("dev.lua", "--each", "list", "--", "sh", "-c",
        'mkdir /out && echo "$1" >/out/line && exit $((${1#line } % 3))', "sh", "{}")
      assert.equal(2, (home:lunik("wait", batch)))
      local jobs = home:jobs(batch)
      for i, one in ipairs(jobs) do
        assert.same({ i % 3, 1 }, { one.code, one.attempts }, one.job)
        assert.equal(i % 3 == 0 and "done" or "failed", one.state)
        assert.equal(list[i] .. "\n", scratch.read(("%s/%d/out/line"):format(folder, i)))
      end
      assert.equal(20, #jobs)
      assert.equal(1, most_at_once(jobs))
    end)

    it("has nodes keep images that are only read: one copy for all jobs", function()
      scratch.write(home.home .. "/data.raw", "data" .. ("\0"):rep((1 << 20) - 4), 420)
      home:recipe("reads", 'disk { file = "data.raw", readonly = true },')
      local batch, folder = home:submit("--cache", "64M", "reads.lua", "--sweep", "cpus=1,1,1",
        "--", "sh", "-c", "mkdir /out && head -c 4 /dev/vda >/out/head")
      assert.equal(0, (home:lunik("wait", batch)))
      local copied = 0
      for i = 1, 3 do
        assert.equal("data", scratch.read(("%s/%d/out/head"):format(folder, i)))
        copied = copied + select(2, log(folder, i):gsub("copied into the node's cache", ""))
      end
      assert.equal(1, copied)
      scratch.write(home.home .. "/data.raw", "DATA" .. ("\0"):rep((1 << 20) - 4), 420)
      local again = home:submit("--cache", "64M", "reads.lua", "--", "sh", "-c",
        "mkdir /out && test $(head -c 4 /dev/vda) = DATA")
      assert.equal(0, (home:lunik("wait", again)))
    end)

    -- What is on a disk that jobs have written.
    local function written(name)
      local raw = home.home .. "/written"
      assert.equal(0, select(3, run.output { path = true, argv = { "qemu-img", "convert", "-O",
        "raw", ("%s/%s"):format(home.home, name), raw } }))
      return scratch.read(raw):match "^[^\n%z]*\n"
    end

    it("runs a job again whose node is dead, or silent, and has one result of each", function()
      local jobs, folders, nodes = {}, {}, {}
      scratch.write(home.home .. "/base.raw", ("\0"):rep(1 << 20), 420)
      home:recipe("kept", 'disk { file = "base.raw", overlay = "kept.qcow2" },')
      for i, what in ipairs { { "dev.lua", "true; " },
                              { "kept.lua", "dd if=/out/id of=/dev/vda conv=fsync; " } } do
        jobs[i], folders[i] = home:submit(what[1], "--", "sh", "-c",
          BOOT_ID .. what[2] .. "until [ -e /go ]; do sleep 1; done")
        jobs[i] = jobs[i] .. "_1"
      end
      for i, job in ipairs(jobs) do
        home:ready(job)
        nodes[i] = select(3, home:state(job))
      end
      home:does("kill", nodes[1])
      home:does("silence", nodes[2])
      for _, job in ipairs(jobs) do
        home:until_true(job .. " is queued again", 120, function() return hastened(job) end)
      end
      for i, job in ipairs(jobs) do
        home:until_true(job .. " runs again", 120, function()
          return stat.stat(folders[i] .. "/1/r1.json")
                 and home:lunik("exec", job, "touch", "/go") == 0
        end)
        assert.equal(0, (home:lunik("wait", job)))
        assert.equal("r1/out", unistd.readlink(folders[i] .. "/1/out"))
        assert.is_true(#scratch.read(folders[i] .. "/1/out/id") > 30)
      end
      -- nobody has ended the first run of the silent node: it ends, and the newer result stays
      local first = core.json.decode(scratch.read(folders[2] .. "/1/r0.json"))
      assert.equal(0, (home:lunik("job", "--in", first.place, "exec", "kept", "touch", "/go")))
      home:until_true("the first run has ended", 120, function()
        return scratch.read(folders[2] .. "/1/r0.json"):find '"ended"'
      end)
      assert.is_true(#scratch.read(folders[2] .. "/1/r0/out/id") > 30)
      assert.equal("r1/out", unistd.readlink(folders[2] .. "/1/out"))
      assert.equal(scratch.read(folders[2] .. "/1/out/id"), written "kept.qcow2")
      for _, name in ipairs(require "lunik.host".list(home.home)) do
        assert.is_nil(name:find "kept.qcow2.job")
      end
      for _, node in ipairs(nodes) do home:does("node", node) end
      home:until_true("the nodes are back", 60, function()
        local states = lines(home:asks("sinfo", "-h", "-N", "-o", "%t"))
        return table.concat(states, " ") == "idle idle idle"
      end)
    end)

    it("names a guest that was over its memory, and does not try it again", function()
      local batch, folder = home:submit("dev.lua", "--memory", "150M", "--", "sh", "-c",
        "dd if=/dev/zero of=/all bs=1M count=100; sleep 60")
      local status, _, errors = home:lunik("wait", batch)
      assert.same({ 7, 1 }, { status, home:jobs(batch)[1].attempts })
      assert.matches("out of memory: the machine was over what its job may have, 150M", errors)
      assert.matches("out of memory", log(folder, 1))
      assert.is_nil(log(folder, 1):find "problem:")
    end)

    it("tries again what the host was at fault for, and no more often than it may", function()
      local qemu = scratch.write(home.home .. "/qemu", ([[#!/bin/sh
case "$*" in
*lunik-monitor*) mkdir %s/once 2>/dev/null && { echo "no luck" >&2; exit 1; } ;;
esac
exec qemu-system-x86_64 "$@"
]]):format(home.home), 493)
      home:recipe("flaky", ("qemu = %q,"):format(qemu))
      local batch, folder = home:submit("flaky.lua", "--", "sh", "-c", "mkdir /out")
      home:until_true("it is queued again", 60, function()
        return home:jobs(batch)[1].attempts == 1 and hastened(batch .. "_1")
      end)
      assert.equal(0, (home:lunik("wait", batch)))
      assert.equal(2, home:jobs(batch)[1].attempts)
      assert.matches("no luck", log(folder, 1))
      unistd.rmdir(home.home .. "/once")
      local once = home:submit("--retries", "0", "flaky.lua", "--", "true")
      assert.equal(3, (home:lunik("wait", once)))
      assert.equal(1, home:jobs(once)[1].attempts)
    end)
  end

  it("reaches the machine of a job, with its own exit codes and nothing added", function()
    local batch = home:submit("dev.lua", "--", "sh", "-c", "mkdir /out; sleep 300")
    local job = batch .. "_1"
    home:ready(job)
    assert.same({ 7, "out\n", "err\n" }, { home:lunik("exec", job, "sh", "-c",
      "echo out; echo err >&2; exit 7") })
    local status, text = home:lunik("cp", job .. ":/proc/sys/kernel/ostype", "-")
    assert.same({ 0, "Linux\n" }, { status, text })
    status, text = home:lunik("status", job)
    assert.equal(0, status)
    assert.matches("dev", text)
    assert.equal(0, (home:lunik("down", job)))
    assert.is_true((home:lunik("wait", job)) ~= 0)
    local later, _, why = home:lunik("exec", job, "true")
    assert.equal(1, later)
    assert.matches(job .. " does not run: failed", why, 1, true)
  end)

  it("lets a guest hear its power button when its job is cancelled, or its time is over", function()
    local cancelled, folder = home:submit("dev.lua", "--", "sh", "-c", BOOT_ID .. "sleep 300")
    local late, late_folder = home:submit("--time", "2", "dev.lua", "--", "sh", "-c",
      BOOT_ID .. "sleep 300")
    home:ready(cancelled .. "_1")
    home:ready(late .. "_1")
    home:asks("scancel", cancelled:match ":(.*)")
    assert.equal(7, (home:lunik("wait", cancelled)))
    assert.equal(7, (home:lunik("wait", late)))
    for _, where in ipairs { folder, late_folder } do
      assert.matches("asking the guest to power off.*reboot: Power down", log(where, 1))
      assert.is_nil(log(where, 1):find "sending QEMU")
      assert.is_true(#scratch.read(where .. "/1/out/id") > 30)
    end
  end)

  it("leaves nothing on any node", function()
    home:until_true("the queue is empty", 60, function()
      return home:asks("squeue", "--noheader") == ""
    end)
    assert.same({}, home:left())
  end)
end)
