-- Recipes that say it in QEMU's words have no second one: here the accelerator, and its CPU.
return machine { qemu.accel { "tcg", thread = "single" } }
