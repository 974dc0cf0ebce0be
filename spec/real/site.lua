-- The site in a browser: no error on its console, nothing asked of anybody, every link reached by
-- keyboard, text that can be read in both themes, pages that fit a phone, a search that finds.
local browser = require "support.browser"
local core = require "lunik.core"
local run = require "support.run"
local scratch = require "support.scratch"

-- The least contrast of a text of the page with what it stands on, and which.
local CONTRAST = [[(() => {
  const part = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 };
  const light = c => .2126 * part(c[0]) + .7152 * part(c[1]) + .0722 * part(c[2]);
  const numbers = text => text.match(/[\d.]+/g).map(Number);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = numbers(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  let least = 99, which = "";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || e.tagName === "SCRIPT") continue;
    const a = light(numbers(getComputedStyle(e).color)), b = light(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < least) { least = ratio; which = walker.currentNode.data.trim() }
  }
  return JSON.stringify({ least, which });
})()]]

describe("the site in a browser", function()
  local dir, site, view

  setup(function()
    dir = scratch.new()
    site = dir .. "/site"
    local _, how, status = run.output { path = true,
      argv = { run.interpreter, "scripts/site", site },
      env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath,
              "PATH=" .. os.getenv "PATH" } }
    assert.same({ "exited", 0 }, { how, status })
    view = browser.open(dir .. "/browser")
  end)
  teardown(function()
    view:close()
    scratch.remove(dir)
  end)

  local function size(width, height, mobile)
    view:ask("Emulation.setDeviceMetricsOverride", { width = width, height = height,
      deviceScaleFactor = 1, mobile = mobile })
  end

  local function theme(name)
    view:ask("Emulation.setEmulatedMedia", { features = core.json.array {
      { name = "prefers-color-scheme", value = name } } })
  end

  local function show(name) view:go(("file://%s/%s"):format(site, name)) end

  local function each(visit)
    for _, name in ipairs(scratch.list(site)) do
      if name:find "%.html$" then
        show(name)
        visit(name)
      end
    end
  end

  for _, name in ipairs { "light", "dark" } do
    it("has text of enough contrast in the theme " .. name .. ", and fits a phone", function()
      theme(name)
      size(360, 740, true)
      each(function(page)
        local found = core.json.decode(view:value(CONTRAST))
        assert.is_true(found.least >= 4.5, ("%s: %s: %.2f"):format(page, found.which, found.least))
        local wide = view:value "document.documentElement.scrollWidth - innerWidth"
        assert.is_true(wide <= 0, page .. " is too wide")
      end)
    end)
  end

  it("is reached by keyboard, every link of it", function()
    size(1200, 900, false)
    for _, page in ipairs { "index.html", "tutorial.html", "lua.html" } do
      show(page)
      local wanted = math.tointeger(view:value
        "document.querySelectorAll('a[href], input, [tabindex=\"0\"]').length")
      view:value "window.seen = new Set()"
      for _ = 1, wanted + 5 do
        view:press "Tab"
        view:value "void window.seen.add(document.activeElement)"
      end
      local reached = view:value [[[...document.querySelectorAll('a[href], input, [tabindex="0"]')]
        .filter(e => window.seen.has(e)).length]]
      assert.equal(wanted, math.tointeger(reached), page)
    end
  end)

  it("finds what is searched for, by keyboard alone", function()
    show "index.html"
    view:press "/"
    for letter in ("no supervisor"):gmatch "." do view:press(letter) end
    -- the index comes when somebody begins to type
    repeat local said = view:value "document.getElementById('said').textContent" until said ~= ""
    view:press "Enter"
    repeat
      local address = view:value "document.readyState === 'complete' ? location.href : ''"
    until address:find("troubleshooting.html#", 1, true)
    assert.matches("has no supervisor: lunik adopt", view:value
      "document.querySelector(location.hash).textContent")
  end)

  it("has no error on its console, and asks nobody outside", function()
    assert.same({}, view:heard("Log.entryAdded", "Runtime.exceptionThrown",
                               "Runtime.consoleAPICalled", "Network.loadingFailed"))
    for _, params in ipairs(view:heard "Network.requestWillBeSent") do
      local address = params.request.url
      assert.is_true(address:find("file://" .. site, 1, true) == 1 or address:find "^data:,$" == 1,
                     address)
    end
  end)
end)
