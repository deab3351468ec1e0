# Foreign calls get the default, as in several libraries.
# finds: foreign-abi
        ld arch
        jeq 0xc000003e native allow
native: ld nr
        jge 0x40000000 deny
        jeq 165 deny            # mount
        jeq 429 deny            # move_mount
        jeq 432 deny            # fsmount
allow:  ret allow
deny:   ret errno(38)
