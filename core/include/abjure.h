// SPDX-License-Identifier: MIT
//
// abjure: give up system calls for good.
//
//     #include <abjure.h>
//
//     char why[512];
//     if (abjure_deny("@exec, @listen", 0, why, sizeof why) < 0) {
//         fprintf(stderr, "not protected: %s\n", why);
//         exit(1);
//     }
//     // From here on no thread of this process, and nothing it starts, can execute a program or open a port.
//
// A filter is an ordered list of rules and a default action; the first rule that matches a call decides it.
// Its life: new, add (or read), load, free. Loading cannot be undone.
//
// Results. Functions that return int give 0 or a negative errno out of this set:
//   -EINVAL     an argument, option or text is malformed; the message says where
//   -ENOENT     a name is in no table: call, group, constant, parameter, errno, ABI, option; the message has the nearest
//   -EEXIST     a rule can never decide anything (shadowed by an earlier one, or contradictory)
//   -ENOTSUP    it makes sense but cannot be done: this ABI, this format, this kernel
//   -E2BIG      the program exceeds the kernel's 4096 instructions, or the filters of this process their limit
//   -EBADMSG    program and rules differ: a bug in abjure; nothing was loaded
//   -ETIMEDOUT  the proof took too long; nothing was loaded
//   -EBUSY      the process holds something that no filter can take back (an io_uring ring)
//   -ESRCH      a thread of this process has a filter that this load cannot join; or no such process
//   -EACCES     not permitted: no_new_privs is off and the process has no CAP_SYS_ADMIN
//   -EPERM      an outer filter or sandbox forbids it
//   -ENOSYS     no seccomp here: kernel without it, or an emulated one
//   -ENOBUFS    the kernel's memory for BPF programs (net.core.bpf_jit_limit) is full
//   -ENOMEM     out of memory
//   -EIO        the kernel said that it loaded the filter, and verification says otherwise
//
// Text and bytes go to the caller's buffer: the function returns the full length (without the terminating NUL of a
// text), however much of it fitted, or a negative errno. A text is always terminated and cut between two characters.
// Call with (NULL, 0) to learn the length. Where a function has neither a filter nor a `why` to tell the reason of a
// failure, it writes the reason to the buffer.
//
// Threads. Handles are independent. One handle is used by one thread at a time and may be freed by any thread.
// The library never exits, aborts or prints, and has no state of its own beside what it learned about the kernel
// and about what it loaded into this process.
#ifndef ABJURE_H_INCLUDED
#define ABJURE_H_INCLUDED

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define ABJURE_API __attribute__((visibility("default")))
#define ABJURE_CHECKED __attribute__((warn_unused_result))
#else
#define ABJURE_API
#define ABJURE_CHECKED
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct abjure_filter abjure_filter;
typedef struct abjure_program abjure_program;

// ---- One line ------------------------------------------------------------------------------------------------------

// Denies the calls to this process, all its threads and all that it will start, now and for good.
//   calls  text such as "execve, @listen, socket(family == AF_INET)"
//   err    the errno that a denied call fails with, 1 to 4095; 0: EPERM, and what suits each rule of a group
//   why    receives the reason of a failure, else ""; may be NULL with why_size 0
// 0, or any errno above, and then nothing was loaded (no_new_privs may have been set; `why` says so).
ABJURE_API ABJURE_CHECKED int abjure_deny(const char *calls, int err, char *why, uint64_t why_size);

// ---- A filter ------------------------------------------------------------------------------------------------------

// A filter without rules that allows everything. NULL: out of memory.
ABJURE_API ABJURE_CHECKED abjure_filter *abjure_filter_new(void);
// Frees it; NULL is fine. What was loaded stays in force.
ABJURE_API void abjure_filter_free(abjure_filter *filter);

// Adds a rule: `calls` get `action`. The first rule that matches wins, so exceptions are added first.
//   action  "allow", "log", "deny" (EPERM, or what suits each rule of a group), "EACCES" or "errno(EACCES)", "trap",
//           "notify", "trace(N)", "kill_thread", "kill" (the process)
// 0, -EINVAL, -ENOENT, -ENOTSUP, -ENOMEM. When this or any function below that changes the filter fails, the rules stay
// as they were and the filter is broken: compile, load, exec and write give the same error until
// abjure_filter_clear. Ignoring a return value never makes a weaker filter.
ABJURE_API int abjure_filter_add(abjure_filter *filter, const char *action, const char *calls);

// What happens to calls that no rule matches: an action as above; "allow" where never set. -EINVAL, -ENOENT.
ABJURE_API int abjure_filter_default(abjure_filter *filter, const char *action);

// Adds what a policy says: policy text (abjure(1) has the format), or a seccomp profile of Docker or OCI in JSON.
//   name  for messages: the file's name
// 0, -EINVAL, -ENOENT, -ENOTSUP, -ENOMEM; messages start with "name:line:column: ".
ABJURE_API int abjure_filter_read(abjure_filter *filter, const char *text, const char *name);

// Sets an option: -EINVAL (value), -ENOENT (option).
//   abi            add an ABI: x86_64, x86, x32, aarch64, arm, riscv64, ppc64le, s390x. Without any: this program's own
//   unknown        action for calls that the tables do not know, once something is denied; ENOSYS
//   foreign        action for calls through an ABI that the filter does not have; kill
//   x32            action for x32 numbers on x86_64, in a filter without the ABI x32; ENOSYS
//   log            on, off: have the kernel log denied calls; on
//   complain       off, on: deny nothing, log what would be denied
//   landlock       off, on: enter a Landlock domain, which closes /proc/PID/mem of other processes of this user
//   io_uring       refuse, keep: what to do where the process already has a ring
//   no_new_privs   on, off: set it before the load; off needs CAP_SYS_ADMIN, or that it is set already
//   speculation    allow, mitigate: matters before Linux 5.16
//   proof          on, off: prove that the program equals the rules
//   capabilities   for `includes` and `excludes` of OCI profiles: names with commas, or "none"; Docker's default 14
//   kernel         for `minKernel` of OCI profiles: "6.1"; any
ABJURE_API int abjure_filter_set(abjure_filter *filter, const char *option, const char *value);

// The error of the last call on this filter that failed: a negative errno, or 0; and its message, or "".
ABJURE_API int abjure_filter_error(const abjure_filter *filter);
ABJURE_API int64_t abjure_filter_message(const abjure_filter *filter, char *buffer, uint64_t size);
// Forgets the error of a broken filter.
ABJURE_API void abjure_filter_clear(abjure_filter *filter);

// The names that the filter's ABIs lack and that were therefore skipped: lines "creat: absent on aarch64".
ABJURE_API int64_t abjure_filter_skipped(const abjure_filter *filter, char *buffer, uint64_t size);
// What is worth knowing and no error, a line each: repeated rules, and after a load what no filter takes back.
ABJURE_API int64_t abjure_filter_notes(const abjure_filter *filter, char *buffer, uint64_t size);

// Writes the filter: format "policy" (abjure_filter_read reads it again, and gets the same filter) or "oci" (JSON;
// -ENOTSUP and a message where OCI cannot say it). -EINVAL: no such format.
ABJURE_API int64_t abjure_filter_write(abjure_filter *filter, const char *format, char *buffer, uint64_t size);

// What the rules say of one call, lines "key: value": action, origin (rule, kernel, guard, essential, unknown, x32,
// foreign, default), rule (as written), source (file:line:column), call (with its arguments by name), number, abi.
// Keys without a value are left out.
//   abi   NULL or "": the filter's only one, or this program's own
//   call  a name or a number
// -EINVAL, -ENOENT, -ENOTSUP (the ABI lacks the call), -ENOMEM.
ABJURE_API int64_t abjure_filter_explain(abjure_filter *filter, const char *abi, const char *call, uint64_t a0,
                                         uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5, char *buffer,
                                         uint64_t size);

// Compiles, proves, loads and verifies, for all threads of the process. It sets no_new_privs, which stays set.
//   options  NULL, or a list with commas of
//            this_thread   filter the calling thread only, and what it starts
//            once          do nothing if this process already loaded this very filter for all its threads
// 0 means that the filter is in force. Else any errno above; then nothing was loaded, except with -EIO.
ABJURE_API ABJURE_CHECKED int abjure_filter_load(abjure_filter *filter, const char *options);
// After -ESRCH: the thread that is in the way; else 0.
ABJURE_API int abjure_filter_blocking_thread(const abjure_filter *filter);

// Loads the filter and starts a program in place of this one, also where the filter denies @exec: this one start
// passes, and nothing that the program executes afterwards does. A path without "/" is looked up in PATH of `envp`.
// The start of a script is that of its interpreter. Does not return on success; call it in a child of fork.
//   envp  NULL: this program's environment
ABJURE_API int abjure_filter_exec(abjure_filter *filter, const char *path, char *const argv[], char *const envp[]);

// ---- A program -----------------------------------------------------------------------------------------------------

// Compiles and proves. NULL: abjure_filter_error and abjure_filter_message have the reason. The word `self` is refused:
// its process is known only at load.
ABJURE_API ABJURE_CHECKED abjure_program *abjure_filter_compile(abjure_filter *filter);

// A program from struct sock_filter[], of either byte order, validated as the kernel would, not proven.
//   why  receives the reason of a failure, else ""; may be NULL with why_size 0
// NULL with errno set: EINVAL, ENOMEM.
ABJURE_API ABJURE_CHECKED abjure_program *abjure_program_from_bytes(const void *bytes, uint64_t size, char *why,
                                                                    uint64_t why_size);
// The program number `index` (0: the newest) of another process, which is stopped for a moment. Needs CAP_SYS_ADMIN
// in the initial user namespace, and a caller without a filter of its own.
// NULL with errno set: EACCES, ESRCH, ENOENT (no filter, or no such program), EINVAL (strict mode), ENOTSUP (the kernel
// cannot show filters), EPERM (the process cannot be traced), ENOMEM; each reason has a message of its own.
ABJURE_API ABJURE_CHECKED abjure_program *abjure_program_from_process(int pid, uint64_t index, char *why,
                                                                      uint64_t why_size);
// All programs of another process as one, which decides as the kernel does: each is asked and the strictest action wins
// (kill, kill_thread, trap, errno, notify, trace, log, allow); of equal ones the newest program's. eval, outline and
// disassemble take it; bytes, load and exec of more than one program are -ENOTSUP. Errors as above.
ABJURE_API ABJURE_CHECKED abjure_program *abjure_program_effective(int pid, char *why, uint64_t why_size);
ABJURE_API void abjure_program_free(abjure_program *program);

// struct sock_filter[], as seccomp(2) and `bwrap --seccomp` take it.
ABJURE_API int64_t abjure_program_bytes(const abjure_program *program, void *buffer, uint64_t size);

// Loads it for all threads, or with "this_thread" for the calling one; further options: "log=off",
// "speculation=mitigate", "no_new_privs=off". Async-signal-safe: for use between fork and exec.
ABJURE_API ABJURE_CHECKED int abjure_program_load(const abjure_program *program, const char *options);

// As abjure_filter_exec. Async-signal-safe. Returns a negative errno, also that of a failed execve.
ABJURE_API int abjure_program_exec(const abjure_program *program, const char *path, char *const argv[],
                                   char *const envp[]);

// The verdict of the program for one call, as text: "errno(EPERM)". Arguments as for abjure_filter_explain.
ABJURE_API int64_t abjure_program_eval(const abjure_program *program, const char *abi, const char *call, uint64_t a0,
                                       uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5, char *buffer,
                                       uint64_t size);

// The instructions in words, a line each. Of several programs: one after the other, each under a line "program N:".
ABJURE_API int64_t abjure_program_disassemble(const abjure_program *program, char *buffer, uint64_t size);

// What the program does, for every call of every ABI that it tells apart: exact, found by walking it over all inputs.
//   format  "text", for people; "policy", policy text that abjure_filter_read takes and that then means the same; "json".
//           "text" and "json" may be narrowed: "json, abi=x86_64, call=clone"
// What policy text has no words for stands in it as comments that start with "# cannot say: ": verdicts that depend on
// the instruction pointer, si_errno of a trap, unlike verdicts for the numbers that no table has or for foreign ABIs, and
// uretprobe and uprobe, which every policy lets pass.
// The work is bounded. Where a program computes more than can be told (arithmetic on arguments), or has too many cases,
// the call is told as unsure, with the strictest verdict that may come; policy text has that verdict, too.
// JSON has "instructions" (of each program, the newest first); "exact" (nothing is unsure); "abis", each with "abi",
// "arch", "calls" and "unknown" (ranges of numbers that the table lacks, "first" to "last"); "same_as_others", the ABIs
// that are not told apart from architectures that abjure does not know; and "others", ranges of those. A call has "call",
// "number" and "action", and "cases" where that depends: the first that holds decides, else "action" does. A case has
// "action", "text" and "when", all of which must hold: (argument & mask) is in first..last, 64 bits, unsigned.
// "unsure": true as above; "data": si_errno of a trap.
// -EINVAL (format), -ENOENT (a name), -ENOMEM; the buffer then has the reason.
ABJURE_API int64_t abjure_program_outline(const abjure_program *program, const char *format, char *buffer,
                                          uint64_t size);

// ---- Other processes -----------------------------------------------------------------------------------------------

// How a process uses seccomp now, lines "key: value". Keys without a value, or unknown to this kernel, are left out;
// later versions may add keys.
//   pid, name      the number, and what the process calls itself
//   parent, uid    its parent's number (0: none here) and its effective user
//   mode           disabled, strict, filter; dead: seccomp is killing it
//   filters        how many, since Linux 5.9
//   no_new_privs   yes, no; since Linux 4.10
//   speculation    of Speculation_Store_Bypass, in the kernel's words: "thread vulnerable"; since Linux 4.17
//   threads        how many; 0: it has ended, and its parent has not asked about that yet
//   differing      the threads where mode, filters or no_new_privs differ from what the main thread has, and how:
//                  "1204 mode disabled, filters 0; 1207 filters 2"
//   exe, cgroup    paths; exe only where the process may be traced
//   unit           the innermost systemd unit that the cgroup names: "nginx.service"
//   container      the innermost container that the cgroup names, by id or name
// Values with anything but printable text in them stand in double quotes, with \n, \", \\ and \xNN. A process that ends
// meanwhile does no harm: what was known of it is told, or it is -ESRCH.
//   pid  0: this process. The numbers are those of the PID namespace that /proc was mounted in
// -EINVAL, -ESRCH (also where /proc hides the process), -EACCES (/proc does not let it be read), -ENOTSUP (no /proc),
// -ENOMEM; the buffer then has the reason.
ABJURE_API int64_t abjure_status(int pid, char *buffer, uint64_t size);

// ---- About this place ----------------------------------------------------------------------------------------------

// What this kernel, process and sandbox allow, lines "name: yes|no|VALUE" with " - reason" where something is missing.
ABJURE_API int64_t abjure_supported(char *buffer, uint64_t size);

// The names of the groups, a line each; or one group on one ABI: what it is for, its rules, what it breaks and what it
// leaves open. `group` with or without "@"; abi NULL: this program's own. -ENOENT.
ABJURE_API int64_t abjure_groups(char *buffer, uint64_t size);
ABJURE_API int64_t abjure_group(const char *group, const char *abi, char *buffer, uint64_t size);

// One value as the calls language has it ("AF_INET", "O_RDWR|O_CREAT", "-100", "0x10") on an ABI; abi NULL: this
// program's own. -EINVAL, -ENOENT, -ENOTSUP (the ABI lacks the constant).
ABJURE_API int abjure_value(const char *abi, const char *text, uint64_t *value, char *why, uint64_t why_size);
// Which argument of a call (0 to 5) has this name: the kernel's, the man page's or "argN". -EINVAL, -ENOENT, -ENOTSUP.
ABJURE_API int abjure_argument(const char *abi, const char *call, const char *name, char *why, uint64_t why_size);

// ---- What happened -------------------------------------------------------------------------------------------------

// What an audit record of seccomp says: one line of audit.log (raw or enriched), ausearch, dmesg or the journal, or
// the payload of the audit netlink socket. Lines "key: value", without those that the record does not have: time
// (ISO 8601, UTC), serial, call, abi, action ("deny" or "trace" where the kernel left out the number, as it does),
// signal, errno, pid, uid, auid, gid, session, name, exe, ip, subject, compat, summary (a sentence). What is not
// printable in names is written as \xNN.
// -EINVAL: no audit record, or a damaged one; -ENOENT: a record of another type. The buffer then has the reason.
ABJURE_API int64_t abjure_explain(const char *line, char *buffer, uint64_t size);

// ---- Versions ------------------------------------------------------------------------------------------------------

// "0.1.0", and the newest kernel whose calls the tables know: "linux-7.2".
ABJURE_API const char *abjure_version(void);
ABJURE_API const char *abjure_tables_version(void);

#ifdef __cplusplus
}
#endif

#endif
