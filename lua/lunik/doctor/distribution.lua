-- SPDX-License-Identifier: MIT
-- What a distribution calls the packages that lunik has a use for, and how they are installed
-- there: os-release(5).
local distribution = {}

-- By the ids of os-release.
local MANAGERS = {
  apt = { "debian", "ubuntu" },
  dnf = { "fedora", "rhel", "centos" },
  pacman = { "arch", "archlinux" },
  apk = { "alpine" },
}

local COMMANDS = { apt = "apt install", dnf = "dnf install", pacman = "pacman -S", apk = "apk add" }

-- A name, the same for all, or the names of each, by release or by manager; one that depends on the
-- architecture has "ARCH", or is a table by architecture.
local PACKAGES = {
  qemu = { apt = { x86_64 = "qemu-system-x86", aarch64 = "qemu-system-arm",
                           riscv64 = "qemu-system-misc" },
           dnf = { x86_64 = "qemu-system-x86", aarch64 = "qemu-system-aarch64",
                           riscv64 = "qemu-system-riscv" },
           pacman = { x86_64 = "qemu-system-x86", aarch64 = "qemu-system-aarch64",
                              riscv64 = "qemu-system-riscv" },
           apk = "qemu-system-ARCH" },
  ["qemu-img"] = { apt = "qemu-utils", dnf = "qemu-img", pacman = "qemu-img", apk = "qemu-img" },
  virtiofsd = { bookworm = "qemu-system-common", jammy = "qemu-system-common", apt = "virtiofsd",
                dnf = "virtiofsd", pacman = "virtiofsd", apk = "virtiofsd" },
  subids = { apt = "uidmap", dnf = "shadow-utils", pacman = "shadow", apk = "shadow-subids" },
  swtpm = "swtpm",
  passt = "passt",
  mtools = "mtools",
  ssh = { apt = "openssh-client", dnf = "openssh-clients", pacman = "openssh",
          apk = "openssh-client" },
  bridge = { apt = "qemu-system-common", dnf = "qemu-common", pacman = "qemu-common",
             apk = "qemu-bridge-helper" },
  firmware = { apt = { x86_64 = "ovmf", aarch64 = "qemu-efi-aarch64",
                               riscv64 = "qemu-efi-riscv64" },
               dnf = { x86_64 = "edk2-ovmf", aarch64 = "edk2-aarch64",
                               riscv64 = "edk2-riscv64" },
               pacman = { x86_64 = "edk2-ovmf", aarch64 = "edk2-aarch64" },
               apk = { x86_64 = "ovmf", aarch64 = "aavmf" } },
}

-- The lines of os-release as a table.
local function release(host)
  local out = {}
  local text = host.contents("/etc/os-release", 1 << 16)
    or host.contents("/usr/lib/os-release", 1 << 16) or ""
  for name, value in text:gmatch "%f[^\n\0]([%u_]+)=([^\n]*)" do
    out[name] = value:gsub("^[\"'](.*)[\"']$", "%1")
  end
  return out
end

-- What this is: { manager = "apt" | nil, release = "bookworm" | nil }
function distribution.of(host)
  local found = release(host)
  local ids = (found.ID or "") .. " " .. (found.ID_LIKE or "")
  for id in ids:gmatch "%S+" do
    for manager, known in pairs(MANAGERS) do
      for _, each in ipairs(known) do
        if each == id then return { manager = manager, release = found.VERSION_CODENAME } end
      end
    end
  end
  return {}
end

-- The command that has root do something: root types it as it is.
function distribution.as_root(host, command) return (host.uid == 0 and "" or "sudo ") .. command end

-- The command that writes a line into a file of root's.
function distribution.to_file(host, line, path)
  return ("echo '%s' | %s"):format(line, distribution.as_root(host, "tee -a " .. path))
end

-- The command that makes the user one of a group | nil of root, whom a group does not help
function distribution.join(host, group)
  if host.uid == 0 then return nil end
  return ("sudo usermod -aG %s %s, and log in again"):format(group, host.user)
end

-- The command that installs what is called so here | nil where it is not known
function distribution.install(host, what)
  local this, name = distribution.of(host), PACKAGES[what]
  local manager = this.manager
  if type(name) == "table" then name = name[this.release] or name[manager] end
  if type(name) == "table" then name = name[host.arch] end
  if not manager or not name then return nil end
  return distribution.as_root(host, ("%s %s"):format(COMMANDS[manager],
    (name:gsub("ARCH", host.arch))))
end

return distribution
