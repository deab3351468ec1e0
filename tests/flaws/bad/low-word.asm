# write of at most 4096 bytes, or so it was meant.
# finds: low-word
        ld arch
        jeq 0xc000003e native
        ret kill
native: ld nr
        jge 0x40000000 deny
        jeq 425 deny            # io_uring_setup
        jeq 1 - allow           # write
        ld low2
        jgt 4096 deny
allow:  ret allow
deny:   ret errno(1)
