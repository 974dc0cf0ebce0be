-- Jobs of this machine, with real guests: what is submitted, what comes out, what is left.
local core = require "lunik.core"
local house = require "support.house"
local kubernetes_schema = require "support.kubernetes_schema"
local scratch = require "support.scratch"
local unistd = require "posix.unistd"
local run = require "support.run"

describe("lunik submit", function()
  local home
  setup(function() home = house.new() end)
  after_each(function()
    assert.same({}, home:runtime())
    home:clear()
  end)
  teardown(function()
    run.output { argv = { "rm", "-rf", home.dir .. "/lunik-jobs" }, path = true }
    home:close()
  end)

  local function recipe(name, items) return home:small(name, "agent {}, console {}, " .. items) end

  local function matches(text, part)
    assert(text:find(part, 1, true), ("'%s' is not in:\n%s"):format(part, text))
  end

  it("runs a job for each line here, and brings back results and exit codes", function()
    recipe("dev", 'results = "/out",')
    scratch.write(home.dir .. "/list", "a b\n$(c)\n")
    local code, text, errors = home:lunik("submit", "--engine", "local", "-j", "2", "dev.lua",
      "--each", "list", "--", "sh", "-c", 'mkdir /out; echo "$1" >/out/x; test "$1" = "a b"', "sh",
      "{}")
    assert.same({ 1, "local:dev-1\n" }, { code, text })
    matches(errors, "local:dev-1_1: done: a b\n")
    matches(errors, "local:dev-1_2: failed (1): $(c)\n")
    local folder = home.dir .. "/lunik-jobs/dev-1"
    assert.equal("a b\n", scratch.read(folder .. "/1/out/x"))
    assert.equal("$(c)\n", scratch.read(folder .. "/2/out/x"))
    matches(scratch.read(folder .. "/1/log"), "asking the guest to power off")
    local one = home:does("submit", "--json", "--engine", "local", "dev.lua", "--", "mkdir", "/out")
    local said = {}
    for line in one:gmatch "[^\n]+" do said[#said + 1] = core.json.decode(line) end
    assert.same({ batch = "local:dev-2", folder = home.dir .. "/lunik-jobs/dev-2", jobs = 1,
      kind = "submitted", lunik = 1 }, said[1])
    assert.same({ code = 0, job = "local:dev-2_1", kind = "over", lunik = 1, name = "",
      state = "done" }, said[2])
    local jobs = home:json("jobs", "--json", "local:dev-1").batches[1].jobs
    assert.same({ "done", "failed", 0, 1 }, { jobs[1].state, jobs[2].state, jobs[1].code,
      jobs[2].code })
    matches(home:does "jobs", "[############xxxxxxxxxxxx]  1 done, 1 failed")
    matches(home:does("jobs", "local:dev-1"), "local:dev-1_2  failed  1")
    local status, _, why = home:lunik("wait", "local:dev-1")
    assert.same({ 1, "lunik wait: local:dev-1_2: failed (1)\n" }, { status, why })
    assert.equal(0, (home:lunik("wait", "local:dev-1_1")))
    matches(home:does("logs", "local:dev-1_1", "-n", "1000"), "lunik: ready after")
  end)

  it("has machines of its own, which verbs reach by the job, and ends them when it is", function()
    recipe("web", "")
    local one = home:start({}, "submit", "--engine", "local", "web.lua", "--", "sleep", "600")
    one:expect "local:web%-1"
    local log = home:start({}, "logs", "-f", "local:web-1_1")
    log:expect "lunik: ready after"
    assert.same({ 5, "out\n", "err\n" }, { home:lunik("exec", "local:web-1_1", "sh", "-c",
      "echo out; echo err >&2; exit 5") })
    assert.equal("Linux\n", (home:does("cp", "local:web-1_1:/proc/sys/kernel/ostype", "-")))
    assert.same({}, home:json("ls", "--json").machines or {})
    one.proc:signal(15)
    one:expect "local:web%-1_1: failed %(7%)"
    assert.same({ "exited", 130 }, { one:wait() })
    log:expect "asking the guest to power off"
    log:expect "reboot: Power down"
    local status, _, errors = home:lunik("exec", "local:web-1_1", "true")
    assert.equal(1, status)
    matches(errors, "lunik exec: local:web-1_1 does not run: failed")
  end)

  it("ends a job whose machine has lived as long as it may", function()
    recipe("brief", 'life = "1s",')
    local status, _, errors = home:lunik("submit", "--engine", "local", "brief.lua")
    assert.equal(6, status)
    matches(errors, "local:brief-1_1: failed (6): its life of 1 s is over")
  end)

  it("tries again what the host is at fault for, as often as it may", function()
    local qemu = scratch.write(home.dir .. "/qemu", [[#!/bin/sh
case "$*" in *lunik-monitor*) echo "no luck" >&2; exit 1 ;; esac
exec qemu-system-x86_64 "$@"
]], 448)
    recipe("flaky", ("qemu = %q,"):format(qemu))
    local status, _, errors = home:lunik("submit", "--engine", "local", "--retries", "1",
      "flaky.lua")
    assert.equal(3, status)
    matches(errors, "no luck")
    assert.equal(2, home:json("jobs", "--json", "local:flaky-1").batches[1].jobs[1].attempts)
  end)

  it("writes a kept overlay by a copy, and not while a machine has it", function()
    scratch.write(home.dir .. "/base.raw", ("\0"):rep(1 << 20))
    recipe("keeps", 'disk { file = "base.raw", overlay = "kept.qcow2" },')
    home:does("submit", "--engine", "local", "keeps.lua", "--", "sh", "-c",
      "echo written | dd of=/dev/vda conv=fsync")
    local function written()
      assert.equal(0, select(3, run.output { path = true, argv = { "qemu-img", "convert", "-U",
        "-O", "raw", home.dir .. "/kept.qcow2", home.dir .. "/written" } }))
      return scratch.read(home.dir .. "/written"):match "^[^\n%z]*"
    end
    assert.equal("written", written())
    assert.is_truthy(unistd.access(home.dir .. "/kept.qcow2.base"))
    home:does("up", "--paused", "keeps.lua")
    local status, _, errors = home:lunik("submit", "--engine", "local", "--retries", "0",
      "keeps.lua", "--", "true")
    assert.equal(3, status)
    matches(errors, "local:keeps-2_1: failed (3): " .. home.dir
      .. "/kept.qcow2: a running machine writes it")
    home:does("down", "--force", "keeps")
    assert.equal("written", written())
    for _, name in ipairs(scratch.list(home.dir)) do assert.is_nil(name:find "qcow2%.job") end
  end)

  it("refuses what cannot be, or not so often, before anything is queued", function()
    local function refused(code, why, ...)
      local status, _, errors = home:lunik("submit", "--engine", "local", ...)
      assert.equal(code, status, errors)
      matches(errors, why)
      assert.is_nil(unistd.access(home.dir .. "/lunik-jobs/x-1"))
    end
    scratch.write(home.dir .. "/list", "a\nb\n")
    home:recipe("x", [[return machine { name = "x", agent {}, disk { file = "d.qcow2",
      create = true, size = "1M" } }]])
    refused(1, "x.lua:1: disk.file: 2 jobs would write it at once: overlay = true gives each its "
      .. "own (job a)", "x.lua", "--each", "list", "--", "echo", "{}")
    refused(2, "--gres: is for --engine slurm, and this is local", "x.lua", "--gres", "a")
    refused(1, "say by {} where it goes", "x.lua", "--each", "list")
    refused(2, "--sweep: FIELD=A,B,… expected, got 'cpus'", "x.lua", "--sweep", "cpus")
    refused(2, "-j: a whole number from 1 on expected, got '0'", "x.lua", "-j", "0")
    refused(1, "machine.cpus: a whole number from 1 to 1024 expected, got 'none' (job cpus=none)",
      "x.lua", "--sweep", "cpus=none")
    home:recipe("x", 'return machine { name = "x", results = "/out" }')
    refused(1, "x.lua:1: machine.results: is copied by the guest's agent or by ssh", "x.lua")
    home:recipe("x", 'return machine { name = "x", agent {}, paused = true }')
    refused(1, "stays paused, and so its job never ends", "x.lua")
    local status, _, errors = home:lunik("submit", "--engine", "slurn", "x.lua")
    assert.equal(2, status)
    matches(errors, "no engine 'slurn'; did you mean 'slurm'?")
  end)

  it("prints a manifest that Kubernetes takes, with the script in it", function()
    recipe("Kernel_1", 'results = "/out", life = "10m",')
    local text = home:does("submit", "--engine", "kubernetes", "--image", "lunik:1", "--claim",
      "out", "--print", "Kernel_1.lua", "--sweep", "cpus=1,2", "--", "make", "it's")
    local manifest = assert(core.json.decode(text))
    assert.same({}, kubernetes_schema(manifest))
    assert.same({ "kernel-1", 2 }, { manifest.items[2].metadata.name,
      manifest.items[2].spec.completions })
    local batch = assert(require "lunik.fleet.script".decode(manifest.items[1].data.job))
    assert.same({ { "make", "it's" }, { cpus = "2" } }, { batch.jobs[2].command,
      batch.jobs[2].set })
    manifest.items[2].spec.template.spec.containers[1].imagee = "x"
    assert.same({ "items[2].spec.template.spec.containers.1.imagee: no such field" },
      kubernetes_schema(manifest))
    local status, _, errors = home:lunik("submit", "--engine", "kubernetes", "Kernel_1.lua")
    assert.equal(2, status)
    matches(errors, "lunik prints its manifest: --print")
  end)

  it("is a function of Lua's, too", function()
    recipe("api", "")
    local text, _, code = run.output { argv = { run.interpreter, "-e", ([[
      package.path, package.cpath = %q, %q
      local lunik = require "lunik"
      local list = assert(lunik.submit { recipe = "api.lua", engine = "local", command = {
        "sh", "-c", "exit 4" } })
      print(#list, list[1].batch, list[1].jobs, list[1].code)
      print(lunik.text(select(2, lunik.submit { recipe = "none.lua" })))
      print(pcall(lunik.submit, { comand = {} }))]]):format(package.path, package.cpath) },
      path = true, env = home.env, cwd = home.dir }
    assert.equal(0, code)
    matches(text, "1\tlocal:api-1\t1\t4\nno such recipe 'none.lua'\nfalse\t")
    matches(text, "no option 'comand'; did you mean 'command'?")
  end)

  it("names jobs and arrays that are not there", function()
    local status, _, errors = home:lunik("wait", "local:dve-1")
    assert.equal(1, status)
    matches(errors, "no batch 'local:dve-1' was submitted in")
    matches(errors, "did you mean 'local:dev-1'?")
    status, _, errors = home:lunik("exec", "local:dev-1", "true")
    assert.equal(2, status)
    matches(errors, "local:dev-1 is an array: say which job, such as local:dev-1_1")
    status, _, errors = home:lunik("logs", "local:dev-1_9")
    assert.equal(1, status)
    matches(errors, "local:dev-1 has 2 jobs, and no job 9")
  end)
end)
