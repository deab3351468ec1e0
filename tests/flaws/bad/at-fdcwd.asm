# dirfd == AT_FDCWD on 64 bits, with the sign: compilers pass 0x00000000ffffff9c.
# finds: high-bits, open
        ld arch
        jeq 0xc000003e native
        ret kill
native: ld nr
        jge 0x40000000 deny
        jeq 437 later           # openat2
        jeq 85 deny             # creat
        jeq 2 deny              # open
        jeq 425 later
        jeq 304 deny            # open_by_handle_at
        jeq 257 - allow         # openat
        ld high0
        jeq 0xffffffff - allow
        ld low0
        jeq 0xffffff9c deny
allow:  ret allow
later:  ret errno(38)
deny:   ret errno(13)
