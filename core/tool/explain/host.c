// SPDX-License-Identifier: MIT
#include "host.h"

#include <arpa/inet.h>
#include <grp.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "event.h"
#include "put.h"

enum {
    KEPT = 256 // names, a power of 2
};

// ---- Users and groups ----

struct kept {
    uint32_t id;
    bool used;
    char name[64]; // "" where there is none
};

static const char *keep(struct kept *slot, uint32_t id, const char *name) {
    if (name == NULL) return NULL;
    *slot = (struct kept){.id = id, .used = true};
    snprintf(slot->name, sizeof slot->name, "%s", name);
    return slot->name[0] != '\0' ? slot->name : NULL;
}

const char *host_own_user(uint32_t uid) {
    const struct passwd *found = getpwuid(uid);
    return found != NULL ? found->pw_name : NULL;
}

const char *host_own_group(uint32_t gid) {
    const struct group *found = getgrgid(gid);
    return found != NULL ? found->gr_name : NULL;
}

static const char *look_up(bool is_group, uint32_t id) {
    const char *name = is_group ? host_own_group(id) : host_own_user(id);
    return name != NULL ? name : "";
}

static host_name_function asked = look_up;

void host_ask(host_name_function ask) {
    asked = ask;
}

const char *host_user(uint32_t uid) {
    static struct kept users[KEPT];
    struct kept *slot = &users[uid % KEPT];
    if (slot->used && slot->id == uid) return slot->name[0] != '\0' ? slot->name : NULL;
    return keep(slot, uid, asked(false, uid));
}

const char *host_group(uint32_t gid) {
    static struct kept groups[KEPT];
    struct kept *slot = &groups[gid % KEPT];
    if (slot->used && slot->id == gid) return slot->name[0] != '\0' ? slot->name : NULL;
    return keep(slot, gid, asked(true, gid));
}

// ---- The machine ----

enum pid_namespace {
    INITIAL,
    OTHER,
    UNKNOWN
};

static enum pid_namespace pid_namespace(void) {
    struct stat s;
    if (stat("/proc/self/ns/pid", &s) < 0) return UNKNOWN;
    return s.st_ino == (ino_t)0xEFFFFFFCu ? INITIAL : OTHER; // PROC_PID_INIT_INO, since 3.8
}

bool host_has_initial_pids(void) {
    return pid_namespace() == INITIAL;
}

static const struct utsname *system_names(void) {
    static struct utsname names;
    if (names.nodename[0] == '\0') uname(&names);
    return &names;
}

bool host_is(const char *node, size_t length) {
    const char *own = system_names()->nodename;
    return !event_elsewhere && (node == NULL || (strlen(own) == length && memcmp(own, node, length) == 0));
}

// The first line of a file, without its line feed.
static bool read_line(const char *path, char *text, int size) {
    FILE *file = fopen(path, "re");
    bool read = file != NULL && fgets(text, size, file) != NULL;
    if (file != NULL) fclose(file);
    if (read) text[strcspn(text, "\n")] = '\0';
    return read;
}

// A value of os-release, without quotes; "" where it is missing.
static void os_value(const char *key, char *value, size_t size) {
    char line[512];
    size_t length = strlen(key);
    FILE *file = fopen("/etc/os-release", "re");
    value[0] = '\0';
    while (file != NULL && value[0] == '\0' && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, key, length) != 0 || line[length] != '=') continue;
        char *from = line + length + 1;
        from += *from == '"' || *from == '\'';
        from[strcspn(from, "\"'\n")] = '\0';
        snprintf(value, size, "%s", from);
    }
    if (file != NULL) fclose(file);
}

static void put_os_value(const char *key, const char *of) {
    char value[256];
    os_value(of, value, sizeof value);
    if (value[0] != '\0') put_word(key, value);
}

static void put_os(void) {
    char family[256];
    put_open("os");
    put_word("type", "linux");
    os_value("ID_LIKE", family, sizeof family);
    if (family[0] == '\0') os_value("ID", family, sizeof family);
    family[strcspn(family, " ")] = '\0';
    if (family[0] != '\0') put_word("family", family);
    put_os_value("platform", "ID");
    put_os_value("name", "NAME");
    put_os_value("version", "VERSION");
    put_os_value("codename", "VERSION_CODENAME");
    put_word("kernel", system_names()->release);
    put_close();
}

static void put_addresses(const struct ifaddrs *all) {
    bool first = true;
    put_key("ip");
    put_text("[");
    for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
        char text[INET6_ADDRSTRLEN] = "";
        if (i->ifa_addr == NULL || (i->ifa_flags & IFF_LOOPBACK) != 0) continue;
        if (i->ifa_addr->sa_family == AF_INET)
            inet_ntop(AF_INET, &((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr, text, sizeof text);
        if (i->ifa_addr->sa_family == AF_INET6)
            inet_ntop(AF_INET6, &((struct sockaddr_in6 *)(void *)i->ifa_addr)->sin6_addr, text, sizeof text);
        if (text[0] == '\0') continue;
        if (!first) put_text(",");
        put_quoted(text, strlen(text));
        first = false;
    }
    put_text("]");
}

// In the form of RFC 7042, as ECS has them: capitals and hyphens.
static void put_hardware_addresses(const struct ifaddrs *all) {
    bool first = true;
    put_key("mac");
    put_text("[");
    for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
        if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_PACKET || (i->ifa_flags & IFF_LOOPBACK) != 0) continue;
        const struct sockaddr_ll *link = (const struct sockaddr_ll *)(const void *)i->ifa_addr;
        const unsigned char *b = link->sll_addr;
        char text[18];
        if (link->sll_halen != 6) continue;
        snprintf(text, sizeof text, "%02X-%02X-%02X-%02X-%02X-%02X", b[0], b[1], b[2], b[3], b[4], b[5]);
        if (!first) put_text(",");
        put_quoted(text, strlen(text));
        first = false;
    }
    put_text("]");
}

static void put_own(void) {
    char id[64];
    struct ifaddrs *all = NULL;
    put_word("hostname", system_names()->nodename);
    put_word("name", system_names()->nodename);
    put_word("architecture", system_names()->machine);
    if (read_line("/etc/machine-id", id, sizeof id) && id[0] != '\0') put_word("id", id);
    enum pid_namespace namespace = pid_namespace();
    if (namespace != UNKNOWN) {
        put_key("containerized");
        put_text(namespace == INITIAL ? "false" : "true");
    }
    if (getifaddrs(&all) == 0) {
        put_addresses(all);
        put_hardware_addresses(all);
    }
    freeifaddrs(all);
    put_os();
}

// The same in each of a million documents: written once, and kept.
static const char *own(void) {
    static char *text;
    size_t size = 0;
    FILE *file = text == NULL ? open_memstream(&text, &size) : NULL;
    if (file != NULL) {
        put_into(file);
        put_own();
        put_into(NULL);
        fclose(file);
    }
    return text != NULL ? text : "";
}

void put_host(const char *node, size_t length) {
    if (!host_is(node, length)) {
        if (node == NULL) return;
        put_open("host");
        put_string("hostname", node, length);
        put_string("name", node, length);
        put_close();
        return;
    }
    put_open("host");
    put_text(own());
    put_close();
}

void host_prepare(void) {
    system_names();
    own();
}
