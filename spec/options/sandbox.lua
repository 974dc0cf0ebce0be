-- SPDX-License-Identifier: MIT
return {
  { { "on", obsolete = "deny", elevateprivileges = "deny", spawn = "deny",
      resourcecontrol = "deny" },
    "on,elevateprivileges=deny,obsolete=deny,resourcecontrol=deny,spawn=deny", try = {} },
  { { "on", elevateprivileges = "children" }, "on,elevateprivileges=children", try = {} },
  { { "off" }, "off", try = {} },
  { { true }, "on", try = {} },
}
