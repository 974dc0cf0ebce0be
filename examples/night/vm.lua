-- A machine that is put away while nobody needs it: when its host is shut down, and by itself when
-- its guest has had nothing to do for half an hour. It goes on where it was at the next start.
--
--   lunik unit examples/night/vm.lua >~/.config/systemd/user/lunik-night.service
--   systemctl --user daemon-reload; systemctl --user enable --now lunik-night
--   systemctl --user start lunik-night       where it has put itself away
local guest = "../../build/guest/"
local looks, seconds = tonumber(env "LOOKS" or 30), tonumber(env "SECONDS" or 60)
local quiet = tonumber(env "QUIET" or 0.1)       -- of the guest's load: nothing to do

local idle = 0
local function look(vm)
  local status, out = vm:exec { "cat", "/proc/loadavg" }
  local load = status == 0 and tonumber(out:match "^%S+")
  idle = load and load <= quiet and idle + 1 or 0
  if idle < looks then return end
  idle = 0
  local saved, why = vm:save()
  if not saved then print("not put away: " .. why) end
end

return machine {
  name = "night",
  memory = "512M",
  on_host_shutdown = "save",
  disk { file = env "IMAGE" or guest .. "disk.qcow2", overlay = true },
  mount { from = ".", to = "/work", readonly = true },    -- taken off and put back by itself
  agent {},
  every(seconds, look),
}
