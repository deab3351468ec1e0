// SPDX-License-Identifier: MIT
// The raw half of the bindings that SWIG makes (Python, and the languages that share this file). It reads the
// installed abjure.h, so no declaration stands here a second time. The packages around it turn results into
// the language's own errors and refuse text with U+0000 before it gets here.
%module core
%{
#include <abjure.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
%}

%include <stdint.i>
%include <typemaps.i>

// Texts: the caller gives the buffer's size and gets (result, text).
%typemap(in, fragment="SWIG_AsVal_size_t") (char *buffer, uint64_t size) (int error, size_t room, char *space = NULL) {
  error = SWIG_AsVal_size_t($input, &room);
  if (!SWIG_IsOK(error)) SWIG_exception_fail(SWIG_ArgError(error), "a size is needed here");
  space = ($1_ltype)calloc(room + 1, 1);
  if (space == NULL) SWIG_exception_fail(SWIG_MemoryError, "out of memory");
  $1 = space;
  $2 = ($2_ltype)room;
}
%typemap(argout, fragment="SWIG_FromCharPtr") (char *buffer, uint64_t size) {
  %append_output(SWIG_FromCharPtr(space$argnum));
}
%typemap(freearg) (char *buffer, uint64_t size) {
  free(space$argnum);
}
%apply (char *buffer, uint64_t size) { (char *why, uint64_t why_size) };
%apply uint64_t *OUTPUT { uint64_t *value };

// A missing handle is an error of the language, never a NULL that C would follow.
%typemap(check) abjure_filter *filter, abjure_program *program {
  if ($1 == NULL) SWIG_exception_fail(SWIG_ValueError, "the handle is missing or was freed already");
}
%typemap(check) const char *calls, const char *action, const char *text, const char *name, const char *option,
    const char *format, const char *call, const char *group, const char *path, const char *line {
  if ($1 == NULL) SWIG_exception_fail(SWIG_TypeError, "a text is needed here");
}

#ifdef SWIGPYTHON
%include <pybuffer.i>
%pybuffer_mutable_binary(void *buffer, uint64_t size);
%pybuffer_binary(const void *bytes, uint64_t size);

// Functions that make a handle give the negative errno in its place when they fail.
%typemap(out) abjure_program * {
  int err = errno;
  $result = $1 != NULL ? SWIG_NewPointerObj(SWIG_as_voidptr($1), $1_descriptor, 0) : PyLong_FromLong(-err);
}

// argv and envp: a sequence of bytes objects; None is NULL.
%typemap(in) char *const argv[] (char **list = NULL, PyObject *items = NULL), char *const envp[] (char **list = NULL, PyObject *items = NULL) {
  $1 = NULL;
  if ($input != Py_None) {
    items = PySequence_Fast($input, "a sequence of bytes is needed here");
    if (items == NULL) SWIG_fail;
    Py_ssize_t count = PySequence_Fast_GET_SIZE(items);
    list = (char **)calloc((size_t)count + 1, sizeof *list);
    if (list == NULL) SWIG_exception_fail(SWIG_MemoryError, "out of memory");
    for (Py_ssize_t i = 0; i < count; i++)
      // With a NULL length it also refuses bytes with a NUL inside.
      if (PyBytes_AsStringAndSize(PySequence_Fast_GET_ITEM(items, i), &list[i], NULL) < 0) SWIG_fail;
    $1 = ($1_ltype)list;
  }
}
%typemap(freearg) char *const argv[], char *const envp[] {
  free(list$argnum);
  Py_XDECREF(items$argnum);
}

// These may take long (a proof, a load that waits for all threads, a process that is stopped): other threads run
// Python meanwhile. The package's lock keeps them off the handle. Py_END_ALLOW_THREADS keeps errno.
%define RELEASES_THE_INTERPRETER(function)
%exception function {
  Py_BEGIN_ALLOW_THREADS
  $action
  Py_END_ALLOW_THREADS
}
%enddef
RELEASES_THE_INTERPRETER(abjure_deny)
RELEASES_THE_INTERPRETER(abjure_filter_load)
RELEASES_THE_INTERPRETER(abjure_filter_compile)
RELEASES_THE_INTERPRETER(abjure_filter_read)
RELEASES_THE_INTERPRETER(abjure_program_load)
RELEASES_THE_INTERPRETER(abjure_program_from_process)
RELEASES_THE_INTERPRETER(abjure_program_effective)
#endif

#ifdef SWIGRUBY
// Bytes: a String. The caller gives the buffer's size and gets (result, bytes).
%typemap(in) (const void *bytes, uint64_t size) {
  Check_Type($input, T_STRING);
  $1 = ($1_ltype)RSTRING_PTR($input);
  $2 = ($2_ltype)RSTRING_LEN($input);
}
%typemap(argout) (void *buffer, uint64_t size) {
  %append_output(rb_str_new(space$argnum, (long)($2 < (uint64_t)result ? $2 : (uint64_t)result)));
}
%typemap(out) abjure_program * {
  int err = errno;
  $result = $1 != NULL ? SWIG_NewPointerObj(SWIG_as_voidptr($1), $1_descriptor, 0) : INT2NUM(-err);
}
// argv and envp: an Array of String without NUL; nil is NULL.
%typemap(in) char *const argv[] (char **list = NULL), char *const envp[] (char **list = NULL) {
  $1 = NULL;
  if ($input != Qnil) {
    Check_Type($input, T_ARRAY);
    long count = RARRAY_LEN($input);
    for (long i = 0; i < count; i++) {
      VALUE word = rb_ary_entry($input, i);
      StringValueCStr(word); // raises where a NUL is inside
    }
    list = (char **)calloc((size_t)count + 1, sizeof *list);
    if (list == NULL) SWIG_exception_fail(SWIG_MemoryError, "out of memory");
    for (long i = 0; i < count; i++)
      list[i] = RSTRING_PTR(rb_ary_entry($input, i));
    $1 = ($1_ltype)list;
  }
}
%typemap(freearg) char *const argv[], char *const envp[] {
  free(list$argnum);
}
#endif

#ifdef SWIGPERL
// Bytes: a scalar. The caller gives the buffer's size and gets (result, bytes).
%typemap(in) (const void *bytes, uint64_t size) (STRLEN length) {
  $1 = ($1_ltype)SvPVbyte($input, length);
  $2 = ($2_ltype)length;
}
%typemap(argout) (void *buffer, uint64_t size) {
  if (argvi >= items) EXTEND(sp, 1);
  $result = sv_2mortal(newSVpvn(space$argnum, (STRLEN)($2 < (uint64_t)result ? $2 : (uint64_t)result)));
  argvi++;
}
%typemap(out) abjure_program * {
  int err = errno;
  if ($1 != NULL)
    $result = SWIG_NewPointerObj(SWIG_as_voidptr($1), $1_descriptor, SWIG_SHADOW);
  else
    $result = sv_2mortal(newSViv(-err));
  argvi++;
}
// argv and envp: a reference to an array of bytes without NUL; undef is NULL.
%typemap(in) char *const argv[] (char **list = NULL), char *const envp[] (char **list = NULL) {
  $1 = NULL;
  if (SvOK($input)) {
    if (!SvROK($input) || SvTYPE(SvRV($input)) != SVt_PVAV) SWIG_exception_fail(SWIG_TypeError, "a reference to an array is needed here");
    AV *words = (AV *)SvRV($input);
    SSize_t count = av_len(words) + 1;
    list = (char **)calloc((size_t)count + 1, sizeof *list);
    if (list == NULL) SWIG_exception_fail(SWIG_MemoryError, "out of memory");
    for (SSize_t i = 0; i < count; i++) {
      SV **word = av_fetch(words, i, 0);
      list[i] = word != NULL ? SvPVbyte_nolen(*word) : (char *)"";
    }
    $1 = ($1_ltype)list;
  }
}
%typemap(freearg) char *const argv[], char *const envp[] {
  free(list$argnum);
}
#endif

#ifndef SWIGPYTHON
%typemap(in, fragment="SWIG_AsVal_size_t") (void *buffer, uint64_t size) (int error, size_t room, char *space = NULL) {
  error = SWIG_AsVal_size_t($input, &room);
  if (!SWIG_IsOK(error)) SWIG_exception_fail(SWIG_ArgError(error), "a size is needed here");
  space = ($1_ltype)calloc(room + 1, 1);
  if (space == NULL) SWIG_exception_fail(SWIG_MemoryError, "out of memory");
  $1 = space;
  $2 = ($2_ltype)room;
}
%typemap(freearg) (void *buffer, uint64_t size) {
  free(space$argnum);
}
#endif

%include <abjure.h>
