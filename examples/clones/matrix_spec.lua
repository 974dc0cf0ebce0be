-- A matrix of tests from one warm machine: each case has a clone of its own, whose kernel and clock
-- it sets as it likes; none sees what another one has done.
--
--   WARM=~/warm busted examples/clones/matrix_spec.lua
local lunik = require "lunik"

local matrix = {}
for _, overcommit in ipairs { 0, 2 } do
  for _, year in ipairs { 2025, 2039 } do
    matrix[#matrix + 1] = { overcommit = overcommit, year = year }
  end
end

describe("sort", function()
  local clones

  setup(function()
    local problems
    clones, problems = lunik.fork(os.getenv "WARM", { n = #matrix, as = "case-{n}",
                                                      memory = "private" })
    assert(clones, problems and lunik.text(problems))
  end)
  teardown(function()
    for _, vm in ipairs(clones or {}) do
      vm:stop("the tests are over", "quit")
      vm:wait()
    end
  end)

  for i, case in ipairs(matrix) do
    it(("sorts with overcommit %d in the year %d"):format(case.overcommit, case.year), function()
      local status, out = clones[i]:exec { "sh", "-c", ([[
        echo %d >/proc/sys/vm/overcommit_memory && date -s %d-02-03 >/dev/null &&
        echo "$(date +%%Y)" >>/tmp/years && printf 'b\na\n' | sort && cat /tmp/years]])
        :format(case.overcommit, case.year) }
      assert.same({ 0, ("a\nb\n%d\n"):format(case.year) }, { status, out })
    end)
  end
end)
