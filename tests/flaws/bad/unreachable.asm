# finds: unreachable
        ld arch
        jeq 0xc000003e native
        ret kill
native: ld nr
        jge 0x40000000 deny
        jeq 246 deny            # kexec_load
        jeq 320 deny            # kexec_file_load
        ret allow
        ld low0
        jeq 1 deny
        ret allow
deny:   ret errno(38)
