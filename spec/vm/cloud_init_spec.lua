-- What the guest's cloud-init says that it has come to.
local cloud_init = require "lunik.vm.cloud_init"

describe("cloud-init", function()
  local function judged(status, result, code)
    return { cloud_init.judge(code or 0, ("\nstatus: %s\ntime: x\n--\n%s"):format(status, result)) }
  end

  it("is done where it says so, and has no errors", function()
    assert.same({ true }, judged("done", '{"v1": {"datasource": "NoCloud", "errors": []}}'))
    assert.same({ true }, judged("done", ""))
  end)

  it("is shown with its errors", function()
    assert.same({ nil, "cloud-init: ('runcmd', 1); no such module" }, judged("error",
      [=[{"v1": {"errors": ["('runcmd', 1)", "no such module"]}}]=]))
    assert.same({ nil, "cloud-init: late" }, judged("done", '{"v1": {"errors": ["late"]}}'))
  end)

  it("is shown with the errors of its stages, where it has no result yet", function()
    assert.same({ nil, "cloud-init: no network; ('locale', ProcessExecutionError())" },
                judged("error", [=[{"v1": {"stage": "modules-final", "datasource": null,
      "modules-final": {"errors": []}, "modules-config": {"errors":
      ["('locale', ProcessExecutionError())"]}, "init": {"errors": ["no network"]}}}]=]))
  end)

  it("is told apart from one that was not asked for, or is not there", function()
    assert.same({ nil, "cloud-init: it is disabled in the guest: it has found no seed" },
                judged("disabled", ""))
    assert.same({ nil, "cloud-init: the guest has none" }, judged("", "", 127))
    assert.same({ nil, "cloud-init: its status is 'error'" }, judged("error", ""))
  end)

  it("may say anything", function()
    for _, text in ipairs { "", "--\n", "\0\xff", "status: --\n[[[[", '--\n{"v1": 7}',
                            '--\n{"v1": {"errors": {"a": 1}}}', '--\n"v1"',
                            '--\n{"v1": {"init": 7, "modules-final": {"errors": 7}}}' } do
      local ok, why = cloud_init.judge(0, text)
      assert.is_nil(ok)
      assert.is_nil(why:find "[%z\1-\31\x80-\xff]")
    end
    local why = judged("error", [=[{"v1": {"errors": ["\u001b[2J", {}, 1, 2, 3, 4, 5]}}]=])[2]
    assert.is_nil(why:find("\27", 1, true))
  end)
end)
