return machine { on("ready", "echo ready") }
