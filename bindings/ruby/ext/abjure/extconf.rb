# SPDX-License-Identifier: MIT
# Runs SWIG over the installed abjure.h, and makes the Makefile.
require "mkmf"

pkg_config("abjure") or abort <<~END
  abjure: pkg-config does not find libabjure; install the library first, and where it is not under /usr or /usr/local
  set PKG_CONFIG_PATH to its lib/pkgconfig folder
END
find_executable("swig") or abort "abjure: swig is missing; install the package swig"

include = `pkg-config --variable=includedir abjure`.strip
libdir = `pkg-config --variable=libdir abjure`.strip
interface = File.join(__dir__, "abjure.i")
interface = File.join(__dir__, "../../../swig/abjure.i") unless File.exist?(interface)
system("swig", "-ruby", "-prefix", "Abjure::", "-I#{include}", "-o", "core_wrap.c", interface) or abort "abjure: swig failed"
$srcs = ["core_wrap.c"]
$VPATH << Dir.pwd
$warnflags = "-Wall" # SWIG's code
$LDFLAGS << " -Wl,-rpath,#{libdir}"
create_makefile("abjure/core")
