return machine {
  agent {},
  disk { file = "agent.qcow2" },
}
