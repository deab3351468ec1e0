// SPDX-License-Identifier: MIT
// abjure watch: violations as they happen.
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "abjure.h"
#include "arguments.h"
#include "audit_state.h"
#include "capability.h"
#include "deaths.h"
#include "event.h"
#include "guard.h"
#include "host.h"
#include "lookup.h"
#include "losses.h"
#include "names.h"
#include "origin.h"
#include "output.h"
#include "overview.h"
#include "pace.h"
#include "put.h"
#include "selection.h"
#include "source.h"
#include "source_choice.h"
#include "stop.h"
#include "symbols.h"

#define LOG_PATH "/var/log/audit/audit.log"

enum {
    HELPERS = 3,
    TOLD = 10,            // damaged records that are told one by one
    DISTINCT = 1 << 16,   // texts that --unique keeps: names come from processes that one does not trust
    SHORT_QUEUE = 256,    // lines: where more wait, no time is spent on looking up
    TICK_MS = 1000,       // losses are looked for that often
    STATE_WITHIN_MS = 500 // the kernel's answer, at the start and the end
};

enum form {
    FORM_TEXT,
    FORM_JSON,
    FORM_ECS
};

struct watch {
    enum form form;
    bool unique, no_symbols;
    bool no_lookups;    // in another PID namespace, where ids are not those of processes that one sees
    const char *wanted; // the name of a source; NULL: the best
    uint64_t most;      // records to show; 0: no limit
    int64_t seconds;    // to go on; -1: no limit
    struct selection selection;

    struct source source;
    const struct source_type *type;
    struct helper asker; // for the state of audit
    struct audit_state state;
    int stop_fd, helpers[HELPERS];
    struct overview overview;
    struct deaths deaths;
    struct pace pace;
    struct losses losses;
    uint64_t seen, shown, damaged;
    int64_t ends, next_tick; // times in milliseconds; `ends` -1: open
    bool closed;             // nobody reads the output any more
    int status;
    struct event event;
};

static int64_t now(void) {
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// ---- Records ----

static void tell_damaged(struct watch *w) {
    w->damaged++;
    if (w->damaged <= TOLD) say("a damaged record: %s", w->event.record.why);
    if (w->damaged == TOLD) say("further damaged records are only counted");
}

// True where it is the first of those that tell the same.
static bool is_new(struct watch *w) {
    struct tally *t = &w->overview.unique;
    size_t before = t->count;
    uint64_t refused = t->refused;
    bool added = overview_add_unique(&w->overview, &w->event);
    if (!added && t->refused == 1 && refused == 0)
        say("more than %d different records: the further ones are only counted", DISTINCT);
    if (!added && t->refused == refused) {
        say("out of memory: a record is not counted");
        w->status = EXIT_FAILED;
    }
    return t->count > before;
}

static void look_up(struct watch *w) {
    bool may_wait = queue_state(&w->source.queue).waiting < SHORT_QUEUE;
    if (w->no_lookups) return;
    if (!w->no_symbols) symbols_find(&w->event, may_wait);
    if (w->form != FORM_TEXT) origin_find(&w->event, may_wait);
}

static void show(struct watch *w) {
    bool is_first = !w->unique || is_new(w);
    if (!is_first || (w->unique && w->form == FORM_JSON)) {
        w->shown += w->unique;
        return;
    }
    if (!pace_allows(&w->pace, now())) return;
    look_up(w);
    w->shown++;
    if (w->form == FORM_JSON)
        event_json(&w->event);
    else if (w->form == FORM_ECS)
        event_ecs(&w->event);
    else
        event_text(&w->event);
}

static void take_line(struct watch *w, const char *line, size_t length) {
    enum record_kind kind = record_parse(line, length, &w->event.record);
    if (kind == RECORD_DAMAGED) tell_damaged(w);
    if (kind != RECORD_SECCOMP && kind != RECORD_ABEND) return;
    event_start(&w->event, kind);
    if (deaths_repeat(&w->deaths, &w->event)) return;
    w->seen++;
    if (selection_has(&w->selection, &w->event)) show(w);
}

// ---- Losses ----

static enum form losses_form;

static void tell_loss(uint64_t count, const char *why) {
    if (losses_form == FORM_JSON) event_lost_json(count, why);
    if (losses_form == FORM_ECS) event_lost_ecs(count, why);
}

static void look_for_losses(struct watch *w, int wait_ms) {
    audit_state_take(&w->asker, &w->state, wait_ms);
    losses_look(&w->losses, &w->source, &w->state, tell_loss);
}

static void tick(struct watch *w, int64_t time) {
    if (time < w->next_tick) return;
    w->next_tick = time + TICK_MS;
    look_for_losses(w, 0);
    audit_state_ask(&w->asker);
    uint64_t untold = pace_untold(&w->pace, time);
    if (untold > 0) say("suppressed: %llu records above the rate", (unsigned long long)untold);
}

// ---- The loop ----

// Waits for records, signals and the end of the output.
static void rest(struct watch *w, int64_t time) {
    if (fflush(stdout) != 0 || queue_sleep(&w->source.queue)) return;
    int64_t until = w->ends >= 0 && w->ends < w->next_tick ? w->ends : w->next_tick;
    struct pollfd p[] = {{w->source.queue.wake_fd, POLLIN, 0}, {w->stop_fd, POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
    // The thread that reads says nothing when it becomes idle: at the end it is looked at more often.
    int64_t left = stop_wanted() ? 1 : until - time;
    poll(p, 3, left > 0 ? (int)left : 0);
    queue_awake(&w->source.queue);
    if ((p[2].revents & (POLLERR | POLLHUP)) != 0) w->closed = true;
}

static bool is_over(const struct watch *w, int64_t time) {
    if (w->closed || ferror(stdout) != 0) return true;
    return (w->most > 0 && w->shown >= w->most) || (w->ends >= 0 && time >= w->ends);
}

static void loop(struct watch *w) {
    struct chunk *chunk = NULL;
    for (;;) {
        int64_t time = now();
        tick(w, time);
        if (is_over(w, time)) return;
        // Before the queue is looked at: what came before this was true is then in the queue.
        bool last = atomic_load(&w->source.idle) && (stop_wanted() || atomic_load(&w->source.error) != 0);
        chunk = queue_take(&w->source.queue, chunk);
        if (chunk == NULL && last) return;
        if (chunk == NULL) {
            rest(w, time);
            continue;
        }
        const char *line;
        size_t length;
        for (unsigned i = 0; !is_over(w, time) && (line = chunk_next(chunk, &length)) != NULL; i++) {
            take_line(w, line, length);
            if (i % 1024 == 1023) tick(w, time = now());
        }
    }
}

// ---- Start and end ----

static bool start_helpers(struct watch *w) {
    w->no_lookups = !host_has_initial_pids();
    bool started = audit_state_start(&w->asker);
    w->helpers[0] = w->asker.fd;
    w->helpers[1] = names_start();
    w->helpers[2] = w->no_lookups ? -1 : lookup_start();
    started = started && w->helpers[1] >= 0 && (w->no_lookups || w->helpers[2] >= 0);
    if (!started) say("cannot start the processes beside this one: %s", strerror(errno));
    return started;
}

// From here on this process reads text that is not trusted, and can do nothing but that.
static bool give_up(const struct watch *w) {
    char own[512];
    size_t at = (size_t)snprintf(own, sizeof own,
                                 "write(fd == 1), fstat(fd == 1), read(fd == %d), read(fd == %d), write(fd == %d), "
                                 "write(fd == %d)",
                                 w->source.fd, w->source.queue.wake_fd, w->source.queue.wake_fd, w->stop_fd);
    for (int i = 0; i < HELPERS; i++)
        if (w->helpers[i] >= 0)
            at += (size_t)snprintf(own + at, sizeof own - at, ", sendto(fd == %d), recvfrom(fd == %d)", w->helpers[i],
                                   w->helpers[i]);
    const char *calls[] = {own, stop_calls, w->type->calls};
    int count = w->type->calls != NULL ? 3 : 2;
    return guard_load(calls, count, "cannot filter the reader of records") == 0;
}

static bool start(struct watch *w) {
    if (fcntl(STDOUT_FILENO, F_GETFD) < 0) {
        say("standard output is closed");
        return false;
    }
    if (!start_helpers(w)) return false;
    w->stop_fd = stop_start();
    w->state.error = ENODATA;
    if (audit_state_ask(&w->asker)) audit_state_take(&w->asker, &w->state, STATE_WITHIN_MS);
    w->type = source_choose(&w->source, w->wanted, &w->state);
    if (w->type == NULL) return false;
    source_tell_limits(&w->source, w->type, &w->state);
    losses_start(&w->losses, &w->state);
    tzset();
    if (w->form == FORM_ECS) host_prepare();
    if (w->stop_fd < 0 || !selection_look_up(&w->selection)) {
        say("cannot start: %s", strerror(errno));
        return false;
    }
    uint64_t kept = w->type == &source_log ? 1ull << CAP_DAC_READ_SEARCH : 0; // the file that follows the next rotation
    if (!capabilities_keep(kept) || !source_start(&w->source, w->type)) {
        say("cannot start the reader: %s", strerror(errno));
        return false;
    }
    return give_up(w);
}

static void tell_end(struct watch *w) {
    struct queue_state q = queue_state(&w->source.queue);
    int error = atomic_load(&w->source.error);
    uint64_t damaged = w->damaged + atomic_load(&w->source.damaged);
    char more[64] = "";
    if (error != 0) {
        say("%s cannot be read any more: %s", w->type->title, strerror(error));
        w->status = EXIT_FAILED;
    }
    if (damaged > 0) snprintf(more, sizeof more, ", %llu damaged", (unsigned long long)damaged);
    say("%llu records seen, %llu shown, %llu suppressed, %llu lost%s; at most %llu waited, and %llu KiB in the kernel",
        (unsigned long long)w->seen, (unsigned long long)w->shown, (unsigned long long)w->pace.suppressed,
        (unsigned long long)losses_all(&w->losses), more, (unsigned long long)q.most,
        (unsigned long long)atomic_load(&w->source.most_bytes) >> 10);
}

static bool is_unread(void) {
    struct pollfd p = {.fd = STDOUT_FILENO};
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP)) != 0;
}

static int finish(struct watch *w) {
    if (audit_state_ask(&w->asker)) look_for_losses(w, STATE_WITHIN_MS);
    look_for_losses(w, 0);
    if (w->unique && w->form == FORM_JSON)
        overview_unique_json(&w->overview);
    else if (w->unique)
        overview_unique_text(&w->overview);
    fflush(stdout);
    w->closed = w->closed || (ferror(stdout) != 0 && is_unread());
    if (w->closed) {
        // Who has read enough closes the pipe: no error.
        __fpurge(stdout);
        clearerr(stdout);
    }
    tell_end(w);
    if (w->status != EXIT_OK) return w->status;
    return w->shown > 0 || w->closed || stop_wanted() ? EXIT_OK : EXIT_NO;
}

// ---- Options ----

static int take_number(const struct arguments *a, uint64_t *out) {
    char *end;
    errno = 0;
    unsigned long long n = strtoull(a->value, &end, 10);
    if (a->value[0] >= '0' && a->value[0] <= '9' && *end == '\0' && errno == 0 && n > 0 && n <= INT32_MAX) {
        *out = n;
        return EXIT_OK;
    }
    say("--%s: \"%s\" is no number from 1 to %d", a->option->name, a->value, INT32_MAX);
    return EXIT_USAGE;
}

static int take_source(struct watch *w, const char *name) {
    if (!source_is_name(name)) {
        say("--source: there is no source \"%s\"; there are audit, log and kernel", name);
        return EXIT_USAGE;
    }
    w->wanted = name;
    return EXIT_OK;
}

static int take_form(struct watch *w, enum form form) {
    if (w->form != FORM_TEXT && w->form != form) {
        say("one of --json and --ecs, not two");
        return EXIT_USAGE;
    }
    w->form = form;
    return EXIT_OK;
}

static int take_option(struct watch *w, const struct arguments *a) {
    uint64_t seconds = 0;
    int status = EXIT_OK;
    if (option_is(a, "json")) return take_form(w, FORM_JSON);
    if (option_is(a, "ecs")) return take_form(w, FORM_ECS);
    if (option_is(a, "source")) return take_source(w, a->value);
    if (option_is(a, "rate")) return take_number(a, &w->pace.limit);
    if (option_is(a, "count")) return take_number(a, &w->most);
    if (option_is(a, "for")) {
        status = take_number(a, &seconds);
        w->seconds = (int64_t)seconds;
    } else if (option_is(a, "unique")) {
        w->unique = true;
    } else if (option_is(a, "no-symbols")) {
        w->no_symbols = true;
    } else if (option_is(a, "file")) {
        w->source.path = a->value;
    } else {
        status = selection_add(&w->selection, a->option->name, (char *)a->value);
    }
    return status;
}

static int check_options(struct watch *w) {
    if (w->source.path != NULL && w->wanted != NULL && strcmp(w->wanted, "log") != 0) {
        say("--file is for --source log, not for --source %s", w->wanted);
        return EXIT_USAGE;
    }
    if (w->unique && w->form == FORM_ECS) {
        say("--ecs is about single records, and --unique is not: leave one out");
        return EXIT_USAGE;
    }
    if (w->source.path != NULL)
        w->wanted = "log";
    else
        w->source.path = LOG_PATH;
    return EXIT_OK;
}

static int run(struct arguments *a, struct watch *w) {
    enum argument kind;
    while ((kind = arguments_next(a)) == ARGUMENT_OPTION) {
        int status = take_option(w, a);
        if (status != EXIT_OK) return status;
    }
    int status = arguments_status(kind);
    if (status >= 0) return status;
    if (kind == ARGUMENT_WORD) {
        say("watch takes no word, and \"%s\" is one; --file names a log", a->value);
        return EXIT_USAGE;
    }
    status = check_options(w);
    if (status != EXIT_OK) return status;
    put_start();
    if (!start(w)) return EXIT_FAILED;
    int64_t time = now();
    w->ends = w->seconds > 0 ? time + w->seconds * 1000 : -1;
    losses_form = w->form;
    loop(w);
    return finish(w);
}

static int watch(struct arguments *a) {
    static struct watch w = {.seconds = -1};
    overview_start(&w.overview);
    w.overview.unique.limit = DISTINCT;
    int status = run(a, &w);
    overview_end(&w.overview);
    selection_end(&w.selection);
    return status;
}

static const struct option options[] = {
    {"source", 0, "NAME", "where records come from: audit, log or kernel; without, the first that can be used"},
    {"file", 0, "FILE", "follow this log, also when it is rotated; without, " LOG_PATH},
    {"json", 0, NULL, "print JSON, a document a line"},
    {"ecs", 0, NULL, "print documents in Elastic Common Schema, one a line"},
    {"unique", 0, NULL, "show what tells the same once, and at the end how often it came"},
    {"rate", 0, "NUMBER", "show at most so many records in a second, and tell how many were left out"},
    {"count", 0, "NUMBER", "end after so many records"},
    {"for", 0, "SECONDS", "end after that time"},
    {"no-symbols", 0, NULL, "do not look up where in the program a call was made"},
    SELECTION_OPTIONS,
    {NULL, 0, NULL, NULL},
};

const struct verb watch_verb = {
    .name = "watch",
    .summary = "show denied calls as they happen",
    .synopsis = "[OPTION]...",
    .description = "Says of each call that a filter denies or logs, as it happens, who made it and what became of it. "
                   "Reads the kernel's audit socket, else the audit log, else the kernel's log, and says which.",
    .options = options,
    .run = watch,
};
