-- paths that every quoting gets wrong; virtiofsd never sees them
return machine {
  mount { from = "/a,b=c", tag = "doc,s" },
  mount { from = "~/new\nline", tag = "n" },
}
