/* fastsink: an SMTP server that takes everything with the least work, to show a sender's own limit.

   It listens on a free port of 127.0.0.1 and prints the port. One thread, epoll, PIPELINING.
   XRESET begins counting anew; XSTAT answers "250 COUNT FIRST LAST BYTES": messages accepted, when the
   first and the last of them (microseconds since 1970), and the bytes of their content. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 17, REPLIES = 1 << 13, MOST = 256 };
enum step { COMMAND, BEGIN, CONTENT };

struct client {
    int socket;
    enum step step;
    size_t held, owed;
    char in[ROOM], out[REPLIES];
};

static struct { long count, first, last, bytes; } seen;

static long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

/* Replies of one read leave in one write; 0 when the other side does not take them. */
static int flush(struct client *c) {
    size_t owed = c->owed;
    c->owed = 0;
    return owed == 0 || write(c->socket, c->out, owed) == (ssize_t)owed;
}

static int reply(struct client *c, const char *line) {
    size_t length = strlen(line);
    if (c->owed + length > REPLIES && !flush(c)) return 0;
    memcpy(c->out + c->owed, line, length);
    c->owed += length;
    return 1;
}

static int accepted(struct client *c, size_t bytes) {
    seen.last = now();
    if (seen.count++ == 0) seen.first = seen.last;
    seen.bytes += bytes;
    c->step = COMMAND;
    return reply(c, "250 2.0.0 Ok\r\n");
}

static int statistics(struct client *c) {
    char line[128];
    snprintf(line, sizeof line, "250 %ld %ld %ld %ld\r\n", seen.count, seen.first, seen.last, seen.bytes);
    return reply(c, line);
}

static int command(struct client *c, const char *line) {
    if (!strncasecmp(line, "MAIL", 4)) return reply(c, "250 2.1.0 Ok\r\n");
    if (!strncasecmp(line, "RCPT", 4)) return reply(c, "250 2.1.5 Ok\r\n");
    if (!strncasecmp(line, "DATA", 4)) {
        c->step = BEGIN;
        return reply(c, "354 End data with <CR><LF>.<CR><LF>\r\n");
    }
    if (!strncasecmp(line, "EHLO", 4))
        return reply(c, "250-fastsink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n");
    if (!strncasecmp(line, "XSTAT", 5)) return statistics(c);
    if (!strncasecmp(line, "XRESET", 6)) memset(&seen, 0, sizeof seen);
    if (!strncasecmp(line, "QUIT", 4)) {
        reply(c, "221 2.0.0 Bye\r\n");
        flush(c);
        return 0;
    }
    return reply(c, "250 2.0.0 Ok\r\n");
}

/* Take one command, or content up to its dot, from `at`; how many bytes, 0 = wait for more, -1 = close. */
static ssize_t take(struct client *c, char *at, size_t length) {
    if (c->step == COMMAND) {
        char *end = memchr(at, '\n', length);
        if (end == NULL) return 0;
        return command(c, at) ? end + 1 - at : -1;
    }
    if (c->step == BEGIN) { /* a dot at once ends it too */
        if (length < 3) return 0;
        if (!memcmp(at, ".\r\n", 3)) return accepted(c, 0) ? 3 : -1;
        c->step = CONTENT;
    }
    char *dot = memmem(at, length, "\r\n.\r\n", 5);
    if (dot != NULL) return accepted(c, dot - at) ? dot + 5 - at : -1;
    size_t whole = length > 4 ? length - 4 : 0; /* the last bytes may begin the dot */
    seen.bytes += whole;
    return whole;
}

static int talk(struct client *c) {
    size_t at = 0;
    ssize_t taken = 1;
    while (at < c->held && taken > 0) {
        taken = take(c, c->in + at, c->held - at);
        if (taken < 0) return 0;
        at += taken;
    }
    memmove(c->in, c->in + at, c->held - at);
    c->held -= at;
    return c->held < ROOM && flush(c);
}

static void watch(int poll, int socket, struct client *c) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
}

static void welcome(int poll, int door) {
    int one = 1, socket = accept4(door, NULL, NULL, SOCK_NONBLOCK);
    struct client *c = socket < 0 ? NULL : calloc(1, sizeof *c);
    if (c == NULL) return;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->socket = socket;
    watch(poll, socket, c);
    reply(c, "220 fastsink ESMTP\r\n");
    flush(c);
}

static void hear(struct client *c) {
    ssize_t got = read(c->socket, c->in + c->held, ROOM - c->held);
    if (got > 0) c->held += got;
    if (got > 0 && talk(c)) return;
    close(c->socket);
    free(c);
}

static int door_of(const char *address) {
    int one = 1, door = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(address)};
    socklen_t size = sizeof here;
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(door, (struct sockaddr *)&here, size) || listen(door, 1024)) return -1;
    getsockname(door, (struct sockaddr *)&here, &size);
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    return door;
}

int main(int count, char **words) {
    struct epoll_event events[MOST];
    int door = door_of(count > 1 ? words[1] : "127.0.0.1"), poll = epoll_create1(0);
    if (door < 0) return 1;
    signal(SIGPIPE, SIG_IGN);
    watch(poll, door, NULL);
    for (;;) {
        int ready = epoll_wait(poll, events, MOST, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr == NULL) welcome(poll, door);
            else hear(events[i].data.ptr);
        }
    }
}
