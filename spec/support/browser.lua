-- A browser without a window (chromium), spoken to by the DevTools protocol over two pipes: JSON,
-- each message ended by a NUL.
local core = require "lunik.core"
local loop = require "lunik.async.loop"
local poll = require "posix.poll"
local unistd = require "posix.unistd"

local browser = {}
browser.__index = browser

local DEADLINE = 60

-- `dir` is a folder of its own.
function browser.open(dir)
  local theirs_in, ours_out = unistd.pipe()
  local ours_in, theirs_out = unistd.pipe()
  local null = assert(require "posix.fcntl".open("/dev/null", require "posix.fcntl".O_RDWR))
  local proc = assert(core.proc.spawn { path = true,
    argv = { "chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
             "--user-data-dir=" .. dir, "--remote-debugging-pipe", "about:blank" },
    env = { "PATH=" .. os.getenv "PATH", "HOME=" .. dir },
    fds = { [0] = null, [1] = null, [2] = null, [3] = theirs_in, [4] = theirs_out } })
  for _, fd in ipairs { theirs_in, theirs_out, null } do unistd.close(fd) end
  local self = setmetatable({ proc = proc, out = ours_out, into = ours_in, text = "", count = 0,
                              events = {} }, browser)
  for _, target in ipairs(self:ask("Target.getTargets").targetInfos) do
    if target.type == "page" then
      self.session = self:ask("Target.attachToTarget", { targetId = target.targetId,
                                                        flatten = true }).sessionId
      break
    end
  end
  for _, part in ipairs { "Page", "Runtime", "Log", "Network" } do self:ask(part .. ".enable") end
  return self
end

-- The next message.
local function receive(self)
  local ends = loop.now() + DEADLINE
  while not self.text:find("\0", 1, true) do
    local left = math.ceil((ends - loop.now()) * 1000)
    assert(left > 0 and poll.rpoll(self.into, left) == 1, "the browser does not answer")
    local bytes = unistd.read(self.into, 1 << 16)
    assert(bytes and bytes ~= "", "the browser has ended")
    self.text = self.text .. bytes
  end
  local message, rest = self.text:match "^(%Z*)%z(.*)$"
  self.text = rest
  return core.json.decode(message)
end

-- What a method of the protocol answers.
function browser:ask(method, params)
  self.count = self.count + 1
  unistd.write(self.out, core.json.encode { id = self.count, method = method, params = params,
                                            sessionId = self.session } .. "\0")
  while true do
    local message = receive(self)
    if message.id == self.count then
      assert(not message.error, core.json.encode(message.error or {}))
      return message.result
    end
    table.insert(self.events, message)
  end
end

-- The value of an expression of JavaScript's.
function browser:value(expression)
  local answer = self:ask("Runtime.evaluate", { expression = expression, returnByValue = true })
  assert(not answer.exceptionDetails, expression)
  return answer.result.value
end

-- Shows a page, loaded whole.
function browser:go(address)
  self:ask("Page.navigate", { url = address })
  local ends = loop.now() + DEADLINE
  while self:value "document.readyState + location.href" ~= "complete" .. address do
    assert(loop.now() < ends, address .. " is not loaded")
    receive(self)                            -- whatever it tells next
  end
end

-- Presses a key: "Tab", "Enter", or a letter.
function browser:press(key)
  local codes = { Tab = 9, Enter = 13 }
  local text = not codes[key] and key or key == "Enter" and "\r" or nil
  for _, way in ipairs { "keyDown", "keyUp" } do
    self:ask("Input.dispatchKeyEvent", { type = way, key = key, windowsVirtualKeyCode = codes[key],
      text = way == "keyDown" and text or nil })
  end
end

-- The events of those methods that have come, in their order.
function browser:heard(...)
  local wanted, list = {}, {}
  for _, method in ipairs { ... } do wanted[method] = true end
  for _, event in ipairs(self.events) do
    if wanted[event.method] then list[#list + 1] = event.params end
  end
  return list
end

function browser:close()
  pcall(self.ask, self, "Browser.close")
  if not self.proc:wait(20) then
    self.proc:signal(9)
    self.proc:wait(5)
  end
  self.proc:close()
  unistd.close(self.out)
  unistd.close(self.into)
end

return browser
