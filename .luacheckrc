std = "lua54"
max_line_length = 100
exclude_files = { "build", "spec/bad" }
files["spec/**/*_spec.lua"] = { std = "lua54+busted" }

-- recipes see names that lunik puts into their environment
files["examples/**/*.lua"] = { ignore = { "113" } }
files["spec/golden/**/*.lua"] = { ignore = { "113" } }
