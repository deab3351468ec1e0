// SPDX-License-Identifier: MIT

package abjure

import (
	"math"
	"runtime"
	"sync"
	"unsafe"
)

const several = "these are all programs of a process, and each has bytes of its own: use ProgramFromProcess"

// Program is compiled BPF, as the kernel takes it. It can be used from several goroutines.
type Program struct {
	mu     sync.Mutex
	handle unsafe.Pointer
}

func newProgram(handle unsafe.Pointer) *Program {
	p := &Program{handle: handle}
	runtime.SetFinalizer(p, (*Program).Close)
	return p
}

// ProgramFromBytes takes struct sock_filter[] of either byte order and validates it as the kernel would.
func ProgramFromBytes(bytes []byte) (*Program, error) {
	handle, result, why := rawProgramFromBytes(bytes)
	if handle == nil {
		return nil, failure(result, why)
	}
	return newProgram(handle), nil
}

// ProgramFromProcess takes number `index` of a process, 0 being the newest. It needs CAP_SYS_ADMIN, and a caller
// without a filter of its own.
func ProgramFromProcess(pid int, index uint64) (*Program, error) {
	if pid < math.MinInt32 || pid > math.MaxInt32 {
		return nil, invalid("%d is no id of a process", pid)
	}
	handle, result, why := rawProgramFromProcess(pid, index)
	if handle == nil {
		return nil, failure(result, why)
	}
	return newProgram(handle), nil
}

// EffectiveProgram takes all programs of a process as one, which decides as the kernel does: the strictest verdict of
// them wins. Of several programs there are no Bytes, and they cannot be loaded. It needs CAP_SYS_ADMIN, and a caller
// without a filter of its own.
func EffectiveProgram(pid int) (*Program, error) {
	if pid < math.MinInt32 || pid > math.MaxInt32 {
		return nil, invalid("%d is no id of a process", pid)
	}
	handle, result, why := rawProgramEffective(pid)
	if handle == nil {
		return nil, failure(result, why)
	}
	return newProgram(handle), nil
}

// Close frees the memory. What was loaded stays in force.
func (p *Program) Close() error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.handle != nil {
		rawProgramFree(p.handle)
		p.handle = nil
		runtime.SetFinalizer(p, nil)
	}
	return nil
}

// with runs a function of the core on the handle.
func (p *Program) with(run func(handle unsafe.Pointer) error) error {
	if p == nil {
		return closed("program")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.handle == nil {
		return closed("program")
	}
	return run(p.handle)
}

// Bytes gives struct sock_filter[], as seccomp(2) and bwrap --seccomp take it.
func (p *Program) Bytes() (bytes []byte, err error) {
	err = p.with(func(h unsafe.Pointer) error {
		var result int64
		if bytes, result = rawProgramBytes(h); result < 0 {
			return failure(result, several)
		}
		return nil
	})
	return bytes, err
}

// Eval gives the verdict for one call: "allow", "EPERM", "kill". Its arguments are those of Filter.Explain.
func (p *Program) Eval(abi, call string, args ...any) (verdict string, err error) {
	numbers, err := arguments(abi, call, args)
	if err != nil {
		return "", err
	}
	err = p.with(func(h unsafe.Pointer) error {
		text, result := rawProgramEval(h, abi, call, numbers)
		verdict = text
		return failure(result, text)
	})
	if err != nil {
		return "", err
	}
	return verdict, nil
}

// Disassemble gives the instructions in words, a line each.
func (p *Program) Disassemble() (text string, err error) {
	err = p.with(func(h unsafe.Pointer) error {
		text = rawProgramDisassemble(h)
		return nil
	})
	return text, err
}

// Outline tells what the program does for every call of every ABI that it tells apart: exact, whatever its arguments.
// The format is "text", "policy" (which Filter.Read takes) or "json", narrowed as in "json, abi=x86_64, call=clone".
func (p *Program) Outline(format string) (text string, err error) {
	if err = clean(format); err != nil {
		return "", err
	}
	err = p.with(func(h unsafe.Pointer) error {
		outline, result := rawProgramOutline(h, format)
		text = outline
		return failure(result, outline)
	})
	if err != nil {
		return "", err
	}
	return text, nil
}

// Load puts the program in force for all threads of the process, for good. nil means that it is in force.
func (p *Program) Load(options ...Option) error {
	return load(options, func(text string) error {
		return p.with(func(h unsafe.Pointer) error {
			result := int64(rawProgramLoad(h, text))
			if result < 0 {
				return failure(result, "the program was not loaded: "+errnoOf(result).Error())
			}
			return nil
		})
	})
}

// Exec loads the program and starts another one in place of this process, as Filter.Exec does.
func (p *Program) Exec(path string, argv, env []string) error {
	return execve(path, argv, env, func(env []string) error {
		return p.with(func(h unsafe.Pointer) error {
			result := int64(rawProgramExec(h, path, argv, env))
			return failure(result, "cannot start "+path+": "+errnoOf(result).Error())
		})
	})
}
