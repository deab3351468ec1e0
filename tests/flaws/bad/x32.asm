# finds: x32
        ld arch
        jeq 0xc000003e native
        ret kill
native: ld nr
        jeq 165 deny            # mount
        jeq 429 deny            # move_mount
        jeq 432 deny            # fsmount
        ret allow
deny:   ret errno(1)
