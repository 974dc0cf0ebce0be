-- Every public word has its entry in the docs, and `lunik help` knows it: words are taken from
-- where they run, entries looked for in the pages. What fails says which page, and what to do.
local api = require "lunik.reference.api"
local cli = require "lunik.cli"
local codes = require "lunik.codes"
local commands = require "support.commands"
local commands_of = require "lunik.control.commands"
local control = require "lunik.reference.control"
local core = require "lunik.core"
local device = require "lunik.device"
local events = require "lunik.hook.events"
local examples = require "lunik.reference.example"
local exit = require "lunik.exit"
local fakehost = require "support.fakehost"
local help = require "lunik.cli.help"
local house = require "support.house"
local manual = require "lunik.reference.manual"
local markdown = require "lunik.reference.markdown"
local methods = require "lunik.vm.methods"
local outcome = require "lunik.vm.outcome"
local page = require "support.page"
local problems = require "lunik.reference.problems"
local points = require "lunik.hook.points"
local qemu = require "lunik.qemu"
local reference = require "lunik.reference.events"
local roff = require "lunik.reference.roff"
local run = require "support.run"
local scalar = require "lunik.machine.scalar"
local scratch = require "support.scratch"
local signature = require "lunik.vm.signature"
local sorted = require "lunik.text.sorted"
local spelling = require "lunik.control.wire"
local usage = require "lunik.cli.usage"
local wire = require "lunik.reference.wire"
local words = require "lunik.recipe.words"

local program = house.program
local texts = {}
local function text_of(path)
  texts[path] = texts[path] or "\n" .. scratch.read(path)
  return texts[path]
end

-- The part of a page below a heading, up to the next one that is as high.
local function below(path, heading)
  local _, from = text_of(path):find("\n" .. heading .. "\n", 1, true)
  if not from then return "" end
  local to = text_of(path):find("\n" .. heading:match "^#+" .. " ", from, true)
  return text_of(path):sub(from, to)
end

local function names_of(rows)
  local list = {}
  for i, row in ipairs(rows) do list[i] = row.name or row[1] end
  return list
end

-- The events that QEMU tells, or those of `lunik`'s own.
local function of_events(lunik)
  local list = {}
  for _, row in ipairs(events.rows) do
    if (row.lunik or false) == lunik then list[#list + 1] = row.name end
  end
  return list
end

-- What the C library shows: those of its map are lunik_*, and its header declares them.
local function of_c()
  local list = {}
  for name in scratch.read "src/embed/lunik.h":gmatch "\nLUNIK_API [^\n(]-(lunik_[%l_]+)%(" do
    list[#list + 1] = name
  end
  return list
end

local function heading(mark) return function(name) return mark .. name .. "\n" end end
local function cell(name) return "\n| `" .. name .. "` |" end

-- Each { what they are, the page, the words, entry(word) = what stands in the page }
local counted = {
  { "verb", "docs/program.md", cli.all(), heading "\n### " },
  { "exit code", "docs/program.md", names_of(exit.rows), function(name)
    return ("\n| %d | "):format(exit[name])
  end },
  { "kind of end", "docs/program.md", sorted(outcome.kinds), cell },
  { "method", "docs/vm.md", names_of(methods.rows), heading "\n### " },
  { "property", "docs/vm.md", names_of(methods.properties), function(name)
    return "`vm." .. name .. "`"
  end },
  { "code of a refusal", "docs/vm.md", names_of(codes.rows), cell },
  { "command of the control socket", "docs/control.md", control.names(), heading "\n### " },
  { "code of a problem", "docs/problems.md", problems.names(), heading "\n## " },
  { "hook point", "docs/reference.md", names_of(points.rows), cell },
  { "event of QEMU's", "docs/reference.md", of_events(false), cell },
  { "event of lunik's own", "docs/control.md", of_events(true), cell },
  { "family", "docs/reference.md", device.families, heading "\n## " },
  { "word of a recipe", "docs/reference.md", names_of(words.rows), function(name)
    return "\n| `" .. words.find(name).call
  end },
  { "option of QEMU's", "docs/qemu.md", qemu.names(), heading "\n### " },
  { "function of Lua's", "docs/lua.md", sorted(require "lunik"), function(name)
    return "lunik." .. name
  end },
  { "function of C's", "docs/c.md", of_c(), heading "\n### " },
}

-- The names that no page has.
local function missing(list, path, entry)
  local out = {}
  for _, name in ipairs(list) do
    if not text_of(path):find(entry(name), 1, true) then out[#out + 1] = name end
  end
  return out
end

local function none(list, path)
  if #list > 0 then
    error(("%s has no entry for: %s\n`make docs` prints it from the rows"):format(path,
      table.concat(list, ", ")), 0)
  end
end

describe("the docs have an entry for", function()
  for _, row in ipairs(counted) do
    it("every " .. row[1], function()
      assert.is_true(#row[3] > 0)
      none(missing(row[3], row[2], row[4]), row[2])
    end)
  end

  it("every argument and option of a verb", function()
    local list = {}
    for _, verb in ipairs(cli.verbs) do
      local text, found = below("docs/program.md", "### " .. verb), usage.of(cli.verb(verb))
      for _, each in ipairs(found.arguments) do
        if not text:find(cell(each.name:upper()), 1, true) then list[#list + 1] = each.name end
      end
      for _, each in ipairs(found.options) do
        for _, name in ipairs(each.names) do
          if not text:find("`" .. name .. "`", 1, true) then list[#list + 1] = verb .. name end
        end
      end
    end
    none(list, "docs/program.md")
  end)

  it("every field", function()
    local list = {}
    local function look(of, rows)
      local text = below("docs/reference.md", "## " .. of)
      for _, row in ipairs(rows) do
        local shown, found = examples.field(row), false
        local ends = "| `" .. markdown.cell(shown or "?") .. "` |"
        for line in text:gmatch(cell(row.name):gsub("%p", "%%%0") .. "[^\n]+") do
          found = found or line:sub(-#ends) == ends
        end
        if not found then
          list[#list + 1] = of .. "." .. row.name .. (shown and "" or " (no example)")
        end
      end
    end
    look("machine", scalar)
    for _, family in ipairs(device.families) do
      for _, kind in ipairs(device.family(family).kinds) do
        look(family, device.row(family, kind).known)
      end
    end
    none(list, "docs/reference.md")
  end)

  it("the JSON of every verb that has some", function()
    local text, list = text_of "docs/json.md", {}
    for _, verb in ipairs(cli.verbs) do
      for _, option in ipairs(usage.of(cli.verb(verb)).options) do
        if option.name == "--json" and not text:find("`" .. verb:gsub("%-", "%%-") .. "[`%s]") then
          list[#list + 1] = verb
        end
      end
    end
    if #list > 0 then error("write in docs/json.md of: " .. table.concat(list, ", "), 0) end
  end)
end)

describe("lunik help", function()
  it("answers for every topic that it completes", function()
    local list = {}
    for _, topic in ipairs(help.topics(cli)) do
      local heard = {}
      local out = { write = function(_, ...)
        for _, text in ipairs { ... } do heard[#heard + 1] = text end
      end, flush = function() return true end }
      -- argparse ends the process after --help: verbs are asked by their own process elsewhere
      if not cli.verb(topic) or device.family(topic) then
        local code = help.run({ topic = topic }, out, out, cli)
        if code ~= exit.ok or #table.concat(heard) == 0 then list[#list + 1] = topic end
      end
    end
    assert.same({}, list)
  end)

  it("knows a word of each list that the docs count", function()
    for topic, answer in pairs {
      ["lunik.up"] = "lunik%.up%(path, options%?%): starts a machine",
      ["loop:sleep"] = "lets the others run",
      ["lunik"] = 'require "lunik": machines from a Lua program\n  lunik%.load +reads and checks',
      ["lunik-wait"] = "lunik%-wait, on the control socket: wait until",
      ["exit-codes"] = "  3  the machine could not start",
      ["6"] = "exit code 6: something took too long",
      ["timeout"] = "a refusal's code: it took longer than it was given",
      ["disk"] = "for example: disk { file =",
      ["disk.cache"] = '\n  for example: disk { file = "[^\n]+", cache = "none" }\n$',
      ["hotplug.mount"] = "\n      return nil, why +no, for that reason",
    } do
      assert.matches(answer, (run.output { argv = { program, "help", topic } }))
    end
    assert.matches("For example: lunik mount dev ~/src %-%-readonly\n +lunik mount dev ",
                   (run.output { argv = { program, "mount", "--help" } }))
    assert.matches("as lunik exec %-i does%.\n\nFor example: lunik up vm%.lua\n +lunik up ",
                   (run.output { argv = { program, "up", "--help" } }))
  end)
end)

describe("an example", function()
  local dir
  before_each(function() dir = scratch.new() end)
  after_each(function() scratch.remove(dir) end)

  it("of each verb is there, and the verb can read it", function()
    for _, name in ipairs(cli.verbs) do
      local list = usage.examples(cli.verb(name))
      assert(list[1], name .. ": no example")
      for _, example in ipairs(list) do
        assert.matches("^lunik " .. name:gsub("%-", "%%-") .. "%f[%A]", example)
        assert.is_nil(commands.wrong(example), example)
      end
    end
  end)

  it("of each option of a verb is there, shown by its help and its manual page", function()
    local list = {}
    for _, name in ipairs(cli.verbs) do
      local verb = cli.verb(name)
      local shown = table.concat(usage.examples(verb), "\n")
      for _, option in ipairs(usage.of(verb).options) do
        if not commands.have(usage.examples(verb), option.names) then
          list[#list + 1] = ("%s %s: write a line of `more` in lua/lunik/cli"):format(name,
            option.name)
        end
      end
      assert.truthy(below("docs/program.md", "### " .. name):find("```sh\n" .. shown .. "\n```", 1,
        true), name .. ": `make docs` prints its examples")
      for _, example in ipairs(usage.examples(verb)) do
        local page_of = manual.of_verb(usage.described(verb), "2026-01-01")
        assert.truthy(page_of:find(roff.bold(example), 1, true), example)
      end
    end
    assert.same({}, list)
  end)

  it("of each property of vm reads it, and is Lua", function()
    for _, row in ipairs(methods.properties) do
      local example = assert(row.example, row.name .. ": write an `example` in its row")
      local asked
      local vm = setmetatable({}, { __index = function(_, name)
        asked = name
        return setmetatable({}, { __index = function() return 1 end })
      end })
      assert(load("local vm = ... " .. example, example, "t", { print = function() end }))(vm)
      assert.equal(row.name, asked)
      assert.truthy(below("docs/vm.md", "## Properties"):find("`" .. example .. "`", 1, true))
      local told = run.output { argv = { program, "help", "vm." .. row.name } }
      assert.truthy(told:find("for example: " .. example .. "\n", 1, true), told)
    end
  end)

  it("of each family is part of a machine, or of one that runs", function()
    for _, name in ipairs(device.families) do
      local example = assert(device.family(name).example, name .. ": no example")
      assert.truthy(example:find(name, 1, true), example)
      if not example:find "^vm:" then
        local path = scratch.write(dir .. "/vm.lua", ("return machine { memory = \"1G\",\n%s }\n")
          :format(example))
        local loaded, wrong = require "lunik".load(path)
        -- files of the reader's that are not here
        for _, problem in ipairs(loaded and {} or wrong) do
          assert.matches("no such file", problem.why, 1, false, example)
        end
      else
        assert(load("local vm = ... " .. example))
      end
    end
  end)

  -- The plan of a recipe, on a host that has whatever it names.
  local function planned(text)
    local path = scratch.write(dir .. "/vm.lua", text)
    local host = fakehost.new({ files = { ["/opt/qemu/bin/qemu-system-x86_64"] = "",
      ["/home/dev/vm/bzImage"] = "" }, subids = function() return { first = 100000 } end },
      { ["/home/dev/vm"] = dir })
    local plan, why = require "lunik".plan(path, { host = host, dir = "/home/dev/vm",
                                                   anyway = true })
    return plan, not plan and require "lunik".text(why)
  end

  it("of each field of a machine gives it, and can be planned", function()
    for _, row in ipairs(scalar) do
      local shown = assert(examples.machine(row), row.name .. ": no example")
      assert.matches("%f[%w_]" .. row.name .. " = ", shown)
      local plan, why = planned("return " .. shown)
      assert(plan and plan:command "paste", ("%s: %s"):format(shown, why))
    end
  end)

  -- What comes while a machine runs, as the rows of its family read it.
  local function plugged(family, shown, row)
    local name, fields
    local vm = { plug = function(_, ...) name, fields = ... end }
    assert(load("local vm = ... " .. shown, shown))(vm)
    assert.same(family, name)
    assert(row.kind.read(fields[row.name], { host = fakehost.new(), dir = "/home/dev" }), shown)
  end

  it("of each field of a device gives it, and can be planned", function()
    scratch.write(dir .. "/config.ign", '{ "ignition": { "version": "3.4.0" } }')
    for _, family in ipairs(device.families) do
      for _, kind in ipairs(device.family(family).kinds) do
        for _, row in ipairs(device.row(family, kind).known) do
          local what = ("%s.%s"):format(family, row.name)
          local shown = assert(examples.item(family, kind, row), what .. ": no example")
          assert.matches("%f[%w_]" .. row.name .. " = ", shown)
          if shown:find "^vm:" then
            plugged(family, shown, row)
          else
            -- a clone of a template is told apart by what asks its guest
            local road = family == "template" and "agent {}, " or ""
            local plan, why = planned(
              ('return machine { name = "dev", memory = "1G", nic {}, %s%s }'):format(road, shown))
            assert(plan and plan:command "paste", ("%s: %s"):format(shown, why))
          end
        end
      end
    end
  end)

  it("of each option of QEMU can be planned, and is what QEMU reads", function()
    local shown, wrong = require "lunik.reference.qemu", {}
    for _, row in ipairs(qemu.list()) do
      local list = shown.examples(row)
      if #list == 0 then wrong[#wrong + 1] = row.name .. ": no example" end
      for _, each in ipairs(list) do
        local plan, why = planned(("return machine { defaults = false, %s }"):format(each[1]))
        local line = plan and core.argv.shell(assert(plan:command "paste"))
        if not plan then
          wrong[#wrong + 1] = ("%s: %s"):format(each[1], why)
        elseif not line:find(each[2], 1, true) then
          wrong[#wrong + 1] = ("%s: %s: not in %s"):format(each[1], each[2], line)
        end
      end
    end
    assert.same({}, wrong)
  end)

  it("of each policy answers a request", function()
    local requests = { mount = { real = "/srv/www" }, disk = {}, chardev = { "pty" } }
    for _, row in ipairs(device.row("hotplug", "pcie").known) do
      if row.policy then
        local heard = {}
        local policy = assert(load("local print = ... return { " .. row.example .. " }"))(
          function(...) heard[#heard + 1] = { ... } end)[row.name]
        local request = requests[row.name] or { family = "usb" }
        local answer, why = policy({}, request)
        assert(answer or why, row.name)
      end
    end
  end)

  -- Members that the text uses of the vm, each of which there is.
  local function known_members(text)
    for name in text:gmatch "vm[:.]([%a_]+)" do
      local property
      for _, each in ipairs(methods.properties) do property = property or each.name == name end
      assert(property or methods.find(name), text)
    end
  end

  it("of each hook point and of each event can be planned, and uses what there is", function()
    local list = {}
    for _, row in ipairs(points.rows) do list[#list + 1] = row.example end
    for _, row in ipairs(events.rows) do
      if not row.lunik then list[#list + 1] = reference.example(row) end
    end
    for _, shown in ipairs(list) do
      known_members(shown)
      local plan, why = planned(("return machine { %s }"):format(shown))
      assert(plan, ("%s: %s"):format(shown, why))
    end
  end)

  it("of each exit code is of a verb that can exit so", function()
    for _, row in ipairs(exit.rows) do
      assert.equal(row[1] == "usage", commands.wrong(row.example) ~= nil, row.example)
    end
    scratch.write(dir .. "/vm.lua", "return machine { memory = '1G' }")
    for _, name in ipairs { "ok", "problems", "usage" } do
      local argv = { program }
      for word in exit.rows[exit[name] + 1].example:gsub("vm.lua", dir .. "/%0"):gmatch "%S+" do
        argv[#argv + 1] = word
      end
      table.remove(argv, 2)
      local _, _, status = run.output { argv = argv, env = { "XDG_STATE_HOME=" .. dir,
        "XDG_RUNTIME_DIR=" .. dir, "PATH=" .. os.getenv "PATH" } }
      assert.equal(exit[name], status, name)
    end
  end)

  it("of each code of a refusal is a call that may be refused so", function()
    for _, row in ipairs(codes.rows) do
      local method
      local vm = setmetatable({}, { __index = function(_, name)
        method = assert(methods.find(name), name)
        return function(_, ...) return signature.read(method, ...) end
      end })
      assert(load("local vm = ... " .. row.example))(vm)
      assert.truthy((" " .. table.concat(method.codes, " ") .. " "):find(" " .. row.name .. " "),
        row.example)
    end
  end)

  it("of each event of lunik's own hears what it carries", function()
    for _, row in ipairs(events.rows) do
      if row.lunik then
        local carried, heard = { event = row.name }, nil
        for _, member in ipairs(row.carries) do carried[member.name] = member.name end
        local vm = { on = function(self, name, fn)
          assert.equal(row.name, name)
          fn(self, carried)
        end }
        local env = { vm = vm, print = function(...) heard = { ... } end }
        assert(load(reference.example(row), "=example", "t", env))()
        assert.equal(carried[row.carries[1] and row.carries[1].name or "event"], heard[1])
      end
    end
  end)

  it("of each command of the control socket is one, by its row", function()
    for _, row in ipairs(commands_of.rows) do
      local line = wire.example(row)
      assert.truthy(text_of "docs/control.md":find("```json\n" .. line .. "\n```", 1, true), line)
      local sent = assert(core.json.decode(line))
      assert.equal(row.wire, sent.execute)
      local asked = assert(spelling.decode(sent.arguments or core.json.object {}))
      assert.is_nil(signature.wrong(row, asked), line)
    end
  end)

  it("of each function of Lua's is Lua, and calls it", function()
    for _, owner in ipairs { "lunik", "loop" } do
      for _, row in ipairs(api[owner]) do
        assert(load(row.example))
        assert.truthy(row.example:find(owner .. "[.:]" .. row[1]), row.example)
      end
    end
  end)
end)

describe("a command line in the docs", function()
  local function pages()
    local list = { "README.md" }
    for _, name in ipairs(scratch.list "docs") do
      if name:find "%.md$" then list[#list + 1] = "docs/" .. name end
    end
    return list
  end

  it("that stands in a block can be read by the program", function()
    local list = {}
    for _, path in ipairs(pages()) do
      for _, block in ipairs(page.blocks(path)) do
        local before = block.language == "console" and "%$ " or ""
        if before ~= "" or block.language == "sh" then
          for line in block.text:gmatch "[^\n]+" do
            local why = commands.wrong(line:match("^" .. before .. "(lunik .*)$") or "")
            if why then list[#list + 1] = ("%s: %s: %s"):format(path, line, why) end
          end
        end
      end
    end
    assert.same({}, list)
  end)

  it("that stands in a sentence has verbs and options that there are", function()
    local list, messages = {}, {}
    for _, section in ipairs(require "lunik.reference.messages".sections) do
      for _, row in ipairs(section.rows) do messages[row[1]] = true end
    end
    for _, path in ipairs(pages()) do
      for span in scratch.read(path):gsub("\n *```.-\n *```", "\n"):gmatch "`(lunik [^`]+)`" do
        local why = not messages[span] and commands.misspelt((span:gsub("\n", " ")))
        if why then list[#list + 1] = ("%s: %s: %s"):format(path, span, why) end
      end
    end
    assert.same({}, list)
  end)
end)
