// SPDX-License-Identifier: MIT
#include "constants.h"

#include "generated/tables.h"
#include "text.h"

int constants_find(const char *name, size_t length) {
    return table_find(&table_constants, name, length);
}

const char *constants_name(int constant) {
    return table_name(&table_constants, (size_t)constant);
}

size_t constants_count(void) {
    return table_constants.count;
}

bool constants_value(enum abi_id abi, int constant, int64_t *value) {
    const struct table_value *v = &table_values[table_value_of[constant]];
    while ((v->abis & ABI_SET(abi)) == 0) {
        if (v->next == 0) return false;
        v = &table_values[v->next];
    }
    *value = v->value;
    return true;
}

void constants_spelling(struct spelling *s) {
    for (size_t i = 0; i < table_constants.count; i++)
        spelling_try(s, table_name(&table_constants, i));
}
