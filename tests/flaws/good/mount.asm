# By hand, with everything that a program needs around its three calls.
        ld arch
        jeq 0xc000003e native
        ret kill
native: ld nr
        jge 0x40000000 later
        jge 472 later           # what this kernel's table does not have
        jeq 425 later           # io_uring_setup
        jeq 426 later
        jeq 427 later
        jeq 165 deny            # mount
        jeq 429 deny            # move_mount
        jeq 432 deny            # fsmount
        ret allow
later:  ret errno(38)
deny:   ret errno(1)
