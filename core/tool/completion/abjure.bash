# SPDX-License-Identifier: MIT
# bash completion for abjure(1)

_abjure_rules='--deny --allow --log --kill --trap --allow-only --policy --set --complain -d -a -k -p -s'

# The calls so far may be a list with commas: only its last word is completed.
_abjure_calls() {
    local before='' word=$1
    if [[ $word == *[,:]* ]]; then
        before=${word%"${word##*[,:]}"}
        word=${word##*[,:]}
    fi
    mapfile -t COMPREPLY < <(compgen -P "$before" -W "$(abjure groups 2>/dev/null | cut -d' ' -f1)" -- "$word")
    compopt -o nospace
}

_abjure() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]} words='' i
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W 'run check compile groups inspect lint ps doctor explain report watch why --help --version' -- "$cur")
        return
    fi
    if [[ $verb == run || $verb == why ]]; then
        # Behind the first word that is no option everything belongs to the program.
        for ((i = 2; i < COMP_CWORD; i++)); do
            case ${COMP_WORDS[i]} in
            --) ((i++)) ; break ;;
            --deny | --allow | --log | --kill | --trap | --allow-only | --policy | --set | --output | -d | -a | -k | -p | -s | -o) ((i++)) ;;
            -*) ;;
            *) break ;;
            esac
        done
        if ((i < COMP_CWORD)); then
            COMPREPLY=()
            compopt -o default
            return
        fi
    fi
    case $prev in
    --deny | --allow | --log | --kill | --trap | --allow-only | -d | -a | -k)
        _abjure_calls "$cur"
        return
        ;;
    --abi)
        mapfile -t COMPREPLY < <(compgen -W 'x86_64 x86 x32 aarch64 arm riscv64 ppc64le s390x' -- "$cur")
        return
        ;;
    --format | -f)
        mapfile -t COMPREPLY < <(compgen -W 'bpf oci policy text' -- "$cur")
        return
        ;;
    --require)
        mapfile -t COMPREPLY < <(compgen -W 'filter no_new_privs strict' -- "$cur")
        return
        ;;
    --fail-on)
        mapfile -t COMPREPLY < <(compgen -W 'note warning error' -- "$cur")
        return
        ;;
    --ignore | -i)
        mapfile -t COMPREPLY < <(compgen -W "$(abjure lint --list 2>/dev/null | sed -n 's/^\([a-z0-9-]*\) (.*/\1/p')" -- "$cur")
        return
        ;;
    --policy | --output | -p | -o)
        compopt -o default
        return
        ;;
    --action)
        mapfile -t COMPREPLY < <(compgen -W 'kill kill_thread trap deny log allow trace notify' -- "$cur")
        return
        ;;
    --user)
        mapfile -t COMPREPLY < <(compgen -u -- "$cur")
        return
        ;;
    --call | --pid | --program | --filter)
        return
        ;;
    --set | -s)
        mapfile -t COMPREPLY < <(compgen -W 'abi= unknown= foreign= x32= log= complain= landlock= io_uring= no_new_privs=
            speculation= proof= capabilities= kernel=' -- "$cur")
        compopt -o nospace
        return
        ;;
    esac
    case $verb in
    run) words="$_abjure_rules --no-landlock --verbose -v" ;;
    why) words="$_abjure_rules --all --follow --json --no-landlock --output -o" ;;
    check) words="$_abjure_rules --abi --json" ;;
    compile) words="$_abjure_rules --abi --format --output --verbose -f -o -v" ;;
    groups) words="--abi --json $(abjure groups 2>/dev/null | cut -d' ' -f1)" ;;
    lint) words="$_abjure_rules --fail-on --ignore --list --abi --json -i -l" ;;
    ps) words='--all --tree --require --json' ;;
    doctor) words='--json' ;;
    report) words='--elsewhere --call --action --pid --user --program' ;;
    watch) words='--source --file --json --ecs --unique --rate --count --for --no-symbols --call --action --pid --user --program' ;;
    explain) words='--fields --summary --unique --json --ecs --elsewhere --call --action --pid --user --program' ;;
    inspect) words='--abi --call --filter --as-policy --disassemble --dot --json' ;;
    esac
    if [[ $cur == -* || $verb == groups ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words --help -h" -- "$cur")
    elif [[ $verb == ps ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(cd /proc && echo [0-9]*)" -- "$cur")
    elif [[ $verb == run || $verb == why ]]; then
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
    else
        compopt -o default
    fi
}

complete -F _abjure abjure
