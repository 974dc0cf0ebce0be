std = "lua54"
max_line_length = 100
-- types/ is for editors; spec/bad is wrong on purpose
exclude_files = { "build", "types", "spec/bad" }
files["spec/**/*_spec.lua"] = { std = "lua54+busted" }
files["spec/real/*.lua"] = { std = "lua54+busted" }

-- recipes see names that lunik puts into their environment
files["examples/**/*.lua"] = { ignore = { "113" } }
files["spec/golden/**/*.lua"] = { ignore = { "113" } }
files["spec/import/*.lua"] = { ignore = { "113" }, max_line_length = false }
