-- Several steps by one call of a guest's shell, here the host's shells, and guests that say what
-- they like of them.
local core = require "lunik.core"
local errno = require "posix.errno"
local input = require "lunik.vm.guest.input"
local randomness = require "lunik.vm.fresh.randomness"
local run = require "support.run"
local script = require "lunik.vm.fresh.script"

-- Steps of which each has a script.
local function steps(list)
  local out = {}
  for i, each in ipairs(list) do
    out[i] = { row = { name = each[1], script = each[2] .. "\n", input = each.input },
               arguments = each.arguments or {} }
  end
  return out
end

-- How each has ended: "done", or why not.
local function ends(list)
  local out = {}
  for i, step in ipairs(list) do out[i] = step.done and "done" or step.why end
  return out
end

-- A guest whose shell is one of the host's.
local function of_shell(words)
  return { run_as_root = function(_, text, _, _, bytes)
    local argv = { table.unpack(words) }
    table.move({ "-c", text, "lunik" }, 1, 3, #argv + 1, argv)
    return input.with_file(bytes or "", function(fd)
      local out, _, status = run.output { path = true, argv = argv, fds = { [0] = fd } }
      return { out = out, err = "", status = status }
    end)
  end }
end

-- One that answers so, whatever it is asked; `answer(mark)`
local function answering(answer)
  return { run_as_root = function(_, text) return answer(text:match "lunik%x+") end }
end

describe("steps in a guest", function()
  it("hand a program over that each shell makes the same bytes of, in few letters", function()
    for _, architecture in ipairs { "x86_64", "aarch64" } do
      local program = core.guest.reseed(architecture)
      local text = randomness.asked({ randomness = true },
        { plan = { hardware = { arch = architecture } } })[1]
      assert.is_true(#text < 4 * #program)      -- each byte by itself takes more
      for _, shell in ipairs { "dash", "bash" } do
        assert.equal(program, run.output { path = true,
          argv = { shell, "-c", 'printf %b "$1"', "lunik", text } })
      end
    end
  end)

  for _, words in ipairs { { "dash" }, { "bash" } } do
    it("are done by " .. words[1] .. ", and each tells how it went", function()
      local list = steps {
        { "one", 'read -r line <&3; [ "$line" = seed ] && [ "$1" = "a b\'c" ]',
          input = function() return "seed\n" end, arguments = { "a b'c" } },
        { "two", "echo no such thing; echo at all; return 3" },
        { "three", "false" },
        { "four", "cat; printf unfinished >&2" },
        { "five", "printf 'no end' >&2; return 1" },
      }
      assert.is_nil(script.run(of_shell(words), list, 5))
      assert.same({ "done", "no such thing;at all", "exit status 1", "done", "no end" }, ends(list))
      assert.is_true(list[1].seconds >= 0 and list[1].seconds < 60)
    end)
  end

  it("are none where they cannot be done, and the others are", function()
    local list = steps { { "one", "true" }, { "two", "true" } }
    list[1].arguments, list[1].why = nil, "there is no program"
    script.run(of_shell { "sh" }, list, 5)
    assert.same({ "there is no program", "done" }, ends(list))
  end)

  it("have failed where the guest says nothing of them, or nothing that can be read", function()
    for _, said in ipairs {
      "", "\0\255", "MARK", "MARK one", "MARK one 0 0.0 x.y", "xMARK one 0 1.0 1.0",
      "MARK one -1 1.0 1.0", "MARK two 0 1.0 1.0", "MARK one 0000 1.0 1.0",
      ("MARK "):rep(10000) } do
      local list = steps { { "one", "true" } }
      script.run(answering(function(mark)
        return { out = said:gsub("MARK", mark) .. "\n", err = "", status = 0 }
      end), list, 5)
      assert.same({ "the guest says nothing of it" }, ends(list), said)
    end
  end)

  it("say only what can be shown, and not for ever", function()
    local list = steps { { "one", "true" } }
    script.run(answering(function(mark)
      return { err = "", status = 0,
               out = ("\27[2J%s\n%s one 7 2.0 1.0\n"):format(("x"):rep(5000), mark) }
    end), list, 5)
    assert.falsy(list[1].why:find "\27")
    assert.is_true(#list[1].why < 1100)
    assert.equal(0, list[1].seconds)
  end)

  it("that were done before the guest hung are done", function()
    local list = steps { { "one", "true" }, { "two", "true" } }
    local code = script.run(answering(function(mark)
      return nil, "still running after 5 s", errno.ETIMEDOUT,
             { out = mark .. " one 0 1.0 1.5\n" }
    end), list, 5)
    assert.equal(errno.ETIMEDOUT, code)
    assert.same({ "done", "still running after 5 s" }, ends(list))
    assert.equal(0.5, list[1].seconds)
  end)
end)
