-- QEMU's commands from outside while the machine is being saved: nothing of it may go on.
local commands = require "lunik.vm.commands"

describe("commands of QEMU's", function()
  local sent

  local function machine(fields)
    sent = {}
    return setmetatable({ seen = fields.seen or {}, saving = fields.saving, helpers = {},
      monitor = {
        exec = function(_, command)
          sent[#sent + 1] = command
          return {}
        end,
        pass = function(_, command, _, done)
          sent[#sent + 1] = command
          done {}
        end } }, { __index = commands })
  end

  local function human(line) return { ["command-line"] = line } end

  for what, fields in pairs { ["while it is being saved"] = { saving = true },
                              ["once it is saved"] = { seen = { saved = "/x" } } } do
    it("are refused " .. what .. ", but for questions", function()
      local vm = machine(fields)
      for _, case in ipairs { { "cont" }, { "system_reset" }, { "migrate_cancel" },
        { "human-monitor-command", human "cont" }, { "human-monitor-command", human "information" },
        { "human-monitor-command" } } do
        assert.same({ nil, "the machine is just being saved", "busy" },
                    { vm:qmp(case[1], case[2]) }, case[1])
        local said
        vm:pass(case[1], case[2], function(...) said = { ... } end)
        assert.same({ nil, "the machine is just being saved", "busy" }, said)
      end
      assert.same({}, sent)
      for _, case in ipairs { { "query-status" }, { "qom-get" }, { "qom-list" },
        { "human-monitor-command", human "info roms" }, { "quit" } } do
        assert.same({}, vm:qmp(case[1], case[2]))
      end
      assert.equal(5, #sent)
    end)
  end

  it("are QEMU's at other times", function()
    local vm = machine {}
    assert.same({}, vm:qmp "cont")
    assert.same({ "cont" }, sent)
  end)
end)
