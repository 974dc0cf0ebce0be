-- SPDX-License-Identifier: MIT
local kind = require "lunik.schema.kind"

-- The folder that something is to be made in: whether it can be.
return function(self, about, path)
  local folder = path:match "^(.*)/[^/]*$"
  folder = folder == "" and "/" or folder
  local what = self.host.kind(folder)
  local named = about.value:match "^(.+)/[^/]*$" or folder
  if what ~= "directory" then
    self:say(about, "folder-missing",
      what and ("%s is a %s, no directory"):format(kind.show(named), what)
      or kind.no_such("directory", named, folder, self.host))
    return
  end
  local ok, why = self.host.access(folder, "wx")
  if ok then return true end
  self:say(about, "folder-unwritable", ("nothing can be made in %s by %s: %s")
    :format(kind.show(named), self.host.user, why))
end
