# The first program that everybody writes.
# finds: no-abi-check, x32, exec-neighbour, tiocsti, io-uring-open, unknown-calls, exec-memory
        ld nr
        jeq 59 deny             # execve
        jeq 322 deny            # execveat
        ret allow
deny:   ret errno(1)
