# The jump for execve goes one too far, and nothing is denied to it.
# finds: lost-denial, no-effect
        ld arch
        jeq 0xc000003e native
        ret allow
native: ld nr
        jeq 59 allow
allow:  ret allow
        ret errno(1)
