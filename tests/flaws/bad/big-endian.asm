# For s390x: the bytes of the program and the words of the arguments are in the other order.
# order: big
# abi: s390x
# finds: high-bits, inet6
        ld arch
        jeq 0x80000016 native
        ret kill
native: ld nr
        jeq 425 later           # io_uring_setup
        jeq 102 later           # socketcall
        jeq 359 - allow         # socket
        ld word4                # the high word comes first
        jeq 0 - allow
        ld word5
        jeq 2 deny
allow:  ret allow
later:  ret errno(38)
deny:   ret errno(1)
