# SPDX-License-Identifier: MIT
"""Which constants fetch_constants.py takes from which headers."""

# The kernel's own headers: their values are what a system call carries.
KERNEL = """
asm/fcntl.h asm/ioctls.h asm/mman.h asm/prctl.h asm/resource.h asm/signal.h asm/socket.h asm/sockios.h asm/termbits.h
linux/acct.h linux/aio_abi.h linux/audit.h linux/bpf.h linux/btrfs.h linux/capability.h linux/close_range.h
linux/eventfd.h linux/eventpoll.h linux/falloc.h linux/fanotify.h linux/fcntl.h linux/fs.h linux/fscrypt.h
linux/fsverity.h linux/futex.h linux/icmp.h linux/if_alg.h linux/if_ether.h linux/if_packet.h linux/if_tun.h
linux/if_xdp.h linux/in.h linux/in6.h linux/inotify.h linux/io_uring.h linux/ioprio.h linux/ipc.h linux/kcmp.h
linux/kd.h linux/kexec.h linux/keyctl.h linux/landlock.h linux/loop.h linux/lsm.h linux/magic.h
linux/membarrier.h linux/memfd.h linux/mempolicy.h linux/mman.h linux/module.h linux/mount.h linux/mqueue.h
linux/msdos_fs.h linux/msg.h linux/netfilter.h linux/netlink.h linux/nsfs.h linux/openat2.h linux/perf_event.h
linux/personality.h linux/pidfd.h linux/prctl.h linux/ptrace.h linux/quota.h linux/random.h linux/reboot.h
linux/resource.h linux/rseq.h linux/sched.h linux/sched/types.h linux/sctp.h linux/seccomp.h linux/securebits.h
linux/sem.h linux/serial.h linux/shm.h linux/signal.h linux/signalfd.h linux/socket.h linux/sockios.h linux/stat.h
linux/tcp.h linux/termios.h linux/time.h linux/timerfd.h linux/tty.h linux/udp.h linux/uio.h
linux/un.h linux/userfaultfd.h linux/utsname.h linux/vm_sockets.h linux/vt.h linux/wait.h linux/watch_queue.h
linux/xattr.h mtd/mtd-user.h
""".split()

# What only the C library names: address families, socket types, message flags, a part of ptrace.
LIBC = """
dirent.h fcntl.h mqueue.h net/if.h netinet/in.h netinet/ip.h netinet/tcp.h netinet/udp.h poll.h sched.h signal.h
sys/epoll.h sys/eventfd.h sys/fanotify.h sys/file.h sys/inotify.h sys/ioctl.h sys/ipc.h sys/klog.h sys/mman.h
sys/mount.h sys/msg.h sys/personality.h sys/prctl.h sys/ptrace.h sys/quota.h sys/random.h sys/reboot.h sys/resource.h
sys/sem.h sys/shm.h sys/signalfd.h sys/socket.h sys/stat.h sys/swap.h sys/time.h sys/timerfd.h sys/timex.h sys/uio.h
sys/un.h sys/wait.h sys/xattr.h termios.h time.h unistd.h
""".split()

PREFIXES = """
ACCT_ ADDR_ ADJ_ AF_ ALG_ ARCH_ AT_ BLK BPF_ BTRFS_IOC_ CAP_ CLOCK_ CLONE_ CLOSE_RANGE_ DN_ EFD_ EPOLL ETH_P_
EVENTFD_ FALLOC_ FANOTIFY_ FAN_ FAT_IOCTL_ FD_ FIBMAP FICLONE FIDEDUPERANGE FIFREEZE FIGETBSZ FIO FITHAW FITRIM
FS_IOC FSCONFIG_ FSMOUNT_ FSOPEN_ FSPICK_ FUTEX2_ FUTEX_ F_ GIO_ GRND_ IN_ IOCB_ IOPRIO_ IORING_ IPC_ IPPROTO_ IPV6_
IP_ ITIMER_ KCMP_ KD KEXEC_ KEYCTL_ KEY_REQKEY_ KEY_SPEC_ LANDLOCK_ LINUX_REBOOT_ LISTMOUNT_ LOCK_ LOOP_
LSM_ MADV_ MAP_ MCL_ MEMBARRIER_ MEMGETINFO MFD_ MLOCK_ MMAP_PAGE_ZERO MNT_ MODULE_INIT_ MOUNT_ MOVE_MOUNT_ MPOL_
MREMAP_ MSG_ MS_ NETLINK_ NS_GET_ OPEN_TREE_ O_ PACKET_ PERF_ PERSONALITY_ PER_ PF_ PIDFD_ PIDTYPE_ PIO_ PKEY_ POLL PRIO_
PROT_ PR_ PTRACE_ P_ALL P_PGID P_PID Q_ RANDOM_ READ_IMPLIES_EXEC REBOOT_ RENAME_ RESOLVE_ RLIMIT_ RLIM_ RND RSEQ_
RUSAGE_ RWF_ R_OK W_OK X_OK F_OK SA_ SCHED_ SCM_ SCTP_ SECBIT_ SECCOMP_ SEEK_ SEM_ SETALL SETVAL GETALL GETNCNT GETPID GETVAL
GETZCNT SFD_ SHM_ SHORT_INODE SHUT_ SIG SIOC SI_ SOCK_ SOL_ SO_ SPLICE_ STATMOUNT_ STATX_ STICKY_TIMEOUTS SWAP_
SYNC_FILE_RANGE_ S_I TCP_ TC TFD_ TIMER_ TIOC TUN UDP_ UFFD USERFAULTFD_ UIO_ UMOUNT_ UNAME26 VM_SOCKETS_ VT_ WHOLE_SECONDS
WCONTINUED WEXITED WNOHANG WNOWAIT WSTOPPED WUNTRACED XATTR_ XDP_ _LINUX_CAPABILITY __O_ __W __MCL_
""".split()

# Families of the headers above that no system call argument in a register carries.
IGNORED = """
AT_BASE AT_CLKTCK AT_EGID AT_ENTRY AT_EUID AT_EXECFD AT_EXECFN AT_GID AT_HWCAP AT_L AT_MINSIGSTKSZ AT_NOTELF AT_NULL
AT_PAGESZ AT_PH AT_PLATFORM AT_RANDOM AT_SECURE AT_SYSINFO AT_UID AT_VECTOR BLKTRACE_BDEV_ BLK_IO_TRACE BLK_TA_ BLK_TC_
BPF_FUNC_ ETH_P_LOOP_ IPPORT_ POLL_ SI_LOAD SIG_BLOCK_ TCP_NLA_ TCP_METRICS_ TCP_ESTABLISHED TCP_S
""".split()
