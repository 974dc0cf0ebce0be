require "lunik.ext.nothing"
