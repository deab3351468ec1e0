# finds: all-denied
        ld arch
        jeq 0xc000003e - other
        ld nr
        jeq 60 other
other:  ret kill
