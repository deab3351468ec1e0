// SPDX-License-Identifier: MIT
// Writes to standard output what a million records need: texts, numbers, and names that must not reach a terminal raw.
#ifndef ABJURE_PUT_H
#define ABJURE_PUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

void put_start(void); // a larger buffer than stdio's own
// To another file from now on, what stands in an object; NULL: standard output again, and the document there goes on.
void put_into(FILE *file);
void put_bytes(const char *bytes, size_t length);
void put_text(const char *text);
void put_number(uint64_t number);
void put_padded(uint64_t number, int digits); // with zeros
void put_hex(uint64_t number);
// What is not printable ASCII as \xNN.
void put_clean(const char *bytes, size_t length);

// ---- JSON, one document a line, in ASCII ----

void put_open(const char *key); // an object; key NULL: the document
void put_element(void);         // an object in an array, whose brackets and commas one writes oneself
void put_close(void);           // the document ends with a line feed
void put_key(const char *key);  // before a value that one writes oneself
void put_string(const char *key, const char *bytes, size_t length);
void put_word(const char *key, const char *text); // nothing where it is NULL
void put_count(const char *key, uint64_t number);
void put_digits(const char *key, uint64_t number); // as a string
void put_quoted(const char *bytes, size_t length); // a string without a key

#endif
