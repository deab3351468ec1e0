# SPDX-License-Identifier: MIT
require "fileutils"

# The interface file that the packages share is outside this folder, and a gem holds no links: it gets a copy.
shared = File.join(__dir__, "../swig/abjure.i")
copy = File.join(__dir__, "ext/abjure/abjure.i")
FileUtils.cp(shared, copy) if File.exist?(shared)

Gem::Specification.new do |spec|
  spec.name = "abjure"
  spec.version = "0.1.0"
  spec.summary = "Give up system calls for good: seccomp filters in one line"
  spec.authors = ["The abjure project"]
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.0"
  spec.files = Dir.chdir(__dir__) { Dir["lib/**/*.rb", "ext/abjure/*.{rb,i}", "README.md"] }
  spec.extensions = ["ext/abjure/extconf.rb"]
end
