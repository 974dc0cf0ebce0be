-- SPDX-License-Identifier: MIT
-- A CD-ROM's image that a BIOS boots (El Torito, no emulation) and that installs: it writes a boot
-- sector onto the first disk and resets. Both say on the first serial port that they run.
local SECTOR = 2048

-- Code for 0x7c00: says the text that begins at `at`.
local function say(at)
  return "\x31\xc0\x8e\xd8\x8e\xc0"                      -- ds = es = 0
    .. "\xbe" .. ("<I2"):pack(at)                         -- si = the text
    .. "\xac\x84\xc0\x74\x06\xba\xf8\x03\xee\xeb\xf5"     -- each byte to port 0x3f8
end

local STAY = "\xeb\xfe"

local function padded(text, size) return text .. ("\0"):rep(size - #text) end

-- A boot sector that says `text` and stays.
local function boot_sector(text)
  return padded(padded(say(0x7c80) .. STAY, 0x80) .. text .. "\r\n\0", 510) .. "\x55\xaa"
end

-- Writes the sector at 0x7e00 to disk 0x80 by BIOS, and resets by the keyboard's controller.
local WRITE = "\xbb\x00\x7e\xb8\x01\x03\xb9\x01\x00\xba\x80\x00\xcd\x13\x72\x04\xb0\xfe\xe6\x64"

-- The image: what is said while it installs, and by the disk afterwards.
return function(installing, installed)
  local code = padded(say(0x7c80) .. WRITE .. STAY, 0x80)
  local program = padded(code .. installing .. "\r\n\0", 512)
  local entry = "\x01\0\0\0" .. ("\0"):rep(24) .. "\xaa\x55\x55\xaa"
  local catalog = entry .. "\x88\0\0\0\0\0\x04\0" .. ("<I4"):pack(20)
  local boots = padded("\0CD001\x01EL TORITO SPECIFICATION", 0x47) .. ("<I4"):pack(19)
  local sectors = { [16] = "\x01CD001\x01", [17] = boots, [18] = "\xffCD001\x01", [19] = catalog,
    [20] = program .. boot_sector(installed) }
  local image = {}
  for i = 0, 31 do image[i + 1] = padded(sectors[i] or "", SECTOR) end
  return table.concat(image)
end
