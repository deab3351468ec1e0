# SECCOMP_RET_ERRNO without its 5.
# finds: action
        ld arch
        jeq 0xc000003e native
        ret kill
native: ld nr
        jge 0x40000000 later
        jeq 246 deny            # kexec_load
        jeq 320 deny            # kexec_file_load
        ret allow
later:  ret errno(38)
deny:   ret 0x00040001
