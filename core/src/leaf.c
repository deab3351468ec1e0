// SPDX-License-Identifier: MIT
#include "leaf.h"

#include "memory.h"

#include <string.h>

enum {
    MANY_TESTS = 16, // rules with more are not looked at for what they have in common: that would be quadratic
    MANY_LEVELS = 8, // of values inside values; bounds the recursion
};

enum run_kind {
    RUN_PLAIN,  // one rule
    RUN_SETS,   // rules that test this argument only
    RUN_VALUES, // rules that test this argument for one value, and then others
};

void leaf_end(struct leaf *l) {
    memory_free(l->ranges);
    memory_free(l->tests);
    memory_free(l->rows);
    memory_free(l->order);
    memory_free(l->runs);
    memory_free(l->spans);
    memory_free(l->segments);
    memory_free(l->keys);
    memset(l, 0, sizeof *l);
}

static bool failed(const struct leaf *l) {
    return l->tree->emit->failed;
}

// Room for one more; false where memory is out, which the whole build then knows.
static bool room(struct leaf *l, void *items, size_t *capacity, size_t count, size_t size) {
    if (!failed(l) && memory_grow(items, capacity, count, size) == 0) return true;
    l->tree->emit->failed = true;
    return false;
}

// ---- Tests as sets -------------------------------------------------------------------------------------------------

static void push_range(struct leaf *l, uint64_t first, uint64_t last) {
    if (first > last || !room(l, &l->ranges, &l->range_room, l->range_count + 1, sizeof *l->ranges)) return;
    l->ranges[l->range_count++] = (struct leaf_range){first, last};
}

// The values of argument & mask, all 0 to `top`, for which the comparison holds. In signed order the negative values,
// from `top` / 2 + 1 up, come first; a signed range is then one unsigned range, or two.
static void push_ranges(struct leaf *l, const struct test *t, uint64_t value, uint64_t top) {
    const uint64_t sign = t->is_signed && t->op != COMPARE_EQ && t->op != COMPARE_NE ? top / 2 + 1 : 0;
    const uint64_t at = (value ^ sign) & (sign != 0 ? top : UINT64_MAX); // the place of the value in the order
    uint64_t first = 0, last = top;
    switch (t->op) {
    case COMPARE_NE:
        if (value > 0) push_range(l, 0, value - 1 < top ? value - 1 : top);
        if (value < top) push_range(l, value + 1, top);
        return;
    case COMPARE_EQ:
        first = last = at;
        break;
    case COMPARE_LT:
        if (at == 0) return;
        last = at - 1;
        break;
    case COMPARE_LE:
        last = at;
        break;
    case COMPARE_GT:
        if (at >= top) return;
        first = at + 1;
        break;
    case COMPARE_GE:
        first = at;
        break;
    }
    if (first > top) return;
    if (last > top) last = top;
    if (sign == 0) {
        push_range(l, first, last);
        return;
    }
    // Places sign to top are the values 0 to sign - 1.
    if (last >= sign) push_range(l, first > sign ? first - sign : 0, last - sign);
    if (first < sign) push_range(l, first + sign, (last < sign ? last : sign - 1) + sign);
}

static void intersect(struct leaf *l, struct leaf_test *into, const struct leaf_test *other) {
    const uint32_t start = (uint32_t)l->range_count;
    for (uint32_t i = 0, j = 0; i < into->ranges && j < other->ranges && !failed(l);) {
        const struct leaf_range a = l->ranges[into->range + i], b = l->ranges[other->range + j];
        push_range(l, a.first > b.first ? a.first : b.first, a.last < b.last ? a.last : b.last);
        if (a.last < b.last)
            i++;
        else
            j++;
    }
    into->range = start;
    into->ranges = (uint32_t)l->range_count - start;
}

static int compare_subject(const struct leaf_test *a, const struct leaf_test *b) {
    if (a->argument != b->argument) return a->argument < b->argument ? -1 : 1;
    return a->mask < b->mask ? -1 : a->mask > b->mask;
}

// Adds a test to the last row: one for each subject, in a fixed order, so that equal rules give equal rows.
static void add_test(struct leaf *l, struct leaf_row *row, const struct leaf_test *test) {
    if (!room(l, &l->tests, &l->test_room, l->test_count + 1, sizeof *l->tests)) return;
    struct leaf_test *tests = l->tests + row->test;
    uint32_t at = row->tests;
    if (row->tests <= MANY_TESTS) {
        while (at > 0 && compare_subject(&tests[at - 1], test) > 0)
            at--;
        if (at > 0 && compare_subject(&tests[at - 1], test) == 0) {
            intersect(l, &tests[at - 1], test);
            return;
        }
    }
    memmove(tests + at + 1, tests + at, (row->tests - at) * sizeof *tests);
    tests[at] = *test;
    row->tests++;
    l->test_count++;
}

// False: the ruling can never match.
static bool add_row(struct leaf *l, const struct ruleset *s, const struct ruling *r) {
    if (!room(l, &l->rows, &l->row_room, l->row_count + 1, sizeof *l->rows) ||
        !room(l, &l->order, &l->order_room, l->row_count + 1, sizeof *l->order))
        return false;
    struct leaf_row *row = &l->rows[l->row_count];
    *row = (struct leaf_row){.test = (uint32_t)l->test_count, .to = emit_return(l->tree->emit, r->verdict)};
    for (uint32_t i = 0; i < r->tests; i++) {
        const struct test *t = &s->tests[r->test + i];
        const uint64_t full = t->wide ? UINT64_MAX : UINT32_MAX;
        struct leaf_test test = {.mask = t->mask & full, .range = (uint32_t)l->range_count, .argument = t->argument};
        push_ranges(l, t, t->value, test.mask);
        test.ranges = (uint32_t)l->range_count - test.range;
        if (test.ranges == 1 && l->ranges[test.range].first == 0 && l->ranges[test.range].last == test.mask) continue;
        add_test(l, row, &test);
    }
    for (uint32_t i = 0; i < row->tests && !failed(l); i++)
        if (l->tests[row->test + i].ranges == 0) return false;
    l->order[l->row_count] = (uint32_t)l->row_count;
    l->row_count++;
    return true;
}

// ---- One look at one argument --------------------------------------------------------------------------------------

static void push_segment(struct leaf *l, uint32_t first, label to) {
    if (!room(l, &l->segments, &l->segment_room, l->segment_count + 1, sizeof *l->segments)) return;
    l->segments[l->segment_count++] = (struct segment){.first = first, .weight = 1, .to = to};
}

// Leaves out what no word & mask is in, joins neighbours of one label. The new count.
static size_t tidy(struct segment *s, size_t count, uint32_t mask) {
    size_t kept = 0;
    for (size_t i = 0; i < count && s[i].first <= mask; i++)
        if (kept == 0 || s[kept - 1].to != s[i].to) s[kept++] = s[i];
    return kept;
}

// word & mask in segment i ? to i. The segments are those from `mark` on.
static label build_word(struct leaf *l, uint32_t offset, uint32_t mask, size_t mark) {
    struct emit *e = l->tree->emit;
    if (failed(l)) return 0;
    struct segment *s = l->segments + mark;
    const size_t count = tidy(s, l->segment_count - mark, mask);
    l->segment_count = mark;
    if (count == 1) return s[0].to;
    // A single bit is set or not; so is any of several, where all that matters is "0 or not".
    const bool bit = mask != UINT32_MAX && ((mask & (mask - 1)) == 0 || (count == 2 && s[1].first == 1));
    const bool whole = bit || mask == UINT32_MAX;
    for (size_t i = 0; i < count; i++)
        s[i].to = emit_held(e, s[i].to, offset, whole ? UINT32_MAX : mask);
    if (bit) return emit_load(e, offset, emit_test(e, BPF_JSET, mask, s[count - 1].to, s[0].to));
    const label tree = tree_build(l->tree, s, tidy(s, count, mask), mask);
    return emit_load(e, offset, whole ? tree : emit_and(e, mask, tree));
}

static void push_span(struct leaf *l, size_t mark, uint64_t first, label to) {
    if (!room(l, &l->spans, &l->span_room, l->span_count + 1, sizeof *l->spans)) return;
    if (l->span_count > mark && l->spans[l->span_count - 1].first == first) l->span_count--;
    if (l->span_count > mark && l->spans[l->span_count - 1].to == to) return;
    l->spans[l->span_count++] = (struct leaf_span){first, to};
}

// argument & mask in span i ? to i. The spans are those from `mark` on. By words, as with
//   x >= k  <=>  high(x) > high(k)  ||  (high(x) == high(k)  &&  low(x) >= low(k))
// the high word decides, and only where a span starts or ends inside of what has one high word, the low word.
static label build_spans(struct leaf *l, unsigned argument, uint64_t mask, size_t mark) {
    if (failed(l)) return 0;
    const struct leaf_span *s = l->spans + mark;
    const size_t count = l->span_count - mark, start = l->segment_count;
    const uint32_t low_offset = bpf_argument(l->big_endian, argument, false);
    const uint32_t high_mask = (uint32_t)(mask >> 32);
    l->span_count = mark;
    for (size_t i = 0, next; i < count && s[i].first >> 32 <= high_mask; i = next) {
        const uint32_t high = (uint32_t)(s[i].first >> 32);
        const size_t low_start = l->segment_count;
        if ((uint32_t)s[i].first != 0) push_segment(l, 0, s[i - 1].to);
        for (next = i; next < count && s[next].first >> 32 == high; next++)
            push_segment(l, (uint32_t)s[next].first, s[next].to);
        push_segment(l, high, build_word(l, low_offset, (uint32_t)mask, low_start));
        if (high < high_mask && (next == count || s[next].first >> 32 > (uint64_t)high + 1))
            push_segment(l, high + 1, s[next - 1].to);
    }
    return build_word(l, bpf_argument(l->big_endian, argument, true), high_mask, start);
}

// ---- Runs of rules -------------------------------------------------------------------------------------------------

static struct leaf_row *row_at(const struct leaf *l, size_t at) {
    return &l->rows[l->order[at]];
}

static struct leaf_test *find_test(const struct leaf *l, const struct leaf_row *row, unsigned argument, uint64_t mask) {
    if (row->tests > MANY_TESTS) return NULL;
    for (uint32_t i = 0; i < row->tests; i++) {
        struct leaf_test *t = &l->tests[row->test + i];
        if (t->argument == argument && t->mask == mask) return t;
    }
    return NULL;
}

static bool is_value(const struct leaf *l, const struct leaf_test *t) {
    return t->ranges == 1 && l->ranges[t->range].first == l->ranges[t->range].last;
}

static bool fits(const struct leaf *l, const struct leaf_run *run, const struct leaf_row *row) {
    const struct leaf_test *t = find_test(l, row, run->argument, run->mask);
    if (t == NULL) return false;
    return run->kind == RUN_SETS ? row->tests == 1 : is_value(l, t);
}

// The longest run that starts at `first`: every look at it is at most as long as what is then taken.
static struct leaf_run find_run(const struct leaf *l, size_t first, size_t end, unsigned level) {
    struct leaf_run best = {.first = first, .count = 1, .kind = RUN_PLAIN};
    const struct leaf_row *row = row_at(l, first);
    if (row->tests > MANY_TESTS || level > MANY_LEVELS) return best;
    for (uint32_t i = 0; i < row->tests; i++) {
        const struct leaf_test *t = &l->tests[row->test + i];
        struct leaf_run run = {.first = first, .mask = t->mask, .argument = t->argument};
        for (run.kind = RUN_SETS; run.kind <= RUN_VALUES; run.kind++) {
            for (run.count = 0; first + run.count < end; run.count++)
                if (!fits(l, &run, row_at(l, first + run.count))) break;
            if (run.count > best.count) best = run;
        }
    }
    return best;
}

// t1 && t2 && … ? to : otherwise
static label build_plain(struct leaf *l, const struct leaf_row *row, label otherwise) {
    label to = row->to;
    for (uint32_t i = row->tests; i-- > 0;) {
        const struct leaf_test *t = &l->tests[row->test + i];
        const size_t mark = l->span_count;
        push_span(l, mark, 0, otherwise);
        for (uint32_t r = 0; r < t->ranges; r++) {
            push_span(l, mark, l->ranges[t->range + r].first, to);
            if (l->ranges[t->range + r].last < t->mask) push_span(l, mark, l->ranges[t->range + r].last + 1, otherwise);
        }
        to = build_spans(l, t->argument, t->mask, mark);
    }
    return to;
}

static size_t find_cell(const struct sort_key *cells, size_t count, uint64_t value) {
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (cells[middle].value < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// The next cell that no rule has yet; `index` of a taken cell leads on.
static size_t find_free(struct sort_key *cells, size_t at) {
    while (cells[at].index != at) {
        cells[at].index = cells[cells[at].index].index;
        at = cells[at].index;
    }
    return at;
}

// Cuts the values of the argument at the ends of all ranges of the run. The cells, ended by one more; 0: no memory.
static size_t cut_cells(struct leaf *l, const struct leaf_run *run) {
    size_t count = 1, most = 1;
    for (size_t i = 0; i < run->count; i++)
        most += 2 * (size_t)l->tests[row_at(l, run->first + i)->test].ranges;
    if (!room(l, &l->keys, &l->key_room, 2 * (most + 1), sizeof *l->keys)) return 0;
    l->keys[0].value = 0;
    for (size_t i = 0; i < run->count; i++) {
        const struct leaf_test *t = &l->tests[row_at(l, run->first + i)->test];
        for (uint32_t r = 0; r < t->ranges; r++) {
            l->keys[count++].value = l->ranges[t->range + r].first;
            if (l->ranges[t->range + r].last < run->mask) l->keys[count++].value = l->ranges[t->range + r].last + 1;
        }
    }
    sort_keys(l->keys, l->keys + most + 1, count);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || l->keys[kept - 1].value != l->keys[i].value) l->keys[kept++].value = l->keys[i].value;
    for (size_t i = 0; i <= kept; i++)
        l->keys[i].index = (uint32_t)i;
    return kept;
}

// x in set 1 ? to 1 : x in set 2 ? to 2 : … otherwise. Each value goes to the first rule whose set has it.
static label build_sets(struct leaf *l, const struct leaf_run *run, label otherwise) {
    const size_t cells = cut_cells(l, run), mark = l->span_count;
    if (cells == 0 || !room(l, &l->spans, &l->span_room, mark + cells, sizeof *l->spans)) return 0;
    for (size_t c = 0; c < cells; c++)
        l->spans[mark + c] = (struct leaf_span){l->keys[c].value, otherwise};
    l->span_count = mark + cells;
    for (size_t i = 0; i < run->count; i++) {
        const struct leaf_row *row = row_at(l, run->first + i);
        const struct leaf_test *t = &l->tests[row->test];
        for (uint32_t r = 0; r < t->ranges; r++) {
            const struct leaf_range range = l->ranges[t->range + r];
            const size_t end = range.last < run->mask ? find_cell(l->keys, cells, range.last + 1) : cells;
            for (size_t c = find_free(l->keys, find_cell(l->keys, cells, range.first)); c < end;
                 c = find_free(l->keys, c)) {
                l->spans[mark + c].to = row->to;
                l->keys[c].index = (uint32_t)c + 1;
            }
        }
    }
    size_t kept = 0;
    for (size_t c = 0; c < cells; c++)
        if (kept == 0 || l->spans[mark + kept - 1].to != l->spans[mark + c].to)
            l->spans[mark + kept++] = l->spans[mark + c];
    l->span_count = mark + kept;
    return build_spans(l, run->argument, run->mask, mark);
}

static label build_rows(struct leaf *l, size_t first, size_t end, label otherwise, unsigned level);

static uint64_t value_at(const struct leaf *l, const struct leaf_run *run, size_t at) {
    return l->ranges[find_test(l, row_at(l, at), run->argument, run->mask)->range].first;
}

// x == v1 ? (rules for v1) : x == v2 ? (rules for v2) : … otherwise. Rules for different values exclude each other, so
// each value has its own rules, in their order, and no others.
static label build_values(struct leaf *l, const struct leaf_run *run, label otherwise, unsigned level) {
    const size_t end = run->first + run->count, mark = l->span_count;
    if (!room(l, &l->keys, &l->key_room, 2 * run->count, sizeof *l->keys)) return 0;
    for (size_t i = 0; i < run->count; i++)
        l->keys[i] = (struct sort_key){value_at(l, run, run->first + i), l->order[run->first + i]};
    sort_keys(l->keys, l->keys + run->count, run->count);
    for (size_t i = 0; i < run->count; i++)
        l->order[run->first + i] = l->keys[i].index;
    push_span(l, mark, 0, otherwise);
    for (size_t i = run->first, next; i < end && !failed(l); i = next) {
        const uint64_t value = value_at(l, run, i);
        for (next = i; next < end && value_at(l, run, next) == value; next++) {
        }
        for (size_t j = i; j < next; j++) {
            struct leaf_row *row = row_at(l, j);
            struct leaf_test *t = find_test(l, row, run->argument, run->mask);
            row->tests--;
            memmove(t, t + 1, (size_t)(l->tests + row->test + row->tests - t) * sizeof *t);
        }
        push_span(l, mark, value, build_rows(l, i, next, otherwise, level + 1));
        if (value < run->mask) push_span(l, mark, value + 1, otherwise);
    }
    return build_spans(l, run->argument, run->mask, mark);
}

// The first row of order[first..end) that matches decides; from the last run up, since each leads on to the next.
static label build_rows(struct leaf *l, size_t first, size_t end, label otherwise, unsigned level) {
    const size_t mark = l->run_count;
    for (size_t at = first; at < end && !failed(l);) {
        if (row_at(l, at)->tests == 0) {
            otherwise = row_at(l, at)->to; // nothing after it counts
            break;
        }
        if (!room(l, &l->runs, &l->run_room, l->run_count + 1, sizeof *l->runs)) return 0;
        l->runs[l->run_count] = find_run(l, at, end, level);
        at += l->runs[l->run_count++].count;
    }
    while (l->run_count > mark && !failed(l)) {
        const struct leaf_run run = l->runs[--l->run_count];
        if (run.kind == RUN_SETS)
            otherwise = build_sets(l, &run, otherwise);
        else if (run.kind == RUN_VALUES)
            otherwise = build_values(l, &run, otherwise, level);
        else
            otherwise = build_plain(l, row_at(l, run.first), otherwise);
    }
    return otherwise;
}

label leaf_build(struct leaf *l, const struct ruleset *s, const uint32_t *rulings, size_t count, label otherwise) {
    l->range_count = l->test_count = l->row_count = l->run_count = l->span_count = l->segment_count = 0;
    for (size_t i = 0; i < count && !failed(l); i++)
        if (add_row(l, s, &s->rulings[rulings[i]]) && l->rows[l->row_count - 1].tests == 0) break;
    if (failed(l)) return 0;
    return build_rows(l, 0, l->row_count, otherwise, 0);
}
