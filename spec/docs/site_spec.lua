-- The site: every page of the docs, with links that lead somewhere, nothing from outside, an entry
-- for every word in its search, and colours that can be read. A browser looks at it in
-- spec/real/site.lua.
package.path = "site/?.lua;" .. package.path
local core = require "lunik.core"
local palette = require "palette"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("the site", function()
  local dir, site

  setup(function()
    dir = scratch.new()
    site = dir .. "/site"
    local env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath,
                  "PATH=" .. os.getenv "PATH" }
    local out, how, status = run.output { path = true, env = env,
      argv = { "sh", "-c", 'exec 2>&1; exec "$0" scripts/site "$1"', run.interpreter, site } }
    assert.same({ "exited", 0 }, { how, status }, out)
  end)
  teardown(function() scratch.remove(dir) end)

  local function each(visit)
    for _, name in ipairs(scratch.list(site)) do
      if name:find "%.html$" then visit(name, scratch.read(site .. "/" .. name)) end
    end
  end

  local function anchors(html)
    local found = { [""] = true }
    for id in html:gmatch ' id="([^"]*)"' do
      assert.is_nil(found[id], id)
      found[id] = true
    end
    return found
  end

  it("has every page of the docs", function()
    local titles = {}
    each(function(_, html) titles[html:match "<title>(.-)</title>"] = true end)
    for _, name in ipairs(scratch.list "docs") do
      if name:find "%.md$" then
        local title = scratch.read("docs/" .. name):match "^# ([^\n]*)":gsub("`", "")
        assert.is_true(titles[title .. " · lunik"], name)
      end
    end
  end)

  it("has links that lead somewhere", function()
    local ids, list = {}, {}
    each(function(name, html) ids[name] = anchors(html) end)
    each(function(name, html)
      for link in html:gmatch '<a [^>]*href="([^"]*)"' do
        local file, anchor = link:match "^([^#]*)#?(.*)$"
        local known = ids[file == "" and name or file]
        if not link:find "^https?:" and not (known and known[anchor]) then
          list[#list + 1] = name .. ": " .. link
        end
      end
    end)
    assert.same({}, list)
  end)

  it("has pages that are all reached by links from the first", function()
    local reached, way = { ["index.html"] = true }, { "index.html" }
    for _, name in ipairs(way) do
      for link in scratch.read(site .. "/" .. name):gmatch '<a [^>]*href="([^"#:]+%.html)' do
        if not reached[link] then reached[link], way[#way + 1] = true, link end
      end
    end
    local lonely = {}
    each(function(name) if not reached[name] then lonely[#lonely + 1] = name end end)
    assert.same({}, lonely)
  end)

  it("takes nothing from outside", function()
    each(function(name, html)
      for _, pattern in ipairs { '<link [^>]*href="([^"]*)"', '<img [^>]*src="([^"]*)"',
                                 '<script [^>]*src="([^"]*)"' } do
        for address in html:gmatch(pattern) do
          local own = address == "data:," or stat.stat(site .. "/" .. address)
          assert.truthy(own, name .. ": " .. address)
        end
      end
    end)
    local css = scratch.read(site .. "/style.css")
    assert.is_nil(css:find "@import" or css:find "url%(")
    assert.is_nil(scratch.read(site .. "/search.js"):find "https?:")
  end)

  it("can be read by who does not see it, or has no mouse", function()
    each(function(name, html)
      assert.truthy(html:find('<html lang="en">', 1, true), name)
      local _, count = html:gsub("<h1[ >]", "")
      assert.equal(1, count, name)
      for _, part in ipairs { '<a class="skip" href="#content">', '<main id="content"',
                              '<nav aria-label="pages">', '<label for="query">',
                              'name="viewport"' } do
        assert.truthy(html:find(part, 1, true), name .. ": " .. part)
      end
      for image in html:gmatch "<img [^>]*>" do assert.matches(' alt="[^"]', image) end
      -- what is wider than the page is scrolled by keyboard
      for before in html:gmatch "([^\n]*)<table>" do assert.matches('tabindex="0">$', before) end
      assert.is_nil(html:find("<pre>", 1, true), name)
    end)
  end)

  it("has colours of enough contrast in both themes, as WCAG's AA has it", function()
    assert.equal(21, palette.contrast("#000000", "#ffffff"))
    for _, theme in ipairs { "light", "dark" } do
      for _, pair in ipairs(palette.pairs) do
        local found = palette.contrast(palette[theme][pair[1]], palette[theme][pair[2]])
        assert.is_true(found >= 4.5, ("%s: %s on %s: %.2f"):format(theme, pair[1], pair[2], found))
      end
    end
  end)

  it("finds every verb, method, code, family and message", function()
    local text = scratch.read(site .. "/search-index.js"):match "^window%.lunikIndex = (.*);\n$"
    local titles = {}
    for _, entry in ipairs(assert(core.json.decode(text))) do
      titles[entry[1]] = true
    end
    local wanted = { table.unpack(require "lunik.cli".verbs) }
    for _, from in ipairs { require "lunik.vm.methods".rows, require "lunik.hook.points".rows,
                            require "lunik.codes".rows, require "lunik.verify.codes" } do
      for _, row in ipairs(from) do wanted[#wanted + 1] = row.name end
    end
    table.move(require "lunik.device".families, 1, #require "lunik.device".families, #wanted + 1,
               wanted)
    for _, section in ipairs(require "lunik.reference.messages".sections) do
      for _, row in ipairs(section.rows) do wanted[#wanted + 1] = row[1] end
    end
    local list = {}
    for _, word in ipairs(wanted) do
      -- methods of what vm:spawn gives are told with their owner
      if not titles[word] and not titles["program:" .. word] then list[#list + 1] = word end
    end
    assert.same({}, list)
  end)
end)
