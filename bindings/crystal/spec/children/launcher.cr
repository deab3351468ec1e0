# SPDX-License-Identifier: MIT
require "../../src/abjure"

Abjure::Filter.new.deny("@exec").exec("/bin/sh", ["sh", "-c", "echo $WORD; /bin/true"], {"WORD" => "started"})
