module abjure

go 1.19
