// SPDX-License-Identifier: MIT
#include "frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "maps.h"
#include "output.h"

static void take_top(pid_t thread, uint64_t ip, struct frames *out) {
    struct mapping m;
    struct frame *f = &out->list[out->count++];
    *f = (struct frame){.address = ip, .place = ip};
    if (!maps_find(thread, ip, &m)) return;
    memcpy(f->module, m.file, sizeof f->module);
    if (m.file[0] != '\0') f->place = m.place;
}

#ifdef ABJURE_LIBDW
#include <elfutils/libdwfl.h>

static const char no_memory[] = "the memory map of the process cannot be read";
static const char cut[] = "here the stack ends, for want of unwind tables";
static const char deep[] = "the stack is deeper";

static const char *last_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void copy_clean(char *to, size_t size, const char *from) {
    snprintf(to, size, "%s", from != NULL ? from : "");
    make_printable(to);
}

// A return address may be the first of the next function: the call is before it.
static Dwarf_Addr inside(const struct frame *f) {
    return f->address - (f->is_call ? 1 : 0);
}

static void place_frame(Dwfl *dwfl, struct frame *f) {
    f->place = f->address;
    Dwfl_Module *module = dwfl_addrmodule(dwfl, inside(f));
    if (module == NULL) return;
    Dwarf_Addr start = 0;
    const char *name = dwfl_module_info(module, NULL, &start, NULL, NULL, NULL, NULL, NULL);
    copy_clean(f->module, sizeof f->module, name != NULL ? last_of(name) : NULL);
    if (strncmp(f->module, "[vdso", 5) == 0) snprintf(f->module, sizeof f->module, "[vdso]"); // libdw adds the process
    f->place = f->address - start;
}

// Without unwind tables for a frame, libdw looks for the next one where the frame pointer points to, whatever it holds.
static bool has_tables(Dwfl *dwfl, const struct frame *f) {
    Dwarf_Addr bias;
    Dwarf_Frame *frame = NULL;
    Dwfl_Module *module = dwfl_addrmodule(dwfl, inside(f));
    Dwarf_CFI *cfi = module != NULL ? dwfl_module_eh_cfi(module, &bias) : NULL;
    if (cfi == NULL || dwarf_cfi_addrframe(cfi, inside(f) - bias, &frame) != 0) {
        cfi = module != NULL ? dwfl_module_dwarf_cfi(module, &bias) : NULL;
        if (cfi == NULL || dwarf_cfi_addrframe(cfi, inside(f) - bias, &frame) != 0) return false;
    }
    free(frame);
    return true;
}

static bool is_code(pid_t thread, uint64_t address) {
    struct mapping m;
    return maps_find(thread, address, &m) && m.executable;
}

static void name_frame(Dwfl *dwfl, struct frame *f) {
    Dwfl_Module *module = dwfl_addrmodule(dwfl, inside(f));
    if (module == NULL) return;
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char *function = dwfl_module_addrinfo(module, inside(f), &offset, &symbol, NULL, NULL, NULL);
    copy_clean(f->function, sizeof f->function, function);
    f->function[strcspn(f->function, "@")] = '\0'; // the version of the symbol
    f->offset = offset + (f->address - inside(f));
    Dwfl_Line *line = dwfl_module_getsrc(module, inside(f));
    const char *file = line != NULL ? dwfl_lineinfo(line, NULL, &f->line, NULL, NULL, NULL) : NULL;
    if (file != NULL) copy_clean(f->file, sizeof f->file, last_of(file));
}

struct walk {
    Dwfl *dwfl;
    pid_t thread;
    struct frames *out;
};

static int take_frame(Dwfl_Frame *state, void *context) {
    const struct walk *w = context;
    bool is_top = false;
    Dwarf_Addr address;
    if (!dwfl_frame_pc(state, &address, &is_top)) return DWARF_CB_ABORT;
    if (w->out->count == FRAMES_LIMIT) {
        w->out->missing = deep;
        return DWARF_CB_ABORT;
    }
    struct frame *f = &w->out->list[w->out->count];
    *f = (struct frame){.address = address, .is_call = !is_top};
    if (w->out->count > 0) f->guessed = f[-1].guessed || !has_tables(w->dwfl, &f[-1]);
    if (f->guessed && !is_code(w->thread, address)) {
        w->out->missing = cut;
        return DWARF_CB_ABORT;
    }
    place_frame(w->dwfl, f);
    w->out->count++;
    return DWARF_CB_OK;
}

static Dwfl *last; // of the thread that was walked last

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_linux_proc_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
};

void frames_end(void) {
    if (last != NULL) dwfl_end(last);
    last = NULL;
}

void frames_take(pid_t thread, uint64_t ip, struct frames *out) {
    *out = (struct frames){.missing = no_memory};
    frames_end();
    last = dwfl_begin(&callbacks);
    if (last == NULL || dwfl_linux_proc_report(last, thread) != 0 || dwfl_report_end(last, NULL, NULL) != 0) return;
    if (dwfl_linux_proc_attach(last, thread, true) != 0) return;
    out->missing = NULL;
    struct walk w = {last, thread, out};
    int result = dwfl_getthread_frames(last, thread, take_frame, &w);
    if (result < 0 && out->missing == NULL) out->missing = cut;
    if (out->count == 0) take_top(thread, ip, out);
}

// Where programs, dynamic loaders and threads begin: written in assembly, some without unwind tables.
static bool is_outermost(const char *function) {
    static const char *const names[] = {"_start", "_dl_start_user", "clone", "__clone", "clone3", "__clone3"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(function, names[i]) == 0) return true;
    return false;
}

void frames_name(struct frames *frames) {
    for (int i = 0; last != NULL && i < frames->count; i++)
        name_frame(last, &frames->list[i]);
    if (frames->missing == cut && frames->count > 0 && is_outermost(frames->list[frames->count - 1].function))
        frames->missing = NULL;
}

#else

void frames_take(pid_t thread, uint64_t ip, struct frames *out) {
    *out = (struct frames){.missing = "this abjure was built without libdw, which walks stacks"};
    take_top(thread, ip, out);
}

void frames_name(struct frames *frames) {
    (void)frames;
}

void frames_end(void) {}

#endif
