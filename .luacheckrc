std = "lua54"
max_line_length = 100
-- types/ is for editors; spec/bad is wrong on purpose
exclude_files = { "build", "types", "spec/bad" }
files["spec/**/*_spec.lua"] = { std = "lua54+busted" }
files["spec/real/*.lua"] = { std = "lua54+busted" }
files["spec/fleet/*.lua"] = { std = "lua54+busted" }

-- recipes see names that lunik puts into their environment
stds.recipe = dofile "types/luacheck.lua"
files["examples/**/*.lua"] = { std = "lua54+recipe" }
files["examples/**/*_spec.lua"] = { std = "lua54+busted" }
files["spec/golden/**/*.lua"] = { std = "lua54+recipe" }
files["spec/import/*.lua"] = { ignore = { "113" }, max_line_length = false }
