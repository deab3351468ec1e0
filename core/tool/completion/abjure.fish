# SPDX-License-Identifier: MIT
# fish completion for abjure(1)

function __abjure_groups
    abjure groups 2>/dev/null | string replace -r ' +' \t
end

set -l verbs run check compile groups ps doctor explain inspect
set -l ruled '__fish_seen_subcommand_from run check compile'
complete -c abjure -f
complete -c abjure -n "not __fish_seen_subcommand_from $verbs" -a run -d 'start a program under a filter'
complete -c abjure -n "not __fish_seen_subcommand_from $verbs" -a check -d 'say what a filter decides for a call'
complete -c abjure -n "not __fish_seen_subcommand_from $verbs" -a compile -d 'write a filter for others'
complete -c abjure -n "not __fish_seen_subcommand_from $verbs" -a groups -d 'show the groups of calls'
complete -c abjure -n "not __fish_seen_subcommand_from $verbs" -a doctor -d 'say what works here'
complete -c abjure -n "not __fish_seen_subcommand_from $verbs" -a ps -d 'list the processes that use seccomp'
complete -c abjure -n "not __fish_seen_subcommand_from $verbs" -a explain -d 'say what audit records tell'
complete -c abjure -n "not __fish_seen_subcommand_from $verbs" -a inspect -d 'show what a filter does'
complete -c abjure -n "not __fish_seen_subcommand_from $verbs" -l version -d 'print the version'
complete -c abjure -s h -l help -d 'print a help text'
complete -c abjure -n $ruled -s d -l deny -x -a '(__abjure_groups)' -d 'fail these calls'
complete -c abjure -n $ruled -s a -l allow -x -a '(__abjure_groups)' -d 'let these calls pass'
complete -c abjure -n $ruled -l log -x -a '(__abjure_groups)' -d 'log these calls'
complete -c abjure -n $ruled -s k -l kill -x -a '(__abjure_groups)' -d 'kill at these calls'
complete -c abjure -n $ruled -l trap -x -a '(__abjure_groups)' -d 'send SIGSYS at these calls'
complete -c abjure -n $ruled -l allow-only -x -a '(__abjure_groups)' -d 'deny all other calls'
complete -c abjure -n $ruled -s p -l policy -r -F -d 'add a policy'
complete -c abjure -n $ruled -s s -l set -x -a 'abi= unknown= foreign= x32= log= complain= landlock= io_uring= no_new_privs= speculation= proof= capabilities= kernel=' -d 'set an option'
complete -c abjure -n $ruled -l complain -d 'deny nothing, log it'
complete -c abjure -n '__fish_seen_subcommand_from run' -l no-landlock -d 'enter no Landlock domain'
complete -c abjure -n '__fish_seen_subcommand_from run' -x -a '(__fish_complete_subcommand)'
complete -c abjure -n '__fish_seen_subcommand_from run compile' -s v -l verbose -d 'also say notes'
complete -c abjure -n '__fish_seen_subcommand_from check compile groups inspect' -l abi -x -a 'x86_64 x86 x32 aarch64 arm riscv64 ppc64le s390x' -d 'ABI'
complete -c abjure -n '__fish_seen_subcommand_from check groups ps doctor explain inspect' -l json -d 'print JSON'
complete -c abjure -n '__fish_seen_subcommand_from compile' -s f -l format -x -a 'bpf oci policy text' -d 'what to write'
complete -c abjure -n '__fish_seen_subcommand_from compile' -s o -l output -r -F -d 'where to'
complete -c abjure -n '__fish_seen_subcommand_from ps' -l all -d 'also those without seccomp'
complete -c abjure -n '__fish_seen_subcommand_from ps' -l tree -d 'below their ancestors'
complete -c abjure -n '__fish_seen_subcommand_from ps' -l require -x -a 'filter no_new_privs strict' -d 'what every thread must have'
complete -c abjure -n '__fish_seen_subcommand_from ps' -x -a '(__fish_complete_pids)'
complete -c abjure -n '__fish_seen_subcommand_from check compile' -F
complete -c abjure -n '__fish_seen_subcommand_from groups' -x -a '(__abjure_groups)'
complete -c abjure -n '__fish_seen_subcommand_from explain' -l fields -d 'explain every field'
complete -c abjure -n '__fish_seen_subcommand_from explain' -l summary -d 'count the records'
complete -c abjure -n '__fish_seen_subcommand_from explain' -l unique -d 'show what tells the same once'
complete -c abjure -n '__fish_seen_subcommand_from explain' -l ecs -d 'print Elastic Common Schema'
complete -c abjure -n '__fish_seen_subcommand_from explain' -l elsewhere -d 'the log is of another machine'
complete -c abjure -n '__fish_seen_subcommand_from explain' -l call -x -d 'only these calls'
complete -c abjure -n '__fish_seen_subcommand_from explain' -l action -x -a 'kill kill_thread trap deny log allow trace notify' -d 'only these actions'
complete -c abjure -n '__fish_seen_subcommand_from explain' -l pid -x -a '(__fish_complete_pids)' -d 'only these processes'
complete -c abjure -n '__fish_seen_subcommand_from explain' -l user -x -a '(__fish_complete_users)' -d 'only these users'
complete -c abjure -n '__fish_seen_subcommand_from explain' -l program -r -F -d 'only these programs'
complete -c abjure -n '__fish_seen_subcommand_from explain' -F
complete -c abjure -n '__fish_seen_subcommand_from inspect' -l call -x -d 'only this call'
complete -c abjure -n '__fish_seen_subcommand_from inspect' -l filter -x -d 'only this program of a process'
complete -c abjure -n '__fish_seen_subcommand_from inspect' -l as-policy -d 'print policy text'
complete -c abjure -n '__fish_seen_subcommand_from inspect' -l disassemble -d 'print the instructions'
complete -c abjure -n '__fish_seen_subcommand_from inspect' -l dot -d 'print a graph for Graphviz'
complete -c abjure -n '__fish_seen_subcommand_from inspect' -F
