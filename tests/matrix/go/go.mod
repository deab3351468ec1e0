module matrix

go 1.19

require abjure v0.0.0

replace abjure => ../../../bindings/go
