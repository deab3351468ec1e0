# A list of what is allowed: 11 is munmap here and execve by int 0x80.
# finds: no-abi-check, uretprobe
        ld nr
        jeq 0 allow
        jeq 1 allow
        jeq 11 allow
        jeq 15 allow
        jeq 60 allow
        jeq 219 allow
        jeq 231 allow
        ret kill
allow:  ret allow
