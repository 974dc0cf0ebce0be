-- What is asked for becomes a list of jobs, each of them data.
local jobs = require "lunik.fleet.jobs"

describe("an array", function()
  local function names(list)
    local out = {}
    for i, one in ipairs(list) do out[i] = one.name end
    return out
  end

  it("is one job where nothing else is said", function()
    assert.same({ { name = "", set = { cpus = "2" }, command = { "make" } } },
      jobs.of { set = { cpus = "2" }, command = { "make" } })
  end)

  it("is the product of a sweep, with names", function()
    local list = jobs.of { set = { memory = "1G" }, command = { "true" },
      sweep = { kernel = { "/boot/a", "/boot/b" }, cpus = { 1, 2, 4 } } }
    assert.same({ "cpus=1 kernel=a", "cpus=1 kernel=b", "cpus=2 kernel=a", "cpus=2 kernel=b",
      "cpus=4 kernel=a", "cpus=4 kernel=b" }, names(list))
    assert.same({ memory = "1G", kernel = "/boot/b", cpus = "2" }, list[4].set)
  end)

  it("is a job for each line, which stands as it is where {} is", function()
    local list = jobs.of { set = { kernel = "k/{}" }, command = { "run", "a {} b", "%1" },
      each = { "it's", "100%1 {}" } }
    assert.same({ { name = "it's", set = { kernel = "k/it's" },
                    command = { "run", "a it's b", "%1" } },
                  { name = "100%1 {}", set = { kernel = "k/100%1 {}" },
                    command = { "run", "a 100%1 {} b", "%1" } } }, list)
  end)

  it("shows a line that would control a terminal, and hands it on as it is", function()
    local list = jobs.of { command = { "{}" }, each = { "a\27[2J" } }
    assert.same({ "a\\x1b[2J", { "a\27[2J" } }, { list[1].name, list[1].command })
  end)

  it("refuses lines that go nowhere, no line, too many jobs, and two kinds at once", function()
    local function why(asked) return select(2, jobs.of(asked)) end
    assert.matches("say by {} where it goes", why { command = { "true" }, each = { "a" } }, 1, true)
    assert.equal("there is no line, and so no job", why { command = { "{}" }, each = {} })
    local many = {}
    for i = 1, 400 do many[i] = i end
    assert.equal("a sweep of more than 100000 jobs", why { sweep = { a = many, b = many } })
    assert.matches("do not go together", why { sweep = { a = { 1 } }, each = { "a" } })
  end)
end)
