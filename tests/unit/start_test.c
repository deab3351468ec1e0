// SPDX-License-Identifier: MIT
#include "start.h"

#include "kit.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **unused) {
    (void)unused;
    strcpy(folder, "/tmp/abjure-start-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **unused) {
    (void)unused;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static const char *path_of(const char *name) {
    static char paths[8][512];
    static size_t next;
    char *path = paths[next++ % LENGTH(paths)];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static const char *file(const char *name, mode_t mode, const char *text) {
    const char *path = path_of(name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static char environment[1024];
static char *const envp[] = {(char[]){"HOME=/"}, environment, NULL};

static void set_path(const char *value) {
    snprintf(environment, sizeof environment, "PATH=%s", value);
}

#define ARGV(...) ((char *const[]){__VA_ARGS__, NULL})
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct start s; // large

static void expect(const char *program, char *const argv[], const char *path, const char *const *words) {
    const int r = start_find(&s, program, argv, envp);
    CHECK(r == 0, "%s: %d, %s", program, r, s.culprit);
    assert_string_equal(s.path, path);
    const char *got[128];
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    assert_int_equal(start_count(&s), count);
    start_arguments(&s, got);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(got[i], words[i]);
    assert_null(got[count]);
}

static void expect_fails(const char *program, int code, const char *culprit, const char *script) {
    const int r = start_find(&s, program, ARGV("x"), envp);
    CHECK(r == -code, "%s: %d", program, r);
    assert_string_equal(s.culprit, culprit);
    if (script == NULL)
        assert_null(s.script);
    else
        assert_string_equal(s.script, script);
}

// A program as the kernel takes it: no text.
static const char *binary(const char *name, mode_t mode) {
    const char *path = path_of(name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite("\177ELF\0\0", 1, 6, f), 6);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static void programs_by_path(void **unused) {
    (void)unused;
    const char *path = binary("prog", 0755);
    set_path("/nonexistent");
    expect(path, ARGV("name", "-x", ""), path, WORDS("name", "-x", ""));
    expect(path, ARGV("name"), path, WORDS("name"));
    expect(path, (char *const[]){NULL}, path, WORDS(path)); // without argv[0], as the kernel does it
    const char *plain = binary("plain", 0644);
    if (geteuid() != 0 || access(plain, X_OK) != 0) expect_fails(plain, EACCES, plain, NULL);
    expect_fails(folder, EACCES, folder, NULL);
    expect_fails("/nonexistent/prog", ENOENT, "/nonexistent/prog", NULL);
    expect_fails("", ENOENT, "", NULL);
    char below_file[600];
    snprintf(below_file, sizeof below_file, "%s/x", path);
    expect_fails(below_file, ENOTDIR, below_file, NULL);
    assert_int_equal(symlink("loop", path_of("loop")), 0);
    const char *loop = path_of("loop");
    expect_fails(loop, ELOOP, loop, NULL);
}

static void programs_in_path(void **unused) {
    (void)unused;
    char path[600];
    assert_int_equal(mkdir(path_of("one"), 0755), 0);
    assert_int_equal(mkdir(path_of("two"), 0755), 0);
    assert_int_equal(mkdir(path_of("two/dir"), 0755), 0);
    binary("one/both", 0644); // there, and not to be executed
    const char *both = binary("two/both", 0755);
    const char *only = binary("two/only", 0755);
    binary("one/none", 0644);
    snprintf(path, sizeof path, "%s:/nonexistent:%s", path_of("one"), path_of("two"));
    set_path(path);
    expect("both", ARGV("both", "1"), both, WORDS("both", "1"));
    expect("only", ARGV("zero"), only, WORDS("zero"));
    expect_fails("none", EACCES, "none", NULL);
    expect_fails("dir", EACCES, "dir", NULL);
    expect_fails("missing", ENOENT, "missing", NULL);
    char name[300];
    memset(name, 'n', 256);
    name[256] = '\0';
    expect_fails(name, ENAMETOOLONG, name, NULL);
    name[255] = '\0';
    expect_fails(name, ENOENT, name, NULL);
    // An empty part is the current directory.
    char before[512];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(path_of("two")), 0);
    set_path("/nonexistent:");
    expect("only", ARGV("only"), "only", WORDS("only"));
    set_path(":/nonexistent");
    expect("only", ARGV("only"), "only", WORDS("only"));
    set_path("");
    expect("only", ARGV("only"), "only", WORDS("only"));
    assert_int_equal(chdir(before), 0);
    // Without a PATH, as execvp.
    assert_int_equal(start_find(&s, "sh", ARGV("sh"), (char *const[]){NULL}), 0);
    assert_string_equal(s.path, access("/bin/sh", X_OK) == 0 ? "/bin/sh" : "/usr/bin/sh");
}

// The kernel follows `#!` lines itself; the words are those of the script.
static void scripts_are_left_to_the_kernel(void **unused) {
    (void)unused;
    char text[600];
    const char *interpreter = binary("interpreter", 0755);
    set_path("/nonexistent");
    snprintf(text, sizeof text, "#! \t%s  -a b \t\nrest", interpreter);
    const char *script = file("script", 0755, text);
    expect(script, ARGV("s", "1"), script, WORDS("s", "1"));
    snprintf(text, sizeof text, "#!%s", script);
    const char *outer = file("outer", 0755, text);
    expect(outer, ARGV("o"), outer, WORDS("o"));
    snprintf(text, sizeof text, "#!/nonexistent/interpreter -x\n");
    const char *lost = file("lost", 0755, text);
    expect_fails(lost, ENOENT, "/nonexistent/interpreter", lost);
    snprintf(text, sizeof text, "#!%s\n", lost);
    const char *outer_lost = file("outer-lost", 0755, text);
    expect_fails(outer_lost, ENOENT, "/nonexistent/interpreter", lost);
    const char *bare = file("bare", 0755, "echo hello\n");
    expect_fails(bare, ENOEXEC, bare, NULL);
    const char *empty = file("empty", 0755, "");
    expect_fails(empty, ENOEXEC, empty, NULL);
    const char *nobody = file("nobody", 0755, "#!\n");
    assert_int_equal(start_find(&s, nobody, ARGV("x"), envp), -ENOEXEC);
    const char *blank = file("blank", 0755, "#!   \t \n");
    assert_int_equal(start_find(&s, blank, ARGV("x"), envp), -ENOEXEC);
}

static void interpreters_that_are_scripts_have_a_limit(void **unused) {
    (void)unused;
    char text[600], name[32];
    set_path("/nonexistent");
    const char *last = binary("level", 0755);
    for (int level = 1; level <= START_LEVELS + 1; level++) {
        snprintf(text, sizeof text, "#!%s\n", last);
        snprintf(name, sizeof name, "level%d", level);
        last = file(name, 0755, text);
        if (level <= START_LEVELS)
            expect(last, ARGV("x"), last, WORDS("x"));
        else
            assert_int_equal(start_find(&s, last, ARGV("x"), envp), -ELOOP);
    }
}

// `env` would execute a second time: what it starts is started in its place.
static void env_is_followed(void **unused) {
    (void)unused;
    char text[700];
    assert_true(mkdir(path_of("bin"), 0755) == 0 || errno == EEXIST);
    const char *python = binary("bin/python", 0755);
    set_path(path_of("bin"));
    const char *script = file("env1", 0755, "#!/usr/bin/env python\n");
    expect(script, ARGV("x", "1", "2"), python, WORDS("python", script, "1", "2"));
    script = file("env2", 0755, "#!/usr/bin/env -S python -u  -W\tignore\n");
    expect(script, ARGV("x", "1"), python, WORDS("python", "-u", "-W", "ignore", script, "1"));
    script = file("env3", 0755, "#!/usr/bin/env -Spython\n");
    expect(script, ARGV("x"), python, WORDS("python", script));
    // A path below it, and a script as what env starts.
    snprintf(text, sizeof text, "#!/usr/bin/env %s\n", script);
    const char *nested = file("env4", 0755, text);
    expect(nested, ARGV("x", "1"), python, WORDS("python", script, nested, "1"));
    script = file("env5", 0755, "#!/usr/bin/env pythn\n");
    expect_fails(script, ENOENT, "pythn", script);
    // What cannot be foreseen is left as it is.
    static const char *const left[] = {"#!/usr/bin/env -i python\n",
                                       "#!/usr/bin/env A=b python\n",
                                       "#!/usr/bin/env -S A=b python\n",
                                       "#!/usr/bin/env -S -i python\n",
                                       "#!/usr/bin/env -S python \"a b\"\n",
                                       "#!/usr/bin/env -S python $HOME\n",
                                       "#!/usr/bin/env -S\n",
                                       "#!/usr/bin/env\n"};
    for (size_t i = 0; i < LENGTH(left); i++) {
        script = file("left", 0755, left[i]);
        expect(script, ARGV("x", "1"), script, WORDS("x", "1"));
    }
}

// Without an end within what the kernel reads, the name may be cut off.
static void long_lines(void **unused) {
    (void)unused;
    char text[700];
    set_path("/nonexistent");
    memset(text, 'x', sizeof text);
    memcpy(text, "#!/", 3);
    text[300] = '\0';
    const char *script = file("long", 0755, text);
    assert_int_equal(start_find(&s, script, ARGV("x"), envp), -ENOEXEC);
    // As an argument, the kernel cuts it.
    const char *interpreter = binary("interpreter", 0755);
    const int length = snprintf(text, sizeof text, "#!%s ", interpreter);
    memset(text + length, 'a', 400);
    text[length + 400] = '\0';
    script = file("long-argument", 0755, text);
    expect(script, ARGV("x"), script, WORDS("x"));
}

// What is found is what really starts, with these arguments.
static void the_kernel_agrees(void **unused) {
    (void)unused;
    char text[700], line[64] = "";
    const char *out = path_of("out");
    snprintf(text, sizeof text, "#!/usr/bin/env -S sh -e\necho \"$@\" > %s\n", out);
    const char *script = file("real", 0755, text);
    set_path("/usr/bin:/bin");
    assert_int_equal(start_find(&s, script, ARGV("x", "1", "two"), envp), 0);
    const char *words[32];
    assert_true(start_count(&s) < LENGTH(words));
    start_arguments(&s, words);
    const pid_t pid = fork();
    if (pid == 0) {
        execve(s.path, (char *const *)(uintptr_t)words, envp);
        _exit(1);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    FILE *f = fopen(out, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    assert_string_equal(line, "1 two\n");
}

static void too_many_words(void **unused) {
    (void)unused;
    char text[300] = "#!/usr/bin/env -S python";
    for (int i = 0; i < START_WORDS; i++)
        strcat(text, " a");
    set_path(path_of("bin"));
    // More words than there is room for cannot be foreseen, and are left to env.
    const char *script = file("words", 0755, strcat(text, "\n"));
    expect(script, ARGV("x"), script, WORDS("x"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_by_path),
        cmocka_unit_test(programs_in_path),
        cmocka_unit_test(scripts_are_left_to_the_kernel),
        cmocka_unit_test(interpreters_that_are_scripts_have_a_limit),
        cmocka_unit_test(env_is_followed),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(the_kernel_agrees),
        cmocka_unit_test(too_many_words),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
