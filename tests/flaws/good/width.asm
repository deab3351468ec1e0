# socket(AF_INET) on the low word, and write of at most 4096 bytes on both.
        ld arch
        jeq 0xc000003e native
        ret kill
native: ld nr
        jge 472 later
        jeq 425 later           # io_uring_setup
        jeq 438 later           # pidfd_getfd
        jeq 41 socket
        jeq 1 - allow           # write
        ld high2
        jeq 0 - deny
        ld low2
        jgt 4096 deny allow
socket: ld low0
        jeq 2 deny
        jeq 10 deny
allow:  ret allow
later:  ret errno(38)
deny:   ret errno(1)
