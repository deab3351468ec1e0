// SPDX-License-Identifier: MIT
#include "frames.h"

#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <string.h>

#include "output.h"

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

static void name_source(Dwfl_Module *module, Dwarf_Addr address, struct frame *f) {
    Dwfl_Line *line = dwfl_module_getsrc(module, address);
    const char *file = line != NULL ? dwfl_lineinfo(line, NULL, &f->line, NULL, NULL, NULL) : NULL;
    if (file != NULL) copy_clean(f->file, sizeof f->file, last_of(file));
}

static void name_frame(Dwfl *dwfl, Dwarf_Addr address, struct frame *f) {
    Dwfl_Module *module = dwfl_addrmodule(dwfl, address);
    if (module == NULL) return;
    Dwarf_Addr start = 0;
    const char *name = dwfl_module_info(module, NULL, &start, NULL, NULL, NULL, NULL, NULL);
    copy_clean(f->module, sizeof f->module, name != NULL ? last_of(name) : NULL);
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char *function = dwfl_module_addrinfo(module, address, &offset, &symbol, NULL, NULL, NULL);
    copy_clean(f->function, sizeof f->function, function);
    f->offset = function != NULL ? offset + (f->address - address) : f->address - start;
    name_source(module, address, f);
}

struct walk {
    Dwfl *dwfl;
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
    struct frame *f = &w->out->list[w->out->count++];
    *f = (struct frame){.address = address};
    // A return address may be the first of the next function: the call is before it.
    name_frame(w->dwfl, address - (is_top ? 0 : 1), f);
    return DWARF_CB_OK;
}

// One process after the other: its files are read once, its map each time, since it changes.
static struct {
    Dwfl *dwfl;
    pid_t thread;
} kept;

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_linux_proc_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
};

void frames_end(void) {
    if (kept.dwfl != NULL) dwfl_end(kept.dwfl);
    kept.dwfl = NULL;
    kept.thread = 0;
}

void frames_take(pid_t thread, uint64_t ip, struct frames *out) {
    *out = (struct frames){.missing = no_memory};
    frames_end();
    Dwfl *dwfl = dwfl_begin(&callbacks);
    if (dwfl == NULL) return;
    kept.dwfl = dwfl;
    if (dwfl_linux_proc_report(dwfl, thread) != 0 || dwfl_report_end(dwfl, NULL, NULL) != 0) return;
    if (dwfl_linux_proc_attach(dwfl, thread, true) != 0) return;
    out->missing = NULL;
    struct walk w = {dwfl, out};
    int result = dwfl_getthread_frames(dwfl, thread, take_frame, &w);
    if (result < 0 && out->missing == NULL) out->missing = cut;
    if (out->count > 0) return;
    out->list[out->count++] = (struct frame){.address = ip};
    name_frame(dwfl, ip, &out->list[0]);
}

bool frames_are_built(void) {
    return true;
}
