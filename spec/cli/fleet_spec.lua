-- What the verbs of fleets print, word for word, where a Slurm answers as one of 22.05 has.
local cli = require "lunik.cli"
local core = require "lunik.core"
local fakehost = require "support.fakehost"
local lunik = require "lunik"
local program = require "lunik.program"
local records = require "lunik.fleet.records"
local scratch = require "support.scratch"
local script = require "lunik.fleet.script"
local slurm = require "lunik.fleet.slurm"
local unistd = require "posix.unistd"

local RECIPE = [[return machine { name = "dev", accel = "tcg", memory = "256M", cpus = 2,
  life = "10m", results = "/out", agent {}, disk { file = "base.qcow2", overlay = true } }]]

-- As they were printed, but for names of hosts.
local ANSWERS = {
  scontrol = [[
Configuration data as of 2026-11-30T12:44:20
AccountingStorageBackupHost = (null)
KillWait                = 10 sec
MaxArraySize            = 1001
ProctrackType           = proctrack/cgroup
TaskPlugin              = task/cgroup
TaskPluginParam         = (null type)

Cgroup Support Configuration:
ConstrainRAMSpace       = yes
]],
  sinfo = "(null)|(null)\n",
  sbatch = "1234\n",
  squeue = [[
1234_1|COMPLETED|n1|None|1235
1234_2|FAILED|n2|NonZeroExitCode|1236
1234_3|RUNNING|n3|None|1237
1234_4|PENDING||Resources|1234
99_1|RUNNING|n9|None|99
]],
  scancel = "",
}

local NOTE = "lunik: note: the site kills a job 10 s after it was cancelled (KillWait): the guest "
  .. "has 8 s to power off, not 60\n"

local DIRECTIVES = [[
#SBATCH --job-name=dev
#SBATCH --array=1-4%2
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --mem=496M
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:TERM@60
#SBATCH --time=12
]]

local ARRAYS = [[
ARRAY                                   JOBS                                   FOLDER
slurm:1234  [######xxxxxx>>>>>>......]  1 queued, 1 running, 1 done, 1 failed  HOME/lunik-jobs/dev-1
]]

local JOBS = [[
JOB           STATE    CODE  TIME   NODE  NAME  WHY
slurm:1234_1  done     0     42s    n1    a     -
slurm:1234_2  failed   2     1m30s  n2    b     results: /out is not there
slurm:1234_3  running  -     0s     n3    c d   -
slurm:1234_4  queued   -     -      -     e     Resources
]]

describe("the verbs of fleets", function()
  local dir, before, ask, plan, asked, fails

  -- What has become of the jobs, as their attempts would have written it.
  local function happen()
    local now = os.time()
    local function attempt(number, record)
      record.lunik, record.began = 1, now - (record.seconds or 0)
      assert(records.save(records.job(dir .. "/lunik-jobs/dev-1", number), 0, record))
    end
    attempt(1, { state = "ended", code = 0, own = true, ended = now, seconds = 42, node = "n1",
                 results = true })
    attempt(2, { state = "ended", code = 2, own = false, ended = now, seconds = 90, node = "n2",
                 trouble = "results: /out is not there" })
    attempt(3, { state = "running", node = "n3", machine = "dev", place = "/nowhere" })
    scratch.write(dir .. "/lunik-jobs/dev-1/1/log", "one\ntwo\nthree\n")
  end

  -- Exit code, output and errors of a verb, with the folder's name taken out.
  local function run(...)
    local said, files = {}, {}
    for _, name in ipairs { "out", "err" } do
      files[name] = assert(io.open(("%s/.%s"):format(dir, name), "w"))
    end
    asked = {}
    local code = cli.main({ ... }, files.out, files.err)
    for name, each in pairs(files) do
      each:close()
      said[name] = scratch.read(("%s/.%s"):format(dir, name)):gsub(dir:gsub("%p", "%%%0"), "HOME")
    end
    return code, said.out, said.err
  end

  local function submit(...)
    return run("submit", "--engine", "slurm", "vm.lua", "--each", "list", "-j", "2", ...)
  end

  setup(function()
    dir, before, ask, plan = scratch.new(), unistd.getcwd(), slurm.ask, lunik.plan
    dir = require "lunik.host".real(dir)
    program.is(require "posix.stdlib".realpath((os.getenv "B" or "build") .. "/lunik"))
    scratch.write(dir .. "/vm.lua", RECIPE)
    scratch.write(dir .. "/base.qcow2", "QFI\xfb" .. ("\0"):rep(508))
    scratch.write(dir .. "/list", "a\nb\nc d\ne\n")
    function lunik.plan(path, options)
      options.host = fakehost.new({}, { [dir] = dir })
      options.dir = dir
      return plan(dir .. "/" .. path, options)
    end
    function slurm.ask(_, argv)
      asked[#asked + 1] = table.concat(argv, " "):gsub(dir:gsub("%p", "%%%0"), "HOME")
      if fails then return nil, argv[1] .. ": exited with status 1: " .. fails end
      return ANSWERS[argv[1]]
    end
    assert.equal(0, unistd.chdir(dir))
  end)
  before_each(function() fails = nil end)
  teardown(function()
    slurm.ask, lunik.plan = ask, plan
    unistd.chdir(before)
    scratch.remove(dir)
  end)

  it("print what would be handed over, and queue nothing", function()
    local code, out, err = submit("--print", "--cache", "1G", "--", "make", "{}")
    assert.same({ 0, NOTE }, { code, err })
    local first, directives, rest = out:match "^(#![^\n]*)\n(.-)({.*)$"
    assert.matches("/lunik job$", first)
    assert.equal(DIRECTIVES, directives)
    local batch = assert(script.decode(rest))
    assert.same({ "c d", { "make", "c d" } }, { batch.jobs[3].name, batch.jobs[3].command })
    assert.same({ 2, 8, "/out", 1 << 30 }, { batch.retries, batch.grace, batch.results,
      batch.cache })
    assert.equal(512, batch.images[1].bytes)
    assert.same({ "scontrol show config", "sinfo --noheader --format=%f|%G" }, asked)
  end)

  it("submit an array, and say where its records are", function()
    assert.same({ 0, "slurm:1234\n", NOTE .. "lunik: 4 jobs, in HOME/lunik-jobs/dev-1\n" },
      { submit("--", "make", "{}") })
    assert.equal("sbatch --parsable --chdir=HOME --output=HOME/lunik-jobs/dev-1/%a/log "
      .. "HOME/lunik-jobs/dev-1/job", asked[3])
  end)

  it("say why nothing was queued, and leave no record of it", function()
    fails = "Unable to contact slurm controller"
    assert.same({ 1, "", "lunik submit: slurm does not answer: scontrol: exited with status 1: "
      .. "Unable to contact slurm controller; --engine local runs jobs here\n" },
      { submit("--", "make", "{}") })
    assert.is_nil(unistd.access(dir .. "/lunik-jobs/dev-2"))
  end)

  it("list arrays with a bar, jobs with what became of them, and as JSON", function()
    happen()
    assert.same({ 0, ARRAYS, "" }, { run "jobs" })
    local code, out, err = run("jobs", "slurm:1234")
    -- how long one has been running is counted a moment later
    assert.same({ 0, JOBS, "" }, { code, (out:gsub("(running  %-     )%ds", "%10s")), err })
    out = select(2, run("jobs", "--json", "slurm:1234_2"))
    local job = assert(core.json.decode(out)).batches[1].jobs[1]
    job.began, job.ended = nil, nil
    assert.same({ job = "slurm:1234_2", name = "b", state = "failed", over = true, code = 2,
      trouble = "results: /out is not there", node = "n2", attempts = 1, results = false,
      folder = "HOME/lunik-jobs/dev-1/2", reason = "NonZeroExitCode" }, job)
    fails = "Unable to contact slurm controller"
    assert.equal("lunik jobs: the queue does not answer: squeue: exited with status 1: Unable to "
      .. "contact slurm controller\n", (select(3, run("jobs", "slurm:1234"))))
  end)

  it("wait for jobs that are over without asking, and name those that failed", function()
    happen()
    assert.same({ 0, "", "" }, { run("wait", "slurm:1234_1") })
    assert.same({ 2, "", "lunik wait: slurm:1234_2: failed (2)\n" },
      { run("wait", "slurm:1234_2") })
    assert.same({}, asked)
    assert.same({ 0, '{"code":0,"jobs":{"done":1},"lunik":1,"over":true}\n', "" },
      { run("wait", "--json", "slurm:1234_1") })
    assert.same({ 6, "", "lunik wait:\n  not over in time\n  slurm:1234_2: failed (2)\n  "
      .. "slurm:1234_3: running\n  slurm:1234_4: queued\n" },
      { run("wait", "--timeout", "0.1", "slurm:1234") })
  end)

  it("print the last lines of a job's log, and say where there is none", function()
    happen()
    assert.same({ 0, "two\nthree\n", "" }, { run("logs", "-n", "2", "slurm:1234_1") })
    assert.same({ 1, "", "lunik logs: slurm:1234_4 has no log yet\n" },
      { run("logs", "slurm:1234_4") })
    assert.same({ 2, "", "lunik logs: slurm:1234 is an array: say which job, such as "
      .. "slurm:1234_1\n" }, { run("logs", "slurm:1234") })
    assert.same({ 1, "", "lunik logs: slurm:1234 has 4 jobs, and no job 9\n" },
      { run("logs", "slurm:1234_9") })
  end)

  it("cancel what waits, and say why a machine cannot be reached", function()
    happen()
    assert.same({ 0, "", "" }, { run("down", "slurm:1234_4") })
    assert.equal("scancel 1234_4", asked[#asked])
    assert.same({ 1, "", "lunik exec: slurm:1234_4 does not run: queued: Resources\n" },
      { run("exec", "slurm:1234_4", "true") })
    assert.same({ 1, "", "lunik ssh: no batch 'slurm:1324' was submitted in HOME; did you mean "
      .. "'slurm:1234'?\n" }, { run("ssh", "slurm:1324_1") })
  end)
end)
