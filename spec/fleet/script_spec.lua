-- The batch script: data that any lunik reads back, and nothing that is run.
local script = require "lunik.fleet.script"
local slurm = require "lunik.fleet.slurm"
local verdict = require "lunik.fleet.verdict"

local function batch()
  return { lunik = 1, name = "dev", engine = "slurm", recipe = "/home/me/vm.lua",
    submitted = "/home/me", folder = "/home/me/lunik-jobs/dev-1", retries = 2, grace = 28,
    cache = 20 << 30, once = "/img/\xffd.qcow2",
    images = { { path = "/img/\xffbase.qcow2", sum = ("0"):rep(64), bytes = 1 << 40 } },
    files = { { path = "/home/me/v\xffm.lua", text = "return machine {}\r\n\xfe" } },
    jobs = { { name = "it's", set = { append = "a \"b\" $(c)\n#d" }, command = { "`x`", "" } },
             { name = "two", set = {} } },
    resources = { cpus = 2, memory = (512 << 20) + 1, seconds = 660, kvm = false } }
end

describe("a batch script", function()
  local function text()
    return assert(script.encode(batch(), { "#SBATCH --mem=1M" }, "/usr/bin/lunik"))
  end

  it("is for lunik to interpret, and reads back as it was, whatever its texts hold", function()
    assert.matches("^#!/usr/bin/lunik job\n#SBATCH %-%-mem=1M\n{", text())
    assert.same(batch(), script.decode(text()))
    assert.equal(4, select(2, text():gsub("\n", "\n")) + 1)
  end)

  it("is none where something is missing, or has another form", function()
    for _, name in ipairs { "name", "recipe", "folder", "files", "jobs", "resources", "retries" } do
      local value = batch()
      value[name] = nil
      assert.same({ nil, name .. " is not what it should be" }, { script.read(value) })
    end
    local value = batch()
    value.jobs[1].command = { {} }
    assert.matches("^jobs%[1%]%.command%[1%] is not", select(2, script.read(value)))
    assert.equal("no batch of this lunik's", select(2, script.read { lunik = 2 }))
    assert.is_nil(script.decode "#!/bin/sh\nrm -rf /\n")
  end)

  it("is refused where Linux would not start lunik by its first line", function()
    assert.matches("no blanks", select(2, script.encode(batch(), {}, "/opt/my lunik")))
    assert.matches("too long", select(2, script.encode(batch(), {}, "/" .. ("a"):rep(250))))
  end)

  it("tells Slurm what the jobs take", function()
    assert.same({ "#SBATCH --job-name=dev", "#SBATCH --array=1-2%1", "#SBATCH --nodes=1",
      "#SBATCH --ntasks=1", "#SBATCH --cpus-per-task=2", "#SBATCH --mem=513M",
      "#SBATCH --no-requeue", "#SBATCH --open-mode=append", "#SBATCH --signal=B:TERM@60",
      "#SBATCH --time=12", "#SBATCH --constraint=kvm" },
      slurm.directives(batch(), { at_once = 1, constraint = "kvm" }))
  end)

  it("lets Slurm run a job again whose disks no older run can write", function()
    local one = batch()
    one.once = nil
    assert.equal("#SBATCH --requeue", slurm.directives(one, {})[7])
  end)

  it("asks for a node with KVM by what the site calls it, unless that is said", function()
    local function asked(options, kvm, site)
      local one = batch()
      one.resources.kvm = kvm
      slurm.demand(options, one, { kvm = site })
      return options
    end
    assert.same({ constraint = "kvm" }, asked({}, true, "constraint"))
    assert.same({ gres = "kvm:1" }, asked({}, true, "gres"))
    assert.same({ constraint = "big" }, asked({ constraint = "big" }, true, "constraint"))
    assert.same({}, asked({}, false, "constraint"))
    assert.same({}, asked({}, true, nil))
    local one = batch()
    one.resources.kvm = true
    assert.matches("no node says that it has KVM",
      slurm.notes({ grace = 100, held = true }, one, 60)[1])
  end)

  it("hands on no option that is more than a word", function()
    assert.is_nil(slurm.refuse { gres = "kvm:1", constraint = "a&b" })
    assert.equal("--gres: a\\x0ab: not a word of Slurm's", slurm.refuse { gres = "a\nb" })
  end)
end)

describe("a job that has failed", function()
  it("is tried again for the host's sake, and never for the recipe's", function()
    local again = {}
    for code = 0, 130 do
      if verdict.is_hosts(code, true) then again[#again + 1] = code end
    end
    assert.same({ 3, 4, 70 }, again)
    assert.is_false(verdict.is_hosts(3, false))
    assert.is_false(verdict.is_hosts(4, true, "memory"))
  end)
end)

describe("what srun says itself", function()
  it("is told from what the program says", function()
    assert.is_true(slurm.is_noise "srun: error: n1: task 0: Exited with exit code 3")
    assert.is_false(slurm.is_noise "srun: error: Unable to create step for job 7: Job expired")
    assert.is_false(slurm.is_noise "error: n1: task 0: Exited with exit code 3")
  end)
end)
