# The second test of 246 never holds.
# finds: lost-denial
        ld arch
        jeq 0xc000003e native
        ret kill
native: ld nr
        jge 0x40000000 deny
        jeq 246 deny            # kexec_load
        jeq 320 deny            # kexec_file_load
        jeq 246 other
        ret allow
other:  ret errno(13)
deny:   ret errno(38)
