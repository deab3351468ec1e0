// SPDX-License-Identifier: MIT
#include "emit.h"

#include "memory.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

enum {
    FIRST_NODES = 256,
    REACH = 255, // of jt and jf, which have 8 bits
    COST_LIMIT = UINT16_MAX,
};

// ---- The graph -----------------------------------------------------------------------------------------------------

static bool is_return(const struct emit_node *n) {
    return n->code == (BPF_RET | BPF_K);
}

static bool is_test(const struct emit_node *n) {
    return BPF_CLASS(n->code) == BPF_JMP;
}

static size_t slot_of(const struct emit *e, const struct emit_node *n) {
    uint64_t h = ((uint64_t)n->code << 32 | n->k) * 0x9e3779b97f4a7c15u;
    h ^= ((uint64_t)n->yes << 32 | n->no) * 0xc2b2ae3d27d4eb4fu;
    h ^= h >> 29;
    return (size_t)((h * 0x165667b19e3779f9u) >> 32) & (e->slot_count - 1);
}

static bool same(const struct emit_node *a, const struct emit_node *b) {
    return a->code == b->code && a->k == b->k && a->yes == b->yes && a->no == b->no;
}

static void put_slot(struct emit *e, label n) {
    size_t slot = slot_of(e, &e->nodes[n]);
    while (e->slots[slot] != 0)
        slot = (slot + 1) & (e->slot_count - 1);
    e->slots[slot] = n;
}

// At most half of the slots are in use.
static int grow(struct emit *e) {
    if (memory_grow(&e->nodes, &e->room, e->count > 0 ? e->count + 1 : FIRST_NODES, sizeof *e->nodes) < 0)
        return -ENOMEM;
    if (e->slot_count >= 2 * e->room) return 0;
    label *slots = memory_new(2 * e->room, sizeof *slots);
    if (slots == NULL) return -ENOMEM;
    memory_free(e->slots);
    e->slots = slots;
    e->slot_count = 2 * e->room;
    for (size_t n = 1; n < e->count; n++)
        put_slot(e, (label)n);
    return 0;
}

static label add(struct emit *e, struct emit_node node) {
    if (e->failed) return 0;
    size_t slot = slot_of(e, &node);
    for (; e->slots[slot] != 0; slot = (slot + 1) & (e->slot_count - 1))
        if (same(&e->nodes[e->slots[slot]], &node)) return e->slots[slot];
    const unsigned yes = e->nodes[node.yes].cost, no = e->nodes[node.no].cost;
    const unsigned cost = 1 + (is_return(&node) ? 0 : yes > no ? yes : no);
    node.cost = (uint16_t)(cost < COST_LIMIT ? cost : COST_LIMIT);
    const label n = (label)e->count;
    e->slots[slot] = n;
    e->nodes[e->count++] = node;
    if (e->count == e->room && (e->count >= UINT32_MAX / 2 || grow(e) < 0)) e->failed = true;
    return n;
}

// Node 0 is never a target: it stands for "no node" in the slots, and would kill.
int emit_start(struct emit *e) {
    memset(e, 0, sizeof *e);
    if (grow(e) < 0) {
        emit_end(e);
        return -ENOMEM;
    }
    e->nodes[0] = (struct emit_node){.code = BPF_RET | BPF_K, .cost = 1, .k = SECCOMP_RET_KILL_PROCESS};
    e->count = 1;
    return 0;
}

void emit_end(struct emit *e) {
    memory_free(e->nodes);
    memory_free(e->slots);
    memset(e, 0, sizeof *e);
}

label emit_return(struct emit *e, uint32_t verdict) {
    if (e->last_return == 0 || e->nodes[e->last_return].k != verdict)
        e->last_return = add(e, (struct emit_node){.code = BPF_RET | BPF_K, .k = verdict});
    return e->last_return;
}

label emit_load(struct emit *e, uint32_t offset, label next) {
    return add(e, (struct emit_node){.code = BPF_LD | BPF_W | BPF_ABS, .k = offset, .yes = next, .no = next});
}

label emit_and(struct emit *e, uint32_t mask, label next) {
    return add(e, (struct emit_node){.code = BPF_ALU | BPF_AND | BPF_K, .k = mask, .yes = next, .no = next});
}

label emit_test(struct emit *e, uint16_t jump, uint32_t k, label yes, label no) {
    if (yes == no) return yes;
    return add(e, (struct emit_node){.code = (uint16_t)(BPF_JMP | jump | BPF_K), .k = k, .yes = yes, .no = no});
}

label emit_held(const struct emit *e, label to, uint32_t offset, uint32_t mask) {
    if (e->failed) return 0;
    const struct emit_node *load = &e->nodes[to];
    if (load->code != (BPF_LD | BPF_W | BPF_ABS) || load->k != offset) return to;
    if (mask == UINT32_MAX) return load->yes;
    const struct emit_node *and = &e->nodes[load->yes];
    return and->code == (BPF_ALU | BPF_AND | BPF_K) && and->k == mask ? and->yes : to;
}

unsigned emit_cost(const struct emit *e, label to) {
    return e->failed ? 1 : e->nodes[to].cost;
}

// ---- The layout ----------------------------------------------------------------------------------------------------

// The program is written backwards, so that the places of all targets are known. A node's place is the count of
// instructions from its nearest copy to the end, that one included; 0: none yet.
struct layout {
    const struct emit *e;
    uint32_t *place;
    uint32_t *home; // the same, jumps to the node not counted as copies
    struct sock_filter *code;
    size_t count, room;
    bool failed;
};

static void push(struct layout *l, struct sock_filter instruction) {
    if (l->failed) return;
    if (l->count >= UINT32_MAX / 2 || memory_grow(&l->code, &l->room, l->count + 1, sizeof *l->code) < 0)
        l->failed = true;
    else
        l->code[l->count++] = instruction;
}

// From an instruction that is written now.
static size_t distance(const struct layout *l, label to) {
    return l->count - l->place[to];
}

static bool is_near(const struct layout *l, label to) {
    return l->place[to] != 0 && distance(l, to) <= REACH;
}

static void push_test(struct layout *l, const struct emit_node *n) {
    push(l, (struct sock_filter){n->code, (uint8_t)distance(l, n->yes), (uint8_t)distance(l, n->no), n->k});
}

// Writes something that leads to a node and is now its nearest copy: a return once more costs as much as a jump to it,
// and a way less.
static void push_copy(struct layout *l, label to) {
    const struct emit_node *n = &l->e->nodes[to];
    const bool test = is_test(n) && is_near(l, n->yes) && is_near(l, n->no);
    if (is_return(n))
        push(l, (struct sock_filter){n->code, 0, 0, n->k});
    else if (test)
        push_test(l, n);
    else
        push(l, (struct sock_filter){BPF_JMP | BPF_JA, 0, 0, (uint32_t)l->count - l->home[to]});
    l->place[to] = (uint32_t)l->count;
    if (test) l->home[to] = l->place[to];
}

static void place(struct layout *l, label at) {
    const struct emit_node *n = &l->e->nodes[at];
    if (is_test(n)) {
        // What is put between for one target can move the other out of reach.
        while (!l->failed && !(is_near(l, n->yes) && is_near(l, n->no)))
            push_copy(l, is_near(l, n->yes) ? n->no : n->yes);
        if (!l->failed) push_test(l, n);
    } else {
        // The next instruction has to follow at once.
        if (l->place[n->yes] == 0 || distance(l, n->yes) != 0) push_copy(l, n->yes);
        push(l, (struct sock_filter){n->code, 0, 0, n->k});
    }
    l->place[at] = l->home[at] = (uint32_t)l->count;
}

static void reverse(struct sock_filter *code, size_t count) {
    for (size_t i = 0; i < count / 2; i++) {
        const struct sock_filter swap = code[i];
        code[i] = code[count - 1 - i];
        code[count - 1 - i] = swap;
    }
}

// Places all that is reached from the root, each after what it leads to. The smaller side is placed last, so that the
// other is not far either. The stack is our own: graphs can be deeper than the machine's would bear.
static void place_all(struct layout *l, label root, label *stack, bool *seen) {
    size_t count = 0;
    stack[count++] = root;
    while (count > 0 && !l->failed) {
        const label at = stack[count - 1];
        const struct emit_node *n = &l->e->nodes[at];
        // Returns are written where they are first needed.
        if (l->place[at] != 0 || is_return(n)) {
            count--;
        } else if (seen[at]) {
            count--;
            place(l, at);
        } else {
            seen[at] = true;
            const bool yes_last = l->e->nodes[n->yes].cost <= l->e->nodes[n->no].cost;
            stack[count++] = yes_last ? n->yes : n->no;
            if (n->yes != n->no) stack[count++] = yes_last ? n->no : n->yes;
        }
    }
    if (is_return(&l->e->nodes[root])) push_copy(l, root);
}

int emit_layout(const struct emit *e, label root, struct sock_filter **code, size_t *count) {
    if (e->failed) return -ENOMEM;
    const size_t nodes = (size_t)root + 1; // what leads to a node has a higher number
    struct layout l = {.e = e, .place = memory_new(2 * nodes, sizeof *l.place)};
    label *stack = memory_new(2 * nodes + 1, sizeof *stack); // a node is seen once, and then adds two
    bool *seen = memory_new(nodes, sizeof *seen);
    l.failed = l.place == NULL || stack == NULL || seen == NULL;
    if (!l.failed) {
        l.home = l.place + nodes;
        place_all(&l, root, stack, seen);
    }
    memory_free(l.place);
    memory_free(stack);
    memory_free(seen);
    if (l.failed) {
        memory_free(l.code);
        return -ENOMEM;
    }
    reverse(l.code, l.count);
    *code = l.code;
    *count = l.count;
    return 0;
}
