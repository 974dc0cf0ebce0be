local wanted, none = true, nil
return machine {
  wanted and disk { file = "a.qcow2" },
  not wanted and disk { file = "b.qcow2" },
  none,
  { none, { disk { file = "c.qcow2" } }, false, disk { file = "d.qcow2" } },
}
