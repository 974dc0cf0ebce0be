-- host: { swtpm = function() return nil, "no swtpm found: not by PATH; the package is called swtpm" end }
return machine {
  tpm {},
}
