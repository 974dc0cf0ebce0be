-- SPDX-License-Identifier: MIT
-- -blockdev's drivers that reach the data themselves: files, devices, the network.
local kind = require "lunik.qemu.kind"

local function on_off(name, doc, default) return { name, kind = kind.on_off,
  doc = doc, default = default } end
local function count(name, doc, default) return { name, kind = kind.count,
  doc = doc, default = default } end
local function text(name, doc) return { name, kind = kind.text, doc = doc } end
local function needed(name, doc) return { name, kind = kind.text, required = true, doc = doc } end
local function secret(name, doc) return { name, kind = kind.ref "object", ref = "object",
  doc = doc } end
local function path(name, doc) return { name, kind = kind.path, required = true, doc = doc } end
local function image(name, doc)
  return { name, kind = kind.image_file, required = true, doc = doc }
end

local file = {
  image("filename", "path of the file"),
  { "aio", kind = kind.one_of { "threads", "native", "io_uring" }, default = "threads",
    doc = "how the host does I/O" },
  count("aio-max-batch", "requests handed over at a time"),
  { "locking", kind = kind.on_off_auto, default = "auto", doc = "the file is locked" },
  { "pr-manager", kind = kind.ref "object", ref = "object",
    doc = "helper for persistent reservations" },
  on_off("drop-cache", "the page cache is dropped after migration", "on"),
  on_off("x-check-cache-dropped", "it is checked that it was", "off"),
}

local null = {
  count("size", "size", "1073741824"),
  count("latency-ns", "nanoseconds that a request takes", "0"),
  on_off("read-zeroes", "reads give zeroes", "off"),
}

-- InetSocketAddress and SocketAddress at the place `at` (qapi/sockets.json)
local function inet(at)
  return {
    { at .. ".host", kind = kind.text, doc = "host (inet)" },
    { at .. ".port", kind = kind.text, doc = "port (inet, vsock)" },
    { at .. ".numeric", kind = kind.on_off, doc = "host and port are numbers (inet)" },
    { at .. ".to", kind = kind.port, doc = "last of a range of ports (inet)" },
    { at .. ".ipv4", kind = kind.on_off, doc = "IPv4 (inet)" },
    { at .. ".ipv6", kind = kind.on_off, doc = "IPv6 (inet)" },
    { at .. ".keep-alive", kind = kind.on_off, doc = "keep-alive packets (inet)" },
    { at .. ".mptcp", kind = kind.on_off, doc = "Multipath TCP (inet)" },
  }
end

local function with(list, ...)
  local out = table.move(list, 1, #list, 1, {})
  for _, key in ipairs { ... } do out[#out + 1] = key end
  return out
end

local function socket(at)
  return with(inet(at),
    { at .. ".type", kind = kind.one_of { "inet", "unix", "vsock", "fd" },
      doc = "kind of address" },
    { at .. ".path", kind = kind.path, doc = "path (unix)" },
    { at .. ".abstract", kind = kind.on_off, doc = "an abstract socket (unix)" },
    { at .. ".tight", kind = kind.on_off, default = "on", doc = "its name is not padded (unix)" },
    { at .. ".cid", kind = kind.text, doc = "machine (vsock)" },
    { at .. ".str", kind = kind.text, doc = "descriptor (fd)" })
end

local curl = {
  needed("url", "address of the image"),
  count("readahead", "bytes read in advance", "262144"),
  count("timeout", "seconds", "5"),
  text("username", "user"),
  secret("password-secret", "secret that is the password"),
  text("proxy-username", "user at the proxy"),
  secret("proxy-password-secret", "secret that is the password there"),
}
local verify = on_off("sslverify", "the server's certificate is checked", "on")
local http = with(curl, text("cookie", "cookies"),
  secret("cookie-secret", "secret that holds them"))

local nbd = with(socket "server",
  text("export", "name of the export"),
  secret("tls-creds", "TLS credentials"),
  text("tls-hostname", "name in the server's certificate"),
  count("reconnect-delay", "seconds in which requests wait for a lost server", "0"),
  count("open-timeout", "seconds to wait for it at start", "0"),
  text("x-dirty-bitmap", "bitmap to show"))

local ssh = with(inet "server",
  needed("path", "path there"), text("user", "user"),
  { "host-key-check.mode", kind = kind.one_of { "none", "hash", "known_hosts" },
    doc = "how the host is known" },
  { "host-key-check.type", kind = kind.one_of { "md5", "sha1", "sha256" },
    doc = "hash of its key" },
  text("host-key-check.hash", "the hash"))

local nfs = {
  { "server.type", kind = kind.one_of { "inet" }, doc = "kind of address" },
  text("server.host", "host"), needed("path", "path there"),
  count("user", "user id"), count("group", "group id"),
  count("tcp-syn-count", "tries to connect"),
  count("readahead-size", "bytes read in advance"), count("page-cache-size", "bytes kept"),
  count("debug", "how much is logged"),
}

local iscsi = {
  { "transport", kind = kind.one_of { "tcp", "iser" }, required = true, doc = "transport" },
  needed("portal", "HOST:PORT"), needed("target", "the target's name"),
  count("lun", "logical unit", "0"), text("user", "user"),
  secret("password-secret", "secret that is the password"),
  text("initiator-name", "the initiator's name"), count("timeout", "seconds", "0"),
  { "header-digest", kind = kind.one_of { "crc32c", "none", "crc32c-none", "none-crc32c" },
    doc = "checksums" },
}

local rbd = {
  needed("pool", "pool"), needed("image", "image"),
  text("namespace", "namespace"), text("snapshot", "snapshot"), text("user", "user"),
  { "conf", kind = kind.file, doc = "configuration of Ceph" },
  { "auth-client-required.*", kind = kind.one_of { "cephx", "none" },
    doc = "authentication that is taken" },
  secret("key-secret", "secret that is the key"),
  { "encrypt.format", kind = kind.one_of { "luks", "luks2", "luks-any" },
    doc = "encryption of the image" },
  secret("encrypt.key-secret", "secret that is its key"),
  text("server.*.host", "monitor"), text("server.*.port", "its port"),
}

local vvfat = {
  { "dir", kind = kind.folder, required = true, doc = "directory that becomes a FAT disk" },
  { "fat-type", kind = kind.int(12, 32), doc = "12, 16 or 32" },
  on_off("floppy", "a floppy", "off"),
  text("label", "label, at most 11 bytes"),
  on_off("rw", "the directory can be written", "off"),
}

return {
  file = file, host_device = file, host_cdrom = file, vvfat = vvfat,
  ["null-co"] = null, ["null-aio"] = null,
  nvme = { needed("device", "PCI address of the controller"), count("namespace", "namespace") },

  nbd = nbd, ssh = ssh, nfs = nfs, iscsi = iscsi, rbd = rbd,
  http = http, https = with(http, verify), ftp = curl, ftps = with(curl, verify),
  gluster = with(socket "server.*",
    needed("volume", "volume"), needed("path", "path in it"),
    count("debug", "how much is logged"), { "logfile", kind = kind.output, doc = "where to" }),

  -- libblkio
  io_uring = { image("filename", "path of the file") },
  ["nvme-io_uring"] = { image("path", "the namespace's character device") },
  ["virtio-blk-vfio-pci"] = { path("path", "the device in sysfs") },
  ["virtio-blk-vhost-user"] = { path("path", "socket of the daemon") },
  ["virtio-blk-vhost-vdpa"] = { path("path", "the vhost-vdpa device, or /dev/fdset/SET") },
}
